"""FLG903 sqlalchemy-bound-twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flask_gotchas.editing import NoFix
from flask_gotchas.facts.flask_api import SQLALCHEMY_CLASSES
from flask_gotchas.facts.model import Guard
from flask_gotchas.project.bindings import bound
from flask_gotchas.rule import Fixing, ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.editing import FileEditor
    from flask_gotchas.model import Diagnostic
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
    fixing = Fixing.SAFE
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

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        [place] = {related.location for related in found.related}
        first, second = file.at(place, cst.Call), file.at(found.location, cst.Call)
        if not file.is_method(second, "init_app"):
            raise NoFix  # another database, which something uses
        if file.is_method(first, "init_app"):
            owner = file.source(first.func.value)
        else:
            made = file.around(first, cst.Assign)
            owner = file.source(made.targets[0].target)
        line = file.around(second, cst.SimpleStatementLine)
        if file.source(second.func.value) != owner or file.place(line.body[0]) != found.location:
            raise NoFix
        file.remove_lines(line)
        return "Remove it"
