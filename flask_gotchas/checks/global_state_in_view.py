"""FLG206 global-state-in-view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.model import Severity
from flask_gotchas.rule import ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.project import Finding, Project

_BEFORE_AND_AFTER = ("after_request", "before_request", "teardown_request")


class GlobalStateInView(ProjectRule):
    """A view or hook binds a global variable, which each process has for itself."""

    code = "FLG206"
    name = "global-state-in-view"
    severity = Severity.WARNING
    message = (
        "`{view}` sets the global `{name}`, which other worker processes do not see "
        "and other threads change at the same time"
    )
    help = "Keep it in a database, a cache or the session; for one request, in `g`."

    def check(self, project: Project) -> Iterator[Finding]:
        if not any(file.global_writes for file in project.files):
            return
        handlers = [*project.handlers.views, *project.handlers.hooks(*_BEFORE_AND_AFTER)]
        for handler in {handler.function.reference: handler for handler in handlers}.values():
            seen: set[str] = set()
            for write in handler.file.global_writes:
                if write.runs == handler.function.reference and write.name not in seen:
                    seen.add(write.name)
                    yield self.finding(
                        handler.file, write.anchor, view=handler.name, name=write.name
                    )
