"""The names under which results are kept: what they depend on beside the checked files.

A run in which nothing has changed starts here, so little is imported.
"""

from __future__ import annotations

import os
import sys
import zlib

from flask_gotchas import __version__
from flask_gotchas.streams import Page, wants_colour
from flask_gotchas.ways import CACHE_FOLDER, PACKAGES

TYPE_CHECKING = False  # a run in which nothing has changed does without typing
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flask_gotchas.disk import Look


def file_name(kind: str, key: str) -> str:
    """Give the name of the file for a key; the file has the whole key in it, too."""
    data = encoded(key)
    return f"{kind}-{zlib.crc32(data):08x}{zlib.adler32(data):08x}"


def encoded(text: str) -> bytes:
    """Encode any text, also what stands for the bytes of a name that is no Unicode."""
    return text.encode("utf-8", "surrogatepass")


def decoded(data: bytes) -> str:
    """Undo `encoded`; raises ValueError for other bytes."""
    return data.decode("utf-8", "surrogatepass")


def report_key(arguments: Sequence[str]) -> str:
    """Identify a command with all that may matter to it but the files that it looks at."""
    here = [os.getcwd(), str(wants_colour(Page()))]
    return "\0".join([*arguments, *here, sys.version, sys.prefix, *sys.path, tool()])


def tool() -> str:
    """Identify this very code: by the hashes of an installed package, else by the state of files.

    Who works on the tool must never see what an older state of it found.
    """
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    beside = os.path.dirname(package)
    record = os.path.join(beside, f"flask_gotchas-{__version__}.dist-info", "RECORD")
    try:
        with open(record, encoding="utf-8") as file:
            return f"{package}\n{file.read()}"
    except (OSError, ValueError):
        return "\n".join([package, *sorted(_states(package))])


def _states(folder: str) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(".py"):
                state = entry.stat()
                yield f"{entry.path} {state.st_mtime_ns} {state.st_size}"
            elif entry.is_dir() and entry.name != "__pycache__":
                yield from _states(entry.path)


def packages() -> list[Look]:
    """Say where the versions can be seen of those packages that are loaded."""
    from flask_gotchas import disk  # noqa: PLC0415 - what has loaded packages has it anyway

    modules = (sys.modules.get(name) for name in PACKAGES)
    files = [getattr(module, "__file__", None) for module in modules]
    folders = {os.path.dirname(os.path.dirname(file)) for file in files if file}
    return [disk.Look("packages", folder) for folder in sorted(folders)]


def folders_above() -> list[str]:
    """List the cache folders of the folder that one works in and of those above it."""
    found = []
    folder = os.getcwd()
    while True:
        cache = os.path.join(folder, CACHE_FOLDER)
        if os.path.isdir(cache):
            found.append(cache)
        parent = os.path.dirname(folder)
        if parent == folder:
            return found
        folder = parent
