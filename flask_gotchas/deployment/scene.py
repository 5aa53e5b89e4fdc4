"""Where a command runs, and which files of the project it finds there."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from flask_gotchas.deployment.model import LONGEST_COMMAND, LONGEST_PATH, Start
from flask_gotchas.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flask_gotchas.deployment.disk import Project

# A working folder that is not known: no file is ever looked for below it.
_LOST = "$"


def join(folder: str, path: str) -> str:
    """Follow a path from a folder; one that is too long leads to a folder that is not known."""
    joined = posixpath.normpath(posixpath.join(folder, path))
    if len(joined) > LONGEST_PATH:
        return _LOST
    return joined[1:] if joined.startswith("//") else joined


def below(path: str, folder: str) -> str | None:
    """Give the rest of a path below a folder, "" for the folder itself, None when outside."""
    if folder in {"", "."}:
        return None if path.startswith("/") else path
    if path == folder:
        return ""
    folder = folder if folder.endswith("/") else f"{folder}/"
    return path[len(folder) :] if path.startswith(folder) else None


def in_project(path: str) -> str | None:
    """Normalise a path relative to the root; None when it leads out of the project."""
    if path.startswith("/"):
        return None
    path = posixpath.normpath(path) if path else "."
    if path == ".":
        return ""
    return None if path == ".." or path.startswith("../") else path


class Mount(NamedTuple):
    """A file or folder of the project which production finds at another path."""

    at: str
    source: str


class Place(NamedTuple):
    """How the paths of a command lead to files of the project.

    `bases` are the project folders that relative paths may start from. `workdir` is the working
    folder on the machine or in the container. Without mounts, that folder is taken to be a base
    or the folder of the same name in it.
    """

    bases: tuple[str, ...]
    workdir: str = ""
    mounts: tuple[Mount, ...] = ()

    def moved(self, folder: str) -> Place:
        if self.workdir == _LOST and not folder.startswith("/"):
            return self
        return self._replace(workdir=join(self.workdir, folder))

    def lost(self) -> Place:
        """Be in a folder that is not known: only absolute paths can be followed from there."""
        return self._replace(workdir=_LOST)

    def find(self, project: Project, path: str) -> str | None:
        """Give the file of the project behind a path, or None unless there is exactly that."""
        if not path or any(mark in path for mark in "$`*?"):
            return None
        full = join(self.workdir, path)
        for candidate in self._candidates(project, full):
            inside = in_project(candidate)
            if inside and project.has_file(inside):
                return inside
        return None

    def _candidates(self, project: Project, full: str) -> Iterator[str]:
        has_mounted_folder = False
        for mount in reversed(self.mounts):
            rest = below(full, mount.at)
            for base in self.bases:
                source = in_project(posixpath.join(base, mount.source))
                if source is None:
                    continue
                has_mounted_folder = has_mounted_folder or project.has_folder(source)
                if rest == "" or (rest and rest == posixpath.basename(source)):
                    yield source
                if rest:
                    yield posixpath.join(source, rest)
        if has_mounted_folder:
            return
        if not full.startswith("/"):
            for base in self.bases:
                yield posixpath.join(base, full)
            return
        rest = below(full, self.workdir) if self.workdir.startswith("/") else None
        if not rest:
            return
        parts = [part for part in self.workdir.split("/") if part][-4:]
        for base in self.bases:
            for first in range(len(parts) + 1):
                yield posixpath.join(base, *parts[first:], rest)


def beside(path: str, *more: str) -> tuple[str, ...]:
    """Give the folders that the paths in a deployment file may be relative to."""
    return tuple(dict.fromkeys((*more, posixpath.dirname(path), "")))


class Scene(NamedTuple):
    """All that surrounds a command: where it is written and where and how it would run."""

    project: Project
    file: str
    line: int
    place: Place
    env: Mapping[str, str]
    text: str = ""
    in_script: bool = False
    nesting: int = 0

    def start(
        self,
        runner: str,
        *,
        target: str | None = None,
        module: str | None = None,
        attribute: str | None = None,
        debug: bool | None = None,
        host: str | None = None,
    ) -> Start:
        return Start(
            file=self.file,
            line=self.line,
            command=_shown(self.text),
            runner=runner,
            target=target,
            module=module,
            attribute=attribute,
            debug=self.env_debug if debug is None else debug,
            host=host,
        )

    @property
    def env_debug(self) -> bool:
        value = self.env.get("FLASK_DEBUG", "").lower()
        return "$" not in value and value not in {"", "0", "false", "no"}

    def find(self, path: str) -> str | None:
        return self.place.find(self.project, path)


def _shown(text: str) -> str:
    clean = "".join(character if character.isprintable() else " " for character in text)
    clean = " ".join(clean.split())
    if len(clean) > LONGEST_COMMAND:
        return clean[: LONGEST_COMMAND - 3].rstrip() + "..."
    return clean
