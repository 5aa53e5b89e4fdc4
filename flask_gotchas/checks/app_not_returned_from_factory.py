"""FLG509 app-not-returned-from-factory."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import libcst as cst

from flask_gotchas.editing import NoFix
from flask_gotchas.literals import is_name
from flask_gotchas.patterns import late_pattern
from flask_gotchas.rule import Fixing, ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.editing import FileEditor
    from flask_gotchas.facts.model import FileFacts, FunctionFact
    from flask_gotchas.model import Diagnostic
    from flask_gotchas.project import Finding, Project

_FACTORY = re.compile(r"(?:create|make|build|get)_(?:flask_)?(?:app|application)\Z")
# Extensions that get an application.
_EXTENSION = late_pattern(r"flask_\w+\.|.*\.init_app\Z")
_SERVING = late_pattern(r"launch|main|run|serve|start|wsgi", re.IGNORECASE)


class AppNotReturnedFromFactory(ProjectRule):
    """A factory makes an application and gives nothing back."""

    code = "FLG509"
    name = "app-not-returned-from-factory"
    message = (
        "`{factory}()` makes `{app}` and returns nothing, so whoever calls it gets `None` "
        "in place of an application"
    )
    fixing = Fixing.SAFE
    help = "End it with `return app`."

    def check(self, project: Project) -> Iterator[Finding]:
        for file in project.files:
            for function in () if project.is_test(file) else file.functions:
                app = _forgotten(project, file, function)
                if app is not None:
                    yield self.finding(
                        file, function.anchor, hints=(app,), factory=function.name, app=app
                    )

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        [app] = found.hints
        function = file.around(file.at(found.location, cst.Name), cst.FunctionDef)
        body = function.body.body
        made = [
            small
            for line in body
            if isinstance(line, cst.SimpleStatementLine)
            for small in line.body
            if isinstance(small, cst.Assign) and is_name(small.targets[0].target, app)
        ]
        returns = [
            one for one in file.inside(function.body, cst.Return) if file.function(one) is function
        ]
        if not made or any(file.inside(function.body, cst.Del)):
            raise NoFix
        if not returns:
            gap = "\n" if isinstance(body[-1], (cst.FunctionDef, cst.ClassDef)) else ""
            file.line_after(body[-1], f"{gap}return {app}")
        elif len(returns) == 1 and next(file.above(returns[0])) is body[-1]:
            file.replace(returns[0], f"return {app}")
        else:
            raise NoFix  # it may be given up half-way on purpose
        return f"Return `{app}`"


def _forgotten(project: Project, file: FileFacts, function: FunctionFact) -> str | None:
    """Give the application that a factory makes in a variable of its own and lets go."""
    if (
        not _FACTORY.match(function.name)
        or function.returns
        or function.decorators
        or function.is_generator
        or function.is_async
        or function.owner is not None
        or function.reference in file.pushes
        or any(f"{run.runs}.".startswith(f"{function.reference}.") for run in file.runs)
    ):
        return None
    prefix = f"{function.reference}.<locals>."
    for name in file.meanings:
        local = name.removeprefix(prefix)
        if local != name and "." not in local and project.kind(name, file) == "app":
            handed = [one for one in file.handed if f"{one.what}.".startswith(f"{name}.")]
            kept = (
                name in file.stored
                or (name in file.mentions and not handed)
                or any(not _sets_up(project, one.target, file) for one in handed)
            )
            return None if kept else local
    return None


def _sets_up(project: Project, target: str | None, file: FileFacts) -> bool:
    """Tell a call that gets an application to set it up, and neither keeps nor starts it."""
    return (
        target is not None
        and not _SERVING.search(target)
        and (_EXTENSION.match(target) is not None or project.called(target, file) is not None)
    )
