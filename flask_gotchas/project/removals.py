"""What the project uses that its version of Flask or Werkzeug no longer has."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from flask_gotchas.facts import flask_api
from flask_gotchas.facts.removed_apis import (
    ATTRIBUTES,
    KEYWORDS,
    MODULES,
    NAMES,
    PASSWORD_METHOD,
    SET_COOKIE,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.facts.model import FileFacts, RemovedUseFact
    from flask_gotchas.facts.removed_apis import Removed
    from flask_gotchas.project.link import Project

_CLASSES = {
    "app": flask_api.APP_CLASSES,
    "blueprint": flask_api.BLUEPRINT_CLASSES,
    "request": frozenset({"flask.Request", "werkzeug.Request", "werkzeug.wrappers.Request"}),
    "response": frozenset({"flask.Response", "werkzeug.Response", "werkzeug.wrappers.Response"}),
}
_MAKERS = {
    "request": frozenset({f"{name}()" for name in _CLASSES["request"]} | {"flask.request"}),
    "response": frozenset({f"{name}()" for name in _CLASSES["response"]})
    | {"flask.jsonify()", "flask.make_response()", "flask.redirect()", "flask.send_file()"},
}
_OWNERS: dict[str, list[str]] = {}
for _owner, _name in ATTRIBUTES:
    _OWNERS.setdefault(_name, []).append(_owner)


class Removals:
    """Answers about what is gone; ask it through `Project.removals`."""

    def __init__(self, project: Project) -> None:
        self.project = project

    def uses(self) -> Iterator[tuple[FileFacts, RemovedUseFact, Removed]]:
        """Go through the uses of what is gone from the version that the using file runs with."""
        for file in self.project.files:
            for use in file.removed_uses:
                row = self._row(file, use)
                if row is None:
                    continue
                versions = self.project.versions(file)
                releases = versions.flask if row.package == "flask" else versions.werkzeug
                if releases.has_lost(row.version):
                    yield file, use, row

    def owner(self, file: FileFacts, use: RemovedUseFact) -> str:
        """Say what the object of a use is to Flask: app, blueprint, request...; empty if unknown.

        For what stands in the body of a class it is what instances of that are.
        """
        if use.receiver is None:
            return ""
        if use.way in {"constant", "method"}:
            kinds = [k for k, of in _CLASSES.items() if self._derives(use.receiver, file, of)]
            return kinds[0] if kinds else ""
        receiver = use.receiver
        if use.what == "from_json":
            is_config = receiver.endswith(".config")
            receiver = receiver.removesuffix(".config")
            return "config" if is_config and self._is_app(receiver, file) else ""
        meaning = self.project.meaning(receiver, file)
        if meaning.endswith(".test_client()"):
            owner = meaning.removesuffix(".test_client()")
            return "client" if self.project.kind(owner, file) == "app" else ""
        for kind, makers in _MAKERS.items():
            if meaning in makers:
                return kind
        kind = self.project.kind(receiver, file)
        if kind in {"app", "blueprint"}:
            return kind
        return "app" if use.what != "env" and self._is_app(receiver, file) else ""

    def _derives(self, reference: str, file: FileFacts, bases: frozenset[str]) -> bool:
        return self.project.is_subclass(reference, file, bases)

    def _is_app(self, reference: str, file: FileFacts) -> bool:
        return self.project.is_app(reference, file)

    def _row(self, file: FileFacts, use: RemovedUseFact) -> Removed | None:
        """Find the row of a use; None if there is none, or the project puts something there."""
        if use.way in {"import", "name"}:
            if use.what in self._given_back or self.project.split(use.what, file)[0] is not None:
                return None
            return NAMES.get(use.what) or MODULES.get(use.what)
        if use.way == "password":
            return PASSWORD_METHOD
        if use.way == "cookie":
            return SET_COOKIE if self.owner(file, use) == "client" else None
        if use.way == "keyword":
            target, _, keyword = use.what.rpartition(".")
            if use.receiver is not None and self.owner(file, use) != "client":
                return None
            return KEYWORDS[target][keyword]
        if use.way == "attribute":
            owner = self.owner(file, use)
            row = ATTRIBUTES.get((owner, use.what))
            given_back = {f"{owner}.{use.what}", f"?.{use.what}"} & self._given_back
            return None if given_back else row
        return None

    @cached_property
    def _given_back(self) -> frozenset[str]:
        """What the project itself puts in the place of something that is gone."""
        found: set[str] = set()
        for file in self.project.files:
            for use in file.removed_uses:
                if use.way in {"write", "constant", "method"}:
                    owner = self.owner(file, use)
                    if use.receiver is None:
                        found.add(use.what)
                    elif owner:
                        found.add(f"{owner}.{use.what}")
                    elif use.way == "write" or use.receiver in self.project.routing.bases:
                        found.add(f"?.{use.what}")
        return frozenset(found)
