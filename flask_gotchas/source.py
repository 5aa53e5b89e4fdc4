"""From bytes to a LibCST tree, without letting odd input through to the parser."""

from __future__ import annotations

import ast
import re
from typing import NamedTuple

import libcst as cst

# CPython refuses more than 200 nested brackets; LibCST's native parser overflows its stack at some
# thousands and takes the process along. Counting is cheap, so most files never need the check.
_SUSPICIOUS_DEPTH = 150
_BRACKET = re.compile(r"[(\[{)\]}]")
_OPEN = frozenset("([{")


class Source(NamedTuple):
    """A parsed file: its path as reported, its text without a byte order mark, and its tree."""

    path: str
    text: str
    tree: cst.Module


class UnparsableError(Exception):
    """A file that cannot be read as Python; `line` is 1-based, `column` 0-based."""

    def __init__(self, message: str, line: int = 1, column: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column


def decode(data: bytes) -> str:
    """Decode source by its byte order mark or coding cookie, UTF-8 otherwise.

    Newlines stay as they are. Raises UnparsableError for bytes that are invalid in the declared
    encoding, for an unknown encoding and for NUL bytes.
    """
    try:
        text = data.decode(_encoding(data))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        byte = data[error.start]
        raise UnparsableError(f"byte 0x{byte:02x} is not valid {error.encoding}", line) from None
    nul = text.find("\0")
    if nul >= 0:
        line_start = text.rfind("\n", 0, nul) + 1
        raise UnparsableError(
            "source code cannot contain NUL bytes", text.count("\n", 0, nul) + 1, nul - line_start
        )
    return text


_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_BLANK = re.compile(rb"^[ \t\f]*(?:#[^\r\n]*)?\r?$")


def _encoding(data: bytes) -> str:
    """Name the codec of source bytes, as PEP 263 says."""
    if data.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    for line in data[:1000].replace(b"\r", b"\n").split(b"\n")[:2]:
        cookie = _COOKIE.match(line)
        if cookie:
            name = cookie[1].decode("ascii", "replace")
            try:
                return _text_codec(name)
            except LookupError:
                raise UnparsableError(f"unknown encoding {name}") from None
        if not _BLANK.match(line):
            break
    return "utf-8"


def _text_codec(name: str) -> str:
    # bytes.decode refuses codecs that do not give text, such as `rot13` and `hex`.
    b"".decode(name)
    return name


def parse(path: str, text: str) -> Source:
    """Parse decoded source.

    Raises UnparsableError, with the place where the parser stopped, for anything that LibCST does
    not accept and for brackets nested so deep that it would kill the process.
    """
    if text.startswith("\ufeff"):
        text = text[1:]
    _refuse_deep_brackets(text)
    try:
        tree = cst.parse_module(text)
    except RecursionError:
        raise UnparsableError("the code is nested too deeply to be parsed") from None
    except Exception as error:  # noqa: BLE001 - LibCST raises odd errors on odd input
        raise _explain(text, error) from None
    return Source(path, text, tree)


def _explain(text: str, error: Exception) -> UnparsableError:
    """Prefer CPython's words and place for a syntax error to LibCST's list of tokens."""
    try:
        ast.parse(text)
    except SyntaxError as better:
        column = max((better.offset or 1) - 1, 0)
        return UnparsableError(str(better.msg), better.lineno or 1, column)
    except (RecursionError, MemoryError, ValueError):
        return UnparsableError("the code is nested too deeply to be parsed")
    if isinstance(error, cst.ParserSyntaxError):
        message = "Python accepts this, but the parser of LibCST stops here"
        return UnparsableError(message, max(error.raw_line, 1), max(error.raw_column, 0))
    return UnparsableError(f"LibCST cannot parse this: {error}")


def _refuse_deep_brackets(text: str) -> None:
    depth = deepest = 0
    for match in _BRACKET.finditer(text):
        depth = depth + 1 if match[0] in _OPEN else max(depth - 1, 0)
        deepest = max(deepest, depth)
    if deepest < _SUSPICIOUS_DEPTH:
        return
    # Brackets in strings count above, so let CPython, which has the same limit, decide.
    try:
        ast.parse(text)
    except SyntaxError as error:
        if "nested parentheses" in str(error.msg):
            line, column = error.lineno or 1, max((error.offset or 1) - 1, 0)
            raise UnparsableError("too many nested brackets", line, column) from None
        if deepest > 1000:
            raise UnparsableError(str(error.msg), error.lineno or 1) from None
    except (RecursionError, MemoryError, ValueError):
        raise UnparsableError("the code is nested too deeply to be parsed") from None
