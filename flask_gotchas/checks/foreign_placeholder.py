"""FLG114 foreign-placeholder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.editing import NoFix
from flask_gotchas.project.rule_faults import foreign
from flask_gotchas.rule import Fixing, ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.editing import FileEditor
    from flask_gotchas.model import Diagnostic
    from flask_gotchas.project import Finding, Project


class ForeignPlaceholder(ProjectRule):
    """A rule has a variable in the notation of another framework."""

    code = "FLG114"
    name = "foreign-placeholder"
    message = (
        "Flask takes `{placeholder}` in this rule literally, "
        "so a URL with a value there is answered with 404"
    )
    fixing = Fixing.SAFE
    help = "Write variables in angle brackets, as in `<int:page>`."

    def check(self, project: Project) -> Iterator[Finding]:
        for fault in foreign(project):
            yield self.finding(
                fault.file,
                fault.anchor,
                hints=fault.hints,
                placeholder=fault.text,
            )

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        if not found.hints:
            raise NoFix
        old, new = found.hints
        file.rewrite(file.rule(found.location), old, new)
        return f"Write `{new}`"
