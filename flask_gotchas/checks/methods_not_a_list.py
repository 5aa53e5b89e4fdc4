"""FLG119 methods-not-a-list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.project.rule_faults import methods_as_text
from flask_gotchas.rule import ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.project import Finding, Project


class MethodsNotAList(ProjectRule):
    """The methods of a route are one text."""

    code = "FLG119"
    name = "methods-not-a-list"
    message = (
        "`methods` is the text `{text}` and not a list, so Flask raises TypeError when {moment}"
    )
    help = 'Put the methods into a list, as in `methods=["POST"]`.'

    def check(self, project: Project) -> Iterator[Finding]:
        for fault in methods_as_text(project):
            yield self.finding(
                fault.file,
                fault.anchor,
                text=fault.text,
                moment=fault.moment,
            )
