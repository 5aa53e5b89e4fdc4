"""Settings of a whole project, and how its own code starts the development server."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from flask_gotchas.facts import flask_api
from flask_gotchas.facts.model import UNKNOWN, Guard, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.facts.model import (
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
                if write.way == "default" and write.key in flask_api.OWN_BOOLEAN_SETTINGS:
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

    def _loaded(self) -> Iterator[tuple[FileFacts, Setting]]:
        for file in self.project.files:
            for source in file.config_sources:
                if source.source is None or self.project.is_test(file):
                    continue
                if self.project.kind(source.receiver, file) == "other":
                    continue
                target = source.source
                if source.way == "from_pyfile":
                    if not target.endswith(".py"):
                        continue
                    target = target.removesuffix(".py").replace("/", ".")
                reference = self.project.resolve(target.removesuffix("()"), file, read=True)
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
