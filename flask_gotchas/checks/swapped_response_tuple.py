"""FLG306 swapped-response-tuple."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.rule import ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.facts.model import Shape
    from flask_gotchas.project import Finding, Project

_FOR_STATUS = "for the status"
_NO_STATUS = "so the status that is sent is 0"
_RAISES = "so Flask raises TypeError and answers with 500"
_LENGTHS = frozenset({2, 3})
_LENGTH_FAULTS = {0: "without parts", 1: "of one part"}


class SwappedResponseTuple(ProjectRule):
    """A view returns a tuple whose parts are not body, status and headers, in this order."""

    code = "FLG306"
    name = "swapped-response-tuple"
    message = "`{view}` returns a tuple {fault}, {consequence}"
    help = "Return `(body, status)`, `(body, headers)` or `(body, status, headers)`."

    def check(self, project: Project) -> Iterator[Finding]:
        handlers = project.handlers
        for handler in handlers.answering:
            for found, fault in handlers.judged(handler, _judge):
                yield self.finding(
                    handler.file,
                    found.anchor,
                    view=handler.name,
                    fault=fault,
                    consequence=_NO_STATUS if fault.endswith(_FOR_STATUS) else _RAISES,
                )


def _judge(value: Shape) -> str:
    items = value.items
    if value.kind != "tuple" or any(item.value == "*" and item.kind == "other" for item in items):
        return ""
    if len(items) not in _LENGTHS:
        return _LENGTH_FAULTS.get(len(items), "of more than three parts")
    if items[0].kind == "int" or (items[0].meaning or "").startswith("http.HTTPStatus."):
        return "with the status before the body"
    if len(items) == 3 and items[1].kind == "dict" and items[2].kind == "int":
        return "with the headers before the status"
    status = items[1].value
    if items[1].kind == "str" and isinstance(status, str) and not status[:1].isdigit():
        return f"with the text `{_short(status)}` {_FOR_STATUS}"
    return ""


def _short(text: str) -> str:
    line = " ".join(text.split()).replace("`", "'")
    return line if len(line) <= 20 else f"{line[:17]}..."
