"""What a process that checks a project again and again knows of its files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.cache.templates import KnownTemplates
from flask_gotchas.disk import UNSURE

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from flask_gotchas.cache.conclusions import Conclusions
    from flask_gotchas.disk import Seen, Stamp
    from flask_gotchas.model import Location
    from flask_gotchas.one_file import FileResult


class _Known:
    """What is known of a file with a certain content.

    The results are by whether it was parsed: some files are only screened. `last` is the result of
    the last content that could be parsed.
    """

    def __init__(self, digest: bytes, last: FileResult | None) -> None:
        self.stamp = UNSURE
        self.digest = digest
        self.results: dict[bool, FileResult] = {}
        self.places: dict[int, Location] = {}
        self.last = last


class Memory:
    """Results of the files of a project, by the paths under which they are reported.

    `conclusions` are the last ones that were drawn from all of them, `templates` knows what
    templates say.
    """

    def __init__(self) -> None:
        self.conclusions: Conclusions | None = None
        self.templates = KnownTemplates()
        self._by_path: dict[str, _Known] = {}
        self._depends_on = ""

    def depend_on(self, what: str) -> None:
        """Forget everything if something else has changed on which results depend."""
        if what != self._depends_on:
            self._by_path.clear()
            self.conclusions = None
            self._depends_on = what

    def digest(self, path: str, stamp: Stamp) -> bytes | None:
        """Give the digest of a file that still has the stamp which it had then."""
        known = self._by_path.get(path)
        if known is None or stamp == UNSURE:
            return None
        return known.digest if stamp == known.stamp else None

    def get(self, path: str, seen: Seen, *, always: bool) -> FileResult | None:
        """Give the result of a file with this content; with `always` it must have been parsed."""
        known = self._by_path.get(path)
        if known is None or known.digest != seen.digest:
            return None
        if seen.stamp != UNSURE:
            known.stamp = seen.stamp
        parsed = known.results.get(True)
        if always or (parsed is not None and parsed.is_relevant):
            return parsed
        return known.results.get(False)

    def put(self, path: str, seen: Seen, result: FileResult) -> None:
        """Remember the result of a file."""
        known = self._by_path.get(path)
        if known is None or known.digest != seen.digest:
            last = known.last if known is not None else None
            self._by_path[path] = known = _Known(seen.digest, last)
        known.stamp = seen.stamp
        known.results[result.is_parsed] = result
        if result.facts is not None:
            known.last = result

    def last_parsed(self, path: str) -> FileResult | None:
        """Give the result that a file had when it could be parsed."""
        known = self._by_path.get(path)
        return known.last if known is not None else None

    def places(self, path: str, digest: bytes) -> Mapping[int, Location]:
        """Give the places that are known of a file with this content."""
        known = self._by_path.get(path)
        return known.places if known is not None and known.digest == digest else {}

    def put_places(self, path: str, digest: bytes, places: Mapping[int, Location]) -> None:
        """Remember places of a file with this content."""
        known = self._by_path.get(path)
        if known is not None and known.digest == digest:
            known.places.update(places)

    def keep(self, paths: Collection[str]) -> None:
        """Forget all other files."""
        for gone in self._by_path.keys() - set(paths):
            del self._by_path[gone]
