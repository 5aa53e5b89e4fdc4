"""FLG611 csrf-disabled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.model import Severity
from flask_gotchas.rule import ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    help = "Remove it here, and switch it off in the configuration of the tests."

    def check(self, project: Project) -> Iterator[Finding]:
        if len(project.configuration.written("WTF_CSRF_ENABLED")) > 1:
            return
        for file, setting in project.configuration.fixed("WTF_CSRF_ENABLED"):
            if setting.value.kind == "false":
                yield self.finding(file, setting.anchor, setting=setting.spelling)
