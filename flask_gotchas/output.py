"""Where a report goes: to standard output, to files, or to both, each in its own format."""

from __future__ import annotations

import collections
import contextlib
import io
import sys
from typing import TYPE_CHECKING, Final, NamedTuple, TextIO

from flask_gotchas import reporters
from flask_gotchas.streams import stdout

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flask_gotchas.model import Report
    from flask_gotchas.reporters import Sources


NO_FILES: Final = "no Python files found under the given paths"
INTERRUPTED: Final = 130
WITH_STATISTICS: Final = ("concise", "full", "json")
WITH_FIXES: Final = frozenset({"json", "json-lines", "sarif"})


class OutputError(Exception):
    """Outputs that cannot be written as asked; the text says why."""


class Target(NamedTuple):
    """A format and the file to write, or None for standard output."""

    format: str
    path: str | None = None


def parse(text: str) -> Target:
    """Read `FORMAT` or `FORMAT:FILE`; raises OutputError for a format that is none."""
    name, colon, path = text.partition(":")
    if name not in (formats := reporters.names()):
        raise OutputError(f"`{name}` is not one of {', '.join(formats)}")
    if colon and not path:
        raise OutputError(f"`{text}` names no file")
    return Target(name, path or None)


def plan(
    asked: Sequence[Target], file: str | None, default: str, *, statistics: bool = False
) -> list[Target]:
    """Decide what to write where.

    `file` is for the format that has none of its own, `default` the format when none is asked for.
    Raises OutputError when two reports would go to the same place, and for `statistics` in a format
    that has none.
    """
    targets = list(asked) or [Target(default)]
    if sum(target.path is None for target in targets) > 1:
        raise OutputError("only one format can go without a file; write the others as FORMAT:FILE")
    if file is not None:
        if all(target.path is not None for target in targets):
            raise OutputError("--output-file goes with a format that has no file of its own")
        targets = [target if target.path else Target(target.format, file) for target in targets]
    paths = [target.path for target in targets]
    for path in paths:
        if paths.count(path) > 1:
            raise OutputError(f"two reports would go to {path}")
    for target in targets:
        if statistics and target.format not in WITH_STATISTICS:
            formats = ", ".join(WITH_STATISTICS)
            raise OutputError(f"--statistics goes with {formats}, not with {target.format}")
    return targets


def write_report(targets: Sequence[Target], report: Report, sources: Sources) -> None:
    """Write a report to all its targets; `sources` gives the text of a path, or None.

    Raises OSError for a file that cannot be written.
    """
    for target in targets:
        with _opened(target) as out:
            reporters.get(target.format)(report, out, sources)


def write_statistics(targets: Sequence[Target], report: Report) -> None:
    """Write how many problems each rule found, most first, as text or as JSON.

    Raises OSError for a file that cannot be written.
    """
    counter = collections.Counter((found.code, found.name) for found in report.diagnostics)
    rows = [
        (count, code, name)
        for (code, name), count in sorted(counter.items(), key=lambda row: (-row[1], row[0]))
    ]
    for target in targets:
        with _opened(target) as out:
            out.write(_json(rows) if target.format == "json" else _table(rows))


@contextlib.contextmanager
def _opened(target: Target) -> Iterator[TextIO]:
    if target.path is None:
        with stdout() as out:
            yield out
        return
    done = io.StringIO()
    yield done
    # Not before: a reporter that fails must not leave half a file.
    with open(target.path, "w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
        file.write(done.getvalue())


def _table(rows: Sequence[tuple[int, str, str]]) -> str:
    return "".join(f"{count:5}  {code}  {name}\n" for count, code, name in rows)


def _json(rows: Sequence[tuple[int, str, str]]) -> str:
    from flask_gotchas.reporters import json  # noqa: PLC0415 - few ask for it

    counts = [{"code": code, "name": name, "count": count} for count, code, name in rows]
    return json.dump({"version": 1, "statistics": counts})


# What goes to stderr


def conclude(report: Report) -> None:
    """Say on stderr what came out, so that stdout holds the report alone."""
    if report.internal_error:
        fail("a rule crashed (FLG000), which is a bug of flask-gotchas: please report it")
    if report.files or report.diagnostics:
        say(reporters.summary(report))
    else:
        warn(NO_FILES)


def fail(message: str) -> int:
    """Say why the work could not be done, and give the exit status for that."""
    say(f"flask-gotchas: error: {reporters.clean(message)}")
    return 2


def interrupted() -> int:
    """Say that the user has ended it, and give the exit status for that."""
    fail("interrupted")
    return INTERRUPTED


def warn(message: str) -> None:
    """Say what may surprise."""
    say(f"flask-gotchas: warning: {reporters.clean(message)}")


def say(line: str) -> None:
    """Write a line to stderr, if there is one that takes it."""
    if sys.stderr is not None:
        with contextlib.suppress(OSError):
            sys.stderr.write(f"{line}\n")
            sys.stderr.flush()
