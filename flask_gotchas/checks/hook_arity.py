"""FLG403 hook-arity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flask_gotchas.editing import NoFix
from flask_gotchas.facts.flask_api import HOOK_ARGUMENTS, OPEN_HOOKS
from flask_gotchas.literals import is_name
from flask_gotchas.rule import Fixing, ProjectRule, listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.editing import FileEditor
    from flask_gotchas.facts.model import FunctionFact
    from flask_gotchas.model import Diagnostic
    from flask_gotchas.project import Finding, Project

# What parameters are called that functions of a kind lack.
_NAMES = {
    "after_request": ("response",),
    "after_this_request": ("response",),
    "errorhandler": ("error",),
    "teardown_appcontext": ("error=None",),
    "teardown_request": ("error=None",),
    "url_defaults": ("endpoint", "values"),
    "url_value_preprocessor": ("endpoint", "values"),
}
_PROXIES = frozenset({"current_app", "g", "request"})  # others have a `session`, too
_WORDS = ("no argument", "one argument", "two arguments")


class HookArity(ProjectRule):
    """A hook does not take as many arguments as Flask calls it with."""

    code = "FLG403"
    name = "hook-arity"
    message = (
        "`{hook}` {takes}, but Flask calls it with {given} for `{kind}`, so each call raises "
        "TypeError"
    )
    fixing = Fixing.SAFE
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
                    hints=[hook.kind],
                    hook=hook.name,
                    takes=takes,
                    given=_WORDS[given],
                    kind=hook.kind,
                )

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        function = file.around(file.at(found.location, cst.Name), cst.FunctionDef)
        calls = file.inside(file.tree, cst.Call)
        if any(is_name(call.func, function.name.value) for call in calls):
            raise NoFix  # it is called with other arguments, too
        [kind] = found.hints
        params = [*function.params.posonly_params, *function.params.params]
        if len(params) < HOOK_ARGUMENTS.get(kind, 0):
            return _add(function, kind, file)
        proxies = [param for param in params if param.name.value in _PROXIES]
        required = [param for param in params if param.default is None]
        if len(proxies) != 1 or len(required) - 1 != HOOK_ARGUMENTS.get(kind, 0):
            raise NoFix
        name = proxies[0].name.value
        if file.name(f"flask.{name}", function, shadowed_in=function) != name:
            raise NoFix
        file.remove_parameter(function, proxies[0])
        return f"Take `{name}` of Flask"


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


def _add(function: cst.FunctionDef, kind: str, file: FileEditor) -> str:
    """Add the parameters that a function lacks."""
    names = _NAMES.get(kind, ())
    present = [param.name.value for param in function.params.params]
    words = {name.value for name in file.inside(function.body, cst.Name)}
    missing = [name for name in names if name not in present]
    if len(present) + len(missing) != len(names) or not missing:
        raise NoFix  # by its name nobody can tell which of the arguments it takes
    if any(name.partition("=")[0] in words for name in missing):
        raise NoFix
    for name in missing:
        file.add_parameter(function, names.index(name), name)
    if missing == ["response"]:
        last = function.body.body[-1]
        if any(file.inside(function.body, cst.Return)) or not isinstance(last, cst.BaseStatement):
            raise NoFix
        file.line_after(last, "return response")
    return f"Take {listed([f'`{name}`' for name in missing])}"
