"""FLG108 view-args-mismatch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flask_gotchas.editing import NoFix
from flask_gotchas.project.view_arguments import mismatches
from flask_gotchas.rule import Fixing, ProjectRule, listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.editing import FileEditor
    from flask_gotchas.model import Diagnostic
    from flask_gotchas.project import Finding, Project
    from flask_gotchas.project.view_arguments import Mismatch


class ViewArgsMismatch(ProjectRule):
    """A view does not take the variables of its route, or requires what the route does not give."""

    code = "FLG108"
    name = "view-args-mismatch"
    message = (
        "`{view}` {mismatch}, so every request for `{rule}` raises TypeError "
        "and is answered with 500"
    )
    fixing = Fixing.SUGGESTED
    help = "Give variables of the URL and parameters of the view the same names."

    def check(self, project: Project) -> Iterator[Finding]:
        for wrong in mismatches(project.url_map):
            function = wrong.function
            owner = f"{function.owner.rpartition('.')[2]}." if function.owner else ""
            is_pair = len(wrong.lacking) == len(wrong.untaken) == 1
            is_renamed = is_pair and not project.routing.is_called(function.reference)
            yield self.finding(
                wrong.file,
                function.anchor,
                related=[(own.file, own.anchor, "registered here") for own in wrong.owns],
                hints=(*wrong.lacking, *wrong.untaken) if is_renamed else (),
                view=f"{owner}{function.name}",
                mismatch=_said(wrong),
                rule=wrong.rule,
            )

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        if not found.hints:
            raise NoFix
        old, new = found.hints
        file.rename_parameter(
            file.around(file.at(found.location, cst.Name), cst.FunctionDef), old, new
        )
        return f"Rename the parameter to `{new}`"


def _said(wrong: Mismatch) -> str:
    parts = []
    if wrong.untaken:
        parts.append(f"does not take {_names(wrong.untaken)}")
    if wrong.lacking:
        parts.append(f"requires {_names(wrong.lacking)}")
        if not wrong.untaken:
            parts[-1] += ", which its route does not give"
    return " but ".join(parts)


def _names(names: tuple[str, ...]) -> str:
    return listed([f"`{name}`" for name in names])
