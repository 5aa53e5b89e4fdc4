"""FLG115 class-view-registration."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flask_gotchas.editing import NoFix
from flask_gotchas.project.view_faults import unusable_classes
from flask_gotchas.rule import Fixing, ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.editing import FileEditor
    from flask_gotchas.model import Diagnostic
    from flask_gotchas.project import Finding, Project


class ClassViewRegistration(ProjectRule):
    """A class view is registered so that it cannot answer."""

    code = "FLG115"
    name = "class-view-registration"
    message = "`{view}` {how}, so {outcome}"
    fixing = Fixing.SAFE
    help = "Register `as_view` of the class with a name, for the methods that it has."

    def check(self, project: Project) -> Iterator[Finding]:
        for wrong in unusable_classes(project):
            yield self.finding(
                wrong.file,
                wrong.anchor,
                hints=[wrong.name] if wrong.name else (),
                view=wrong.view,
                how=wrong.how,
                outcome=wrong.outcome,
            )

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        call = file.at(found.location, cst.Call)
        if not found.hints or not file.is_method(call, "add_url_rule"):
            raise NoFix
        name = f"{file.quote}{found.hints[0]}{file.quote}"
        view = file.argument(call, "view_func", 2).value
        if isinstance(view, cst.Call) and file.is_method(view, "as_view") and not view.args:
            file.add_argument(view, name)
        elif isinstance(view, (cst.Name, cst.Attribute)) and not view.lpar:
            file.wrap(view, "", f".as_view({name})")
        else:
            raise NoFix
        return f"Register `as_view({name})`"
