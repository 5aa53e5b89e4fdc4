"""What is known of each file: its facts, and apart from these what file rules report."""

from __future__ import annotations

import functools
import sys
from typing import TYPE_CHECKING

import msgspec

from flask_gotchas import disk
from flask_gotchas.cache.keys import packages, tool
from flask_gotchas.disk import UNSURE
from flask_gotchas.facts.model import FileFacts
from flask_gotchas.model import Diagnostic, Location
from flask_gotchas.one_file import FileResult

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from flask_gotchas.cache.folder import CacheFolder
    from flask_gotchas.disk import Seen, Stamp

# Facts of edited files are written apart, until these are so large a part of all files.
_SMALL_PART = 1 / 4


class _Known(msgspec.Struct, array_like=True):
    """What is known of a file, whatever rules are on; `module` is what its facts took it for."""

    changed: int
    noted: int
    size: int
    digest: bytes
    is_relevant: bool
    is_parsed: bool
    has_noqa: bool
    has_codes: bool
    module: str
    facts_id: bytes
    places: dict[int, tuple[int, int, int, int]]


class _Facts(msgspec.Struct, array_like=True):
    """The facts of a file, not decoded before somebody needs them."""

    facts_id: bytes
    facts: msgspec.Raw


class _NewFacts(msgspec.Struct, array_like=True):
    """The same, not encoded before they are written: till then they would be there twice."""

    facts_id: bytes
    facts: FileFacts


class _Reported(msgspec.Struct, array_like=True):
    """What the file rules that are on report in a file."""

    digest: bytes
    is_parsed: bool
    diagnostics: msgspec.Raw


