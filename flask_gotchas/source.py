"""From bytes to a LibCST tree, without letting odd input through to the parser."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING, NamedTuple

import libcst as cst

from flask_gotchas.guard import UnparsableError, ask_python, cannot, refuse_what_kills

if TYPE_CHECKING:
    import ast

_BIG_STACK = 1 << 29


__all__ = ["Source", "UnparsableError", "decode", "encoding_of", "parse"]


class Source(NamedTuple):
    """A parsed file: its path as reported, its text without a byte order mark, and its tree."""

    path: str
    text: str
    tree: cst.Module


def decode(data: bytes) -> str:
    """Decode source by its byte order mark or coding cookie, UTF-8 otherwise.

    Newlines stay as they are. Raises UnparsableError for bytes that are invalid in the declared
    encoding, for an unknown encoding and for NUL bytes.
    """
    encoding = encoding_of(data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = len(_LINE_END.findall(data, 0, error.start)) + 1
        byte = data[error.start]
        raise UnparsableError(f"byte 0x{byte:02x} is not valid {error.encoding}", line) from None
    except LookupError:  # also for codecs that do not give text, such as `rot13` and `hex`
        raise UnparsableError(f"unknown encoding {encoding}") from None
    except UnicodeError:
        raise UnparsableError(f"the file is not encoded in {encoding}") from None
    nul = text.find("\0")
    if nul >= 0:
        before = re.split("\r\n?|\n", text[:nul])
        problem = "source code cannot contain NUL bytes"
        raise UnparsableError(problem, len(before), len(before[-1]))
    return text


_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_BLANK = re.compile(rb"^[ \t\f]*(?:#.*)?$")
_LINE_END = re.compile(rb"\r\n?|\n")


def encoding_of(data: bytes) -> str:
    """Name the codec of source bytes, as PEP 263 says."""
    if data.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    for line in _LINE_END.split(data, maxsplit=2)[:2]:
        cookie = _COOKIE.match(line)
        if cookie:
            return cookie[1].decode("ascii", "replace")
        if not _BLANK.match(line):
            break
    return "utf-8"


def parse(path: str, text: str, tree: ast.Module | None = None) -> Source:
    """Parse decoded source; `tree` is what `ast` makes of it, which saves doing that again.

    Raises UnparsableError, with the place where the parser stopped, for anything that LibCST does
    not accept and for what would kill the process or take forever.
    """
    if text.startswith("\ufeff"):
        text = text[1:]
    size = refuse_what_kills(text, tree)
    try:
        parsed = cst.parse_module(text) if size.is_light else _parsed_on_big_stack(text)
    except RecursionError:
        raise UnparsableError("the code is nested too deeply to be parsed") from None
    except Exception as error:  # noqa: BLE001 - LibCST raises odd errors on odd input
        raise _explain(text, error) from None
    return Source(path, text, parsed)


def _parsed_on_big_stack(text: str) -> cst.Module:
    """Parse with as much stack as LibCST may need: it recurses in native code, unchecked."""
    done: list[cst.Module | Exception] = []

    def parse_there() -> None:
        try:
            done.append(cst.parse_module(text))
        except Exception as error:  # noqa: BLE001 - raised again where it is waited for
            done.append(error)

    try:
        usual = threading.stack_size(_BIG_STACK)
        try:
            thread = threading.Thread(target=parse_there)
            thread.start()
        finally:
            threading.stack_size(usual)
    except (RuntimeError, ValueError):  # there is no such stack to be had
        return cst.parse_module(text)
    thread.join()
    if isinstance(done[0], Exception):
        raise done[0]
    return done[0]


def _explain(text: str, error: Exception) -> UnparsableError:
    """Prefer CPython's words and place for a syntax error to LibCST's list of tokens."""
    better = ask_python(text)
    if isinstance(better, SyntaxError):
        column = max((better.offset or 1) - 1, 0)
        return UnparsableError(str(better.msg), better.lineno or 1, column)
    if isinstance(better, Exception):
        return cannot(better)
    if isinstance(error, cst.ParserSyntaxError):
        message = "Python accepts this, but the parser of LibCST stops here"
        return UnparsableError(message, max(error.raw_line, 1), max(error.raw_column, 0))
    return UnparsableError(f"LibCST cannot parse this: {error}")
