"""From bytes to a LibCST tree, without letting odd input through to the parser."""

from __future__ import annotations

import ast
import re
import threading
import warnings
from typing import NamedTuple

import libcst as cst

# CPython refuses more than 200 nested brackets; LibCST's native parser overflows its stack at some
# thousands and takes the process along. Counting is cheap, so most files never need the check.
_SUSPICIOUS_DEPTH = 150
_BRACKET = re.compile(r"[(\[{)\]}]")
_OPEN = frozenset("([{")
# What nests without brackets. Some thousands of these in one place are too much for a usual stack.
_NESTING = ("elif ", " and ", " or ", "not ", "lambda", " else ", "await ")
_MUCH_NESTING = 1000
_BIG_STACK = 1 << 29


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


def parse(path: str, text: str) -> Source:
    """Parse decoded source.

    Raises UnparsableError, with the place where the parser stopped, for anything that LibCST does
    not accept and for brackets nested so deep that it would kill the process.
    """
    if text.startswith("\ufeff"):
        text = text[1:]
    _refuse_deep_brackets(text)
    try:
        tree = _parsed(text)
    except RecursionError:
        raise UnparsableError("the code is nested too deeply to be parsed") from None
    except Exception as error:  # noqa: BLE001 - LibCST raises odd errors on odd input
        raise _explain(text, error) from None
    return Source(path, text, tree)


def _parsed(text: str) -> cst.Module:
    """Parse with as much stack as LibCST may need: it recurses in native code, unchecked."""
    if len(text) < 4 * _MUCH_NESTING or sum(map(text.count, _NESTING)) < _MUCH_NESTING:
        return cst.parse_module(text)
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
    better = _complaint_of_python(text)
    if isinstance(better, SyntaxError):
        column = max((better.offset or 1) - 1, 0)
        return UnparsableError(str(better.msg), better.lineno or 1, column)
    if better is not None:
        return _cannot(better)
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
    error = _complaint_of_python(text)
    if isinstance(error, SyntaxError):
        line, column = error.lineno or 1, max((error.offset or 1) - 1, 0)
        if "nested parentheses" in str(error.msg):
            raise UnparsableError("too many nested brackets", line, column)
        if deepest > 1000:
            raise UnparsableError(str(error.msg), line)
    elif error is not None:
        raise _cannot(error)


def _complaint_of_python(text: str) -> Exception | None:
    """Let CPython parse source, and give what it raises."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the checked code
            ast.parse(text)
    except (SyntaxError, RecursionError, MemoryError, ValueError) as error:
        return error
    return None


def _cannot(error: Exception) -> UnparsableError:
    if isinstance(error, UnicodeError):
        return UnparsableError("the code contains half of a surrogate pair")
    return UnparsableError("the code is nested too deeply to be parsed")
