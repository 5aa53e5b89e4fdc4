"""FLG606 random-secret-key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.model import Severity
from flask_gotchas.rule import Fixing, ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.editing import FileEditor
    from flask_gotchas.model import Diagnostic
    from flask_gotchas.project import Finding, Project


class RandomSecretKey(ProjectRule):
    """The key that signs sessions is made anew by each process."""

    code = "FLG606"
    name = "random-secret-key"
    severity = Severity.WARNING
    message = (
        "`{setting}` is made by `{maker}()` in every process, "
        "so a restart or a second worker loses all sessions"
    )
    fixing = Fixing.SUGGESTED
    help = "Make one key, keep it outside of the source, and read it from the environment."

    def check(self, project: Project) -> Iterator[Finding]:
        if any(value.kind != "random" for value in project.configuration.written("SECRET_KEY")):
            return
        for file, setting in project.configuration.fixed("SECRET_KEY"):
            if not project.is_program(file):
                yield self.finding(
                    file, setting.anchor, setting=setting.place, maker=setting.value.text
                )

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        value = file.value_given(found.location)
        environ = file.name("os.environ", value)
        file.replace(value, f'{environ}["SECRET_KEY"]')
        return "Read it from the environment"
