"""FLG611 csrf-disabled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.editing import NoFix
from flask_gotchas.literals import is_name
from flask_gotchas.model import Severity
from flask_gotchas.rule import Fixing, ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.editing import FileEditor
    from flask_gotchas.model import Diagnostic
    from flask_gotchas.project import Finding, Project


class CsrfDisabled(ProjectRule):
    """The tokens of Flask-WTF are switched off."""

    code = "FLG611"
    name = "csrf-disabled"
    default = False
    severity = Severity.WARNING
    message = (
        "`{setting}` accepts forms without a token, so another site can send them for a visitor"
    )
    fixing = Fixing.SUGGESTED
    help = "Remove it here, and switch it off in the configuration of the tests."

    def check(self, project: Project) -> Iterator[Finding]:
        if len(project.configuration.written("WTF_CSRF_ENABLED")) > 1:
            return
        for file, setting in project.configuration.fixed("WTF_CSRF_ENABLED"):
            if setting.value.kind == "false":
                yield self.finding(file, setting.anchor, setting=setting.spelling)

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        value = file.value_given(found.location)
        if not is_name(value, "False"):
            raise NoFix
        file.replace(value, "True")
        return "Leave the tokens on"
