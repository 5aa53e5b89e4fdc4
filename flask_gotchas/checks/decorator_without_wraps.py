"""FLG111 decorator-without-wraps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.model import Severity
from flask_gotchas.project.wrappers import unnamed
from flask_gotchas.rule import ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.project import Finding, Project


class DecoratorWithoutWraps(ProjectRule):
    """A decorator gives a view the name of its inner function, and that is the endpoint."""

    code = "FLG111"
    name = "decorator-without-wraps"
    message = (
        "`{wrapper}` replaces `{view}` without `functools.wraps`, so the endpoint is `{wrapper}`, "
        "and the next view of that endpoint raises AssertionError"
    )
    help = "Decorate the inner function with `functools.wraps`."
    severity = Severity.WARNING

    def check(self, project: Project) -> Iterator[Finding]:
        for found in unnamed(project):
            yield self.finding(
                found.file,
                found.wrapper.anchor,
                related=[
                    (own.file, own.anchor, f"registered as `{own.endpoint}`")
                    for own in found.owns
                    if isinstance(own.endpoint, str)
                ],
                wrapper=found.wrapper.name,
                view=found.view,
            )
