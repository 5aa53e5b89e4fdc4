"""FLG111 decorator-without-wraps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flask_gotchas.editing import NoFix
from flask_gotchas.model import Severity
from flask_gotchas.project.wrappers import unnamed
from flask_gotchas.rule import Fixing, ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.editing import FileEditor
    from flask_gotchas.model import Diagnostic
    from flask_gotchas.project import Finding, Project


class DecoratorWithoutWraps(ProjectRule):
    """A decorator gives a view the name of its inner function, and that is the endpoint."""

    code = "FLG111"
    name = "decorator-without-wraps"
    message = (
        "`{wrapper}` replaces `{view}` without `functools.wraps`, so the endpoint is `{wrapper}`, "
        "and the next view of that endpoint raises AssertionError"
    )
    fixing = Fixing.SAFE
    help = "Decorate the inner function with `functools.wraps`."
    severity = Severity.WARNING

    def check(self, project: Project) -> Iterator[Finding]:
        for found in unnamed(project):
            yield self.finding(
                found.file,
                found.wrapper.anchor,
                related=[
                    (own.file, own.anchor, f"registered as `{own.endpoint}`")
                    for own in found.owns
                    if isinstance(own.endpoint, str)
                ],
                wrapper=found.wrapper.name,
                view=found.view,
            )

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        name = file.at(found.location, cst.Name)
        wrapper = file.around(name, cst.FunctionDef)
        outer = file.function(wrapper)
        params = {param.name.value for param in outer.params.params}
        called = {
            call.func.value
            for call in file.inside(wrapper.body, cst.Call)
            if isinstance(call.func, cst.Name)
        }
        if len(params & called) != 1:
            raise NoFix
        [view] = params & called
        wraps = file.name("functools.wraps", wrapper)
        file.line_before(wrapper, f"@{wraps}({view})")
        return f"Decorate it with `{wraps}({view})`"
