"""Read source for reports and write to stdout, whatever is in the one and behind the other."""

from __future__ import annotations

import io
import os
import sys

from flask_gotchas.ways import read_file

TYPE_CHECKING = False  # a run in which nothing has changed does without typing
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import TextIO


def reader(stdin: tuple[str, bytes] | None = None) -> Callable[[str], str | None]:
    """Make a function which gives the text of a path, or None, and reads each file once.

    `stdin` is the name and the source of what was piped in instead of a file.
    """
    import functools  # noqa: PLC0415 - for runs that show code
    import tokenize  # noqa: PLC0415 - the same

    @functools.cache
    def read(path: str) -> str | None:
        try:
            data = stdin[1] if stdin and path == stdin[0] else read_file(path)
        except (OSError, ValueError):
            return None
        try:
            return data.decode(tokenize.detect_encoding(io.BytesIO(data).readline)[0], "replace")
        except (SyntaxError, LookupError):
            return data.decode("utf-8", "replace")

    return read


def lines_of(text: str) -> list[str]:
    """Split a text into lines as Python counts them, without their ends."""
    # Not splitlines: Python counts no form feeds and no Unicode line separators as lines.
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


class Page(io.StringIO):
    """A text that will go to stdout."""


def wants_colour(out: TextIO) -> bool:
    """Tell whether to write in colour: to a terminal, or as NO_COLOR and FORCE_COLOR say.

    A file gets no colour even when it is forced.
    """
    if not isinstance(out, Page) and out is not sys.stdout:
        return False
    if sys.stdout is None or os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    # Older consoles of Windows show the codes themselves.
    understands = "WT_SESSION" in os.environ if os.name == "nt" else True
    return understands and os.environ.get("TERM") != "dumb" and sys.stdout.isatty()


class Stdout:
    """Stdout for writing: any character can be written, and its reader may stop early.

    Raises OSError when what was written gets lost for another reason, such as a full disk.
    """

    def __enter__(self) -> TextIO:
        self._out = sys.stdout or io.StringIO()  # None when it was closed from the start
        if hasattr(self._out, "reconfigure"):
            self._out.reconfigure(errors="backslashreplace")
        return self._out

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        if error is None:
            try:
                self._out.flush()
            except OSError as lost:
                error = lost
        if not isinstance(error, OSError):
            return False
        # Python flushes once more at exit, and would complain about it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), self._out.fileno())
        if not isinstance(error, BrokenPipeError):
            raise error
        return True


def say(line: str) -> None:
    """Write a line to stderr, if there is one that takes it."""
    if sys.stderr is not None:
        try:
            sys.stderr.write(f"{line}\n")
            sys.stderr.flush()
        except OSError:
            pass
