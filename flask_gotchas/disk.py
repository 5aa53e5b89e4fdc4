"""The files and folders that a run looks at, so that a later run can tell whether it sees the same.

Whatever of the checked project may change a report is looked at through this module. While somebody
watches, each look is written down: what was seen, as a digest, and how the file or folder was
stamped just before. As long as the stamp is the same, nobody need look again.
"""

from __future__ import annotations

import contextlib
import os
import time
from typing import TYPE_CHECKING, Any

from flask_gotchas.records import NamedTuple
from flask_gotchas.ways import WAYS, digest, failure

if TYPE_CHECKING:
    from collections.abc import Iterator

# How fine the clocks of file systems are, at worst: what changes later may have the same stamp.
_COARSEST_CLOCK = 2_000_000_000


class Stamp(NamedTuple):
    """When a file or folder was changed, when the system noted a change, in nanoseconds; its size.

    A program may set the time of a change to what it likes, but not the time of the note.
    """

    changed: int
    noted: int
    size: int


UNSURE = Stamp(0, 0, 0)


class Look(NamedTuple):
    """A way of looking, which is a key of `WAYS`, and what was looked at."""

    way: str
    path: str


class Seen(NamedTuple):
    """What was seen, condensed, and the stamp of that time: `UNSURE` if it says nothing."""

    stamp: Stamp
    digest: bytes


class Watch:
    """What has been seen since it began.

    It is not `steady` if something changed in the meantime: then nobody can say what was seen.
    """

    def __init__(self) -> None:
        self.seen: dict[Look, Seen] = {}
        self.steady = True

    def note(self, look: Look, seen: Seen) -> None:
        """Write a look down."""
        look = Look(look.way, os.path.abspath(look.path))
        if self.seen.setdefault(look, seen).digest != seen.digest:
            self.steady = False


_watches: list[Watch] = []


@contextlib.contextmanager
def watching(watch: Watch | None = None) -> Iterator[Watch]:
    """Write down all looks until the end of the block, together with those of an earlier one."""
    watch = watch or Watch()
    _watches.append(watch)
    try:
        yield watch
    finally:
        _watches.remove(watch)


def note(look: Look, seen: Seen) -> None:
    """Write down a look that was taken in another process, or that a stamp has spared."""
    _note(_watches, look, seen)


def _note(watches: list[Watch], look: Look, seen: Seen) -> None:
    for watch in watches:
        watch.note(look, seen)


# Looking


def read(path: str) -> bytes:
    """Read a file; raises OSError."""
    found: bytes = _look(Look("file", path))
    return found


def read_noting(path: str) -> tuple[bytes, Seen]:
    """Read a file and give what would be noted about it, without noting it; raises OSError."""
    stamp = stamp_of(path)
    data: bytes = WAYS["file"][0](path)
    return data, Seen(stamp, digest(data))


def read_text(path: str) -> bytes:
    """Read a file that may be anything, and of a huge one `LARGEST_TEXT` bytes and one more.

    Raises OSError.
    """
    found: bytes = _look(Look("text", path))
    return found


def entries(folder: str) -> list[os.DirEntry[str]]:
    """List a folder; raises OSError."""
    found: list[os.DirEntry[str]] = _look(Look("folder", folder))
    return found


def python_entries(folder: str) -> list[os.DirEntry[str]]:
    """List a folder of which only folders, Python files and what decides about them matter.

    Raises OSError.
    """
    found: list[os.DirEntry[str]] = _look(Look("python", folder))
    return found


def is_file(path: str) -> bool:
    """Tell whether there is such a file, perhaps behind a link."""
    return bool(_look(Look("kind", path)) == "file")


def is_folder(path: str) -> bool:
    """Tell whether there is such a folder, perhaps behind a link."""
    return bool(_look(Look("kind", path)) == "folder")


def exists(path: str) -> bool:
    """Tell whether there is something at a path, if only a link to nothing."""
    return bool(_look(Look("kind", path)))


def real_path(path: str) -> str:
    """Give the absolute path behind all links."""
    found: str = _look(Look("link", path))
    return found


def stamp_of(path: str) -> Stamp:
    """Give the stamp of a file or folder, `UNSURE` if it is gone or has only just been changed."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return UNSURE
    if max(found.st_mtime_ns, found.st_ctime_ns) > time.time_ns() - _COARSEST_CLOCK:
        return UNSURE
    return Stamp(found.st_mtime_ns, found.st_ctime_ns, found.st_size)


def look_again(look: Look) -> Seen:
    """Look now as it was looked before, without noting it."""
    take, condense, has_stamp = WAYS[look.way]
    stamp = stamp_of(look.path) if has_stamp else UNSURE
    try:
        return Seen(stamp, condense(take(look.path)))
    except OSError as error:
        return Seen(UNSURE, failure(error))


def imported_names(path: str, watch: Watch) -> frozenset[str]:
    """List what a Python file imports, whose content is noted by those who check it.

    Only what is imported is written down, and only in one watch. Raises OSError.
    """
    found: frozenset[str] = _look(Look("imports", path), [watch])
    return found


def _look(look: Look, watches: list[Watch] | None = None) -> Any:
    watches = _watches if watches is None else watches
    take, condense, has_stamp = WAYS[look.way]
    if not watches:
        return take(look.path)
    stamp = stamp_of(look.path) if has_stamp else UNSURE
    try:
        found = take(look.path)
    except OSError as error:
        _note(watches, look, Seen(UNSURE, failure(error)))
        raise
    _note(watches, look, Seen(stamp, condense(found)))
    return found
