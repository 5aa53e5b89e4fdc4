"""Settings of a whole project, and how its own code starts the development server."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from flask_gotchas.facts import flask_api
from flask_gotchas.facts.model import UNKNOWN, Guard, Value
from flask_gotchas.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.facts.model import (
        ConfigSourceFact,
        ConfigWriteFact,
        ConstantFact,
        FileFacts,
        RunFact,
    )
    from flask_gotchas.project.link import Project

_MAX_STEPS = 20
_CONSTANTS = {
    "builtins.True": Value("true"),
    "builtins.False": Value("false"),
    "builtins.None": Value("none"),
}


class Setting(NamedTuple):
    """A setting of an application: where its value stands and who writes it.

    `owner` is the function or class around it, `spelling` how the source writes it.
    """

    key: str
    value: Value
    anchor: int
    guards: int
    owner: str
    spelling: str

    @property
    def place(self) -> str:
        """What gets the value, as the source writes it: `config["DEBUG"]`."""
        return self.spelling.partition("=")[0].rstrip()


class Configuration:
    """Answers about settings; ask it through `Project.configuration`."""

    def __init__(self, project: Project) -> None:
        self.project = project

    def known(self, value: Value, file: FileFacts) -> Value:
        """Follow a reference to the one value of a constant, in whichever file that is."""
        for _ in range(_MAX_STEPS):
            if value.kind != "reference":
                return value
            reference = self.project.resolve(value.text, file)
            if reference in _CONSTANTS:
                return _CONSTANTS[reference]
            holder, _ = self.project.split(reference, file)
            found = [c for c in holder.constants if c.reference == reference] if holder else []
            if holder is None or len(found) != 1:
                break
            value, file = found[0].value, holder
        return UNKNOWN

    def app_runs(self) -> Iterator[tuple[FileFacts, RunFact]]:
        """Go through all calls that start the development server, with values followed."""
        for file in self.project.files:
            for run in file.runs:
                if self.project.is_app(run.receiver, file) or self._is_runner(run.receiver, file):
                    arguments = tuple(
                        msgspec.structs.replace(argument, value=self.known(argument.value, file))
                        for argument in run.arguments
                    )
                    yield file, msgspec.structs.replace(run, arguments=arguments)

    def _is_runner(self, reference: str | None, file: FileFacts) -> bool:
        if reference is None:
            return False
        meaning = self.project.meaning(reference, file)
        return meaning.endswith("()") and self.project.is_subclass(
            meaning[:-2], file, flask_api.RUNNER_CLASSES
        )

    def settings(self) -> Iterator[tuple[FileFacts, Setting]]:
        """Go through what is written to an application's config, outside of test code.

        Constants of a class or module count once it is known to be loaded by `from_object` or
        `from_pyfile`.
        """
        for file in self.project.files:
            if self.project.is_test(file):
                continue
            for write in file.config_writes:
                if write.way == "default" and write.key in flask_api.OWN_SETTINGS:
                    continue  # it is set already, so that this does nothing
                if self.project.is_app(write.receiver, file):
                    value = self.known(write.value, file)
                    yield (
                        file,
                        Setting(
                            key=write.key,
                            value=value,
                            anchor=write.anchor,
                            guards=write.guards,
                            owner=write.runs,
                            spelling=_spelling(write, value),
                        ),
                    )
        yield from self._loaded()

    def reads(self, key: str) -> bool:
        """Tell whether something called `config` is read by a key anywhere in view."""
        return any(key in file.config_reads for file in self.project.files)

    def written(self, key: str) -> list[Value]:
        """List the different values that the project gives a setting."""
        return self._written.get(key, [])

    @cached_property
    def _written(self) -> dict[str, list[Value]]:
        found: dict[str, list[Value]] = {}
        for _, setting in self.settings():
            values = found.setdefault(setting.key, [])
            if setting.value not in values:
                values.append(setting.value)
        return found

    def fixed(self, key: str) -> Iterator[tuple[FileFacts, Setting]]:
        """Go through what gives a setting its value in production, as far as the source says.

        What is meant for development, or holds under a condition only, is left out. There is
        nothing where the value may come from out of view: from a file, the environment as a whole,
        a class that is not known, or an assignment to something that may be the application.
        """
        if not self.is_settled(key):
            return
        for file, setting in self.settings():
            if setting.key != key or setting.guards & (Guard.CONDITIONAL | Guard.TYPING):
                continue
            if setting.guards & Guard.AFTER_EXIT or self._is_imported_again(key, file):
                continue
            if setting.guards & Guard.MAIN and self.project.production_start(file) is None:
                continue
            if not self.project.is_development(file, setting.owner):
                yield file, setting

    def is_settled(self, key: str) -> bool:
        """Tell whether nothing in view lets the value of a setting come from out of view."""
        return not self._is_open and key not in self._written_out_of_view

    @cached_property
    def _is_open(self) -> bool:
        """Tell whether something in view loads settings that are out of view."""
        for file in self.project.files:
            for source in () if self.project.is_test(file) else file.config_sources:
                if self.project.kind(source.receiver, file) == "other":
                    continue
                reference = self._loaded_from(source, file)
                if reference is None:
                    return True
                holder, rest = self.project.split(reference, file, read=True)
                if holder is None or (rest and self.project.cls(reference) is None):
                    return True
        return False

    @cached_property
    def _written_out_of_view(self) -> frozenset[str]:
        """The settings that are written to what may be an application's config, but need not be."""
        return frozenset(
            write.key
            for file in self.project.files
            for write in file.config_writes
            if not self.project.is_test(file)
            and not self.project.is_app(write.receiver, file)
            and self.project.kind(write.receiver, file) == "unknown"
        )

    def _is_imported_again(self, key: str, file: FileFacts) -> bool:
        """Tell whether a module of settings may get a setting by an import, too."""
        return bool(file.stars) or any(fact.name == key for fact in file.imports)

    def _loaded_from(self, source: ConfigSourceFact, file: FileFacts) -> str | None:
        """Give the module or class whose constants become settings; None if it is not Python."""
        target = source.source
        if target is None:
            return None
        if source.way == "from_pyfile":
            if not target.endswith(".py"):
                return None
            target = target.removesuffix(".py").replace("/", ".")
        return self.project.resolve(target.removesuffix("()"), file, read=True)

    def _loaded(self) -> Iterator[tuple[FileFacts, Setting]]:
        for file in self.project.files:
            for source in file.config_sources:
                if source.source is None or self.project.is_test(file):
                    continue
                if self.project.kind(source.receiver, file) == "other":
                    continue
                reference = self._loaded_from(source, file)
                if reference is None:
                    continue
                for where, constant in self._constants(reference, file):
                    if not self.project.is_test(where):
                        key = constant.reference.rpartition(".")[2]
                        value = self.known(constant.value, where)
                        yield (
                            where,
                            Setting(
                                key=key,
                                value=value,
                                anchor=constant.anchor,
                                guards=constant.guards | source.guards & Guard.CONDITIONAL,
                                owner=f"{constant.reference.rpartition('.')[0]}.{reference}",
                                spelling=f"{key} = {shown(value)}",
                            ),
                        )

    def _constants(
        self, reference: str, file: FileFacts
    ) -> Iterator[tuple[FileFacts, ConstantFact]]:
        """Go through the constants of a module, or of a class and its bases, nearest first."""
        todo = [(reference, file)]
        seen: set[str] = set()
        keys: set[str] = set()
        while todo:
            current, where = todo.pop(0)
            current = self.project.resolve(current, where, read=True)
            if current in seen:
                continue
            seen.add(current)
            holder, _ = self.project.split(current, where, read=True)
            if holder is not None:
                for constant in holder.constants:
                    owner, _, key = constant.reference.rpartition(".")
                    if owner == current and key not in keys:
                        keys.add(key)
                        yield holder, constant
            found = self.project.cls(current)
            if found is not None:
                todo += [(base, found[0]) for base in found[1].bases if base is not None]


def shown(value: Value) -> str:
    """Write a known value as the source would."""
    return {"true": "True", "false": "False", "none": "None", "string": f'"{value.text}"'}.get(
        value.kind, value.text
    )


def _spelling(write: ConfigWriteFact, value: Value) -> str:
    if write.way == "attribute":
        return f"app.{write.key.lower()} = {shown(value)}"
    if write.way == "item":
        return f'config["{write.key}"] = {shown(value)}'
    return f"{write.key}={shown(value)}"
