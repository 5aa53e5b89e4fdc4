"""FLG302 view-returns-unsupported-type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.project.answers import no_response
from flask_gotchas.rule import ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.facts.model import Shape
    from flask_gotchas.project import Finding, Project


class ViewReturnsUnsupportedType(ProjectRule):
    """A view returns something of which Flask cannot make a response."""

    code = "FLG302"
    name = "view-returns-unsupported-type"
    message = (
        "`{view}` returns {what}, which is no response, so Flask raises TypeError "
        "and answers with 500"
    )
    help = "Return text, a dictionary, a list or a response, such as `jsonify(value)`."

    def check(self, project: Project) -> Iterator[Finding]:
        handlers = project.handlers
        for handler in handlers.answering:
            for found, what in handlers.judged(handler, _judge):
                yield self.finding(handler.file, found.anchor, view=handler.name, what=what)


def _judge(value: Shape) -> str:
    if value.kind != "tuple" or len(value.items) not in {2, 3}:
        return no_response(value)
    # A number in front is a status in the wrong place, which is another rule's.
    return "" if value.items[0].kind == "int" else no_response(value.items[0])
