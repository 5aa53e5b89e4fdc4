"""FLG112 unknown-http-method."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.project.rule_faults import unknown_methods
from flask_gotchas.rule import ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.project import Finding, Project


class UnknownHttpMethod(ProjectRule):
    """A route allows a method that no client sends."""

    code = "FLG112"
    name = "unknown-http-method"
    message = "{what}, so the requests that are meant are answered with 405{suggestion}"
    help = 'Spell each method as one text of a list, as in `methods=["GET", "POST"]`.'

    def check(self, project: Project) -> Iterator[Finding]:
        for fault in unknown_methods(project):
            yield self.finding(
                fault.file,
                fault.anchor,
                what=f"no client sends `{fault.text}`" if fault.text else "no method is allowed",
                suggestion=f"; perhaps {fault.more} is meant" if fault.more else "",
            )
