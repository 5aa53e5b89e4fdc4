"""The base of the collectors, which write down facts during the walk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask_gotchas.context import FileContext


class Collector:
    """A listener which writes down facts of one theme.

    Subclasses define LibCST's `visit_` and `leave_` methods, fill lists, and give the fields of
    `FileFacts` that they know in `facts`. One instance serves one file.
    """

    def __init__(self, file: FileContext) -> None:
        self.file = file
        self.names = file.names

    def facts(self) -> dict[str, Any]:
        """Give the fields of `FileFacts` that this collector fills, after the walk."""
        raise NotImplementedError
