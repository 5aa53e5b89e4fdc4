"""FLG201 proxy-at-import-time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.facts.flask_api import PROXIES
from flask_gotchas.model import Severity
from flask_gotchas.rule import ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.project import Finding, Project


class ProxyAtImportTime(ProjectRule):
    """A context proxy is touched while a module is loaded, when there is no context."""

    code = "FLG201"
    name = "proxy-at-import-time"
    message = (
        "{subject} `{proxy}` while the module is loaded, "
        "outside of any {context} context, which raises {error}"
    )
    help = "Move it into a function that runs during a request, or use the application object."

    def check(self, project: Project) -> Iterator[Finding]:
        for touch in project.runtime.touched_at_import(PROXIES):
            unsure = project.runtime.loads_out_of_view(touch.file)
            yield self.finding(
                touch.file,
                touch.anchor,
                severity=Severity.WARNING if unsure else None,
                related=touch.related,
                subject=f"`{touch.through}()` touches" if touch.through else "this touches",
                proxy=touch.what.removeprefix("flask."),
                context=touch.context,
                error=touch.raises,
            )
