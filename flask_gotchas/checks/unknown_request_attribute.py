"""FLG313 unknown-request-attribute."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.facts.flask_api import STRANGE_REQUEST_ATTRIBUTES
from flask_gotchas.project import requests
from flask_gotchas.rule import ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.project import Finding, Project


class UnknownRequestAttribute(ProjectRule):
    """An attribute of the request belongs to another framework."""

    code = "FLG313"
    name = "unknown-request-attribute"
    message = (
        "a request of Flask has no `{name}`, so this raises AttributeError; there is `{flask}`"
    )
    help = "Use the name that Flask has for it."

    def check(self, project: Project) -> Iterator[Finding]:
        if not project.complete or requests.has_own_class(project):
            return
        made = requests.attributes(project)
        for file, use in requests.uses(project, "attribute"):
            if use.name not in made and "*" not in made and file.frameworks <= {"flask"}:
                yield self.finding(
                    file, use.anchor, name=use.name, flask=STRANGE_REQUEST_ATTRIBUTES[use.name]
                )
