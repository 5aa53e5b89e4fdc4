"""FLG702 silent-removed-setting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.model import Severity
from flask_gotchas.rule import ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.project import Finding, Project


class SilentRemovedSetting(ProjectRule):
    """A setting is written that neither the project's Flask reads any more nor the project."""

    code = "FLG702"
    name = "silent-removed-setting"
    message = (
        "nothing reads `{what}` since Flask {version}, so it is set without any effect; {cure}"
    )
    help = "Set what took its place."
    severity = Severity.WARNING

    def check(self, project: Project) -> Iterator[Finding]:
        for file, place, spelling, row in project.removals.dead_settings():
            yield self.finding(file, place, what=spelling, version=row.version, cure=row.cure)
