"""What runs elsewhere than in the request: threads, and jobs of schedulers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.facts import flask_api
from flask_gotchas.facts.expressions import Expression, Invoke, Ref
from flask_gotchas.facts.model import Guard
from flask_gotchas.project.evaluate import Scope, Thing
from flask_gotchas.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.facts.model import FileFacts, HandoverFact, TouchFact
    from flask_gotchas.project.link import Project

_PARTIAL = "functools.partial"
_MAX_WRAPPERS = 5


class Started(NamedTuple):
    """A function that a call or decorator lets run in a thread; `is_job` tells a scheduler's.

    `function` is its reference, None where it is not of the project or something wraps it.
    """

    file: FileFacts
    fact: HandoverFact
    is_job: bool
    function: str | None
    name: str
    arguments: tuple[Expression, ...]


def started(project: Project) -> Iterator[Started]:
    """Go through the functions that run in threads, tests aside."""
    for file in project.files:
        if file.handovers and not project.is_test(file):
            for fact in file.handovers:
                target = _target(project, fact, file)
                if target is not None and not fact.guards & Guard.TYPING:
                    reference, arguments = _unwrapped(fact.function, fact.arguments)
                    function = (
                        None if reference is None else _function(project, reference, fact, file)
                    )
                    name = (reference or "").rpartition(".")[2]
                    is_job = target in flask_api.JOB_STARTERS
                    yield Started(file, fact, is_job, function, name, arguments)


def needed(project: Project, function: str) -> tuple[FileFacts, TouchFact] | None:
    """Find the first thing that a function surely needs a context for."""
    return next(iter(project.runtime.needed(function, but_not=Guard.CONDITIONAL)), None)


def _target(project: Project, fact: HandoverFact, file: FileFacts) -> str | None:
    """Say what is called, if it is known to run a function in a thread."""
    if fact.target in flask_api.STARTERS:
        return fact.target
    receiver, _, method = fact.target.rpartition(".")
    made_by = project.meaning(receiver, file)
    thing = project.evaluator.value(Ref(receiver), Scope(file, {}))
    if isinstance(thing, Thing) and thing.call is not None and thing.call.target is not None:
        made_by = f"{project.meaning(thing.call.target, thing.file)}()"
    target = f"{made_by}.{method}"
    return target if target in flask_api.STARTERS else None


def _unwrapped(
    function: Expression, arguments: tuple[Expression, ...]
) -> tuple[str | None, tuple[Expression, ...]]:
    """Look through `functools.partial` for the function, and for arguments that it holds."""
    for _ in range(_MAX_WRAPPERS):
        if isinstance(function, Ref):
            return function.name, arguments
        if not isinstance(function, Invoke) or function.target != _PARTIAL or not function.args:
            break
        arguments += (*function.args[1:], *(value for _, value in function.keywords))
        function = function.args[0]
    return None, arguments


def _function(project: Project, reference: str, fact: HandoverFact, file: FileFacts) -> str | None:
    """Find the function, unless calling it does not simply run its body."""
    if reference.endswith("<lambda>"):
        return reference
    found = project.called(project.meaning(reference, file), file)
    if found is None or found[1].is_async or found[1].is_generator:
        return None
    others = [d for d in found[1].decorators if found[0] is not file or d.anchor != fact.anchor]
    return None if others else found[1].reference
