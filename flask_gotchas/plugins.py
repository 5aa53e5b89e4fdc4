"""What a package holds, so that nobody has to keep a list of it."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TypeVar

T = TypeVar("T")


def classes_in(package: str, base: type[T]) -> list[type[T]]:
    """Find the public subclasses of a class that the modules of a package define.

    They come in the order of the modules' names, and within a module as they stand there.
    """
    found: list[type[T]] = []
    for info in pkgutil.iter_modules(importlib.import_module(package).__path__):
        module = importlib.import_module(f"{package}.{info.name}")
        found += [
            value
            for value in vars(module).values()
            if isinstance(value, type)
            and issubclass(value, base)
            and value is not base
            and value.__module__ == module.__name__
            and not value.__name__.startswith("_")
        ]
    return found
