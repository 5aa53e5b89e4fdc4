"""Calls of Flask-CORS which let every site send the cookies of a visitor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import libcst as cst

from flask_gotchas.facts.collector import Collector
from flask_gotchas.literals import is_name, string_value

if TYPE_CHECKING:
    from flask_gotchas.names import Names

_CALLS = frozenset(
    {
        "flask_cors.CORS", "flask_cors.CORS().init_app", "flask_cors.cross_origin",
        "flask_cors.decorator.cross_origin", "flask_cors.extension.CORS",
    }
)  # fmt: skip
_ANY = frozenset({"*", ".*", "^.*$"})


class CorsCollector(Collector):
    """Writes down calls that say both: credentials, and any origin."""

    calls_named = frozenset(call.rpartition(".")[2] for call in _CALLS)

    def __init__(self, file: Any) -> None:
        super().__init__(file)
        self.anchors: list[int] = []

    def facts(self) -> dict[str, Any]:
        return {"cors_for_all": tuple(self.anchors)}

    def visit_named_call(self, node: cst.Call) -> None:
        if len(node.args) < 2 or self.names.meaning(node.func) not in _CALLS:
            return
        given = {arg.keyword.value: arg for arg in node.args if arg.keyword is not None}
        if given.keys() & {"resources", "send_wildcard"} or any(
            arg.star == "**" for arg in node.args
        ):
            return
        credentials, origins = given.get("supports_credentials"), given.get("origins")
        if credentials is None or origins is None:
            return
        if is_name(self.names.value_of(credentials.value), "True") and _is_any(
            origins.value, self.names
        ):
            self.anchors.append(self.file.anchor(origins))


def _is_any(node: cst.BaseExpression, names: Names) -> bool:
    value = names.value_of(node)
    if type(value) is cst.List or type(value) is cst.Tuple or type(value) is cst.Set:
        return any(string_value(element.value) in _ANY for element in value.elements)
    return string_value(value) in _ANY
