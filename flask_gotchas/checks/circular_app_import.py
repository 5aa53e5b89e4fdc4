"""FLG505 circular-app-import."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flask_gotchas.editing import NoFix
from flask_gotchas.project.loading import failing_circles
from flask_gotchas.rule import Fixing, ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.editing import FileEditor
    from flask_gotchas.model import Diagnostic
    from flask_gotchas.project import Finding, Project


class CircularAppImport(ProjectRule):
    """A module is imported before the application or blueprint that it imports is made."""

    code = "FLG505"
    name = "circular-app-import"
    message = (
        "this import comes before `{app}` is made, but leads to `{importer}`, "
        "which imports `{app}` from here: ImportError"
    )
    fixing = Fixing.SUGGESTED
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

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        made_at, lines = found.related[-1].location, list(file.tree.body)
        if made_at.path != file.path:
            raise NoFix
        line = file.around(file.at(found.location, cst.ImportAlias), cst.SimpleStatementLine)
        made = file.around(file.at(made_at, cst.BaseExpression), cst.SimpleStatementLine)
        if line not in lines or made not in lines:
            raise NoFix
        bound = {name.value for name in file.inside(line, cst.Name)}
        between = lines[lines.index(line) + 1 : lines.index(made) + 1]
        uses = (name.value for one in between for name in file.inside(one, cst.Name))
        if (
            not between
            or not bound.isdisjoint(uses)
            or any(one.comment for one in line.leading_lines)
        ):
            raise NoFix
        file.remove_lines(line)
        file.line_after(made, f"\n{file.source(line)}")
        return "Import it when that is made"
