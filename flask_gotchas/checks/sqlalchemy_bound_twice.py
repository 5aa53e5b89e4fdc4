"""FLG903 sqlalchemy-bound-twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.facts.flask_api import SQLALCHEMY_CLASSES
from flask_gotchas.facts.model import Guard
from flask_gotchas.project.bindings import bound
from flask_gotchas.rule import ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.project import Finding, Project
    from flask_gotchas.project.bindings import Bound

_MAYBE = Guard.CONDITIONAL | Guard.AFTER_EXIT | Guard.TYPING | Guard.CHECKED | Guard.MAIN


class SqlalchemyBoundTwice(ProjectRule):
    """An application gets a database of Flask-SQLAlchemy for the second time."""

    code = "FLG903"
    name = "sqlalchemy-bound-twice"
    message = (
        "`{app}` has got a database of Flask-SQLAlchemy already, so this raises RuntimeError: "
        "one may be registered only once"
    )
    help = "Keep one `SQLAlchemy()` for the application, and call its `init_app` once."

    def check(self, project: Project) -> Iterator[Finding]:
        first: dict[str, Bound] = {}
        for one in bound(project):
            if (
                one.made_by not in SQLALCHEMY_CLASSES
                or one.guards & _MAYBE
                or project.is_test(one.file)
                or not project.versions(one.file).flask_sqlalchemy.may_be_at_least("3.0")
                or not project.is_app(one.app, one.file)
            ):
                continue
            before = first.setdefault(one.app, one)
            if before is not one and before.runs == one.runs and before.file is one.file:
                yield self.finding(
                    one.file,
                    one.anchor,
                    related=[(before.file, before.anchor, "the first one")],
                    app=one.app.rpartition(".")[2],
                )
