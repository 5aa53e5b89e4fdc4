"""FLG116 route-on-method."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.project.view_faults import unbound_methods
from flask_gotchas.rule import ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.project import Finding, Project


class RouteOnMethod(ProjectRule):
    """A route stands on a method of a class."""

    code = "FLG116"
    name = "route-on-method"
    message = (
        "the route calls `{view}` as a function without an object, "
        "so each request raises TypeError for the missing `{parameter}`"
    )
    help = "Make the class a MethodView, or the method a function outside of it."

    def check(self, project: Project) -> Iterator[Finding]:
        for wrong in unbound_methods(project):
            yield self.finding(
                wrong.file,
                wrong.anchor,
                view=wrong.view,
                parameter=wrong.parameter,
            )
