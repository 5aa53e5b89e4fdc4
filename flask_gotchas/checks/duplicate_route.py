"""FLG107 duplicate-route."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.model import Severity
from flask_gotchas.rule import ProjectRule, listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.project import Finding, Project


class DuplicateRoute(ProjectRule):
    """Two views of an application are registered for the same URL and method."""

    code = "FLG107"
    name = "duplicate-route"
    severity = Severity.WARNING
    message = (
        "{methods} `{rule}` has two views, `{first}` and `{second}`, "
        "of which only the one that is registered first ever answers"
    )
    help = "Give one of the views another URL or other methods, or remove it."

    def check(self, project: Project) -> Iterator[Finding]:
        for double in project.url_map.registrations.doubled_rules():
            first, second = double.first, double.second
            yield self.finding(
                second.file,
                second.anchor,
                related=[(first.file, first.anchor, "first used here")],
                methods=listed(double.methods),
                rule=second.rule,
                first=first.endpoint,
                second=second.endpoint,
            )
