"""FLG101 route-method-mismatch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.facts.flask_api import HTTP_METHODS
from flask_gotchas.rule import ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.project import Finding, Project


class RouteMethodMismatch(ProjectRule):
    """A view tests `request.method` for a method that none of its routes allows."""

    code = "FLG101"
    name = "route-method-mismatch"
    message = (
        "`{view}` tests for {method}, but its route `{rule}` allows only {allowed}, "
        "so a {method} is answered with 405 before the view runs"
    )
    help = "Add the method to `methods=` of the route, or remove the test."

    def check(self, project: Project) -> Iterator[Finding]:
        for file in project.files:
            for test in file.method_tests:
                view = project.routing.view(test.runs, file)
                if view is None or view.methods is None or view.is_handler:
                    continue
                for method in dict.fromkeys(test.methods):
                    if method in HTTP_METHODS and method not in view.answered:
                        where, route = view.routes[0]
                        yield self.finding(
                            file,
                            test.anchor,
                            related=[(where, route.anchor, "registered here")],
                            view=view.name,
                            method=method,
                            rule=route.rule,
                            allowed=" and ".join(sorted(view.methods)),
                        )
