"""How far a long run is, for who watches a terminal."""

from __future__ import annotations

import contextlib
import os
import time
from typing import TYPE_CHECKING, Final, TextIO

if TYPE_CHECKING:
    from types import TracebackType


# Runs that end sooner show nothing, and others show no more often.
_PATIENCE: Final = 1.0
_INTERVAL: Final = 0.1


class Progress:
    """A line that counts files, shown on a terminal only and gone in the end."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream if stream is not None and _is_watched(stream) else None
        self._next = time.monotonic() + _PATIENCE
        self._width = 0

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._width:
            self._write(f"\r{' ' * self._width}\r")

    def __call__(self, done: int, total: int) -> None:
        """Say how many files of how many are done."""
        now = time.monotonic()
        if self._stream is not None and now >= self._next:
            self._next = now + _INTERVAL
            text = f"{done} of {total} files"
            self._write(f"\r{text.ljust(self._width)}")
            self._width = len(text)

    def _write(self, text: str) -> None:
        if self._stream is not None:
            with contextlib.suppress(OSError, ValueError):
                self._stream.write(text)
                self._stream.flush()


def _is_watched(stream: TextIO) -> bool:
    if os.environ.get("CI") or os.environ.get("TERM") == "dumb":
        return False
    try:
        return stream.isatty()
    except (OSError, ValueError):
        return False
