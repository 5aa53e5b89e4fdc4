"""FLG403 hook-arity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.facts.flask_api import HOOK_ARGUMENTS, OPEN_HOOKS
from flask_gotchas.rule import ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.facts.model import FunctionFact
    from flask_gotchas.project import Finding, Project

_WORDS = ("no argument", "one argument", "two arguments")


class HookArity(ProjectRule):
    """A hook does not take as many arguments as Flask calls it with."""

    code = "FLG403"
    name = "hook-arity"
    message = (
        "`{hook}` {takes}, but Flask calls it with {given} for `{kind}`, so each call raises "
        "TypeError"
    )
    help = "Give the function the parameters that Flask fills in."

    def check(self, project: Project) -> Iterator[Finding]:
        for hook in project.handlers.hooks(*HOOK_ARGUMENTS, *OPEN_HOOKS):
            given = HOOK_ARGUMENTS.get(hook.kind, 1)
            takes = _misfit(hook.function, given, hook.kind in OPEN_HOOKS)
            if takes:
                yield self.finding(
                    hook.file,
                    hook.function.anchor,
                    related=[(file, anchor, "registered here") for file, anchor in hook.places],
                    hook=hook.name,
                    takes=takes,
                    given=_WORDS[given],
                    kind=hook.kind,
                )


def _misfit(function: FunctionFact, given: int, may_be_more: bool) -> str:
    """Say what a function takes if a call with so many positional arguments does not fit."""
    if function.owner is not None:  # it may be bound to an object
        return ""
    parameters = [p for p in function.parameters if p.kind == "positional"]
    required = [p.name for p in parameters if not p.has_default]
    by_name = [p.name for p in function.parameters if p.kind == "keyword" and not p.has_default]
    if by_name and not may_be_more:
        return f"requires `{by_name[0]}` by name"
    if len(required) > given and not may_be_more:
        return f"requires `{required[given]}`"
    takes_all = any(p.kind == "star" for p in function.parameters)
    if len(parameters) < given and not takes_all:
        return f"takes {_WORDS[len(parameters)]}"
    return ""
