"""FLG312 mutate-request-data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.model import Severity
from flask_gotchas.project import requests
from flask_gotchas.rule import ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.project import Finding, Project


class MutateRequestData(ProjectRule):
    """Data of the request is changed, which it refuses."""

    code = "FLG312"
    name = "mutate-request-data"
    message = "`request.{mapping}` cannot be changed, so {what} raises TypeError"
    help = "Change a copy of it, such as `request.form.to_dict()`."

    def check(self, project: Project) -> Iterator[Finding]:
        if requests.has_own_class(project):
            return
        replaced = requests.attributes(project)
        for file, use in requests.uses(project, "change"):
            if use.name not in replaced and "*" not in replaced:
                what = f"`{use.method}()`" if use.method else "this"
                # The application, and its class of requests, may be out of view.
                severity = None if project.complete else Severity.WARNING
                yield self.finding(file, use.anchor, severity=severity, mapping=use.name, what=what)
