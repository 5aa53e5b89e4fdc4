"""FLG604 template-injection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.project.request_texts import ANY_TEXT
from flask_gotchas.rule import ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.project import Finding, Project


class TemplateInjection(ProjectRule):
    """Text of a request is compiled as a template."""

    code = "FLG604"
    name = "template-injection"
    message = (
        "`{target}` compiles `{text}` as a template, so a visitor can read `config` in it "
        "and run Python on the server"
    )
    help = "Pass it to the template as a variable."

    def check(self, project: Project) -> Iterator[Finding]:
        for file, fact, origin in project.request_texts.reaching("template", ANY_TEXT):
            yield self.finding(file, fact.anchor, target=fact.target, text=origin.spelling)
