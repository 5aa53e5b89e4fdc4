"""FLG309 type-bool."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.facts.flask_api import REQUEST_GETTERS
from flask_gotchas.literals import argument, string_value
from flask_gotchas.rule import FileRule

if TYPE_CHECKING:
    import libcst as cst


class TypeBool(FileRule):
    """A value of the request is converted by `bool`, for which any text is true."""

    code = "FLG309"
    name = "type-bool"
    message = "`bool` takes any text but the empty one for true, so `{key}=false` gives `True`"
    help = 'Compare the text, as in `request.args.get("name") == "true"`.'
    calls = frozenset(REQUEST_GETTERS)

    def visit_called(self, node: cst.Call, target: str) -> None:
        order = REQUEST_GETTERS[target]
        kind = argument(node, "type", order)
        if kind is not None and self.file.names.meaning(kind) == "builtins.bool":
            self.report(kind, key=string_value(argument(node, "key", order)) or "name")
