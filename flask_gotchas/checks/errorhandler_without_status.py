"""FLG401 errorhandler-without-status."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.project.answers import error_named, has_no_status
from flask_gotchas.rule import ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.facts.model import Shape
    from flask_gotchas.project import Finding, Project


class ErrorhandlerWithoutStatus(ProjectRule):
    """An error handler gives an answer without a status, which is sent with 200."""

    code = "FLG401"
    name = "errorhandler-without-status"
    message = (
        "`{handler}` answers {error} without a status, so the answer has status 200 "
        "and clients take it for a success"
    )
    help = "Return the status with the answer, as in `return page, 404`."

    def check(self, project: Project) -> Iterator[Finding]:
        handlers = project.handlers
        seen: set[tuple[str, int]] = set()
        for handler in handlers.hooks("errorhandler"):
            error = error_named(handler.first)
            if not error or handler.function.is_generator:
                continue
            for found, _ in handlers.judged(handler, _judge):
                if (handler.file.path, found.anchor) not in seen:
                    seen.add((handler.file.path, found.anchor))
                    yield self.finding(
                        handler.file, found.anchor, handler=handler.name, error=error
                    )


def _judge(value: Shape) -> str:
    return "200" if has_no_status(value) else ""
