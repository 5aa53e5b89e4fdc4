"""FLG503 duplicate-blueprint-name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import libcst as cst

from flask_gotchas.editing import NoFix
from flask_gotchas.literals import argument, string_value
from flask_gotchas.project.blueprints import clashes
from flask_gotchas.rule import Fixing, ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.editing import FileEditor
    from flask_gotchas.model import Diagnostic
    from flask_gotchas.project import Finding, Project


class DuplicateBlueprintName(ProjectRule):
    """Two blueprints are registered under one name."""

    code = "FLG503"
    name = "duplicate-blueprint-name"
    message = (
        "{subject} registered under the name `{name}` here, "
        "so Flask raises ValueError{moment}: the name is taken"
    )
    fixing = Fixing.SUGGESTED
    help = "Give one of the blueprints another name, or pass `name=` to `register_blueprint()`."

    def check(self, project: Project) -> Iterator[Finding]:
        for clash in clashes(project):
            first, second = clash.first, clash.second
            yield self.finding(
                second.file,
                second.fact.anchor,
                related=[(first.file, first.fact.anchor, "first registered here")],
                subject="one blueprint is again" if clash.is_same else "a second blueprint is",
                hints=[clash.name] if clash.is_same else [],
                name=clash.name,
                moment=" when the parent is registered" if clash.on_blueprint else "",
            )

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        call = file.at(found.location, cst.Call)
        if not found.hints or any(arg.star for arg in call.args):
            raise NoFix
        prefix = string_value(argument(call, "url_prefix", ()))
        words = re.findall(r"\w+", prefix or "", re.ASCII)
        if not words or argument(call, "name", ()) is not None:
            raise NoFix
        name = "_".join([found.hints[0], *words])
        file.add_argument(call, f"name={file.quote}{name}{file.quote}")
        return f"Give it the name `{name}`"
