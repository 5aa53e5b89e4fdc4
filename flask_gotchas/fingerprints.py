"""What makes a report the same one as before: a mark that survives when its line moves.

It is made of the rule, the path, the text of the line without its indentation, and the names in the
message. Reports that agree in all of this are numbered from the top of the file.
"""

from __future__ import annotations

import collections
import hashlib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from flask_gotchas.streams import lines_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from flask_gotchas.model import Diagnostic

NAME: Final = re.compile(r"`([^`]*)`")
# Messages name other places, too, and these move.
LINE_NUMBER: Final = re.compile(r":\d+(?::\d+)?$")
DIGITS: Final = 32


def relative_path(path: str, base: str) -> str:
    """Spell a path with forward slashes: from a folder if it lies below it, else absolute."""
    absolute = os.path.abspath(path)
    try:
        return Path(absolute).relative_to(base).as_posix()
    except ValueError:
        return Path(absolute).as_posix()


def unnumbered(
    diagnostics: Iterable[Diagnostic],
    sources: Callable[[str], str | None],
    paths: Iterable[str],
) -> list[str]:
    """Give the mark of each report, the same one for all that agree.

    `sources` gives the text of a path, or None; `paths` are how to spell the path of each.
    """
    lines: dict[str, list[str]] = {}
    marks = []
    for diagnostic, path in zip(diagnostics, paths, strict=True):
        at = diagnostic.location
        if at.path not in lines:
            lines[at.path] = lines_of(sources(at.path) or "")
        there = lines[at.path]
        line = there[at.line - 1] if 1 <= at.line <= len(there) else ""
        names = [LINE_NUMBER.sub("", name) for name in NAME.findall(diagnostic.message)]
        marks.append(_digest(diagnostic.code, path, " ".join(line.split()), *names))
    return marks


def numbered(
    diagnostics: Sequence[Diagnostic], sources: Callable[[str], str | None], base: str
) -> list[str]:
    """Give the mark of each report, unique among them; the order counts where they agree.

    Paths are taken relative to the folder `base`.
    """
    paths = [relative_path(found.location.path, base) for found in diagnostics]
    seen: collections.Counter[str] = collections.Counter()
    marks = []
    for mark in unnumbered(diagnostics, sources, paths):
        seen[mark] += 1
        marks.append(mark if seen[mark] == 1 else _digest(mark, str(seen[mark])))
    return marks


def _digest(*parts: str) -> str:
    text = "\0".join(parts)
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:DIGITS]
