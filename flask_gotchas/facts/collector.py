"""The base of the collectors, which write down facts during the walk."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask_gotchas.context import FileContext


class Collector:
    """A listener which writes down facts of one theme.

    They test nodes by `type(node) is cst.Name`: LibCST's classes have abstract bases, and
    `isinstance` would ask these on every miss. Subclasses define LibCST's `visit_` and `leave_`
    methods, fill lists, and give the fields of `FileFacts` that they know in `facts`. One
    instance serves one file.
    """

    def __init__(self, file: FileContext) -> None:
        self.file = file
        self.names = file.names

    def facts(self) -> dict[str, Any]:
        """Give the fields of `FileFacts` that this collector fills, after the walk."""
        raise NotImplementedError


@functools.cache
def collectors() -> tuple[type[Collector], ...]:
    """Find every collector of `flask_gotchas.facts`, in the order of their modules' names."""
    package = importlib.import_module("flask_gotchas.facts")
    found: list[type[Collector]] = []
    for info in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        found += [
            value
            for value in vars(module).values()
            if isinstance(value, type)
            and issubclass(value, Collector)
            and value is not Collector
            and value.__module__ == module.__name__
        ]
    return tuple(found)
