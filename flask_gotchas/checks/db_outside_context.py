"""FLG901 db-outside-context."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.facts.flask_api import DATABASE
from flask_gotchas.model import Severity
from flask_gotchas.rule import ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.project import Finding, Project


class DbOutsideContext(ProjectRule):
    """A database of Flask-SQLAlchemy is used while a module is loaded."""

    code = "FLG901"
    name = "db-outside-context"
    message = (
        "{subject} `{what}` while the module is loaded, outside of any application context, "
        "where Flask-SQLAlchemy 3 raises RuntimeError"
    )
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
                subject=f"`{touch.through}()` uses" if touch.through else "this uses",
                what=touch.what.partition(":")[2],
            )
