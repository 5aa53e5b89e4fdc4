"""FLG124 decorator-on-view-class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.project.view_faults import replaced_classes
from flask_gotchas.rule import ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.project import Finding, Project


class DecoratorOnViewClass(ProjectRule):
    """A decorator for functions stands on a class view."""

    code = "FLG124"
    name = "decorator-on-view-class"
    message = (
        "`@{decorator}` puts a function in the place of the class `{view}`, "
        "so `{view}.as_view` raises AttributeError"
    )
    help = "List the decorator in `decorators` of the class."

    def check(self, project: Project) -> Iterator[Finding]:
        for wrong in replaced_classes(project):
            yield self.finding(
                wrong.file,
                wrong.decorator.anchor,
                decorator=wrong.decorator.spelling,
                view=wrong.view,
            )
