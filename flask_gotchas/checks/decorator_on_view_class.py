"""FLG124 decorator-on-view-class."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flask_gotchas.editing import NoFix
from flask_gotchas.project.view_faults import replaced_classes
from flask_gotchas.rule import Fixing, ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.editing import FileEditor
    from flask_gotchas.model import Diagnostic
    from flask_gotchas.project import Finding, Project


class DecoratorOnViewClass(ProjectRule):
    """A decorator for functions stands on a class view."""

    code = "FLG124"
    name = "decorator-on-view-class"
    message = (
        "`@{decorator}` puts a function in the place of the class `{view}`, "
        "so `{view}.as_view` raises AttributeError"
    )
    fixing = Fixing.SAFE
    help = "List the decorator in `decorators` of the class."

    def check(self, project: Project) -> Iterator[Finding]:
        for wrong in replaced_classes(project):
            yield self.finding(
                wrong.file,
                wrong.decorator.anchor,
                hints=["alone"] if wrong.is_alone else (),
                decorator=wrong.decorator.spelling,
                view=wrong.view,
            )

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        decorator = file.at(found.location, cst.Decorator)
        view = file.around(decorator, cst.ClassDef)
        if not found.hints or any(isinstance(outer, cst.ClassDef) for outer in file.above(view)):
            raise NoFix
        text = file.source(decorator.decorator)
        if file.has_class_value(view, "decorators"):
            # What stood above the class would have been the outermost.
            file.add_element(file.class_value(view, "decorators"), text)
        else:
            file.add_class_value(view, "decorators", f"[{text}]")
        file.remove_lines(decorator)
        return "List it in `decorators`"
