"""FLG406 before-request-non-response."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flask_gotchas.editing import NoFix
from flask_gotchas.literals import is_name
from flask_gotchas.project.answers import no_response
from flask_gotchas.rule import Fixing, ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.editing import FileEditor
    from flask_gotchas.model import Diagnostic
    from flask_gotchas.project import Finding, Project


class BeforeRequestNonResponse(ProjectRule):
    """A function that runs before each view returns something that cannot be sent."""

    code = "FLG406"
    name = "before-request-non-response"
    message = (
        "`{hook}` returns {what}, which Flask takes for the answer to the request, "
        "so it raises TypeError and answers with 500"
    )
    fixing = Fixing.SUGGESTED
    help = "Return nothing to let the view run, or a response to send that instead."

    def check(self, project: Project) -> Iterator[Finding]:
        handlers = project.handlers
        for hook in handlers.hooks("before_request"):
            if not hook.function.is_generator:
                for found, what in handlers.judged(hook, no_response):
                    yield self.finding(hook.file, found.anchor, hook=hook.name, what=what)

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        returned = file.at(found.location, cst.Return)
        # With anything else it may well be that the request shall be refused.
        if not is_name(returned.value, "True"):
            raise NoFix
        lines = file.function(returned).body.body
        line = file.around(returned, cst.SimpleStatementLine)
        is_alone = len(line.body) == 1
        if is_alone and len(lines) > 1 and lines[-1] is line:
            file.remove_lines(line)
        else:
            file.replace(returned, "return")
        return "Return nothing"