class FileCache:
    """What is known of the files of a project, by their paths from its root.

    `results` names what the reports of file rules depend on: rules and settings. Facts do not.
    `key` names what everything depends on: the project and the tool.
    """

    def __init__(self, folder: CacheFolder, root: str, results: str) -> None:
        self.folder = folder
        versions = [disk.look_again(look).digest.hex() for look in packages()]
        self.key = "\n".join([root, tool(), sys.version, *versions])
        self._reports_key = f"{self.key}\n{results}"
        self._known = folder.read("files", self.key, dict[str, _Known]) or {}
        self._reported = folder.read("findings", self._reports_key, dict[str, _Reported]) or {}
        self._has_known = self._has_reported = False
        self._facts = _FactsCache(folder, self.key)

    def digest(self, relative: str, stamp: Stamp) -> bytes | None:
        """Give the digest of a file that still has the stamp which it had then."""
        known = self._known.get(relative)
        if known is None or stamp == UNSURE:
            return None
        return known.digest if stamp == (known.changed, known.noted, known.size) else None

    def get(
        self, relative: str, seen: Seen, path: str, module: str, *, always: bool
    ) -> FileResult | None:
        """Give the result of a file with this content, to be reported under a path.

        It has no facts yet, but their id. With `always` it must have been parsed, whatever the
        screen says.
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
        if known.facts_id and known.module != module:
            return None  # a package of its name has come or gone
        try:
            diagnostics = _diagnostics().decode(reported.diagnostics)
        except (ValueError, RecursionError, MemoryError):
            return None
        if seen.stamp not in {UNSURE, (known.changed, known.noted, known.size)}:
            known.changed, known.noted, known.size = seen.stamp
            self._has_known = True
        return FileResult(
            diagnostics=tuple(_moved(found, path) for found in diagnostics),
            is_relevant=known.is_relevant,
            is_parsed=known.is_parsed,
            has_noqa=known.has_noqa,
            has_codes=known.has_codes,
            facts_id=known.facts_id,
        )

    def facts(self, relative: str, facts_id: bytes, path: str) -> FileFacts | None:
        """Give the facts with an id; None if they are lost, and then the file is unknown."""
        facts = self._facts.get(relative, facts_id)
        if facts is None:
            self._known.pop(relative, None)
            return None
        return facts if facts.path == path else msgspec.structs.replace(facts, path=path)

    def put(self, relative: str, seen: Seen, result: FileResult) -> None:
        """Keep the result of a file, unless a rule crashed on it."""
        before = self._known.get(relative)
        same = before if before is not None and before.digest == seen.digest else None
        if result.has_crash or (same is not None and same.is_parsed and not result.is_parsed):
            return
        try:
            relative.encode()
            diagnostics = msgspec.Raw(msgspec.msgpack.encode(result.diagnostics))
            if result.facts is not None and (before is None or before.facts_id != result.facts_id):
                self._facts.put(relative, result.facts_id, result.facts)
        except (ValueError, RecursionError, OverflowError):
            return  # there are names and texts that cannot be encoded
        self._known[relative] = _Known(
            *seen.stamp,
            seen.digest,
            result.is_relevant,
            result.is_parsed,
            result.has_noqa,
            result.has_codes,
            result.facts.module if result.facts is not None else "",
            result.facts_id,
            same.places if same is not None else {},
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

    def save(self, keep: Collection[str] | None) -> None:
        """Write what is new, and forget all files but those to keep, if these are told."""
        if keep is not None:
            for gone in [path for path in self._known if path not in keep]:
                del self._known[gone]
                self._facts.is_outdated = self._has_known = True
            for gone in [path for path in self._reported if path not in keep]:
                del self._reported[gone]
                self._has_reported = True
        if self._has_known:
            self._facts.save(self._known)
            self.folder.write("files", self.key, self._known)
        if self._has_reported:
            self.folder.write("findings", self._reports_key, self._reported)


class _FactsCache:
    """The facts of files, in two parts: those of files that were edited lately are the small one.

    Neither is read before somebody asks. `is_outdated` tells that files are gone.
    """

    def __init__(self, folder: CacheFolder, key: str) -> None:
        self._folder = folder
        self._key = key
        self._most: dict[str, _Facts] | None = None
        self._recent: dict[str, _Facts] = {}
        self._new: dict[str, _NewFacts] = {}
        self.is_outdated = False

    def get(self, relative: str, facts_id: bytes) -> FileFacts | None:
        most = self._read()
        for part in (self._recent, most):
            kept = part.get(relative)
            if kept is not None and kept.facts_id == facts_id:
                try:
                    return _facts().decode(kept.facts)
                except (ValueError, RecursionError, MemoryError):
                    return None
        return None

    def put(self, relative: str, facts_id: bytes, facts: FileFacts) -> None:
        """Keep facts; raises ValueError, RecursionError or OverflowError if that is impossible."""
        msgspec.msgpack.encode(facts)
        self._new[relative] = _NewFacts(facts_id, facts)

    def save(self, known: Collection[str]) -> None:
        """Write what is new, without what is not known any more."""
        if not (self._new or self.is_outdated):
            return
        most = self._read()
        recent: dict[str, _Facts | _NewFacts] = {**self._recent, **self._new}
        everything = {**most, **recent}
        kept = {relative: facts for relative, facts in everything.items() if relative in known}
        if len(kept) < len(everything) or len(recent) > _SMALL_PART * len(kept):
            self._folder.write("facts", self._key, kept)
            recent = {}
        if recent or self._recent:
            self._folder.write("recent", self._key, recent)

    def _read(self) -> dict[str, _Facts]:
        if self._most is None:
            form = dict[str, _Facts]
            self._most = self._folder.read("facts", self._key, form) or {}
            self._recent = self._folder.read("recent", self._key, form) or {}
        return self._most


@functools.cache
def _facts() -> msgspec.msgpack.Decoder[FileFacts]:
    return msgspec.msgpack.Decoder(FileFacts)  # takes long, and not every run needs it


@functools.cache
def _diagnostics() -> msgspec.msgpack.Decoder[tuple[Diagnostic, ...]]:
    return msgspec.msgpack.Decoder(tuple[Diagnostic, ...])


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
