"""What an editor has open, and how its places differ from ours.

An editor counts lines from 0, and columns in the units of an encoding that both sides agree on:
usually UTF-16, in which an astral character takes two.
"""

from __future__ import annotations

import difflib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote_to_bytes, urlsplit

from lsprotocol import types
from pygls.uris import to_fs_path

from flask_gotchas.records import NamedTuple
from flask_gotchas.settings import absolute_path
from flask_gotchas.source import UnparsableError, decode, encoding_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flask_gotchas.model import Edit, Location

_LINE_END: Final = re.compile(r"\r\n?|\n")
_LINE: Final = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")
_UNIT_SIZES: Final = {"utf-8": 1, "utf-16": 2, "utf-32": 4}
_CODECS: Final = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}


class Document(NamedTuple):
    """A file as an editor has it, whether it is saved or not.

    Without a `path` it has never been saved.
    """

    uri: str
    path: str | None
    text: str
    version: int | None

    @property
    def data(self) -> bytes:
        """The bytes that saving it would write, with what cannot be encoded replaced."""
        data = self.text.encode("utf-8", "replace")
        encoding = encoding_of(data)
        try:
            encoded = self.text.encode(encoding.replace("utf-8-sig", "utf-8"), "replace")
        except (LookupError, UnicodeError):
            return data  # the check says what is wrong with it
        return encoded if encoding_of(encoded) == encoding else data

    @property
    def is_exact(self) -> bool:
        """Tell whether the bytes have just this text, so that changes of them are its changes."""
        try:
            text = decode(self.data)
        except UnparsableError:
            return False
        return text.removeprefix("\ufeff") == self.text.removeprefix("\ufeff")


class Lines:
    """The lines of a text, to tell an editor where something is in them."""

    def __init__(self, text: str, encoding: str) -> None:
        # We count no byte order mark, but an editor that sends one does.
        self._mark = text.startswith("\ufeff")
        self._text = text.removeprefix("\ufeff")
        self._lines = _LINE_END.split(text)
        usual = _LINE_END.search(text)
        self._newline = usual[0] if usual else "\n"
        self._codec = _CODECS[encoding]
        self._size = _UNIT_SIZES[encoding]

    def position(self, line: int, column: int) -> types.Position:
        """Translate a line from 1 and a column from 0 in characters.

        What lies behind the text becomes the end of it.
        """
        if line > len(self._lines):
            line, column = len(self._lines), len(self._lines[-1])
        text = self._lines[line - 1]
        before = text[: column + (self._mark and line == 1)]
        return types.Position(line - 1, self._units(before))

    def range(self, at: Location) -> types.Range:
        """Translate a place."""
        end = self.position(at.end_line, at.end_column)
        return types.Range(self.position(at.line, at.column), end)

    def edits(self, edits: Iterable[Edit]) -> list[types.TextEdit]:
        """Translate edits, with the line ends of the text."""
        return [
            types.TextEdit(self.range(edit.location), edit.text.replace("\n", self._newline))
            for edit in edits
        ]

    def difference(self, text: str) -> list[types.TextEdit]:
        """Give the edits that make another text of this one, line by line."""
        before, after = _LINE.findall(self._text), _LINE.findall(text)
        matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
        return [
            self._replaced(start, before[start:end], after[new_start:new_end])
            for tag, start, end, new_start, new_end in matcher.get_opcodes()
            if tag != "equal"
        ]

    def _replaced(self, start: int, before: list[str], after: list[str]) -> types.TextEdit:
        """Replace lines, or of a single line only what differs."""
        if len(before) != 1 or len(after) != 1:
            end = self.position(start + len(before) + 1, 0)
            return types.TextEdit(types.Range(self.position(start + 1, 0), end), "".join(after))
        [old], [new] = before, after
        same = _same(old, new)
        same_end = _same(old[same:][::-1], new[same:][::-1])
        end = self.position(start + 1, len(old) - same_end)
        text = new[same : len(new) - same_end]
        return types.TextEdit(types.Range(self.position(start + 1, same), end), text)

    def _units(self, text: str) -> int:
        if text.isascii():
            return len(text)
        return len(text.encode(self._codec, "surrogatepass")) // self._size


def _same(one: str, other: str) -> int:
    """Count the characters with which both texts begin."""
    pairs = enumerate(zip(one, other, strict=False))
    differing = (index for index, (a, b) in pairs if a != b)
    return next(differing, min(len(one), len(other)))


def path_of(uri: str) -> str | None:
    """Give the absolute path that a URI names, with slashes; None if it names no file."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None
    if parts.scheme != "file":
        return None
    # Names of files are bytes, which need not be text.
    path = to_fs_path(uri) if os.name == "nt" else os.fsdecode(unquote_to_bytes(parts.path))
    return absolute_path(path) if path and "\0" not in path else None


def uri_of(path: str) -> str:
    """Give the URI of an absolute path."""
    return Path(path).as_uri()
