"""FLG402 after-request-returns-none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flask_gotchas.editing import NoFix
from flask_gotchas.rule import Fixing, ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.editing import FileEditor
    from flask_gotchas.facts.model import Shape
    from flask_gotchas.model import Diagnostic
    from flask_gotchas.project import Finding, Project


class AfterRequestReturnsNone(ProjectRule):
    """A function that gets each response may return nothing in its place."""

    code = "FLG402"
    name = "after-request-returns-none"
    message = (
        "`{hook}` {ends}, which takes the place of the response, so the request fails "
        "and no error page is sent"
    )
    fixing = Fixing.SAFE
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

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        at = file.at(found.location, cst.CSTNode)
        if isinstance(at, cst.Name) and isinstance(next(file.above(at)), cst.FunctionDef):
            function = file.around(at, cst.FunctionDef)
            last = function.body.body[-1]
            response = file.first_parameter(function)
            if not isinstance(last, cst.BaseStatement):
                raise NoFix
            file.line_after(last, f"return {response}")
        else:
            returned = at if isinstance(at, cst.Return) else file.around(at, cst.Return)
            file.replace(returned, f"return {file.first_parameter(file.function(returned))}")
        return "Return the response"


def _judge(value: Shape) -> str:
    return "returns `None` here" if value.kind == "none" else ""
