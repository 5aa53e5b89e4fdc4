"""FLG505 circular-app-import."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.project.loading import failing_circles
from flask_gotchas.rule import ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.project import Finding, Project


class CircularAppImport(ProjectRule):
    """A module is imported before the application or blueprint that it imports is made."""

    code = "FLG505"
    name = "circular-app-import"
    message = (
        "this import comes before `{app}` is made, but leads to `{importer}`, "
        "which imports `{app}` from here: ImportError"
    )
    help = "Import the module below the line that makes it."

    def check(self, project: Project) -> Iterator[Finding]:
        for circle in failing_circles(project):
            first, last = circle.first, circle.last
            yield self.finding(
                circle.maker,
                first.fact.anchor,
                related=[
                    (last.importer, last.fact.anchor, "imported back here"),
                    (circle.maker, circle.made, "made here"),
                ],
                app=circle.app,
                importer=last.importer.path,
            )
