"""How Flask and its extensions register rules: one small module each, behind one interface."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, ClassVar

from flask_gotchas.plugins import classes_in

if TYPE_CHECKING:
    from flask_gotchas.project.url_map import Site, UrlMap


class Extension:
    """Knows the registering methods of Flask or of one extension.

    `methods` are the names of the calls and decorators that it wants to see. `take` is asked for
    each of them, in every case in which it runs, and says whether it was one of its own. `finish`
    runs after the last one, for what only then can be put together. `order` sorts: Flask is 0.
    """

    methods: ClassVar[frozenset[str]] = frozenset()
    order: ClassVar[int] = 1

    def __init__(self, url_map: UrlMap) -> None:
        self.url_map = url_map
        self.project = url_map.project

    def take(self, site: Site) -> bool:
        """Register what a call registers; False if it is not one of this extension."""
        raise NotImplementedError

    def finish(self) -> None:
        """Register what had to wait for all the calls."""


@functools.cache
def extensions() -> tuple[type[Extension], ...]:
    """Find every extension of this package, Flask itself first."""
    found = classes_in("flask_gotchas.project.extensions", Extension)
    return tuple(sorted(found, key=lambda extension: (extension.order, extension.__name__)))
