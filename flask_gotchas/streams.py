"""Read source for reports and write to stdout, whatever is in the one and behind the other."""

from __future__ import annotations

import contextlib
import functools
import io
import os
import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def reader(stdin: tuple[str, bytes] | None = None) -> Callable[[str], str | None]:
    """Make a function which gives the text of a path, or None, and reads each file once.

    `stdin` is the name and the source of what was piped in instead of a file.
    """

    @functools.cache
    def read(path: str) -> str | None:
        try:
            data = stdin[1] if stdin and path == stdin[0] else _bytes(path)
        except (OSError, ValueError):
            return None
        import tokenize  # noqa: PLC0415 - most runs show no code

        with contextlib.suppress(SyntaxError, LookupError):
            return data.decode(tokenize.detect_encoding(io.BytesIO(data).readline)[0], "replace")
        return data.decode("utf-8", "replace")

    return read


def _bytes(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def lines_of(text: str) -> list[str]:
    """Split a text into lines as Python counts them, without their ends."""
    # Not splitlines: Python counts no form feeds and no Unicode line separators as lines.
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def wants_colour(out: TextIO) -> bool:
    """Tell whether to write in colour: to a terminal, or as NO_COLOR and FORCE_COLOR say.

    A file gets no colour even when it is forced.
    """
    if out is not sys.stdout or os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    # Older consoles of Windows show the codes themselves.
    understands = "WT_SESSION" in os.environ if os.name == "nt" else True
    return understands and os.environ.get("TERM") != "dumb" and out.isatty()


@contextlib.contextmanager
def stdout() -> Iterator[TextIO]:
    """Give stdout for writing: any character can be written, and its reader may stop early.

    Raises OSError when what was written gets lost for another reason, such as a full disk.
    """
    out = sys.stdout or io.StringIO()  # None when it was closed from the start
    if hasattr(out, "reconfigure"):
        out.reconfigure(errors="backslashreplace")
    try:
        yield out
        out.flush()
    except OSError as error:
        # Python flushes once more at exit, and would complain about it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())
        if not isinstance(error, BrokenPipeError):
            raise
