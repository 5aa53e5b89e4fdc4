"""How a report is written: one small module per format, found by its name.

Each module has a `write(report, out, sources)`. Whatever comes from checked code or file names
goes through `clean` or `clean_path` on its way out.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import unicodedata
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Protocol, TextIO, cast

if TYPE_CHECKING:
    from flask_gotchas.model import Report

Sources = Callable[[str], "str | None"]

CONTROLS: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
# GitHub and Azure obey these anywhere in a line of a build's log.
BUILD_COMMAND: Final = re.compile(r"#(?=#(?:\[|vso\[))", re.IGNORECASE)


class Reporter(Protocol):
    """Write a report to a stream; `sources` gives the text of a path, or None."""

    def __call__(self, report: Report, out: TextIO, sources: Sources, /) -> None: ...


def names() -> list[str]:
    """List the formats in alphabetical order."""
    return sorted(info.name.replace("_", "-") for info in pkgutil.iter_modules(__path__))


def get(name: str) -> Reporter:
    """Find the reporter of a format; raises KeyError for a name that is none."""
    if name not in names():
        raise KeyError(name)
    module = importlib.import_module(f"{__name__}.{name.replace('-', '_')}")
    return cast("Reporter", module.write)


def pieces(text: str) -> list[str]:
    """Split a text into what is shown for each of its characters."""
    shown = [_visible(character) for character in text]
    for match in BUILD_COMMAND.finditer(text):
        shown[match.start()] = r"\x23"
    return shown


def clean(text: str) -> str:
    """Make a text safe for a terminal and a build log.

    Control characters, invisible and direction-changing ones and lone surrogates become escapes
    such as `\\x1b`; the beginning of a build command becomes harmless.
    """
    if text.isprintable() and "##" not in text:
        return text
    return "".join(pieces(text))


def clean_path(path: str) -> str:
    """Make a path safe to stand at the beginning of a line, where `::error` is a command."""
    return clean(f"./{path}" if path.lstrip().startswith("::") else path)


def summary(report: Report) -> str:
    """Sum a report up in a line or two, for people."""
    looked_at = report.files
    found = report.diagnostics
    if report.fixed:
        total = count(report.fixed + len(found), "problem")
        return f"Found {total} ({report.fixed} fixed, {len(found)} left)."
    if not found:
        return f"{count(looked_at, 'file')}, no problems."
    affected = len({diagnostic.location.path for diagnostic in found})
    # Templates and deployment files may have problems too without being counted as looked at.
    of = f"{affected} of {count(max(looked_at, affected), 'file')}"
    more = f"`flask-gotchas explain {found[0].code}` says more."
    return f"Found {count(len(found), 'problem')} in {of}. {more}"


def _visible(character: str) -> str:
    if character.isprintable() or unicodedata.category(character) not in CONTROLS:
        return character
    number = ord(character)
    if number <= 0xFF:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"


def count(number: int, noun: str) -> str:
    """Give a number with its noun, which gets an `s` unless it is one."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
