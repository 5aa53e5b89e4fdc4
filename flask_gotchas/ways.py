"""Ways of looking at files and folders, and what is remembered of what was seen.

A run in which nothing has changed looks at all it did before, so nothing that it can do without is
imported here.
"""

from __future__ import annotations

import os
import stat

TYPE_CHECKING = False  # typing would be a tenth of such a run
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

CACHE_FOLDER = ".flask_gotchas_cache"
SUFFIXES = (".py", ".pyw")
# What the tool is built on: another version may give other results.
PACKAGES = ("jinja2", "libcst", "markupsafe", "msgspec", "tomli", "werkzeug")
# No more than this is read of a file that may be anything, such as a picture among templates.
LARGEST_TEXT = 8_000_000
DIGEST_SIZE = 16
_DECIDING_NAMES = frozenset({".git", ".gitignore", "pyvenv.cfg"})


def digest(data: bytes) -> bytes:
    """Condense bytes to a few."""
    # A run in which nothing has changed condenses nothing. `hashlib` would load OpenSSL, which
    # takes four megabytes.
    try:
        from _blake2 import blake2b  # noqa: PLC0415 - see above
    except ImportError:
        from hashlib import blake2b  # noqa: PLC0415 - see above
    return blake2b(data, digest_size=DIGEST_SIZE).digest()


def failure(error: OSError) -> bytes:
    """Give what stands in place of a digest where nothing could be seen."""
    return b"failed: " + str(error.errno).encode()


def read_file(path: str, most: int = -1) -> bytes:
    """Read a file, or so many bytes of it; raises OSError.

    That is raised for pipes and devices, too: who waits for their end may wait for ever.
    """
    found = os.stat(path)
    if not stat.S_ISREG(found.st_mode) and not stat.S_ISDIR(found.st_mode):
        if os.path.samestat(found, os.stat(os.devnull)):  # is put in the place of many a file
            return b""
        import errno  # noqa: PLC0415 - few see one

        raise OSError(errno.EINVAL, "it is a pipe or a device", path)
    with open(path, "rb") as file:
        return file.read(most)


def _read_text(path: str) -> bytes:
    return read_file(path, LARGEST_TEXT + 1)


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


def _imports(path: str) -> frozenset[str]:
    from flask_gotchas.screen import imported_names  # noqa: PLC0415 - few look in this way

    return imported_names(read_file(path))


def _words(found: Iterable[str]) -> bytes:
    return digest("\0".join(sorted(found)).encode("utf-8", "surrogatepass"))


# For each way how to look, how to condense what is seen, and whether a stamp covers all of it.
WAYS: dict[str, tuple[Callable[[str], Any], Callable[[Any], bytes], bool]] = {
    "file": (read_file, digest, True),
    "text": (_read_text, digest, True),
    "folder": (_scan, _all_names, True),
    "python": (_scan, _deciding_names, True),
    "packages": (_scan, _versions, True),
    "kind": (_kind, os.fsencode, False),
    "link": (os.path.realpath, os.fsencode, False),
    "imports": (_imports, _words, True),
}
