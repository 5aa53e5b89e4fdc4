"""A Code Quality report, which GitLab compares between the branches of a merge request."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, TextIO

from flask_gotchas import fingerprints
from flask_gotchas.model import Severity
from flask_gotchas.reporters import Sources, clean
from flask_gotchas.reporters.json import dump

if TYPE_CHECKING:
    from flask_gotchas.model import Report

SEVERITIES: Final = {Severity.ERROR: "major", Severity.WARNING: "minor"}


def write(report: Report, out: TextIO, sources: Sources) -> None:
    """Write an array of issues, with paths from the working folder, which is the repository."""
    here = os.getcwd()
    marks = fingerprints.numbered(report.diagnostics, sources, here)
    issues = [
        {
            "description": f"{clean(found.message)}. {clean(found.help)}",
            "check_name": f"{found.code} {found.name}",
            "fingerprint": mark,
            "severity": SEVERITIES[found.severity],
            "location": {
                "path": clean(fingerprints.relative_path(found.location.path, here)),
                "lines": {"begin": found.location.line, "end": found.location.end_line},
            },
        }
        for found, mark in zip(report.diagnostics, marks, strict=True)
    ]
    out.write(dump(issues))
