"""FLG114 foreign-placeholder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.project.rule_faults import foreign
from flask_gotchas.rule import ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.project import Finding, Project


class ForeignPlaceholder(ProjectRule):
    """A rule has a variable in the notation of another framework."""

    code = "FLG114"
    name = "foreign-placeholder"
    message = (
        "Flask takes `{placeholder}` in this rule literally, "
        "so a URL with a value there is answered with 404"
    )
    help = "Write variables in angle brackets, as in `<int:page>`."

    def check(self, project: Project) -> Iterator[Finding]:
        for fault in foreign(project):
            yield self.finding(
                fault.file,
                fault.anchor,
                placeholder=fault.text,
            )
