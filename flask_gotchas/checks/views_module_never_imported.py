"""FLG507 views-module-never-imported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.model import Severity
from flask_gotchas.project.unimported import unimported_modules
from flask_gotchas.rule import ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.project import Finding, Project


class ViewsModuleNeverImported(ProjectRule):
    """A module has routes, but nothing imports it."""

    code = "FLG507"
    name = "views-module-never-imported"
    severity = Severity.WARNING
    message = (
        "nothing imports `{module}`, so {routes} never registered on `{receiver}`, and requests "
        "get 404"
    )
    help = "Import the module where the application is made, below that line, or remove it."

    def check(self, project: Project) -> Iterator[Finding]:
        for found in unimported_modules(project):
            reference = found.thing.reference
            count = len(found.routes)
            anchor = found.home.made_at.get(reference)
            yield self.finding(
                found.file,
                found.routes[0].anchor,
                related=[] if anchor is None else [(found.home, anchor, "made here")],
                module=project.relative(found.file).rpartition("/")[2],
                routes="its route is" if count == 1 else f"its {count} routes are",
                receiver=reference.rpartition(".")[2],
            )
