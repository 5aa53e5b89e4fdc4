"""Extensions that are given an application: which one, and what they have then read of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.facts import flask_api
from flask_gotchas.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.facts.model import FileFacts
    from flask_gotchas.project.link import Project


class Bound(NamedTuple):
    """A place where an extension gets an application.

    `made_by` is its class; `extension` and `app` are resolved references, the first one None for an
    object without a name.
    """

    file: FileFacts
    made_by: str
    extension: str | None
    app: str
    runs: str
    guards: int
    anchor: int

    @property
    def name(self) -> str:
        """The extension as it may be called in a message."""
        return (self.extension or self.made_by).rpartition(".")[2]


def bound(project: Project) -> Iterator[Bound]:
    """Go through what well-known extensions are given, in the order of the files.

    An application that a variable shares with another one is left out.
    """
    for file in project.files:
        names = {anchor: name for name, anchor in file.made_at.items()}
        for fact in file.extensions:
            if fact.is_class:
                made_by, extension = fact.called, names.get(fact.anchor)
            else:
                made_by = project.meaning(fact.called, file).removesuffix("()")
                extension = project.resolve(fact.called, file)
            if made_by in flask_api.SETTINGS_READ_AT_INIT and fact.app not in file.rebound:
                app = project.resolve(fact.app, file)
                yield Bound(file, made_by, extension, app, fact.runs, fact.guards, fact.anchor)
