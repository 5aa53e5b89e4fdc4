"""From bytes to a LibCST tree, without letting odd input through to the parser."""

from __future__ import annotations

import os
import re
import threading
from typing import TYPE_CHECKING, cast

import libcst as cst

from flask_gotchas.guard import UnparsableError, ask_python, cannot, refuse_what_kills
from flask_gotchas.lean_parse import full_parse, lean_parse
from flask_gotchas.records import NamedTuple

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable

    Parser = Callable[[str], cst.Module]

_BIG_STACK = 1 << 29
# Almost every file is parsed within so many seconds.
_PATIENCE = 2.0


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


def parse(path: str, text: str, tree: ast.Module | None = None, *, lean: bool = True) -> Source:
    """Parse decoded source; `tree` is what `ast` makes of it, which saves doing that again.

    A `lean` tree shares equal whitespace and punctuation, see `lean_parse`. Raises UnparsableError,
    with the place where the parser stopped, for anything that LibCST does not accept and for what
    would kill the process or take forever.
    """
    if text.startswith("\ufeff"):
        text = text[1:]
    refuse_what_kills(text, tree)
    try:
        parsed = _parsed_on_big_stack(lean_parse if lean else full_parse, text)
    except RecursionError:
        raise UnparsableError("the code is nested too deeply to be parsed") from None
    except Exception as error:  # noqa: BLE001 - LibCST raises odd errors on odd input
        raise _explain(text, error) from None
    return Source(path, text, parsed)


class _BigStack:
    """A thread with as much stack as LibCST may need: it recurses in native code, unchecked.

    It stays for the next file, since a new thread for each would begin with cold memory.
    """

    def __init__(self) -> None:
        self._todo, self._done = threading.Lock(), threading.Lock()
        self._todo.acquire()
        self._done.acquire()
        self._job: tuple[Parser, str] | None = None
        self._result: cst.Module | Exception | None = None
        self._thread = threading.Thread(target=self._work, daemon=True)
        usual = threading.stack_size(_BIG_STACK)
        try:
            self._thread.start()
        finally:
            threading.stack_size(usual)

    def _work(self) -> None:
        while True:
            self._todo.acquire()
            if self._job is None:
                return
            parser, text = self._job
            try:
                self._result = parser(text)
            except Exception as error:  # noqa: BLE001 - raised again where it is waited for
                self._result = error
            self._done.release()

    def parse(self, parser: Parser, text: str) -> cst.Module:
        self._job = (parser, text)
        self._todo.release()
        try:
            self._done.acquire()
        except BaseException:
            # Python aborts when it has to end while a thread is in native code.
            self._done.acquire(timeout=_PATIENCE)
            raise
        result, self._job, self._result = self._result, None, None
        if isinstance(result, Exception):
            raise result
        return cast("cst.Module", result)

    def end(self) -> None:
        self._todo.release()
        self._thread.join()


_idle: list[_BigStack] = []


def _end_idle() -> None:
    while _idle:
        _idle.pop().end()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_end_idle)  # a thread would not come along


def _parsed_on_big_stack(parser: Parser, text: str) -> cst.Module:
    try:
        stack = _idle.pop() if _idle else _BigStack()
    except (RuntimeError, ValueError):  # there is no such stack to be had
        return parser(text)
    # Whoever interrupts the wait leaves a thread that may be busy, and which nobody uses again.
    try:
        tree = stack.parse(parser, text)
    except Exception:
        _idle.append(stack)
        raise
    _idle.append(stack)
    return tree


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
