"""FLG305 view-returns-none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.rule import ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.facts.model import Shape
    from flask_gotchas.project import Finding, Project


class ViewReturnsNone(ProjectRule):
    """A view may end without giving a response."""

    code = "FLG305"
    name = "view-returns-none"
    message = (
        "`{view}` {ends}, which is no response, so Flask raises TypeError and answers with 500"
    )
    help = "Return a response on every way through the view."

    def check(self, project: Project) -> Iterator[Finding]:
        handlers = project.handlers
        for handler in handlers.answering:
            for found, ends in handlers.judged(handler, _judge):
                yield self.finding(handler.file, found.anchor, view=handler.name, ends=ends)
            # A view that is only reached by some words may test for all of them.
            is_full = any("<any(" in rule for rule in handler.rules)
            is_unsure = handler.ending.is_stub or (is_full and handler.ending.returns)
            if not is_unsure and handlers.may_end_without_return(handler):
                ends = "may end without `return`" if handler.ending.returns else "returns nothing"
                yield self.finding(
                    handler.file, handler.function.anchor, view=handler.name, ends=ends
                )


def _judge(value: Shape) -> str:
    body = value.items[0] if value.kind == "tuple" and value.items else value
    return "returns `None` here" if body.kind == "none" else ""
