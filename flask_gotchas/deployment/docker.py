"""The stages of a Dockerfile, and what an image starts."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

import msgspec

from flask_gotchas.deployment.commands import command_starts
from flask_gotchas.deployment.scene import Mount, Scene, below, join
from flask_gotchas.deployment.words import assignments_in, expanded, json_words, split_words
from flask_gotchas.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.deployment.model import Start

MOST_STAGES = 50
MOST_MOUNTS = 100
_INSTRUCTION = re.compile(r"\s*([A-Za-z]+)\s+(.*)\Z", re.DOTALL)
_HERE_DOCUMENT = re.compile(r"(?<!\S)<<-?['\"]?([A-Za-z_]\w*)")


class Given(NamedTuple):
    """The words of an ENTRYPOINT or CMD and the line of it."""

    line: int
    words: list[str]


class Stage(msgspec.Struct):
    """What one stage of a Dockerfile leaves behind."""

    name: str = ""
    workdir: str = ""
    mounts: list[Mount] = []
    env: dict[str, str] = {}
    build_variables: dict[str, str] = {}
    entrypoint: Given | None = None
    command: Given | None = None
    own_command: bool = False


def _instructions(text: str) -> Iterator[tuple[int, str, str]]:
    """Give line, name and rest of the instructions, with continued lines joined."""
    parts: list[str] = []
    first_line = 0
    delimiters: list[str] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if delimiters:
            if line.strip() == delimiters[0]:
                delimiters.pop(0)
            continue
        content = line.strip()
        if content.startswith("#") or (not content and parts):
            continue
        first_line = first_line if parts else number
        parts.append(content.removesuffix("\\"))
        if content.endswith("\\"):
            continue
        match = _INSTRUCTION.match("".join(parts))
        parts = []
        if match:
            name = match[1].upper()
            if name in {"RUN", "COPY", "ADD"}:
                delimiters = _HERE_DOCUMENT.findall(match[2])
            yield first_line, name, match[2].strip()
    match = _INSTRUCTION.match("".join(parts))
    if match:
        yield first_line, match[1].upper(), match[2].strip()


def _form(text: str) -> list[str]:
    words = json_words(text) if text.startswith("[") else None
    return ["/bin/sh", "-c", text] if words is None else words


def stages_of(text: str) -> list[Stage]:
    """Read the stages of a Dockerfile; a stage that builds on another one starts as its copy."""
    stages: list[Stage] = []
    global_variables: dict[str, str] = {}
    for line, name, rest in _instructions(text):
        if name == "FROM":
            if len(stages) == MOST_STAGES:
                return []
            stages.append(_new_stage(expanded(rest, global_variables).split(), stages))
        elif not stages:
            if name == "ARG":
                global_variables.update(assignments_in(split_words(rest)))
        else:
            _apply(stages[-1], stages[:-1], name, rest, line)
    return stages


def _new_stage(words: list[str], earlier: list[Stage]) -> Stage:
    words = [word for word in words if not word.startswith("--")]
    name = words[2].lower() if len(words) == 3 and words[1].lower() == "as" else ""
    base = stage_named(words[0], earlier) if words else None
    if base is None:
        return Stage(name=name)
    return Stage(
        name=name,
        workdir=base.workdir,
        mounts=list(base.mounts),
        env=dict(base.env),
        build_variables=dict(base.env),
        entrypoint=base.entrypoint,
        command=base.command,
    )


def stage_named(name: str, stages: list[Stage]) -> Stage | None:
    """Give the stage of that name in whatever case, or None."""
    return next((stage for stage in stages if stage.name and stage.name == name.lower()), None)


def _apply(stage: Stage, earlier: list[Stage], name: str, rest: str, line: int) -> None:
    if name == "ENV":
        assignments = assignments_in(split_words(rest))
        first, _, value = rest.partition(" ")
        if "=" not in first:
            assignments = {first: value.strip()}
        for key, given in assignments.items():
            stage.env[key] = expanded(given, stage.build_variables)
        stage.build_variables.update((key, stage.env[key]) for key in assignments)
    elif name == "ARG":
        for key, given in assignments_in(split_words(rest)).items():
            stage.build_variables.setdefault(key, expanded(given, stage.build_variables))
    elif name == "WORKDIR":
        stage.workdir = join(stage.workdir, expanded(rest.strip("\"'"), stage.build_variables))
    elif name in {"COPY", "ADD"}:
        words = json_words(rest) or split_words(rest)
        words = [expanded(word, stage.build_variables) for word in words]
        _copy(stage, earlier, words)
    elif name == "CMD":
        stage.command = Given(line, _form(rest))
        stage.own_command = True
    elif name == "ENTRYPOINT":
        stage.entrypoint = Given(line, _form(rest))
        if not stage.own_command:
            stage.command = None


def _copy(stage: Stage, earlier: list[Stage], words: list[str]) -> None:
    """Note which files and folders of the project a COPY puts where."""
    origin = next((word[7:] for word in words if word.startswith("--from=")), None)
    paths = [word for word in words if not word.startswith("--")]
    if len(paths) < 2:
        return
    at = join(stage.workdir, paths[-1])
    if origin is None:
        for path in paths[:-1]:
            # A pattern such as src/*.py copies out of src.
            source = posixpath.dirname(path) if "*" in path or "?" in path else path
            stage.mounts.append(Mount(at, source.lstrip("/") or "."))
    else:
        is_number = origin.isdecimal() and int(origin) < len(earlier)
        other = earlier[int(origin)] if is_number else stage_named(origin, earlier)
        for path in paths[:-1] if other else []:
            stage.mounts += _remounted(other.mounts if other else [], join("/", path), at)
    del stage.mounts[:-MOST_MOUNTS]


def _remounted(mounts: list[Mount], source: str, at: str) -> Iterator[Mount]:
    for mount in mounts:
        rest = below(source, mount.at)
        if rest is not None:
            yield Mount(at, posixpath.join(mount.source, rest))
            continue
        rest = below(mount.at, source)
        if rest is not None:
            yield Mount(join(at, rest), mount.source)


def image_starts(scene: Scene, entrypoint: Given | None, command: Given | None) -> list[Start]:
    """Give what ENTRYPOINT and CMD start together.

    The line is that of the entry point when it says by itself what is started, else that of the
    command.
    """
    if entrypoint is None or not entrypoint.words:
        return command_starts(command.words, scene._replace(line=command.line)) if command else []
    alone = scene._replace(line=entrypoint.line)
    if command is None:
        return command_starts(entrypoint.words, alone)
    says_all = any(start.file == scene.file for start in command_starts(entrypoint.words, alone))
    line = entrypoint.line if says_all else command.line
    return command_starts([*entrypoint.words, *command.words], scene._replace(line=line))
