"""FLG501 blueprint-not-registered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.rule import ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.project import Finding, Project


class BlueprintNotRegistered(ProjectRule):
    """No application registers a blueprint of the project."""

    code = "FLG501"
    name = "blueprint-not-registered"
    message = "no app registers the blueprint `{blueprint}`, so its URLs are all answered with 404"
    help = "Pass it to `app.register_blueprint()`, or remove it."

    def check(self, project: Project) -> Iterator[Finding]:
        registered = project.routing.registered()
        if registered is None:
            return
        for file, blueprint, anchor in project.routing.blueprints():
            reference = blueprint.reference
            if (
                ".<locals>." not in reference
                and reference not in registered
                and reference in project.routing.receivers
                and not project.routing.is_mentioned(reference)
                and not project.is_test(file)
                and not project.is_imported_broken(reference, file)
            ):
                name = reference.removeprefix(f"{file.module}.")
                yield self.finding(file, anchor, blueprint=name)
