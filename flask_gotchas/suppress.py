"""`# noqa` comments, read as flake8 reads them, so that both ways of running agree.

That is: `# noqa` with one space and in any case, then a colon and codes of letters and digits,
which are compared as beginnings. Anything else after `# noqa` makes it a blanket one. It counts for
its own physical line, or for all lines of a multi-line string or of lines joined by backslashes.
"""

from __future__ import annotations

import io
import re
import token
from typing import TYPE_CHECKING

from flask_gotchas.patterns import late_pattern
from flask_gotchas.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from tokenize import TokenInfo

    from flask_gotchas.model import Diagnostic

BLANKET = ""
WHOLE_FILE = 0

_UNUSED_NOQA = "FLG002"
_INLINE = re.compile(r"# noqa(?::\s?(?P<codes>(?:[A-Z]+[0-9]+[,\s]*)+))?", re.IGNORECASE)
_IN_TEMPLATE = late_pattern(rf"\{{#[-+]?\s*{_INLINE.pattern[2:]}", re.IGNORECASE)
_FILE = late_pattern(r"\s*(?P<noqa># flake8[:=]\s*noqa)", re.IGNORECASE)
_LINE_ENDS = (token.NL, token.NEWLINE)
_SPANS_LINES = late_pattern(r"\"\"\"|'''|\\[\r\n]")


class Noqa(NamedTuple):
    """One noqa: its 1-based line, its columns from the `#` to after the last code, and its codes.

    A blanket one has no codes. `is_comment` is only found out where a code of ours is named.
    """

    line: int
    column: int
    end_column: int
    codes: tuple[str, ...] = ()
    is_comment: bool = False

    def covering(self, code: str) -> list[str]:
        """Return what covers a code: those named here which it begins with, or `BLANKET`."""
        if not self.codes:
            return [BLANKET]
        return [named for named in self.codes if code.startswith(named)]


def parse_noqa(text: str) -> dict[int, Noqa]:
    """Return the noqa that holds for a 1-based line, and at `WHOLE_FILE` one that holds for all."""
    if "noqa" not in text.lower():
        return {}
    lines = list(io.StringIO(text.removeprefix("\ufeff"), newline=None))
    found: dict[int, Noqa] = {}
    for number, line in enumerate(lines, 1):
        if match := _FILE.match(line):
            found[WHOLE_FILE] = Noqa(number, *match.span("noqa"))
            break

    matches = {n: match for n, line in enumerate(lines, 1) if (match := _INLINE.search(line))}
    codes = {number: _codes(match) for number, match in matches.items()}
    # Codes of other tools silence nothing of ours; codes in a string may go on in the next line.
    needed = [number for number in matches if "FLG" in "".join(lines[number - 1 : number + 1])]
    if _SPANS_LINES.search(text):
        needed += [number for number, named in codes.items() if not named]
    tokens = _tokenize(lines, max(needed)) if needed else []
    comments = _comment_columns(tokens)
    for number, match in matches.items():
        column = match.start()
        end_column = column + len(match.group().rstrip(", \t\f\n"))
        is_comment = comments.get(number, column + 1) <= column
        found[number] = Noqa(number, column, end_column, codes[number], is_comment)

    for span in _multiline_spans(tokens):
        first = next((number for number in span if number in matches), None)
        if first is not None:
            # flake8 searches the lines as one text.
            match = _INLINE.search("".join(lines[first - 1 : span.stop - 1]))
            noqa = found[first]._replace(codes=_codes(match) if match else ())
            found.update(dict.fromkeys(span, noqa))
    return found


def joined_lines(text: str) -> dict[int, range]:
    """Return all lines for each one of several that a noqa holds for together, all from 1."""
    if not _SPANS_LINES.search(text):
        return {}
    lines = list(io.StringIO(text.removeprefix("\ufeff"), newline=None))
    spans = _multiline_spans(_tokenize(lines, len(lines)))
    return {number: span for span in spans for number in span}


def parse_template_noqa(text: str) -> dict[int, Noqa]:
    """Return the noqa of each 1-based line of a template, in a comment such as `{# noqa #}`."""
    found = {}
    for number, line in enumerate(io.StringIO(text, newline=None), 1):
        if match := _IN_TEMPLATE.search(line):
            found[number] = Noqa(number, *match.span(), _codes(match), is_comment=True)
    return found


def apply(
    diagnostics: Iterable[Diagnostic], noqa: Mapping[int, Noqa]
) -> tuple[list[Diagnostic], set[tuple[int, str]]]:
    """Split off the suppressed diagnostics of one file.

    Returns those which are left, and the line and code (or `BLANKET`) of each noqa that was used.
    """
    kept: list[Diagnostic] = []
    used: set[tuple[int, str]] = set()
    for diagnostic in diagnostics:
        comment = noqa.get(WHOLE_FILE) or noqa.get(diagnostic.location.line)
        covering = comment.covering(diagnostic.code) if comment else []
        if comment and covering:
            used.update((comment.line, code) for code in covering)
        else:
            kept.append(diagnostic)
    return kept, used


def unused(
    noqa: Mapping[int, Noqa], used: Collection[tuple[int, str]], enabled_codes: Collection[str]
) -> list[tuple[Noqa, tuple[str, ...]]]:
    """Return each comment that names codes of enabled rules in vain, with these codes.

    A blanket noqa may serve other tools, and one that names FLG002 asks to be left alone.
    """
    if WHOLE_FILE in noqa:  # nothing else had a chance to be used
        return []
    found = []
    for comment in sorted(set(noqa.values())):
        if comment.is_comment and not comment.covering(_UNUSED_NOQA):
            codes = tuple(
                code
                for code in dict.fromkeys(comment.codes)
                if code.startswith("FLG")
                and (comment.line, code) not in used
                and any(enabled.startswith(code) for enabled in enabled_codes)
            )
            if codes:
                found.append((comment, codes))
    return found


def _codes(match: re.Match[str]) -> tuple[str, ...]:
    return tuple(re.findall(r"[^,\s]+", match["codes"] or ""))


def _tokenize(lines: list[str], last: int) -> list[TokenInfo]:
    """Return the tokens up to the end of a line, or of the string that it is in.

    There are none after a syntax error, where flake8 goes by physical lines too.
    """
    import tokenize  # noqa: PLC0415 - few files need it
    import warnings  # noqa: PLC0415

    tokens = []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the checked code, from Python 3.12 on
            for found in tokenize.generate_tokens(iter(lines).__next__):
                tokens.append(found)
                if found.start[0] >= last and found.type in _LINE_ENDS:
                    break
    except (tokenize.TokenError, SyntaxError, ValueError, SystemError):  # the last is Python 3.13.0
        return []
    return tokens


def _comment_columns(tokens: list[TokenInfo]) -> dict[int, int]:
    """Return the column of the comment by line."""
    return {found.start[0]: found.start[1] for found in tokens if found.type == token.COMMENT}


def _multiline_spans(tokens: list[TokenInfo]) -> Iterator[range]:
    """Yield the lines of whatever goes over a line end that is no token of its own."""
    first = last = 0
    for found in tokens:
        if found.type in (token.DEDENT, token.ENDMARKER):
            continue
        first = first or found.start[0]
        last = max(last, found.end[0])
        if found.type in _LINE_ENDS:
            if last > first:
                yield range(first, last + 1)
            first = last = 0
