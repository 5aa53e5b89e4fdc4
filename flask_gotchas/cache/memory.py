"""What a process that checks a project again and again knows of its files."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from flask_gotchas.disk import UNSURE

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from flask_gotchas.disk import Seen, Stamp
    from flask_gotchas.facts.model import FileFacts
    from flask_gotchas.model import Location
    from flask_gotchas.one_file import FileResult
    from flask_gotchas.project import Finding


class Conclusions(NamedTuple):
    """What project rules found, and what that came from.

    `asked` says which rules were asked about which files, `digests` what the files held, and `read`
    which of these were looked at beyond their facts.
    """

    asked: object
    digests: Mapping[str, bytes]
    facts: Sequence[FileFacts]
    read: Collection[str]
    findings: list[Finding]

    def hold(self, asked: object, digests: Mapping[str, bytes], facts: Sequence[FileFacts]) -> bool:
        """Tell whether the rules would find the same in files that may have been edited."""
        if asked != self.asked or digests.keys() != self.digests.keys():
            return False
        edited = {path for path, digest in digests.items() if digest != self.digests[path]}
        if not edited.isdisjoint(self.read) or len(facts) != len(self.facts):
            return False
        pairs = zip(facts, self.facts, strict=True)
        return all(one is other or one == other for one, other in pairs)


class _Known:
    """What is known of a file with a certain content.

    The results are by whether it was parsed: some files are only screened. `last` are the facts of
    the last content that could be parsed.
    """

    def __init__(self, digest: bytes, last: FileFacts | None) -> None:
        self.stamp = UNSURE
        self.digest = digest
        self.results: dict[bool, FileResult] = {}
        self.places: dict[int, Location] = {}
        self.last = last


class Memory:
    """Results of the files of a project, by the paths under which they are reported.

    `conclusions` are the last ones that were drawn from all of them.
    """

    def __init__(self) -> None:
        self.conclusions: Conclusions | None = None
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
        known.last = result.facts or known.last

    def last_facts(self, path: str) -> FileFacts | None:
        """Give the facts that a file had when it could be parsed."""
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
