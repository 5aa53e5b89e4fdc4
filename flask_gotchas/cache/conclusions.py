"""What project rules found, and all that this came from: as long as that stays, they hold."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import msgspec

from flask_gotchas import disk, ways
from flask_gotchas.disk import Look, Seen
from flask_gotchas.facts.model import FileFacts
from flask_gotchas.project import Finding

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask_gotchas.cache.folder import CacheFolder


class Conclusions(msgspec.Struct, frozen=True, array_like=True):
    """What project rules found, and what that came from.

    `asked` says which rules were asked about which files, and `facts` what all files meant to
    Flask, both condensed. `read` are the files that were looked at beyond their facts, with the
    digests of what they held, and `looks` is whatever was looked at on disk.
    """

    asked: bytes
    facts: bytes
    read: dict[str, bytes]
    looks: list[tuple[Look, Seen]]
    findings: list[Finding]

    def holding(
        self, asked: bytes, facts: bytes, digests: Mapping[str, bytes], *, steady: bool
    ) -> Conclusions | None:
        """Give what holds for files that may have been edited; None if the rules must be asked.

        With `steady`, what is on disk is as it was. Else it is looked at, and noted as it is.
        """
        if asked != self.asked or facts != self.facts:
            return None
        if any(digests.get(path, b"") != digest for path, digest in self.read.items()):
            return None
        return self if steady else self._seen_again()

    def _seen_again(self) -> Conclusions | None:
        looks = []
        for look, seen in self.looks:
            now = seen
            if seen.stamp == disk.UNSURE or disk.stamp_of(look.path) != seen.stamp:
                try:
                    now = disk.look_again(look)
                except (KeyError, ValueError):
                    return None
                if now.digest != seen.digest:
                    return None
            looks.append((look, now))
        for look, now in looks:
            if look.way != "imports":  # whoever checks the file has noted all of it
                disk.note(look, now)
        return self if looks == self.looks else msgspec.structs.replace(self, looks=looks)


def find(folder: CacheFolder, key: str, asked: bytes) -> Conclusions | None:
    """Give what was concluded when the same was asked."""
    kept: Conclusions | None = folder.read("conclusions", _named(key, asked), Conclusions)
    return kept


def keep(folder: CacheFolder, key: str, concluded: Conclusions) -> None:
    """Remember what was concluded for later runs."""
    folder.write("conclusions", _named(key, concluded.asked), concluded)


def _named(key: str, asked: bytes) -> str:
    return f"{key}\n{asked.hex()}"


def condensed(value: Any) -> bytes:
    """Condense what can be shown whole: equal values give equal bytes, other ones others."""
    return ways.digest(repr(value).encode("utf-8", "surrogatepass"))


_NOTHING = FileFacts("", "", is_package=False)
_TABLES = [name for name in _NOTHING.__struct_fields__ if isinstance(getattr(_NOTHING, name), dict)]


def facts_id(facts: FileFacts) -> bytes:
    """Condense facts: it is the same for equal ones, in whichever spelling the path is given.

    The order of tables counts, as it may decide what a rule sees first.
    """
    orders = [list(getattr(facts, name)) for name in _TABLES]
    anywhere = msgspec.structs.replace(facts, path="")
    try:
        data = msgspec.msgpack.encode((anywhere, orders), order="deterministic")
    except (ValueError, RecursionError, OverflowError):
        return os.urandom(16)  # there are texts that cannot be encoded: nothing is like these
    return ways.digest(data)
