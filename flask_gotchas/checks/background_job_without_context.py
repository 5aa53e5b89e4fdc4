"""FLG209 background-job-without-context."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.project.elsewhere import needed, started
from flask_gotchas.project.runtime import shown
from flask_gotchas.rule import ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.project import Finding, Project


class BackgroundJobWithoutContext(ProjectRule):
    """A job of a scheduler needs a context, which it does not have."""

    code = "FLG209"
    name = "background-job-without-context"
    message = (
        "{function} needs {what}, but the scheduler runs it without a context, "
        "so that every run ends in RuntimeError"
    )
    help = "Pass the application to it, and use `with app.app_context():` there."

    def check(self, project: Project) -> Iterator[Finding]:
        for start in started(project):
            touch = None if start.function is None else needed(project, start.function)
            if touch is not None and start.is_job:
                where, fact = touch
                yield self.finding(
                    start.file,
                    start.fact.anchor,
                    related=[(where, fact.anchor, f"{shown(fact.what)} is needed here")],
                    function="this" if start.name == "<lambda>" else f"`{start.name}()`",
                    what=shown(fact.what),
                )
