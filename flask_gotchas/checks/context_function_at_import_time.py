"""FLG202 context-function-at-import-time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.facts.flask_api import CONTEXT_FUNCTIONS
from flask_gotchas.model import Severity
from flask_gotchas.rule import ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.project import Finding, Project


class ContextFunctionAtImportTime(ProjectRule):
    """A function that needs a context is called while a module is loaded."""

    code = "FLG202"
    name = "context-function-at-import-time"
    message = (
        "{subject} `{function}()` while the module is loaded, "
        "outside of any {context} context, which raises RuntimeError"
    )
    help = "Move the call into a function that runs during a request."

    def check(self, project: Project) -> Iterator[Finding]:
        for touch in project.runtime.touched_at_import(CONTEXT_FUNCTIONS):
            unsure = project.runtime.loads_out_of_view(touch.file)
            yield self.finding(
                touch.file,
                touch.anchor,
                severity=Severity.WARNING if unsure else None,
                related=touch.related,
                subject=f"`{touch.through}()` calls" if touch.through else "this calls",
                function=touch.what.removeprefix("flask."),
                context=touch.context,
            )
