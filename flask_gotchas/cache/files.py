"""What is known of each file: its facts, and apart from these what file rules report."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

import msgspec

from flask_gotchas import disk
from flask_gotchas.cache.keys import packages, tool
from flask_gotchas.disk import UNSURE
from flask_gotchas.facts.model import FileFacts
from flask_gotchas.model import Diagnostic, Location
from flask_gotchas.one_file import FileResult

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from flask_gotchas.cache.folder import CacheFolder
    from flask_gotchas.disk import Seen, Stamp


class _Known(msgspec.Struct, array_like=True):
    """What is known of a file, whatever rules are on."""

    changed: int
    noted: int
    size: int
    digest: bytes
    is_relevant: bool
    is_parsed: bool
    has_noqa: bool
    facts: msgspec.Raw
    places: dict[int, tuple[int, int, int, int]]


class _Reported(msgspec.Struct, array_like=True):
    """What the file rules that are on report in a file."""

    digest: bytes
    is_parsed: bool
    diagnostics: msgspec.Raw


class FileCache:
    """What is known of the files of a project, by their paths from its root.

    `results` names what the reports of file rules depend on: rules and settings. Facts do not.
    """

    def __init__(self, folder: CacheFolder, root: str, results: str) -> None:
        self._folder = folder
        versions = [disk.look_again(look).digest.hex() for look in packages()]
        self._key = "\n".join([root, tool(), sys.version, *versions])
        self._reports_key = f"{self._key}\n{results}"
        self._known = folder.read("facts", self._key, dict[str, _Known]) or {}
        self._reported = folder.read("findings", self._reports_key, dict[str, _Reported]) or {}
        self._has_known = self._has_reported = False

    def digest(self, relative: str, stamp: Stamp) -> bytes | None:
        """Give the digest of a file that still has the stamp which it had then."""
        known = self._known.get(relative)
        if known is None or stamp == UNSURE:
            return None
        return known.digest if stamp == (known.changed, known.noted, known.size) else None

    def get(self, relative: str, seen: Seen, path: str, *, always: bool) -> FileResult | None:
        """Give the result of a file with this content, to be reported under a path.

        With `always` it must have been parsed, whatever the screen says.
        """
        known, reported = self._known.get(relative), self._reported.get(relative)
        if known is None or reported is None:
            return None
        if not known.digest == reported.digest == seen.digest:
            return None
        if known.is_parsed != reported.is_parsed or known.is_parsed != (
            always or known.is_relevant
        ):
            return None
        try:
            diagnostics = _DIAGNOSTICS.decode(reported.diagnostics)
            facts = _FACTS.decode(known.facts)
        except (ValueError, RecursionError, MemoryError):
            return None
        if seen.stamp not in {UNSURE, (known.changed, known.noted, known.size)}:
            known.changed, known.noted, known.size = seen.stamp
            self._has_known = True
        if facts is not None and facts.path != path:
            facts = msgspec.structs.replace(facts, path=path)
        return FileResult(
            diagnostics=tuple(_moved(found, path) for found in diagnostics),
            facts=facts,
            is_relevant=known.is_relevant,
            is_parsed=known.is_parsed,
            has_noqa=known.has_noqa,
        )

    def put(self, relative: str, seen: Seen, result: FileResult) -> None:
        """Keep the result of a file, unless a rule crashed on it."""
        before = self._known.get(relative)
        if before is not None and before.digest != seen.digest:
            before = None
        if result.has_crash or (before is not None and before.is_parsed and not result.is_parsed):
            return
        try:
            relative.encode()
            facts = msgspec.Raw(msgspec.msgpack.encode(result.facts))
            diagnostics = msgspec.Raw(msgspec.msgpack.encode(result.diagnostics))
        except (ValueError, RecursionError, OverflowError):
            return  # there are names and texts that cannot be encoded
        self._known[relative] = _Known(
            *seen.stamp,
            seen.digest,
            result.is_relevant,
            result.is_parsed,
            result.has_noqa,
            facts,
            before.places if before is not None else {},
        )
        self._reported[relative] = _Reported(seen.digest, result.is_parsed, diagnostics)
        self._has_known = self._has_reported = True

    def places(self, relative: str, digest: bytes, path: str) -> dict[int, Location]:
        """Give the places that are known of a file with this content."""
        known = self._known.get(relative)
        if known is None or known.digest != digest:
            return {}
        return {anchor: Location(path, *span) for anchor, span in known.places.items()}

    def put_places(self, relative: str, digest: bytes, places: Mapping[int, Location]) -> None:
        """Keep places of a file with this content."""
        known = self._known.get(relative)
        if known is not None and known.digest == digest and places:
            for anchor, at in places.items():
                known.places[anchor] = (at.line, at.column, at.end_line, at.end_column)
            self._has_known = True

    def save(self, keep: Iterable[str] | None) -> None:
        """Write what is new, and forget all files but those to keep, if these are told."""
        if keep is not None:
            for gone in self._known.keys() - set(keep):
                del self._known[gone]
                self._has_known = True
            for gone in self._reported.keys() - set(keep):
                del self._reported[gone]
                self._has_reported = True
        if self._has_known:
            self._folder.write("facts", self._key, self._known)
        if self._has_reported:
            self._folder.write("findings", self._reports_key, self._reported)


_FACTS: Final = msgspec.msgpack.Decoder(FileFacts | None)
_DIAGNOSTICS: Final = msgspec.msgpack.Decoder(tuple[Diagnostic, ...])


def _moved(found: Diagnostic, path: str) -> Diagnostic:
    """Report at another spelling of the same path: all places are in one file."""
    if found.location.path == path:
        return found
    related = tuple(
        msgspec.structs.replace(one, location=msgspec.structs.replace(one.location, path=path))
        for one in found.related
    )
    location = msgspec.structs.replace(found.location, path=path)
    return msgspec.structs.replace(found, location=location, related=related)
