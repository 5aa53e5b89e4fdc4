"""The files of a project, read within a budget."""

from __future__ import annotations

import os
import posixpath
import re
from typing import TYPE_CHECKING

from flask_gotchas import disk
from flask_gotchas.deployment.model import (
    DEEPEST_FOLDER,
    LARGEST_FILE,
    MOST_COMMANDS,
    MOST_ENTRIES,
    MOST_LOOKUPS,
    MOST_TEXT,
    word_set,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_SKIPPED_FOLDERS = frozenset(
    {"node_modules", "venv", "env", "virtualenv", "site-packages", "__pycache__"}
)
_HIDDEN_DEPLOYMENT_FOLDERS = frozenset(
    {".platform", ".ebextensions", ".deploy", ".deployment", ".docker"}
)
DEVELOPMENT_WORDS = word_set(
    "dev devel develop development devcontainer local localhost test tests testing debug override"
    " ci"
)
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")


def words_of_name(name: str) -> set[str]:
    """Give the words in the name of a file, a service or the like, in lower case."""
    return {word.lower() for word in _WORD.findall(name)}


def is_development(name: str) -> bool:
    """Tell whether a name says that the thing is for development or testing."""
    return not DEVELOPMENT_WORDS.isdisjoint(words_of_name(name))


class Project:
    """Reads below one folder until the budget of entries, text and commands is used up."""

    def __init__(self, root: str) -> None:
        self.root = root or os.curdir
        self.text_left = MOST_TEXT
        self.commands_left = MOST_COMMANDS
        self._lookups_left = MOST_LOOKUPS

    def paths(self) -> Iterator[str]:
        """Give the files by depth, so that a huge subfolder cannot hide the top-level files."""
        entries_left = MOST_ENTRIES
        level = [""]
        for _ in range(DEEPEST_FOLDER + 1):
            deeper: list[str] = []
            for folder in level:
                try:
                    entries = disk.entries(self._on_disk(folder))[:entries_left]
                except OSError:
                    continue
                found = sorted(entries, key=lambda entry: entry.name)
                entries_left -= len(found)
                if folder and any(entry.name == "pyvenv.cfg" for entry in found):
                    continue
                for entry in found:
                    path = posixpath.join(folder, entry.name)
                    if not path.isprintable():
                        continue
                    try:
                        is_folder = entry.is_dir(follow_symlinks=False)
                        is_file = (
                            disk.is_file(self._on_disk(path))
                            if entry.is_symlink()
                            else entry.is_file(follow_symlinks=False)
                        )
                    except OSError:
                        continue
                    if is_folder and self._is_searched(entry.name):
                        deeper.append(path)
                    elif is_file:
                        yield path
            level = deeper

    @staticmethod
    def _is_searched(name: str) -> bool:
        if name.startswith("."):
            return name in _HIDDEN_DEPLOYMENT_FOLDERS
        return name not in _SKIPPED_FOLDERS and not is_development(name)

    def read(self, path: str) -> str | None:
        if self.text_left <= 0:
            return None
        try:
            content = disk.read_text(self._on_disk(path))[: LARGEST_FILE + 1]
        except (OSError, ValueError):
            return None
        self.text_left -= len(content)
        if len(content) > LARGEST_FILE:
            return None
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            return None
        return text.replace("\r\n", "\n")

    def has_file(self, path: str) -> bool:
        self._lookups_left -= 1
        return self._lookups_left >= 0 and path.isprintable() and disk.is_file(self._on_disk(path))

    def has_folder(self, path: str) -> bool:
        self._lookups_left -= 1
        return self._lookups_left >= 0 and disk.is_folder(self._on_disk(path))

    def _on_disk(self, path: str) -> str:
        return os.path.join(self.root, *path.split("/"))
