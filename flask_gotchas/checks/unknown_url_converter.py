"""FLG120 unknown-url-converter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.project.rule_faults import unknown_converters
from flask_gotchas.rule import ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.project import Finding, Project


class UnknownUrlConverter(ProjectRule):
    """A rule names a converter that the application does not have."""

    code = "FLG120"
    name = "unknown-url-converter"
    message = (
        "Flask has no converter `{converter}`, so it raises LookupError when {moment}{suggestion}"
    )
    help = "Name a converter of Flask, or register your own in `app.url_map.converters` first."

    def check(self, project: Project) -> Iterator[Finding]:
        for fault in unknown_converters(project):
            yield self.finding(
                fault.file,
                fault.anchor,
                converter=fault.text,
                moment=fault.moment,
                suggestion=f"; perhaps `{fault.more}` is meant" if fault.more else "",
            )
