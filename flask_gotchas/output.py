"""Where a report goes: to standard output, to files, or to both, each in its own format."""

from __future__ import annotations

import collections
import io
import os
from typing import TYPE_CHECKING, Final

from flask_gotchas import reporters
from flask_gotchas.cache.reports import Answer
from flask_gotchas.records import NamedTuple
from flask_gotchas.streams import Page, say

if TYPE_CHECKING:
    from collections.abc import Sequence

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


def answer(
    targets: Sequence[Target],
    report: Report,
    sources: Sources,
    said: Sequence[str] = (),
    *,
    statistics: bool = False,
    exit_zero: bool = False,
) -> Answer:
    """Write a report for all its targets, but nothing anywhere yet.

    `sources` gives the text of a path, or None; `said` is what else to say of it on stderr. With
    `statistics` it is how many problems each rule found, most first.
    """
    pages = []
    for target in targets:
        page = io.StringIO() if target.path else Page()
        if statistics:
            page.write(_statistics(report, target.format))
        else:
            reporters.get(target.format)(report, page, sources)
        pages.append((target.path or "", page.getvalue()))
    lines = [*map(reporters.clean_path, said), *conclusion(report)]
    status = 2 if report.internal_error else int(bool(report.diagnostics) and not exit_zero)
    return Answer(pages, "\n".join(lines), status)


def _statistics(report: Report, format_name: str) -> str:
    counter = collections.Counter((found.code, found.name) for found in report.diagnostics)
    rows = [
        (count, code, name)
        for (code, name), count in sorted(counter.items(), key=lambda row: (-row[1], row[0]))
    ]
    return _json(rows) if format_name == "json" else _table(rows)


def _table(rows: Sequence[tuple[int, str, str]]) -> str:
    return "".join(f"{count:5}  {code}  {name}\n" for count, code, name in rows)


def _json(rows: Sequence[tuple[int, str, str]]) -> str:
    from flask_gotchas.reporters import json  # noqa: PLC0415 - few ask for it

    counts = [{"code": code, "name": name, "count": count} for count, code, name in rows]
    return json.dump({"version": 1, "statistics": counts})


# What goes to stderr


def conclusion(report: Report) -> list[str]:
    """Give what to say on stderr of what came out, so that stdout holds the report alone."""
    crash = "a rule crashed (FLG000), which is a bug of flask-gotchas: please report it"
    found_any = report.files or report.diagnostics
    return [
        *([_error(crash)] if report.internal_error else []),
        reporters.summary(report) if found_any else _warning(NO_FILES),
    ]


def fail(message: str) -> int:
    """Say why the work could not be done, and give the exit status for that."""
    say(_error(message))
    return 2


def fail_for(error: OSError) -> int:
    """Say what the system refused, and give the exit status for that."""
    reason = error.strerror or str(error)
    if error.filename is None and isinstance(error, FileNotFoundError):
        return fail("the working folder is gone")
    return fail(reason if error.filename is None else f"{os.fsdecode(error.filename)}: {reason}")


def interrupted() -> int:
    """Say that the user has ended it, and give the exit status for that."""
    fail("interrupted")
    return INTERRUPTED


def warn(message: str) -> None:
    """Say what may surprise."""
    say(_warning(message))


def _error(message: str) -> str:
    return f"flask-gotchas: error: {reporters.clean(message)}"


def _warning(message: str) -> str:
    return f"flask-gotchas: warning: {reporters.clean(message)}"
