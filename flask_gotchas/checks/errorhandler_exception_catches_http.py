"""FLG405 errorhandler-exception-catches-http."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flask_gotchas.facts.expressions import Ref
from flask_gotchas.model import Severity
from flask_gotchas.rule import Fixing, ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.editing import FileEditor
    from flask_gotchas.model import Diagnostic
    from flask_gotchas.project import Finding, Project

_ALL = frozenset({"builtins.BaseException", "builtins.Exception"})
# Errors that every application has: for unknown pages, and for known ones by another method.
_USUAL = {
    "404": frozenset({"404", "werkzeug.exceptions.NotFound"}),
    "405": frozenset({"405", "werkzeug.exceptions.MethodNotAllowed"}),
}


class ErrorhandlerExceptionCatchesHttp(ProjectRule):
    """A handler for all exceptions makes one answer of 404 and 405, too."""

    code = "FLG405"
    name = "errorhandler-exception-catches-http"
    message = (
        "`{handler}` handles every exception alike, {errors} included, so what clients "
        "get wrong is answered like a crash"
    )
    fixing = Fixing.SUGGESTED
    help = "Return the exception if it is an `HTTPException`, or register a handler for that."
    severity = Severity.WARNING

    def check(self, project: Project) -> Iterator[Finding]:
        known = project.handlers.handled_errors
        if known is None or not project.complete or "werkzeug.exceptions.HTTPException" in known:
            return
        errors = [status for status, names in _USUAL.items() if known.isdisjoint(names)]
        for handler in project.handlers.hooks("errorhandler") if errors else ():
            if (
                handler.everywhere
                and isinstance(handler.first, Ref)
                and handler.first.name in _ALL
                and handler.function.reference in handler.file.indifferent
            ):
                yield self.finding(
                    handler.file,
                    handler.function.anchor,
                    handler=handler.name,
                    errors=" and ".join(errors),
                )

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        function = file.around(file.at(found.location, cst.Name), cst.FunctionDef)
        error = file.first_parameter(function)
        http = file.name("werkzeug.exceptions.HTTPException", function)
        file.begin(function, f"if isinstance({error}, {http}):\n{file.indent}return {error}")
        return f"Return what is an `{http}`"
