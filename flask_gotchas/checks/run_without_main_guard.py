"""FLG602 run-without-main-guard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flask_gotchas.editing import NoFix
from flask_gotchas.facts.model import Guard
from flask_gotchas.model import Severity
from flask_gotchas.rule import Fixing, ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.editing import FileEditor
    from flask_gotchas.model import Diagnostic
    from flask_gotchas.project import Finding, Project

_GUARDED = Guard.MAIN | Guard.CONDITIONAL | Guard.AFTER_EXIT | Guard.TYPING


class RunWithoutMainGuard(ProjectRule):
    """Importing a module starts the development server."""

    code = "FLG602"
    name = "run-without-main-guard"
    message = "`{call}()` starts a server as soon as {moment}, so gunicorn and tests hang there"
    fixing = Fixing.SAFE
    help = 'Call it at module level under `if __name__ == "__main__":`.'

    def check(self, project: Project) -> Iterator[Finding]:
        for file, run in project.configuration.app_runs():
            if run.guards & _GUARDED or project.is_test(file) or project.is_program(file):
                continue
            related = []
            if project.runtime.is_app_factory(run.runs):
                severity, moment = Severity.ERROR, "the factory is called"
            else:
                if run.runs != "":
                    call = project.runtime.call_at_import(run.runs, file)
                    if call is None:
                        continue
                    related = [(file, call.anchor, "called here")]
                imported = project.is_imported(file)
                severity = Severity.ERROR if imported else Severity.WARNING
                moment = "this module is imported"
            yield self.finding(
                file,
                run.anchor,
                severity=severity,
                related=related,
                call=run.spelling,
                moment=moment,
            )

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        statement = file.at(found.location, cst.Call)
        line = file.around(statement, cst.SimpleStatementLine)
        alone = len(line.body) == 1 and file.place(line.body[0]) == found.location
        # What imports this may do that to start the server.
        if found.severity is not Severity.WARNING or not alone or line not in file.tree.body:
            raise NoFix
        file.indent_lines(line, 'if __name__ == "__main__":')
        return "Run it only when this file is the program"
