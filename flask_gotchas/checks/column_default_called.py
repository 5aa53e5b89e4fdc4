"""FLG902 column-default-called."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flask_gotchas.editing import NoFix
from flask_gotchas.facts.flask_api import COLUMN_CALLS
from flask_gotchas.rule import Fixing, ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.editing import FileEditor
    from flask_gotchas.model import Diagnostic
    from flask_gotchas.project import Finding, Project

_CALLED_FOR_EACH_ROW = frozenset({"default", "insert_default", "onupdate"})


class ColumnDefaultCalled(ProjectRule):
    """The default of a column is worked out once, while its class is made."""

    code = "FLG902"
    name = "column-default-called"
    message = (
        "`{argument}=` calls `{called}()` once, while the module is loaded, "
        "so all rows get that same default"
    )
    fixing = Fixing.SAFE
    help = "Give the function itself, without calling it, or a `lambda`."

    def check(self, project: Project) -> Iterator[Finding]:
        for file in project.files:
            if project.is_test(file) or project.runtime.is_migration(file):
                continue
            for default in file.column_defaults:
                if not default.runs and project.meaning(default.target, file) in COLUMN_CALLS:
                    yield self.finding(
                        file, default.anchor, argument=default.argument, called=default.called
                    )

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        call = file.at(found.location, cst.Call)
        argument = file.around(call, cst.Arg).keyword
        if call.args or argument is None or argument.value not in _CALLED_FOR_EACH_ROW:
            raise NoFix
        file.write(file.end(call.func), file.end(call), "")
        return "Give the function itself"
