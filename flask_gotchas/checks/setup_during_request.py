"""FLG117 setup-during-request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.project.setting_up import in_requests
from flask_gotchas.rule import ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.project import Finding, Project


class SetupDuringRequest(ProjectRule):
    """A view or hook adds something to the application while it answers a request."""

    code = "FLG117"
    name = "setup-during-request"
    message = (
        "`{handler}` runs in requests, when `{app}.{method}` raises AssertionError, "
        "so each request that gets here is answered with 500"
    )
    help = "Set the application up before it answers requests."

    def check(self, project: Project) -> Iterator[Finding]:
        for found in in_requests(project):
            yield self.finding(
                found.handler.file,
                found.addition.fact.anchor,
                related=[(file, at, "registered here") for file, at in found.handler.places],
                handler=found.handler.name,
                app=found.name,
                method=found.addition.method,
            )
