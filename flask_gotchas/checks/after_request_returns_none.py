"""FLG402 after-request-returns-none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.rule import ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.facts.model import Shape
    from flask_gotchas.project import Finding, Project


class AfterRequestReturnsNone(ProjectRule):
    """A function that gets each response may return nothing in its place."""

    code = "FLG402"
    name = "after-request-returns-none"
    message = (
        "`{hook}` {ends}, which takes the place of the response, so the request fails "
        "and no error page is sent"
    )
    help = "Return the response at the end."

    def check(self, project: Project) -> Iterator[Finding]:
        handlers = project.handlers
        for hook in handlers.hooks("after_request", "after_this_request"):
            if hook.function.is_generator:
                continue
            for found, ends in handlers.judged(hook, _judge):
                yield self.finding(hook.file, found.anchor, hook=hook.name, ends=ends)
            if handlers.may_end_without_return(hook):
                yield self.finding(
                    hook.file,
                    hook.function.anchor,
                    hook=hook.name,
                    ends="may end without `return`" if hook.ending.returns else "returns nothing",
                )


def _judge(value: Shape) -> str:
    return "returns `None` here" if value.kind == "none" else ""
