"""Change a file in one step, so that nobody ever sees half of it."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import sys
from typing import Final

_TEMPORARY: Final = re.compile(r"\.flask-gotchas-[0-9a-f]{8}\.tmp\Z")


def replace(path: str, data: bytes) -> None:
    """Write a file as a whole, or not at all; raises OSError.

    Mode and owner of a file that is there stay as they are, and a link goes on pointing at it. One
    that must not be written is left alone.
    """
    target = os.path.realpath(path)
    if os.path.exists(target) and not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
    folder = os.path.dirname(target)
    _remove_stale(folder)
    temporary = os.path.join(folder, f".flask-gotchas-{os.urandom(4).hex()}.tmp")
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        with open(os.open(temporary, flags, 0o666), "wb") as file:
            with contextlib.suppress(OSError):  # not all file systems have locks
                _lock(file.fileno())
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileNotFoundError):
            before = os.stat(target)
            if hasattr(os, "chown"):
                with contextlib.suppress(OSError):  # only root may give files away
                    os.chown(temporary, before.st_uid, before.st_gid)
            os.chmod(temporary, before.st_mode & 0o7777)
        os.replace(temporary, target)
    except BaseException as error:
        if isinstance(error, OSError):
            error.filename = path  # instead of none, or of the temporary file
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _remove_stale(folder: str) -> None:
    """Remove from a folder what runs have left there that were killed while they wrote."""
    with contextlib.suppress(OSError):
        for name in filter(_TEMPORARY.match, os.listdir(folder)):
            with contextlib.suppress(OSError):
                _remove_unless_held(os.path.join(folder, name))


def _remove_unless_held(path: str) -> None:
    if sys.platform == "win32":  # which removes no file that is open
        os.unlink(path)
        return
    number = os.open(path, os.O_WRONLY)
    try:
        _lock(number)
        os.unlink(path)
    finally:
        os.close(number)


def _lock(number: int) -> None:
    """Hold an open file until it is closed or this process ends.

    Raises OSError if another process holds it.
    """
    if sys.platform != "win32":
        import fcntl  # noqa: PLC0415 - Windows has none

        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
