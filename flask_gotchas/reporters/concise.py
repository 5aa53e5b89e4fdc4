"""One line per diagnostic, in flake8's form, which editors and build systems understand."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from flask_gotchas.reporters import Sources, clean, clean_path

if TYPE_CHECKING:
    from flask_gotchas.model import Report


def write(report: Report, out: TextIO, _sources: Sources) -> None:
    """Write `path:line:column: CODE message` for each diagnostic, columns from 1."""
    for diagnostic in report.diagnostics:
        at = diagnostic.location
        place = f"{clean_path(at.path)}:{at.line}:{at.column + 1}"
        out.write(f"{place}: {diagnostic.code} {clean(diagnostic.message)}\n")
