"""The report for people: each diagnostic with the code it is about, in colour on a terminal."""

from __future__ import annotations

import unicodedata
from itertools import accumulate
from typing import TYPE_CHECKING, Final, TextIO

from flask_gotchas.model import Severity
from flask_gotchas.reporters import Sources, clean, clean_path, pieces
from flask_gotchas.streams import lines_of, wants_colour

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from flask_gotchas.model import Diagnostic, Location, Report

    # Takes a text and the numbers of a style, as in `ESC[1;31m`.
    Paint: TypeAlias = Callable[[str, str], str]

CONTEXT: Final = 2
TAB: Final = 4
WIDEST: Final = 160
LEFT: Final = 40

BOLD: Final = "1"
DIM: Final = "2"
FRAME: Final = "34"
RELATED: Final = "36"
HELP: Final = "1;32"
SEVERITIES: Final = {Severity.ERROR: "1;31", Severity.WARNING: "1;33"}


def write(report: Report, out: TextIO, sources: Sources) -> None:
    """Write each diagnostic with its place in the code, what belongs to it, and what to do."""
    paint = _paint if wants_colour(out) else _leave
    for number, diagnostic in enumerate(report.diagnostics):
        if number:
            out.write("\n")
        for line in _diagnostic(diagnostic, sources, paint):
            out.write(line + "\n")


def _paint(text: str, style: str) -> str:
    return f"\x1b[{style}m{text}\x1b[0m" if text else ""


def _leave(text: str, _style: str) -> str:
    return text


def _diagnostic(diagnostic: Diagnostic, sources: Sources, paint: Paint) -> Iterator[str]:
    style = SEVERITIES[diagnostic.severity]
    at = diagnostic.location
    places = [at, *(related.location for related in diagnostic.related)]
    gutter = len(str(max(place.line for place in places) + CONTEXT))
    place = f"{paint(clean_path(at.path), BOLD)}:{at.line}:{at.column + 1}"
    code = f"{paint(diagnostic.code, style)} {paint(f'[{diagnostic.name}]', DIM)}"
    yield f"{place}: {code} {clean(diagnostic.message)}"
    lines = _lines(sources, at)
    if lines:
        yield f"{'':{gutter}} {paint('|', FRAME)}"
        yield from _frame(lines, at, gutter, paint, style, sign="^", context=CONTEXT)
    for related in diagnostic.related:
        there = related.location
        place = f"{'':{gutter}} {paint(':::', FRAME)} {clean_path(there.path)}:{there.line}"
        lines = _lines(sources, there)
        message = clean(related.message)
        yield place if lines else f"{place}: {message}"
        yield from _frame(lines, there, gutter, paint, RELATED, sign="-", label=message)
    yield f"{paint('help', HELP)}: {clean(diagnostic.help)}"


def _lines(sources: Sources, at: Location) -> list[str]:
    """Give the lines of a location's file, or none where it lies outside of what is known."""
    text = sources(at.path)
    lines = [] if text is None else lines_of(text)
    return lines if 1 <= at.line <= len(lines) else []


def _frame(
    lines: list[str],
    at: Location,
    gutter: int,
    paint: Paint,
    style: str,
    *,
    sign: str,
    label: str = "",
    context: int = 0,
) -> Iterator[str]:
    if not lines:
        return
    first = max(at.line - context, 1)
    last = min(at.line + context, len(lines))
    while first < at.line and not lines[first - 1].strip():
        first += 1
    while last > at.line and not lines[last - 1].strip():
        last -= 1
    text = lines[at.line - 1]
    edges = list(accumulate((width for _, width in _cells(text)), initial=0))
    end = at.end_column if at.end_line == at.line else len(text.rstrip())
    left, right = (edges[min(column, len(text))] for column in (at.column, end))
    shift = max(left - LEFT, 0) if edges[-1] > WIDEST else 0
    bar = paint("|", FRAME)
    for number in range(first, last + 1):
        shown = _display(lines[number - 1], shift).rstrip()
        yield f"{paint(f'{number:{gutter}}', FRAME)} {bar} {shown}".rstrip()
        if number == at.line:
            under = sign * min(max(right - left, 1), WIDEST - (left - shift))
            marked = paint(f"{under} {label}".rstrip(), style)
            yield f"{'':{gutter}} {bar} {'':{left - shift}}{marked}"


def _display(text: str, shift: int) -> str:
    """Show a line as it is on the screen, without what is left or right of the window."""
    shown = ""
    at = 0
    for piece, width in _cells(text):
        if shift <= at < shift + WIDEST:
            shown += piece
        elif at < shift < at + width:
            shown += " " * (at + width - shift)
        at += width
    return shown


def _cells(text: str) -> Iterator[tuple[str, int]]:
    """Yield what is shown for each character, and how many columns of a terminal it takes."""
    at = 0
    for character, piece in zip(text, pieces(text), strict=True):
        if character == "\t":
            width = TAB - at % TAB
        elif piece != character:
            width = len(piece)
        elif unicodedata.category(character) in {"Mn", "Me"}:
            width = 0
        else:
            width = 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1
        at += width
        yield (" " * width if character == "\t" else piece), width
