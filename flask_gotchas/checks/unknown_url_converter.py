"""FLG120 unknown-url-converter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.editing import NoFix
from flask_gotchas.project.rule_faults import unknown_converters
from flask_gotchas.rule import Fixing, ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.editing import FileEditor
    from flask_gotchas.model import Diagnostic
    from flask_gotchas.project import Finding, Project


class UnknownUrlConverter(ProjectRule):
    """A rule names a converter that the application does not have."""

    code = "FLG120"
    name = "unknown-url-converter"
    message = (
        "Flask has no converter `{converter}`, so it raises LookupError when {moment}{suggestion}"
    )
    fixing = Fixing.SAFE
    help = "Name a converter of Flask, or register your own in `app.url_map.converters` first."

    def check(self, project: Project) -> Iterator[Finding]:
        for fault in unknown_converters(project):
            yield self.finding(
                fault.file,
                fault.anchor,
                hints=fault.hints,
                converter=fault.text,
                moment=fault.moment,
                suggestion=f"; perhaps `{fault.more}` is meant" if fault.more else "",
            )

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        if not found.hints:
            raise NoFix
        old, new = found.hints
        file.rewrite(file.rule(found.location), old, new)
        return f"Write `{new}`"
