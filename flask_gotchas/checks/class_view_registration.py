"""FLG115 class-view-registration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.project.view_faults import unusable_classes
from flask_gotchas.rule import ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.project import Finding, Project


class ClassViewRegistration(ProjectRule):
    """A class view is registered so that it cannot answer."""

    code = "FLG115"
    name = "class-view-registration"
    message = "`{view}` {how}, so {outcome}"
    help = "Register `as_view` of the class with a name, for the methods that it has."

    def check(self, project: Project) -> Iterator[Finding]:
        for wrong in unusable_classes(project):
            yield self.finding(
                wrong.file,
                wrong.anchor,
                view=wrong.view,
                how=wrong.how,
                outcome=wrong.outcome,
            )
