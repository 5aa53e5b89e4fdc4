"""FLG101 route-method-mismatch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flask_gotchas.editing import NoFix
from flask_gotchas.facts.flask_api import HTTP_METHODS
from flask_gotchas.model import Severity
from flask_gotchas.rule import Fixing, ProjectRule, listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.editing import FileEditor
    from flask_gotchas.model import Diagnostic
    from flask_gotchas.project import Finding, Project
    from flask_gotchas.project.routing import View

_REFUSED = "is answered with 405 before the view runs"
_TAKEN = "goes to another view"


class RouteMethodMismatch(ProjectRule):
    """A view tests `request.method` for a method that none of its routes allows."""

    code = "FLG101"
    name = "route-method-mismatch"
    message = (
        "`{view}` tests for {method}, but its {routes} only {allowed}, so such a request {outcome}"
    )
    fixing = Fixing.SAFE
    help = "Add the method to `methods=` of the route, or remove the test."

    def check(self, project: Project) -> Iterator[Finding]:
        for file in project.files:
            for test in file.method_tests:
                view = project.routing.view(test.runs, file)
                if view is None or view.methods is None or view.is_handler:
                    continue
                tested = [m for m in dict.fromkeys(test.methods) if m in HTTP_METHODS]
                if not tested or not view.answered.isdisjoint(tested):
                    continue
                if project.routing.is_called(test.runs) or project.is_imported_unread(view.name):
                    continue
                taken = project.routing.is_taken(view.routes, frozenset(tested))
                yield self.finding(
                    file,
                    test.anchor,
                    severity=Severity.WARNING if taken else None,
                    related=view.places,
                    hints=[
                        " ".join(sorted(view.methods)),
                        " ".join(tested),
                        "class" if project.routing.asks_class(view) else "route",
                    ],
                    view=view.name,
                    method=listed(tested),
                    routes=_routes(view),
                    allowed=listed(sorted(view.methods)),
                    outcome=_TAKEN if taken else _REFUSED,
                )

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        if found.severity is Severity.WARNING:
            raise NoFix
        allowed, tested, where = (hint.split() for hint in found.hints)
        wanted = sorted({*allowed, *tested})
        if "GET" in tested:
            # Protection against forged requests does not look at GET.
            file.only_suggest()
        if where == ["class"]:
            test = file.at(found.location, cst.Comparison, cst.MatchPattern)
            view = file.around(test, cst.ClassDef)
            if file.has_class_value(view, "methods"):
                _add(file, file.class_value(view, "methods"), tested)
            else:
                file.add_class_value(view, "methods", f"[{_quoted(wanted, file.quote)}]")
        else:
            place, *others = {related.location for related in found.related} or {found.location}
            if others or place.path != file.path:
                raise NoFix
            _allow(file, file.route_call(place), wanted, tested)
        return f"Let the route allow {listed(wanted)}"


def _allow(file: FileEditor, call: cst.Call, wanted: list[str], tested: list[str]) -> None:
    methods = f"methods=[{_quoted(wanted, file.quote)}]"
    func = call.func
    given = next((a for a in call.args if a.keyword and a.keyword.value == "methods"), None)
    if given is not None:
        _add(file, given.value, tested)
    elif isinstance(func, cst.Attribute) and func.attr.value in {"route", "add_url_rule"}:
        file.add_argument(call, methods)
    elif isinstance(func, cst.Attribute) and func.attr.value.upper() in HTTP_METHODS:
        file.replace(func.attr, "route")
        file.add_argument(call, methods)


def _add(file: FileEditor, methods: cst.BaseExpression, tested: list[str]) -> None:
    texts = list(file.inside(methods, cst.SimpleString))
    file.add_element(methods, _quoted(tested, texts[0].quote if texts else file.quote))


def _quoted(methods: list[str], quote: str) -> str:
    return ", ".join(f"{quote}{method}{quote}" for method in methods)


def _routes(view: View) -> str:
    rules = list(dict.fromkeys(own.rule for own in view.routes))
    if not all(rule and isinstance(rule, str) for rule in rules) or len(rules) > 2:
        return "route allows" if len(rules) == 1 else "routes allow"
    shown = listed([f"`{rule}`" for rule in rules])
    return f"route {shown} allows" if len(rules) == 1 else f"routes {shown} allow"
