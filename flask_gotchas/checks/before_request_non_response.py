"""FLG406 before-request-non-response."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.project.answers import no_response
from flask_gotchas.rule import ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.project import Finding, Project


class BeforeRequestNonResponse(ProjectRule):
    """A function that runs before each view returns something that cannot be sent."""

    code = "FLG406"
    name = "before-request-non-response"
    message = (
        "`{hook}` returns {what}, which Flask takes for the answer to the request, "
        "so it raises TypeError and answers with 500"
    )
    help = "Return nothing to let the view run, or a response to send that instead."

    def check(self, project: Project) -> Iterator[Finding]:
        handlers = project.handlers
        for hook in handlers.hooks("before_request"):
            if not hook.function.is_generator:
                for found, what in handlers.judged(hook, no_response):
                    yield self.finding(hook.file, found.anchor, hook=hook.name, what=what)
