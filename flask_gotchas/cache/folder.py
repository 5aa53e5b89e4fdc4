"""A folder of small files, written whole or not at all."""

from __future__ import annotations

import os
import zlib

from flask_gotchas.cache.keys import encoded, file_name

TYPE_CHECKING = False  # a run in which nothing has changed does without typing
if TYPE_CHECKING:
    from typing import Any

# How many results of other rules, settings, paths or versions are kept beside each other.
_MOST_OF_A_KIND = {
    "facts": 6, "recent": 6, "files": 6, "findings": 12, "conclusions": 12, "templates": 12,
    "report": 30,
}  # fmt: skip
_SUM_SIZE = 4
_GITIGNORE = b"# Made by flask-gotchas.\n*\n"
_TAG = b"""\
Signature: 8a477f597d28d172789f06886806bc55
# This folder is a cache of flask-gotchas and may be deleted.
"""


class CacheFolder:
    """A folder for the results of earlier runs.

    `problem` says why nothing can be written there; None as long as all is well.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.problem: str | None = None

    def read(self, kind: str, key: str, form: Any) -> Any:
        """Give what was written under a key; None if nothing is there that has this form."""
        import msgspec  # noqa: PLC0415 - a run in which nothing has changed does without it

        data = self.get(kind, key)
        try:
            return None if data is None else msgspec.msgpack.decode(data, type=form)
        except (ValueError, RecursionError, MemoryError):
            return None

    def write(self, kind: str, key: str, value: object) -> None:
        """Write something under a key."""
        import msgspec  # noqa: PLC0415 - as above

        try:
            data = msgspec.msgpack.encode(value)
        except (ValueError, RecursionError, OverflowError):
            return  # there are file names and texts that cannot be encoded
        self.put(kind, key, data)

    def get(self, kind: str, key: str) -> bytes | None:
        """Give the bytes that were put under a key, if they are there as they were."""
        try:
            with open(self._file(kind, key), "rb") as file:
                stored = file.read()
        except (OSError, MemoryError):
            return None
        head = _head(key)
        is_sound = stored.startswith(_sum(memoryview(stored)[_SUM_SIZE:]))
        if not is_sound or not stored.startswith(head, _SUM_SIZE):
            return None
        return stored[_SUM_SIZE + len(head) :]

    def put(self, kind: str, key: str, data: bytes) -> None:
        """Put bytes under a key."""
        import contextlib  # noqa: PLC0415 - not for who only reads

        if self.problem is not None:
            return
        head = _head(key)
        path = self._file(kind, key)
        passing = f"{path}.{os.getpid()}-{os.urandom(4).hex()}"
        try:
            self._make()
            with open(passing, "xb") as file:
                # One after the other, as there may be many megabytes of it.
                file.write(_sum(data, head))
                file.write(head)
                file.write(data)
            os.replace(passing, path)
        except (OSError, RecursionError) as error:  # there are paths of thousands of folders
            self.problem = getattr(error, "strerror", None) or str(error)
            with contextlib.suppress(OSError):
                os.unlink(passing)
        else:
            with contextlib.suppress(OSError):
                self._forget(kind)

    def _file(self, kind: str, key: str) -> str:
        return os.path.join(self.path, file_name(kind, key))

    def _make(self) -> None:
        os.makedirs(self.path, exist_ok=True)
        for name, content in ((".gitignore", _GITIGNORE), ("CACHEDIR.TAG", _TAG)):
            path = os.path.join(self.path, name)
            if not os.path.lexists(path):
                with open(path, "wb") as file:
                    file.write(content)

    def _forget(self, kind: str) -> None:
        """Delete the oldest if there are many, among them what an interrupted run left behind."""
        with os.scandir(self.path) as entries:
            files = [entry for entry in entries if entry.name.startswith(f"{kind}-")]
        files.sort(key=lambda entry: entry.stat().st_mtime_ns)
        for entry in files[: -_MOST_OF_A_KIND[kind]]:
            os.unlink(entry.path)


def _head(key: str) -> bytes:
    data = encoded(key)
    return len(data).to_bytes(_SUM_SIZE, "big") + data


def _sum(data: bytes | memoryview, head: bytes = b"") -> bytes:
    """Sum data up, so that it is noticed when a disk gives other bytes than it got."""
    return zlib.crc32(data, zlib.crc32(head)).to_bytes(_SUM_SIZE, "big")
