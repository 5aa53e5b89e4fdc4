"""FLG313 unknown-request-attribute."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flask_gotchas.editing import NoFix
from flask_gotchas.facts.flask_api import STRANGE_REQUEST_ATTRIBUTES
from flask_gotchas.project import requests
from flask_gotchas.rule import Fixing, ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.editing import FileEditor
    from flask_gotchas.model import Diagnostic
    from flask_gotchas.project import Finding, Project

# What can be asked of each of them by the same attribute as of that of Flask; empty for none.
_MAPPING = frozenset({"", "get", "getlist", "items", "keys", "values"})
_SAME_USE = {
    **dict.fromkeys(("COOKIES", "META", "path_params"), _MAPPING - {"getlist"}),
    **dict.fromkeys(("FILES", "GET", "POST", "params", "query", "query_params"), _MAPPING),
    **dict.fromkeys(("body", "content"), frozenset({"", "decode"})),
    **dict.fromkeys(("ip", "text", "uri"), frozenset({"", *dir(str)})),
    "session": _MAPPING - {"getlist"} | {"clear", "pop", "setdefault", "update"},
}


class UnknownRequestAttribute(ProjectRule):
    """An attribute of the request belongs to another framework."""

    code = "FLG313"
    name = "unknown-request-attribute"
    message = (
        "a request of Flask has no `{name}`, so this raises AttributeError; there is `{flask}`"
    )
    fixing = Fixing.SAFE
    help = "Use the name that Flask has for it."

    def check(self, project: Project) -> Iterator[Finding]:
        if not project.complete or requests.has_own_class(project):
            return
        made = requests.attributes(project)
        for file, use in requests.uses(project, "attribute"):
            if use.name not in made and "*" not in made and file.frameworks <= {"flask"}:
                yield self.finding(
                    file, use.anchor, name=use.name, flask=STRANGE_REQUEST_ATTRIBUTES[use.name]
                )

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        node = file.at(found.location, cst.Attribute)
        name, outer = node.attr.value, next(file.above(node))
        ours = STRANGE_REQUEST_ATTRIBUTES[name].removeprefix("request.")
        used = outer.attr.value if isinstance(outer, cst.Attribute) else ""
        is_called = isinstance(outer, cst.Call) and outer.func is node
        if name == "get" and is_called:
            file.only_suggest()
            file.replace(node.attr, "args.get")
            return "Use `args.get`"
        if name == "params":
            file.only_suggest()  # elsewhere it has the form, too
        ours = "environ" if name == "META" else ours
        if name not in _SAME_USE or used not in _SAME_USE[name] or is_called:
            raise NoFix
        if name == "session":
            file.replace(node, file.name(ours, node))
        else:
            file.replace(node.attr, ours)
        return f"Use `{ours}`"
