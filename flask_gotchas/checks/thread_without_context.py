"""FLG203 thread-without-context."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.project.elsewhere import needed, started
from flask_gotchas.project.runtime import shown
from flask_gotchas.rule import ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.project import Finding, Project


class ThreadWithoutContext(ProjectRule):
    """A function that needs a context runs in a thread, which has none."""

    code = "FLG203"
    name = "thread-without-context"
    message = (
        "{function} needs {what}, but runs in a thread, "
        "where no context is and RuntimeError is raised"
    )
    help = "Pass the application to it, and use `with app.app_context():` there."

    def check(self, project: Project) -> Iterator[Finding]:
        for start in started(project):
            touch = None if start.function is None else needed(project, start.function)
            if touch is not None and not start.is_job:
                where, fact = touch
                yield self.finding(
                    start.file,
                    start.fact.anchor,
                    related=[(where, fact.anchor, f"{shown(fact.what)} is needed here")],
                    function="this" if start.name == "<lambda>" else f"`{start.name}()`",
                    what=shown(fact.what),
                )
