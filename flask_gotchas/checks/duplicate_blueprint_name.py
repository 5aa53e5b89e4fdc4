"""FLG503 duplicate-blueprint-name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.project.blueprints import clashes
from flask_gotchas.rule import ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.project import Finding, Project


class DuplicateBlueprintName(ProjectRule):
    """Two blueprints are registered under one name."""

    code = "FLG503"
    name = "duplicate-blueprint-name"
    message = (
        "{subject} registered under the name `{name}` here, "
        "so Flask raises ValueError{moment}: the name is taken"
    )
    help = "Give one of the blueprints another name, or pass `name=` to `register_blueprint()`."

    def check(self, project: Project) -> Iterator[Finding]:
        for clash in clashes(project):
            first, second = clash.first, clash.second
            yield self.finding(
                second.file,
                second.fact.anchor,
                related=[(first.file, first.fact.anchor, "first registered here")],
                subject="one blueprint is again" if clash.is_same else "a second blueprint is",
                name=clash.name,
                moment=" when the parent is registered" if clash.on_blueprint else "",
            )
