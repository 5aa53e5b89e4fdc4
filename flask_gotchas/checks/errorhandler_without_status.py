"""FLG401 errorhandler-without-status."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flask_gotchas.editing import NoFix
from flask_gotchas.facts.expressions import Const
from flask_gotchas.project.answers import error_named, has_no_status
from flask_gotchas.rule import Fixing, ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.editing import FileEditor
    from flask_gotchas.facts.expressions import Expression
    from flask_gotchas.facts.model import Shape
    from flask_gotchas.model import Diagnostic
    from flask_gotchas.project import Finding, Project

_OF_ERROR = "of the error"
_UNKNOWN = "unknown"


class ErrorhandlerWithoutStatus(ProjectRule):
    """An error handler gives an answer without a status, which is sent with 200."""

    code = "FLG401"
    name = "errorhandler-without-status"
    message = (
        "`{handler}` answers {error} without a status, so the answer has status 200 "
        "and clients take it for a success"
    )
    fixing = Fixing.SUGGESTED
    help = "Return the status with the answer, as in `return page, 404`."

    def check(self, project: Project) -> Iterator[Finding]:
        handlers = project.handlers
        seen: set[tuple[str, int]] = set()
        statuses: dict[tuple[str, str], set[str]] = {}
        for handler in handlers.hooks("errorhandler"):
            key = handler.file.path, handler.function.reference
            statuses.setdefault(key, set()).add(_status(handler.first))
        for handler in handlers.hooks("errorhandler"):
            error = error_named(handler.first)
            if not error or handler.function.is_generator:
                continue
            for found, _ in handlers.judged(handler, _judge):
                if (handler.file.path, found.anchor) not in seen:
                    seen.add((handler.file.path, found.anchor))
                    yield self.finding(
                        handler.file,
                        found.anchor,
                        hints=sorted(statuses[handler.file.path, handler.function.reference]),
                        handler=handler.name,
                        error=error,
                    )

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        returned = file.at(found.location, cst.Return)
        value = returned.value
        # One of several values may have a status.
        if _UNKNOWN in found.hints or isinstance(value, (cst.BooleanOperation, cst.IfExp)):
            raise NoFix
        status = found.hints[0]
        if len(found.hints) > 1 or status == _OF_ERROR:
            status = f"{_error(file.function(returned), file)}.code"
        if isinstance(value, cst.Tuple):
            headers = value.elements[1]
            file.write(file.start(headers), file.start(headers), f"{status}, ")
        else:
            file.write(file.end(returned), file.end(returned), f", {status}")
        return "Return the status with the answer"


def _status(error: Expression | None) -> str:
    """Say where an error handler gets its status from: a number, or what is no number."""
    if isinstance(error, Const):
        return str(error.value)
    return _OF_ERROR if error_named(error) else _UNKNOWN


def _error(function: cst.FunctionDef, file: FileEditor) -> str:
    """Name the parameter that the error comes in, if the function leaves it there."""
    name = file.first_parameter(function)
    for kind in (cst.AsName, cst.AssignTarget):
        for target in file.inside(function.body, kind):
            if any(one.value == name for one in file.inside(target, cst.Name)):
                raise NoFix
    return name


def _judge(value: Shape) -> str:
    return "200" if has_no_status(value) else ""
