"""Write the `noqa` comments that silence what is reported now."""

from __future__ import annotations

import ast
import os
import re
import warnings
from typing import TYPE_CHECKING, Final

import msgspec

from flask_gotchas import discover, files, suppress
from flask_gotchas.records import NamedTuple
from flask_gotchas.source import UnparsableError, decode, encoding_of
from flask_gotchas.streams import lines_of
from flask_gotchas.ways import read_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask_gotchas.model import Diagnostic, Report

# These say that something else is wrong, which a comment does not change.
NEVER: Final = frozenset({"FLG000", "FLG001", "FLG002"})
LINE: Final = re.compile(r"([^\r\n]*)(\r\n|\r|\n|\Z)")


class _Place(NamedTuple):
    """Where a comment is or could be: in a line from 1, up to a column, with codes or not."""

    line: int
    column: int
    extends: bool


def add_noqa(report: Report) -> tuple[Report, list[str]]:
    """Silence the diagnostics of a report by comments in their files.

    Gives a report of what no comment can silence, and what to say. A file keeps its encoding, its
    line ends and its mode. Only comments change: what it means to Python or Jinja stays the same.
    Raises OSError for a file that cannot be written.
    """
    by_path: dict[str, list[Diagnostic]] = {}
    left: list[tuple[Diagnostic, str]] = []
    for diagnostic in report.diagnostics:
        if diagnostic.code in NEVER:
            left.append((diagnostic, ""))
        else:
            by_path.setdefault(diagnostic.location.path, []).append(diagnostic)
    comments = changed = 0
    for path, found in by_path.items():
        done, refused = _change(path, found)
        comments += done
        changed += done > 0
        left += refused
    left.sort(key=lambda refused: refused[0].sort_key)
    said = [f"Added {_count(comments, 'noqa comment')} to {_count(changed, 'file')}."]
    for diagnostic, reason in left:
        if reason:
            at = diagnostic.location
            said.append(f"{at.path}:{at.line}: {diagnostic.code} stays: {reason}")
    diagnostics = tuple(diagnostic for diagnostic, _ in left)
    return msgspec.structs.replace(report, diagnostics=diagnostics), said


def _change(path: str, found: list[Diagnostic]) -> tuple[int, list[tuple[Diagnostic, str]]]:
    """Write the comments into one file; give their number and what is left."""
    try:
        data = read_file(path)
    except OSError:
        return 0, [(one, "the file cannot be read") for one in found]
    new, comments, refused = silenced(path, data, found)
    if comments:
        files.replace(path, new)
    return comments, refused


def silenced(
    path: str, data: bytes, found: Sequence[Diagnostic]
) -> tuple[bytes, int, list[tuple[Diagnostic, str]]]:
    """Put comments into the bytes of a file that silence what was found there.

    Gives the new bytes, the number of comments, and what is left with the reasons.
    """
    is_python = path.endswith(discover.SUFFIXES)
    if not is_python and not discover.is_template(os.path.abspath(path)):
        return data, 0, [(one, "such a file takes no noqa comment") for one in found]
    try:
        text = decode(data)
        encoding = encoding_of(data)
    except UnparsableError:
        return data, 0, [(one, "the file cannot be read") for one in found]
    if text.encode(encoding) != data:
        return data, 0, [(one, "the file cannot be written as it was") for one in found]
    kind = _Python(text) if is_python else _Template(text)
    by_place: dict[_Place, list[Diagnostic]] = {}
    for diagnostic in found:
        if place := kind.place(diagnostic.location.line):
            by_place.setdefault(place, []).append(diagnostic)
    good = by_place
    new = _inserted(text, by_place, kind)
    if not _is_right(kind, new, by_place):
        good = {}
        for place, here in by_place.items():
            tried = {**good, place: here}
            if _is_right(kind, _inserted(text, tried, kind), tried):
                good = tried
        new = _inserted(text, good, kind)
    done = {id(one) for here in good.values() for one in here}
    reason = "no comment is possible in this line"
    return new.encode(encoding), len(good), [(one, reason) for one in found if id(one) not in done]


