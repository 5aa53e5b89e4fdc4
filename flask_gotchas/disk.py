"""The files and folders that a run looks at, so that a later run can tell whether it sees the same.

Whatever of the checked project may change a report is looked at through this module. While somebody
watches, each look is written down: what was seen, as a digest, and how the file or folder was
stamped just before. As long as the stamp is the same, nobody need look again.
"""

from __future__ import annotations

import contextlib
import os
import time
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

CACHE_FOLDER = ".flask_gotchas_cache"
SUFFIXES = (".py", ".pyw")

# No more than this is read of a file that may be anything, such as a picture among templates.
LARGEST_TEXT = 8_000_000
# How fine the clocks of file systems are, at worst: what changes later may have the same stamp.
_COARSEST_CLOCK = 2_000_000_000
# What the tool is built on: another version may give other results.
PACKAGES = ("jinja2", "libcst", "markupsafe", "msgspec", "tomli", "werkzeug")
_DECIDING_NAMES = frozenset({".git", ".gitignore", "pyvenv.cfg"})


class Stamp(NamedTuple):
    """When a file or folder was changed, when the system noted a change, in nanoseconds; its size.

    A program may set the time of a change to what it likes, but not the time of the note.
    """

    changed: int
    noted: int
    size: int


UNSURE = Stamp(0, 0, 0)


class Look(NamedTuple):
    """A way of looking, which is a key of `_WAYS`, and what was looked at."""

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
def watching() -> Iterator[Watch]:
    """Write down all looks until the end of the block."""
    watch = Watch()
    _watches.append(watch)
    try:
        yield watch
    finally:
        _watches.remove(watch)


def note(look: Look, seen: Seen) -> None:
    """Write down a look that was taken in another process, or that a stamp has spared."""
    for watch in _watches:
        watch.note(look, seen)


# Looking


def read(path: str) -> bytes:
    """Read a file; raises OSError."""
    found: bytes = _look(Look("file", path))
    return found


def read_noting(path: str) -> tuple[bytes, Seen]:
    """Read a file and give what would be noted about it, without noting it; raises OSError."""
    stamp = stamp_of(path)
    data = _read(path)
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
    take, condense, has_stamp = _WAYS[look.way]
    stamp = stamp_of(look.path) if has_stamp else UNSURE
    try:
        return Seen(stamp, condense(take(look.path)))
    except OSError as error:
        return Seen(UNSURE, _failure(error))


def digest(data: bytes) -> bytes:
    """Condense bytes to sixteen."""
    import hashlib  # noqa: PLC0415 - a run in which nothing has changed condenses nothing

    return hashlib.blake2b(data, digest_size=16).digest()


def _look(look: Look) -> Any:
    take, condense, has_stamp = _WAYS[look.way]
    if not _watches:
        return take(look.path)
    stamp = stamp_of(look.path) if has_stamp else UNSURE
    try:
        found = take(look.path)
    except OSError as error:
        note(look, Seen(UNSURE, _failure(error)))
        raise
    note(look, Seen(stamp, condense(found)))
    return found


def _failure(error: OSError) -> bytes:
    return b"failed: " + str(error.errno).encode()


# Ways of looking


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _read_text(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read(LARGEST_TEXT + 1)


def _scan(folder: str) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as found:
        return list(found)


def _kind(path: str) -> str:
    if os.path.isfile(path):
        return "file"
    if os.path.isdir(path):
        return "folder"
    return "other" if os.path.lexists(path) else ""


def _all_names(found: Iterable[os.DirEntry[str]]) -> bytes:
    return _names(entry for entry in found if entry.name != CACHE_FOLDER)


def _deciding_names(found: Iterable[os.DirEntry[str]]) -> bytes:
    return _names(
        entry
        for entry in found
        if entry.name.endswith(SUFFIXES)
        or entry.name in _DECIDING_NAMES
        or (entry.name != CACHE_FOLDER and entry.is_dir(follow_symlinks=False))
    )


def _versions(found: Iterable[os.DirEntry[str]]) -> bytes:
    return _names(
        entry
        for entry in found
        if entry.name.endswith("-info") and entry.name.lower().partition("-")[0] in PACKAGES
    )


def _names(found: Iterable[os.DirEntry[str]]) -> bytes:
    lines = [
        f"{entry.is_dir(follow_symlinks=False):d}{entry.is_symlink():d}{entry.name}"
        for entry in found
    ]
    return digest(os.fsencode("\0".join(sorted(lines))))


# For each way how to look, how to condense what is seen, and whether a stamp covers all of it.
_WAYS: dict[str, tuple[Callable[[str], Any], Callable[[Any], bytes], bool]] = {
    "file": (_read, digest, True),
    "text": (_read_text, digest, True),
    "folder": (_scan, _all_names, True),
    "python": (_scan, _deciding_names, True),
    "packages": (_scan, _versions, True),
    "kind": (_kind, os.fsencode, False),
    "link": (os.path.realpath, os.fsencode, False),
}
