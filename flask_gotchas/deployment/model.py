"""What is told about a start, and the limits of the search for it."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_ENTRIES = 5_000
DEEPEST_FOLDER = 3
LARGEST_FILE = 1_000_000
MOST_TEXT = 8 * LARGEST_FILE
MOST_COMMANDS = 2_000
MOST_LOOKUPS = 20_000
MOST_WORDS = 300
MOST_ITEMS = 300
LONGEST_PATH = 1_000
LONGEST_COMMAND = 120
LONGEST_VALUE = 10_000
DEEPEST_NESTING = 6


class Start(msgspec.Struct, frozen=True):
    """A command of a deployment file which starts a Python program or a server.

    `file` is relative to the project root with forward slashes and `line` is 1-based. `target` is
    the file that the command names, relative to the root: always there for `python app.py`, never
    for `python -m`, and for other runners only when they are given a path that exists. `module`
    and `attribute` are the two halves of `pkg.mod:app`. `debug` tells that Flask's debug mode or
    its debugger is switched on by the command or its environment; `host` is the address which the
    command names.
    """

    file: str
    line: int
    command: str
    runner: str
    target: str | None = None
    module: str | None = None
    attribute: str | None = None
    debug: bool = False
    host: str | None = None


def starts_file(starts: Iterable[Start], relpath: str, module: str) -> Start | None:
    """Give the first start that runs a file as a program with `python`, or None.

    Takes the path of the file relative to the project root with forward slashes, and its dotted
    name. `python -m pkg` runs `pkg/__main__.py` and not `pkg/__init__.py`.
    """
    modules = {module, module.removesuffix(".__main__")}
    if posixpath.basename(relpath) == "__init__.py":
        modules = set()
    for start in starts:
        if start.runner == "python" and (start.target == relpath or start.module in modules):
            return start
    return None


def word_set(text: str) -> frozenset[str]:
    """Give the words of a text as a set."""
    return frozenset(text.split())
