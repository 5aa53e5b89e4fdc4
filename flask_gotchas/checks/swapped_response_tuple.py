"""FLG306 swapped-response-tuple."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flask_gotchas.editing import NoFix
from flask_gotchas.literals import is_name, string_value
from flask_gotchas.rule import Fixing, ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.editing import FileEditor
    from flask_gotchas.facts.model import Shape
    from flask_gotchas.model import Diagnostic
    from flask_gotchas.project import Finding, Project

_FOR_STATUS = "for the status"
_NO_STATUS = "so the status that is sent is 0"
_STATUS_FIRST = "with the status before the body"
_HEADERS_FIRST = "with the headers before the status"
_RAISES = "so Flask raises TypeError and answers with 500"
_LENGTHS = frozenset({2, 3})
_LENGTH_FAULTS = {0: "without parts", 1: "of one part"}


class SwappedResponseTuple(ProjectRule):
    """A view returns a tuple whose parts are not body, status and headers, in this order."""

    code = "FLG306"
    name = "swapped-response-tuple"
    message = "`{view}` returns a tuple {fault}, {consequence}"
    fixing = Fixing.SAFE
    help = "Return `(body, status)`, `(body, headers)` or `(body, status, headers)`."

    def check(self, project: Project) -> Iterator[Finding]:
        handlers = project.handlers
        for handler in handlers.answering:
            for found, fault in handlers.judged(handler, _judge):
                yield self.finding(
                    handler.file,
                    found.anchor,
                    hints=[fault],
                    view=handler.name,
                    fault=fault,
                    consequence=_NO_STATUS if fault.endswith(_FOR_STATUS) else _RAISES,
                )

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        parts = file.at(found.location, cst.Return).value
        if not isinstance(parts, cst.Tuple) or not parts.elements:
            raise NoFix
        first, *others = parts.elements
        if _LENGTH_FAULTS[1] in found.hints:
            file.write(file.end(first), file.end(parts), "")
            return "Take the comma away"
        if _HEADERS_FIRST in found.hints:
            first, *others = others
        elif _STATUS_FIRST not in found.hints or not _may_be_body(others[0].value):
            raise NoFix
        file.replace(first, file.source(others[0]))
        file.replace(others[0], file.source(first))
        return "Put them in order"


def _may_be_body(value: cst.BaseExpression) -> bool:
    """Tell what is no second status, and does not look like headers."""
    if isinstance(value, cst.Dict):
        keys = [one.key for one in value.elements if isinstance(one, cst.DictElement)]
        return not any("-" in (string_value(key) or "") for key in keys)
    return not isinstance(value, cst.Integer) and not is_name(value, "None")


def _judge(value: Shape) -> str:
    items = value.items
    if value.kind != "tuple" or any(item.value == "*" and item.kind == "other" for item in items):
        return ""
    if len(items) not in _LENGTHS:
        return _LENGTH_FAULTS.get(len(items), "of more than three parts")
    if items[0].kind == "int" or (items[0].meaning or "").startswith("http.HTTPStatus."):
        return _STATUS_FIRST
    if len(items) == 3 and items[1].kind == "dict" and items[2].kind == "int":
        return _HEADERS_FIRST
    status = items[1].value
    if items[1].kind == "str" and isinstance(status, str) and not status[:1].isdigit():
        return f"with the text `{_short(status)}` {_FOR_STATUS}"
    return ""


def _short(text: str) -> str:
    line = " ".join(text.split()).replace("`", "'")
    return line if len(line) <= 20 else f"{line[:17]}..."
