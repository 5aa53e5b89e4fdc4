"""FLG508 config-after-init."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.facts.flask_api import SETTINGS_READ_AT_INIT, SQLALCHEMY_CLASSES
from flask_gotchas.facts.model import Guard
from flask_gotchas.project.bindings import bound
from flask_gotchas.rule import ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.project import Finding, Project
    from flask_gotchas.project.bindings import Bound

_MAYBE = Guard.CONDITIONAL | Guard.AFTER_EXIT | Guard.TYPING | Guard.CHECKED


class ConfigAfterInit(ProjectRule):
    """A setting is written after the extension has read it."""

    code = "FLG508"
    name = "config-after-init"
    message = (
        "`{extension}` reads `{key}` only once, when it gets the application, "
        "so this comes too late for it"
    )
    help = "Write the setting before the extension gets the application."

    def check(self, project: Project) -> Iterator[Finding]:
        known = [one for one in bound(project) if not project.is_test(one.file)]
        for one in known:
            for write in one.file.config_writes:
                if (
                    write.anchor > one.anchor
                    and write.runs == one.runs
                    and write.way != "default"
                    and not (write.guards | one.guards) & _MAYBE
                    and write.key in SETTINGS_READ_AT_INIT[one.made_by]
                    and write.receiver is not None
                    and project.resolve(write.receiver, one.file) == one.app
                    and not _again(one, write.anchor, known)
                    and not _asks_each_time(project, one)
                ):
                    yield self.finding(
                        one.file,
                        write.anchor,
                        related=[(one.file, one.anchor, "it gets the application here")],
                        extension=one.name,
                        key=write.key,
                    )


def _asks_each_time(project: Project, one: Bound) -> bool:
    """Tell Flask-SQLAlchemy before 3.0, which reads its settings when a database is used."""
    versions = project.versions(one.file)
    return one.made_by in SQLALCHEMY_CLASSES and not versions.flask_sqlalchemy.may_be_at_least(
        "3.0"
    )


def _again(one: Bound, after: int, known: list[Bound]) -> bool:
    """Tell whether the extension gets the application once more, after the setting."""
    return any(
        (other.made_by, other.app) == (one.made_by, one.app)
        and (other.file is not one.file or other.anchor > after)
        for other in known
    )
