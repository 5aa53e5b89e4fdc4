"""What the project uses that its version of Flask or Werkzeug no longer has."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from flask_gotchas.facts import flask_api, removed_settings
from flask_gotchas.facts.model import Guard
from flask_gotchas.facts.removed_apis import (
    ATTRIBUTES,
    KEYWORDS,
    MODULES,
    NAMES,
    PASSWORD_METHOD,
    SET_COOKIE,
)
from flask_gotchas.model import Location
from flask_gotchas.project.link import is_test_path
from flask_gotchas.records import NamedTuple
from flask_gotchas.ways import SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.facts.model import FileFacts, RemovedUseFact
    from flask_gotchas.facts.removed_apis import Removed
    from flask_gotchas.facts.removed_settings import RemovedSetting
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
# Names that other things called `app` have, too.
_COMMON = frozenset({"env", "error_handlers", "logger_name"})


# How the files of a deployment set a variable of the environment, by their names.
_VARIABLES = {
    re.compile(
        r"\.(?:flask)?env(?:\..*)?\Z|.*\.env\Z"
    ): r"^[ \t]*(?:export[ \t]+)?({0}[ \t]*=(.*))",
    re.compile(
        r".*(?:Dockerfile|Containerfile)"
    ): r"^[ \t]*(?:ENV[ \t](?:.*[ \t])?)?({0}[ =](\S+))",
    re.compile(r".*compose.*\.ya?ml\Z"): r"^[ \t]*(?:-[ \t]+)?[\"']?({0}[\"']?[:=](.*))",
    re.compile(r"Procfile"): r"^\w+:.*?[ \t]({0}=(\S+))",
    re.compile(r".*\.service\Z"): r"^Environment=.*?({0}=(\S+))",
}


class DeadSetting(NamedTuple):
    """A setting which nobody reads, and how the source writes it; not in Python without `file`."""

    file: FileFacts | None
    place: int | Location
    spelling: str
    row: RemovedSetting


class Removals:
    """Answers about what is gone; ask it through `Project.removals`."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._read: dict[str, bool] = {}

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
        return "app" if use.what not in _COMMON and self._is_app(receiver, file) else ""

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

    # -- settings that nobody reads

    def dead_settings(self) -> Iterator[DeadSetting]:
        """Go through settings that Flask ceased to read, if the project does not do so itself."""
        if not self.project.complete:
            return
        yield from self._dead_keys()
        for file in self.project.files:
            if not self.project.is_test(file):
                for use in file.removed_uses:
                    row = self._dead_use(file, use)
                    if row is not None and self.project.versions(file).flask.has_lost(row.version):
                        yield DeadSetting(file, use.anchor, use.spelling, row)
        yield from self._dead_variables()

    def _dead_keys(self) -> Iterator[DeadSetting]:
        seen: set[tuple[str, int]] = set()
        for file, setting in self.project.configuration.settings():
            row = removed_settings.KEYS.get(setting.key)
            if row is None or (file.path, setting.anchor) in seen:
                continue
            seen.add((file.path, setting.anchor))
            is_constant = setting.spelling.startswith(f"{setting.key} = ")
            if setting.key == "ENV" and (is_constant or setting.guards & Guard.CONDITIONAL):
                continue  # a name that everybody uses
            if (
                setting.value.text not in row.harmless
                and self.project.versions(file).flask.has_lost(row.version)
                and not self._is_read(setting.key)
                and row.instead not in self._mentions
            ):
                yield DeadSetting(file, setting.anchor, setting.key, row)

    def _dead_use(self, file: FileFacts, use: RemovedUseFact) -> RemovedSetting | None:
        if use.way == "environment":
            return None if self._is_read(use.what) else removed_settings.ENVIRONMENT[use.what]
        row = removed_settings.ATTRIBUTES.get(use.what)
        if row is None or use.way not in {"write", "constant"} or use.what in self._mentions:
            return None
        if row.instead and not removed_settings.PROVIDERS.isdisjoint(self._mentions):
            return None
        if use.way == "constant" and use.what not in removed_settings.OF_BLUEPRINTS:
            return None
        owner = self.owner(file, use)
        fits = owner == "app" or (
            owner == "blueprint" and use.what in removed_settings.OF_BLUEPRINTS
        )
        return row if fits and use.what not in self._attributes_read else None

    @cached_property
    def _mentions(self) -> frozenset[str]:
        return frozenset().union(*(file.removed_mentions for file in self.project.files))

    @cached_property
    def _attributes_read(self) -> frozenset[str]:
        return frozenset(
            use.what
            for file in self.project.files
            for use in file.removed_uses
            if use.way in {"attribute", "method"}
        )

    def _is_read(self, name: str) -> bool:
        """Tell whether anything in the project may read a setting or variable."""
        if name not in self._read:
            self._read[name] = name in self._mentions or self._is_read_elsewhere(name)
        return self._read[name]

    def _is_read_elsewhere(self, name: str) -> bool:
        for file in self.project.files:
            if not file.names.get(name, f"{file.module}.").startswith(f"{file.module}."):
                return True  # imported from where it is set
        known = {self.project.relative(file) for file in self.project.files}
        for path, text in self.project.python_texts():
            if path not in known and re.search(rf"\b{name}\b", text):
                return True
        others = self.project.other_texts()
        if others is None:
            return True
        pattern = re.compile(
            rf"\bconfig\W+(?:get\W+)?{name}\b|\$\{{?{name}\b|%{name}%|env[.:]{name}\b"
        )
        return any(
            name in text and pattern.search(text)
            for path, text in others.items()
            if not path.endswith((".py", ".md", ".rst", ".markdown"))
        )

    def _dead_variables(self) -> Iterator[DeadSetting]:
        """Find variables in the files of a deployment; those of development count as well."""
        files = self.project.template_files
        if files is None or not any("flask" in file.frameworks for file in self.project.files):
            return
        texts = self.project.other_texts(_pattern_for) or {}
        for name, row in removed_settings.ENVIRONMENT.items():
            if not self.project.flask.has_lost(row.version):
                continue
            for path, text in texts.items():
                if name not in text or is_test_path(path) or not files.is_wanted(path):
                    continue
                pattern = _pattern_for(path.rpartition("/")[2]) or ""
                for match in re.finditer(pattern.format(name), text, re.MULTILINE):
                    value = next(iter(match[2].split()), "").strip("\"'")
                    plain = value and "$" not in value and value not in row.harmless
                    if plain and not self._is_read(name):
                        place = _location(files.spelling(path), text, match)
                        yield DeadSetting(None, place, f"{name}={value}", row)


def _pattern_for(name: str) -> str | None:
    """Give the pattern for variables in a file of a name; None if that sets none."""
    if name.endswith(SUFFIXES):
        return None
    return next((text for of, text in _VARIABLES.items() if of.match(name)), None)


def _location(path: str, text: str, match: re.Match[str]) -> Location:
    start = text.rfind("\n", 0, match.start(1)) + 1
    line = text.count("\n", 0, start) + 1
    column = match.start(1) - start
    return Location(path, line, column, line, column + len(match[1].rstrip()))
