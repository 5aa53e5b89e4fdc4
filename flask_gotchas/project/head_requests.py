"""Views that test for GET and forget HEAD, which Flask allows together with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.facts.model import EndingFact, ReturnFact
    from flask_gotchas.project.handlers import Handler
    from flask_gotchas.project.link import Project

_GET, _HEAD = frozenset({"GET"}), frozenset({"HEAD"})
# Where there are more marks, several paths may have been joined to one.
_MAX_MARKS = 8
_FIRST_ERROR = 400


class Forgotten(NamedTuple):
    """A test of the method after which HEAD takes another way than GET.

    `returns_nothing` tells that it runs off the end of the view; else it runs what is for `others`.
    `is_only` tells that the view does not test for GET again.
    """

    handler: Handler
    anchor: int
    others: list[str]
    returns_nothing: bool
    is_only: bool


def forgotten(project: Project) -> Iterator[Forgotten]:
    """Go through the views which answer GET and surely do something else for HEAD."""
    if any(_knows_head(handler) for handler in project.handlers.hooks("before_request")):
        return
    for handler in project.handlers.views:
        if handler.methods is None or "GET" not in handler.methods or "HEAD" in handler.methods:
            continue
        tests = [
            test.anchor
            for test in handler.file.method_tests
            if test.runs == handler.function.reference and "GET" in test.methods
        ]
        if not tests or _knows_head(handler) or not _is_clear(handler.ending):
            continue
        others = sorted(handler.methods - {"GET", "OPTIONS"})
        found = Forgotten(handler, tests[0], others, returns_nothing=True, is_only=len(tests) == 1)
        if _falls(project, handler, _HEAD):
            if not _falls(project, handler, handler.methods):
                yield found
        elif others and _runs_what_is_for_others(project, handler):
            yield found._replace(returns_nothing=False)


def _knows_head(handler: Handler) -> bool:
    return any(
        "HEAD" in test.methods
        for test in handler.file.method_tests
        if test.runs == handler.function.reference
    )


def _is_clear(ending: EndingFact) -> bool:
    paths = [*ending.falls, *(path for end in ending.returns for path in end.paths)]
    return ending.followed and all(len(path) <= _MAX_MARKS for path in paths)


def _falls(project: Project, handler: Handler, methods: frozenset[str]) -> bool:
    return project.handlers.may_end_without_return(handler._replace(methods=methods))


def _runs_what_is_for_others(project: Project, handler: Handler) -> bool:
    """Tell whether GET and HEAD never come to the same `return`, and HEAD to one that answers."""
    of_get = {end.anchor for end in _returns(project, handler, _GET)}
    of_head = list(_returns(project, handler, _HEAD))
    return (
        bool(of_get)
        and any(not _is_refusal(end) for end in of_head)
        and of_get.isdisjoint(end.anchor for end in of_head)
    )


def _returns(project: Project, handler: Handler, methods: frozenset[str]) -> Iterator[ReturnFact]:
    yield from project.handlers.returns(handler._replace(methods=methods))


def _is_refusal(end: ReturnFact) -> bool:
    """Tell an answer with the status of an error."""
    items = end.value.items if end.value.kind == "tuple" else ()
    return any(
        item.kind == "int" and isinstance(item.value, int) and item.value >= _FIRST_ERROR
        for item in items
    )
