"""What flows between the parts: locations, diagnostics and the report.

Plain frozen data without LibCST, so that it can cross processes, be cached, and be built by hand
in a test. Lines are 1-based and columns 0-based, counted in characters; reporters add one to the
columns where people expect it.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

import msgspec


class Severity(str, Enum):
    """How bad a diagnostic is: an error breaks or opens something, a warning is a likely bug."""

    ERROR = "error"
    WARNING = "warning"


class Location(msgspec.Struct, frozen=True, order=True):
    """A range in a file, from the first character up to but not including the end."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int


class Related(msgspec.Struct, frozen=True, order=True):
    """Another place that a diagnostic is about, with a few words on what is there."""

    location: Location
    message: str


class Edit(msgspec.Struct, frozen=True, order=True):
    """Replace a range of the file by a text."""

    location: Location
    text: str


class Fix(msgspec.Struct, frozen=True):
    """A repair as text edits; only a safe one may be applied without being asked for."""

    message: str
    edits: tuple[Edit, ...]
    safe: bool


class Diagnostic(msgspec.Struct, frozen=True):
    """One report: where, which rule, what is wrong with which consequence, and what to do.

    `hints` tell the rule what it needs for a fix, and nobody else anything.
    """

    location: Location
    code: str
    name: str
    severity: Severity
    message: str
    help: str
    related: tuple[Related, ...] = ()
    fix: Fix | None = None
    hints: tuple[str, ...] = ()

    @property
    def sort_key(self) -> tuple[Location, str, str]:
        """Order of a report: by file, place, code and text."""
        return (self.location, self.code, self.message)


class Route(msgspec.Struct, frozen=True):
    """A URL rule of an application, as `flask routes` would print it.

    What cannot be known is None, and `why` gives the reason by the name of the part. `methods`
    leave out what Flask adds by itself: HEAD with GET, and OPTIONS. `app` names the variable of the
    application, or those of several; `view` the function or class. `options` are arguments such as
    `defaults` and `strict_slashes`, which decide what the rule matches.
    """

    app: str | None
    rule: str | None
    methods: tuple[str, ...] | None
    endpoint: str | None
    view: str | None
    blueprint: str | None
    location: Location
    why: dict[str, str] = {}
    options: dict[str, Any] = {}


class Report(msgspec.Struct, frozen=True):
    """The result of a run: sorted diagnostics and how many files were looked at.

    `fixed` is the number of problems that are not there any more.
    """

    diagnostics: tuple[Diagnostic, ...]
    files: int
    internal_error: bool = False
    fixed: int = 0
