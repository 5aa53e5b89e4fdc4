"""Commands to GitHub Actions, which shows each diagnostic beside the code of a pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from flask_gotchas.reporters import Sources, clean, clean_path

if TYPE_CHECKING:
    from flask_gotchas.model import Diagnostic, Report


def write(report: Report, out: TextIO, _sources: Sources) -> None:
    """Write `::error title=...,file=...,line=...::message` for each diagnostic."""
    for diagnostic in report.diagnostics:
        properties = ",".join(f"{key}={_property(value)}" for key, value in _properties(diagnostic))
        at = diagnostic.location
        # GitHub shows the message alone in the log of the build.
        place = f"{clean_path(at.path)}:{at.line}:{at.column + 1}"
        message = f"{place}: {diagnostic.code} {clean(diagnostic.message)}"
        text = _data(f"{message}\n{clean(diagnostic.help)}")
        out.write(f"::{diagnostic.severity.value} {properties}::{text}\n")


def _properties(diagnostic: Diagnostic) -> list[tuple[str, str]]:
    at = diagnostic.location
    properties = [
        ("title", f"{diagnostic.code} {diagnostic.name}"),
        ("file", clean(at.path)),
        ("line", str(at.line)),
    ]
    if at.end_line == at.line:  # GitHub takes columns within one line only
        properties += [("col", str(at.column + 1)), ("endColumn", str(at.end_column + 1))]
    return [*properties, ("endLine", str(at.end_line))]


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
