"""The base of the collectors, which write down facts during the walk."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, ClassVar

from flask_gotchas.plugins import classes_in

if TYPE_CHECKING:
    import libcst as cst

    from flask_gotchas.context import FileContext


class Collector:
    """A listener which writes down facts of one theme.

    They test nodes by `type(node) is cst.Name`: LibCST's classes have abstract bases, and
    `isinstance` would ask these on every miss. Subclasses define LibCST's `visit_` and `leave_`
    methods, fill lists, and give the fields of `FileFacts` that they know in `facts`. One
    instance serves one file.

    Who is interested in calls of some names only lists these in `calls_named` and defines
    `visit_named_call` instead of `visit_Call`: calls are looked up once for all. It goes by the
    last name of what is called, imports under another name seen through; `()` stands for what a
    call gives.
    """

    calls_named: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, file: FileContext) -> None:
        self.file = file
        self.names = file.names

    def visit_named_call(self, node: cst.Call) -> None:
        """Look at a call of something which has one of the names in `calls_named`."""
        raise NotImplementedError

    def facts(self) -> dict[str, Any]:
        """Give the fields of `FileFacts` that this collector fills, after the walk."""
        raise NotImplementedError


@functools.cache
def collectors() -> tuple[type[Collector], ...]:
    """Find every collector of `flask_gotchas.facts`, in the order of their modules' names."""
    return tuple(classes_in("flask_gotchas.facts", Collector))
