"""The comments which say what a piece of example code must be reported for.

`# error: 9 "part of the message"` at the end of a line expects one report at that line and column,
counted from 1. A code before the text, `9 FLG201 "part"`, expects a report of another rule than the
one that the example is for. Several marks may follow each other. Where no comment fits, inside a
string, a mark on a later line points up: `# error: -2:9 "part"`. In a template the comment is one
of Jinja: `{# error: 9 "part" #}`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from flask_gotchas.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SIGN: Final = "# error:"
MARK: Final = r'# error: (?:-(\d+):)?(\d+)(?: (FLG\d{3}))? "((?:[^"\\]|\\.)*)"'
ONE: Final = re.compile(MARK)
TAIL: Final = re.compile(rf"[ \t]*\{{?{MARK}(?:[ \t]+{MARK})*[ \t]*(?:#\}})?\Z")


class MarkError(ValueError):
    """A comment looks like a mark but is none."""


class Mark(NamedTuple):
    """One expected report: the line and column from 1, the rule if it is another one, the text."""

    line: int
    column: int
    code: str | None
    text: str


def parse(text: str) -> list[Mark]:
    """List the marks of a text from top to bottom; raises MarkError for a misspelt one."""
    return [mark for _, marks in _split(text) for mark in marks]


def strip(text: str) -> str:
    """Take the marks out of a text, which leaves every place in the code where it was."""
    return replace(text, lambda _: "")


def replace(text: str, comment: Callable[[Sequence[Mark]], str]) -> str:
    """Put a comment in the place of the marks of each line."""
    lines = []
    for (code, marks), line in zip(_split(text), text.split("\n"), strict=True):
        instead = comment(marks) if marks else ""
        if instead and line.endswith("#}"):
            instead = f"{{{instead} #}}"
        lines.append("  ".join(part for part in (code, instead) if part))
    return "\n".join(lines)


def _split(text: str) -> list[tuple[str, list[Mark]]]:
    """Split each line into its code and its marks."""
    return [_split_line(line, number) for number, line in enumerate(text.split("\n"), start=1)]


def _split_line(line: str, number: int) -> tuple[str, list[Mark]]:
    if SIGN not in line:
        return line, []
    tail = TAIL.search(line)
    if tail is None or SIGN in line[: tail.start()]:
        raise MarkError(f'line {number}: a mark reads `# error: 9 "part of the message"`')
    marks = [
        Mark(number - int(up or 0), int(column), code or None, re.sub(r"\\(.)", r"\1", part))
        for up, column, code, part in ONE.findall(tail[0])
    ]
    return line[: tail.start()], marks
