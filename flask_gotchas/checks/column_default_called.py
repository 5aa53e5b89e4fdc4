"""FLG902 column-default-called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.facts.flask_api import COLUMN_CALLS
from flask_gotchas.rule import ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.project import Finding, Project


class ColumnDefaultCalled(ProjectRule):
    """The default of a column is worked out once, while its class is made."""

    code = "FLG902"
    name = "column-default-called"
    message = (
        "`{argument}=` calls `{called}()` once, while the module is loaded, "
        "so all rows get that same default"
    )
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
