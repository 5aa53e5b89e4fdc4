"""One JSON document for programs.

`{"version": 1, "diagnostics": [...]}`, with lines and columns from 1 and ends that are exclusive.
The version changes when a reader of the old form would misunderstand the new one.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TextIO

from flask_gotchas.reporters import Sources, clean, clean_path

if TYPE_CHECKING:
    from flask_gotchas.model import Diagnostic, Fix, Location, Report


def write(report: Report, out: TextIO, _sources: Sources) -> None:
    """Write all diagnostics as one ASCII document."""
    diagnostics = [as_object(diagnostic) for diagnostic in report.diagnostics]
    out.write(dump({"version": 1, "diagnostics": diagnostics}))


def dump(document: object, *, indent: int | None = 2) -> str:
    """Serialise a document, with a final line break and nothing that a build log would obey.

    Without an indent it is one line.
    """
    text = json.dumps(document, indent=indent)
    return text.replace("##", "#\\u0023") + "\n"


def as_object(diagnostic: Diagnostic) -> dict[str, object]:
    """Give a diagnostic as it stands in the document."""
    return {
        **_range(diagnostic.location),
        "code": diagnostic.code,
        "name": diagnostic.name,
        "severity": diagnostic.severity.value,
        "message": clean(diagnostic.message),
        "help": clean(diagnostic.help),
        "fix": None if diagnostic.fix is None else _fix(diagnostic.fix),
        "related": [
            {**_range(related.location), "message": clean(related.message)}
            for related in diagnostic.related
        ],
    }


def _range(at: Location) -> dict[str, object]:
    return {
        "filename": clean_path(at.path),
        "line": at.line,
        "column": at.column + 1,
        "end_line": at.end_line,
        "end_column": at.end_column + 1,
    }


def _fix(fix: Fix) -> dict[str, object]:
    # The text of an edit is not cleaned: it goes into a file, and JSON escapes it.
    edits = [{**_range(edit.location), "text": edit.text} for edit in fix.edits]
    return {"message": clean(fix.message), "safe": fix.safe, "edits": edits}
