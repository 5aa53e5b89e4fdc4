"""FLG103 decorator-above-route."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import libcst as cst
import msgspec

from flask_gotchas.editing import NoFix
from flask_gotchas.model import Severity
from flask_gotchas.rule import Fixing, ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.editing import FileEditor
    from flask_gotchas.facts.model import ClassFact, FunctionFact
    from flask_gotchas.model import Diagnostic
    from flask_gotchas.project import Finding, Project


class Options(msgspec.Struct, frozen=True):
    """`allow` names decorators, by dotted name or as spelled, that may stand above a route."""

    allow: tuple[str, ...] = ()


class DecoratorAboveRoute(ProjectRule):
    """A decorator above `@app.route` wraps a function which Flask does not call."""

    code = "FLG103"
    name = "decorator-above-route"
    message = (
        "`@{decorator}` stands above the route of `{view}`, so the URL calls the view without it"
    )
    fixing = Fixing.SUGGESTED
    help = "Move the route decorator to the top."
    options: ClassVar[type[msgspec.Struct]] = Options

    def check(self, project: Project) -> Iterator[Finding]:
        options = project.options(type(self))
        allowed = frozenset(options.allow if isinstance(options, Options) else ())
        for file in project.files:
            routes = project.routing.route_anchors(file)
            views: list[FunctionFact | ClassFact] = [*file.functions, *file.classes]
            for view in views if routes else ():
                decorators = view.decorators
                at = [n for n, decorator in enumerate(decorators) if decorator.anchor in routes]
                for decorator in decorators[: at[-1]] if at else ():
                    if decorator.anchor in routes:
                        continue
                    if not project.routing.wraps(decorator, file):
                        continue
                    if {decorator.meaning, decorator.spelling} & allowed:
                        continue
                    guard = project.routing.is_guard(decorator)
                    yield self.finding(
                        file,
                        decorator.anchor,
                        severity=Severity.ERROR if guard else Severity.WARNING,
                        related=[(file, decorators[at[-1]].anchor, "registered here")],
                        decorator=decorator.spelling,
                        view=view.name,
                    )

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        [place] = {related.location for related in found.related}
        moved, route = file.at(found.location, cst.Decorator), file.at(place, cst.Decorator)
        view = file.around(moved, cst.FunctionDef, cst.ClassDef)
        order = [id(decorator) for decorator in view.decorators]
        index, target = order.index(id(moved)), order.index(id(route))
        # With another one between them that has to move, too, that one goes first.
        if target != index + 1 or any(line.comment for line in moved.leading_lines):
            raise NoFix
        file.move_lines_behind(moved, route)
        return "Move it below the route"
