"""FLG106 duplicate-endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.rule import ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.project import Finding, Project


class DuplicateEndpoint(ProjectRule):
    """Two views of an application or blueprint have the same endpoint."""

    code = "FLG106"
    name = "duplicate-endpoint"
    message = (
        "`{view}` is a second view with the endpoint `{endpoint}`{origin}, "
        "so Flask raises AssertionError when {moment}"
    )
    help = "Give one of the views another name, or another `endpoint=`."

    def check(self, project: Project) -> Iterator[Finding]:
        for double in project.url_map.registrations.doubled_endpoints():
            first, second = double.first, double.second
            yield self.finding(
                second.file,
                second.anchor,
                related=[(first.file, first.anchor, "first used here")],
                view=double.view,
                endpoint=second.endpoint,
                origin=" of its wrapper" if double.is_of_wrapper else "",
                moment="the blueprint is registered" if double.in_blueprint else "it is added",
            )
