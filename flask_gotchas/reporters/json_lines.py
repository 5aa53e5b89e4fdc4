"""One JSON object a line, for programs that read a stream.

Each line is what the format `json` has for a diagnostic. There is no line around them, so a new
version of that format shows in the version of the tool alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from flask_gotchas.reporters.json import as_object, dump

if TYPE_CHECKING:
    from flask_gotchas.model import Report
    from flask_gotchas.reporters import Sources


def write(report: Report, out: TextIO, _sources: Sources) -> None:
    """Write each diagnostic as a line of ASCII."""
    for diagnostic in report.diagnostics:
        out.write(dump(as_object(diagnostic), indent=None))
