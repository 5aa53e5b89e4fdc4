"""Generators that views stream: they run after the request's context is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.facts.expressions import Expression, Invoke, Items, Ref
from flask_gotchas.facts.model import Guard
from flask_gotchas.patterns import late_pattern
from flask_gotchas.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.facts.model import FileFacts, FunctionFact, TouchFact
    from flask_gotchas.project.handlers import Handler
    from flask_gotchas.project.link import Project

# What makes a response of a generator and leaves it for later.
_RESPONSE = late_pattern(
    r"flask\.(?:wrappers\.)?Response|werkzeug\.wrappers\.(?:response\.)?Response"
    r"|flask\.(?:current_app|Flask\(\))\.(?:response_class|make_response)|flask\.make_response"
)


class Stream(NamedTuple):
    """A generator that a view gives to Flask, and the first thing it needs a context for.

    `file` and `anchor` are of the view's name.
    """

    file: FileFacts
    anchor: int
    function: FunctionFact
    needs: tuple[FileFacts, TouchFact]


def streamed(project: Project) -> Iterator[Stream]:
    """Go through the generators that are streamed and need a context in their own body."""
    seen: set[str] = set()
    for view in project.handlers.views:
        for _, function in _generators(project, view):
            if function.reference in seen:
                continue
            seen.add(function.reference)
            needs = _needed(project, function)
            if needs is not None:
                yield Stream(view.file, view.function.anchor, function, needs)


def _generators(project: Project, view: Handler) -> Iterator[tuple[FileFacts, FunctionFact]]:
    if view.function.is_generator:
        yield view.file, view.function
        return
    for value in view.file.returned.get(view.function.reference, ()):
        found = _generator(project, value, view.file)
        if found is not None:
            yield found


def _generator(
    project: Project, value: Expression, file: FileFacts, depth: int = 0
) -> tuple[FileFacts, FunctionFact] | None:
    """Find the generator that an expression hands to Flask, plainly or in a response."""
    if depth > 4:
        return None
    if isinstance(value, Items) and value.items:
        return _generator(project, value.items[0], file, depth + 1)
    if isinstance(value, Ref):
        behind = file.values.get(value.name)
        return None if behind is None else _generator(project, behind, file, depth + 1)
    if not isinstance(value, Invoke) or value.target is None:
        return None
    target = project.meaning(value.target, file)
    if _RESPONSE.fullmatch(target):
        content = [inner for name, inner in value.keywords if name == "response"]
        first = next(iter((*value.args, *content)), None)
        return None if first is None else _generator(project, first, file, depth + 1)
    found = project.called(target, file)
    if found is None or not found[1].is_generator or found[1].decorators:
        return None
    return found


def _needed(project: Project, function: FunctionFact) -> tuple[FileFacts, TouchFact] | None:
    """Find what a generator needs a context for: in its own body, else what it surely calls."""
    own = [
        (where, touch)
        for where, touch in project.runtime.needed(function.reference, but_not=0)
        if touch.runs == function.reference
    ]
    called = project.runtime.needed(function.reference, but_not=Guard.CONDITIONAL)
    return next(iter((*own, *called)), None)