def _inserted(
    text: str, by_place: dict[_Place, list[Diagnostic]], kind: _Python | _Template
) -> str:
    """Put the codes in their places."""
    lines = [list(match.groups()) for match in LINE.finditer(text)]
    for place, found in by_place.items():
        codes = sorted({one.code for one in found})
        line = lines[place.line - 1][0]
        before, after = line[: place.column], line[place.column :]
        if place.extends:
            comma = ", " if re.search(r", +\S+$", before) else ","
            before += "".join(f"{comma}{code}" for code in codes)
        else:
            before = kind.commented(before, ", ".join(codes))
        lines[place.line - 1][0] = before + after
    return "".join(part for line in lines for part in line)


def _is_right(
    kind: _Python | _Template, new: str, by_place: dict[_Place, list[Diagnostic]]
) -> bool:
    """Tell whether a text silences the diagnostics and means the same as before."""
    found = [one for here in by_place.values() for one in here]
    return not suppress.apply(found, kind.noqa(new))[0] and kind.is_same(new)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


class _Python:
    """What is special about comments in Python."""

    noqa = staticmethod(suppress.parse_noqa)

    def __init__(self, text: str) -> None:
        self._lines = lines_of(text)
        self._joined = suppress.joined_lines(text)
        self._noqa = suppress.parse_noqa(text)
        self._meaning = self._meant(text)

    def place(self, line: int) -> _Place | None:
        """Say where a comment for a line goes: into the one there is, or to the line's end."""
        joined = self._joined.get(line, range(line, line + 1))
        there = next((self._noqa[one] for one in joined if one in self._noqa), None)
        if there is not None:
            return _Place(there.line, there.end_column, extends=True)
        last = joined[-1]
        if not 1 <= last <= len(self._lines):
            return None
        return _Place(last, len(self._lines[last - 1].rstrip(" \t\f")), extends=False)

    def commented(self, before: str, codes: str) -> str:
        """Put a comment behind the text of a line."""
        return f"{before}{'  ' if before else ''}# noqa: {codes}"

    def is_same(self, text: str) -> bool:
        """Tell whether Python runs the same program as before."""
        return self._meaning is not None and self._meant(text) == self._meaning

    def _meant(self, text: str) -> str | None:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about the checked code
                return ast.dump(ast.parse(text))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


class _Template:
    """What is special about comments in a Jinja template."""

    noqa = staticmethod(suppress.parse_template_noqa)

    def __init__(self, text: str) -> None:
        self._lines = lines_of(text)
        self._noqa = suppress.parse_template_noqa(text)
        self._meaning = self._meant(text)

    def place(self, line: int) -> _Place | None:
        """Say where a comment for a line goes: into the one there is, or to the line's end."""
        if not 1 <= line <= len(self._lines):
            return None
        shown = self._lines[line - 1]
        there = self._noqa.get(line)
        if there is not None:
            end = len(shown[: there.end_column].rstrip(", \t"))
            return _Place(line, end, extends=True)
        return _Place(line, len(shown), extends=False)

    def commented(self, before: str, codes: str) -> str:
        """Put a comment behind the text of a line, adding no space to what is sent."""
        end = "-" if re.search(r"-[%}#]\}$", before) else ""  # goes on taking the space away
        return f"{before}{{# noqa: {codes} {end}#}}"

    def is_same(self, text: str) -> bool:
        """Tell whether Jinja reads the same template as before."""
        return self._meaning is not None and self._meant(text) == self._meaning

    def _meant(self, text: str) -> list[tuple[str, str]] | None:
        from jinja2 import TemplateSyntaxError  # noqa: PLC0415 - few files are templates

        from flask_gotchas.templates import environment  # noqa: PLC0415 - as above

        meant: list[tuple[str, str]] = []
        try:
            for _, kind, part in environment().lex(text):
                if kind.startswith("comment"):
                    continue
                if kind.endswith(("_begin", "_end")):
                    part = part.strip()  # noqa: PLW2901 - the space that is taken away
                if kind == "data" and meant and meant[-1][0] == "data":
                    meant[-1] = ("data", meant[-1][1] + part)
                else:
                    meant.append((kind, part))
        except TemplateSyntaxError:
            return None
        return meant
