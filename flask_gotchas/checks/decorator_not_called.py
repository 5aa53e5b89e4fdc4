"""FLG109 decorator-not-called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.project.view_faults import uncalled
from flask_gotchas.rule import ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.project import Finding, Project


class DecoratorNotCalled(ProjectRule):
    """A decorator such as `@app.route` stands without its parentheses."""

    code = "FLG109"
    name = "decorator-not-called"
    message = (
        "`@{decorator}` without parentheses takes `{view}` for its argument, "
        "so nothing is registered, and no error says so"
    )
    help = "Call the decorator, with the URL rule, the endpoint, or the error in the parentheses."

    def check(self, project: Project) -> Iterator[Finding]:
        for wrong in uncalled(project):
            yield self.finding(
                wrong.file,
                wrong.decorator.anchor,
                decorator=wrong.decorator.spelling,
                view=wrong.view,
            )
