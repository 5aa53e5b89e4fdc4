"""FLG506 main-module-imported-twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.project.loading import doubled_scripts
from flask_gotchas.rule import ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.project import Finding, Project


class MainModuleImportedTwice(ProjectRule):
    """A script is imported by a module that it imports, which makes a second application."""

    code = "FLG506"
    name = "main-module-imported-twice"
    message = (
        "when `{script}` runs as a script, this import makes a second `{app}`, "
        "so the routes of this module are answered with 404"
    )
    help = "Start the application from a script of its own, which does nothing but import it."

    def check(self, project: Project) -> Iterator[Finding]:
        for doubled in doubled_scripts(project):
            first, last, script = doubled.first, doubled.last, doubled.script
            yield self.finding(
                last.importer,
                last.fact.anchor,
                related=[
                    (script, first.fact.anchor, "imported here"),
                    (script, doubled.run.anchor, "run as a script here"),
                ],
                script=f"{script.module.rpartition('.')[2]}.py",
                app=doubled.app,
            )
