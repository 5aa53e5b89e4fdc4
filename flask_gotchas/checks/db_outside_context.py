"""FLG901 db-outside-context."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flask_gotchas.editing import NoFix
from flask_gotchas.facts.flask_api import DATABASE
from flask_gotchas.literals import dotted_name, is_name
from flask_gotchas.model import Severity
from flask_gotchas.rule import Fixing, ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.editing import FileEditor
    from flask_gotchas.facts.model import FileFacts
    from flask_gotchas.model import Diagnostic
    from flask_gotchas.project import Finding, Project

# What is done when it returns, so that nothing of it is needed later.
_AT_ONCE = frozenset({"create_all", "drop_all", "reflect"})


class DbOutsideContext(ProjectRule):
    """A database of Flask-SQLAlchemy is used while a module is loaded."""

    code = "FLG901"
    name = "db-outside-context"
    message = (
        "{subject} `{what}` while the module is loaded, outside of any application context, "
        "where Flask-SQLAlchemy 3 raises RuntimeError"
    )
    fixing = Fixing.SAFE
    help = "Put it under `with app.app_context():`."

    def check(self, project: Project) -> Iterator[Finding]:
        for touch in project.runtime.touched_at_import(frozenset({DATABASE})):
            if not project.versions(touch.file).flask_sqlalchemy.may_be_at_least("3.0"):
                continue
            unsure = project.runtime.loads_out_of_view(touch.file)
            yield self.finding(
                touch.file,
                touch.anchor,
                severity=Severity.WARNING if unsure else None,
                related=touch.related,
                hints=[*_apps(project, touch.file), touch.through],
                subject=f"`{touch.through}()` uses" if touch.through else "this uses",
                what=touch.what.partition(":")[2],
            )

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        *apps, through = found.hints
        if len(apps) != 1:
            raise NoFix
        [app] = apps
        place = file.at(found.location, cst.BaseExpression)
        call = place if isinstance(place, cst.Call) else next(file.above(place))
        line = file.around(call, cst.SimpleStatementLine)
        made = [one for one in file.tree.body if _binds(one, app)]
        if not isinstance(call, cst.Call) or len(made) != 1 or len(line.body) != 1:
            raise NoFix
        small = line.body[0]
        if not isinstance(small, cst.Expr) or small.value is not call:
            raise NoFix
        if not through and not any(file.is_method(call, name) for name in _AT_ONCE):
            raise NoFix  # what a session or a query gives may be used in the next lines
        if any(isinstance(outer, (cst.ClassDef, cst.FunctionDef)) for outer in file.above(line)):
            raise NoFix
        if file.start(made[0]) > file.start(line):
            raise NoFix
        file.indent_lines(line, f"with {app}.app_context():")
        if found.severity is Severity.WARNING:
            file.only_suggest()
        return f"Put it under `with {app}.app_context():`"


def _apps(project: Project, file: FileFacts) -> list[str]:
    """List the names of applications in a module."""
    return [name for name, of in file.names.items() if project.kind(of, file) == "app"]


def _binds(statement: cst.CSTNode, name: str) -> bool:
    """Tell a line that assigns or imports a name."""
    if not isinstance(statement, cst.SimpleStatementLine):
        return False
    for small in statement.body:
        if isinstance(small, cst.Assign):
            if any(is_name(target.target, name) for target in small.targets):
                return True
        elif isinstance(small, (cst.Import, cst.ImportFrom)):
            aliases = () if isinstance(small.names, cst.ImportStar) else small.names
            if any((one.evaluated_alias or dotted_name(one.name)) == name for one in aliases):
                return True
    return False
