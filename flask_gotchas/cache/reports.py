"""Whole reports: if a command would look at just what it saw before, it would say the same."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import msgspec

from flask_gotchas import disk, output, reporters
from flask_gotchas.cache.keys import packages
from flask_gotchas.disk import Look
from flask_gotchas.model import Report
from flask_gotchas.streams import reader

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask_gotchas.cache.folder import CacheFolder
    from flask_gotchas.disk import Watch

# Options that only choose what to look for, or that the answer names. With any other one a command
# may do more than to report.
_OPTIONS = frozenset(
    {
        "--cache-dir", "--exclude", "--exit-zero", "--extend-exclude", "--extend-ignore",
        "--extend-select", "--ignore", "--isolated", "--jobs", "--output-format",
        "--output-file", "--per-file-ignores", "--select", "--statistics",
    }
)  # fmt: skip


class Answer(msgspec.Struct, frozen=True):
    """A report, and how the command wants it to be shown."""

    report: Report
    targets: list[output.Target]
    statistics: bool
    exit_zero: bool

    def show(self, stdin: tuple[str, bytes] | None = None, said: Sequence[str] = ()) -> int:
        """Write the report and give the exit status.

        `stdin` is what was piped in, `said` what else to say of it on stderr.
        """
        if self.statistics:
            output.write_statistics(self.targets, self.report)
        else:
            output.write_report(self.targets, self.report, reader(stdin))
        for line in said:
            output.say(reporters.clean_path(line))
        output.conclude(self.report)
        if self.report.internal_error:
            return 2
        return int(bool(self.report.diagnostics) and not self.exit_zero)


# A way of looking and a path, the three parts of a stamp, and a digest.
_Looked = tuple[str, str, int, int, int, bytes]


class _Kept(msgspec.Struct, array_like=True, frozen=True):
    looked: list[_Looked]
    answer: Answer


def find(folder: CacheFolder, key: str) -> Answer | None:
    """Give the answer that a command had before, if it would see nothing else now.

    `key` is the one that `report_key` gives for the command.
    """
    kept: _Kept | None = folder.read("report", key, _Kept)
    if kept is None:
        return None
    again: dict[int, _Looked] = {}
    stat = os.stat
    for number, (way, path, changed, noted, size, digest) in enumerate(kept.looked):
        try:
            if changed:
                now = stat(path)
                if now.st_mtime_ns == changed and now.st_ctime_ns == noted and now.st_size == size:
                    continue
            seen = disk.look_again(Look(way, path))
        except (OSError, ValueError, KeyError):
            return None
        if seen.digest != digest:
            return None
        if seen.stamp != (changed, noted, size):
            again[number] = (way, path, *seen.stamp, seen.digest)
    if again:
        looked = [again.get(number, look) for number, look in enumerate(kept.looked)]
        folder.write("report", key, _Kept(looked, kept.answer))
    return kept.answer


def keep(folder: CacheFolder, key: str, watch: Watch, answer: Answer) -> None:
    """Remember the answer of a command with all that it has looked at."""
    if not watch.steady or answer.report.internal_error:
        return
    seen = watch.seen | {look: disk.look_again(look) for look in packages()}
    looked: list[_Looked] = [(*look, *at.stamp, at.digest) for look, at in seen.items()]
    folder.write("report", key, _Kept(looked, answer))


def is_plain(arguments: Sequence[str]) -> bool:
    """Tell whether a command does nothing but report."""
    if "-" in arguments:  # what is piped in was seen by nobody
        return False
    options = [argument for argument in arguments if argument.startswith("-")]
    return all(
        option.partition("=")[0] in _OPTIONS or option.startswith("-j") for option in options
    )
