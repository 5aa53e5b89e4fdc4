"""FLG609 markup-of-formatted-string."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.project.request_texts import OF_LINKS
from flask_gotchas.rule import ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.project import Finding, Project


class MarkupOfFormattedString(ProjectRule):
    """Text of a request is declared to be safe HTML."""

    code = "FLG609"
    name = "markup-of-formatted-string"
    message = (
        "`{target}` declares `{text}` to be safe, so templates show it without escaping "
        "and a link can run a script"
    )
    help = 'Format the markup instead, as in `Markup("<b>{}</b>").format(name)`.'

    def check(self, project: Project) -> Iterator[Finding]:
        for file, fact, origin in project.request_texts.reaching("markup", OF_LINKS | {"json"}):
            yield self.finding(file, fact.anchor, target=fact.target, text=origin.spelling)
