"""FLG504 route-after-register-blueprint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.project.blueprints import late_setups
from flask_gotchas.rule import ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.project import Finding, Project


class RouteAfterRegisterBlueprint(ProjectRule):
    """A route or hook is added to a blueprint that is registered already."""

    code = "FLG504"
    name = "route-after-register-blueprint"
    message = (
        "`{method}()` changes the blueprint `{blueprint}` after it was registered, "
        "so Flask raises AssertionError (2.2 warns and ignores it)"
    )
    help = "Move `register_blueprint()` below everything that is added to the blueprint."

    def check(self, project: Project) -> Iterator[Finding]:
        for late in late_setups(project):
            registered = late.registered
            yield self.finding(
                late.file,
                late.anchor,
                related=[(registered.file, registered.fact.anchor, "registered here")],
                method=late.method,
                blueprint=late.blueprint,
            )
