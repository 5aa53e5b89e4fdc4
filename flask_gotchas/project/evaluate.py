"""Working out expressions across files, calls and loops, without guessing.

A value is a Python string, number, boolean, None, tuple or dict of values; or a `Thing`, an object
known by where it is bound or how it is made; or `Unknown`, with the reason.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec

from flask_gotchas.facts.expressions import (
    Const,
    Expression,
    Invoke,
    Items,
    Join,
    Opaque,
    Pick,
    Ref,
    Table,
    calls_in,
    names_in,
)
from flask_gotchas.facts.model import RegisteringFact
from flask_gotchas.project.callers import last_name
from flask_gotchas.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flask_gotchas.facts.model import FileFacts, LoopFact, Targets
    from flask_gotchas.project.link import Project

_MAX_DEPTH = 25
_MAX_CASES = 400

Value = Any


class Unknown(NamedTuple):
    """A value that cannot be known, with the reason in a few words."""

    why: str


class Scope(NamedTuple):
    """Where an expression is worked out: its file, and what parameters and loop variables are."""

    file: FileFacts
    bound: Mapping[str, Value]


class Thing(NamedTuple):
    """An object of the program.

    `reference` is where it is bound (a variable, function or class), `call` what made it, if that
    was a call, and `bound` the values of parameters which that call depends on.
    """

    reference: str
    call: Invoke | None
    file: FileFacts
    bound: tuple[tuple[str, Value], ...] = ()

    @property
    def scope(self) -> Scope:
        """The scope in which the call that made the object is worked out."""
        return Scope(self.file, dict(self.bound))


class Evaluator:
    """Works out expressions; ask it through `Project.evaluator`."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._depth = 0
        self._calls_of: dict[str, list[tuple[FileFacts, RegisteringFact]]] = {}

    def value(self, expression: Expression, scope: Scope) -> Value:
        """Work out an expression; `Unknown` where that cannot be done."""
        if isinstance(expression, Const):  # most are
            return expression.value
        if self._depth > _MAX_DEPTH:
            return Unknown("it leads too far")
        self._depth += 1
        try:
            return self._value(expression, scope)
        finally:
            self._depth -= 1

    def _value(self, expression: Expression, scope: Scope) -> Value:
        if isinstance(expression, Ref):
            return self._reference(expression.name, scope)
        if isinstance(expression, Join):
            parts = [self.value(part, scope) for part in expression.parts]
            return self._add(parts) if expression.is_sum else self._join(parts)
        if isinstance(expression, Items):
            return tuple(self.value(item, scope) for item in expression.items)
        if isinstance(expression, Table):
            pairs = [(self.value(k, scope), self.value(v, scope)) for k, v in expression.pairs]
            known = all(isinstance(key, (str, int)) for key, _ in pairs)
            return dict(pairs) if known else Unknown("a dictionary with computed keys")
        if isinstance(expression, Pick):
            return self._pick(expression, scope)
        if isinstance(expression, Invoke):
            return self._invoke(expression, scope)
        if isinstance(expression, Const):
            return expression.value
        # What is left is opaque.
        return Unknown(expression.why)

    # -- names

    def _reference(self, name: str, scope: Scope) -> Value:
        if name in scope.bound:
            return scope.bound[name]
        holder, _, attribute = name.rpartition(".")
        if isinstance(scope.bound.get(holder), Thing):
            value = self._of(scope.bound[holder], attribute)
            if value is not None:
                return value
        resolved = self.project.resolve(name, scope.file, read=True)
        if resolved in scope.bound:
            return scope.bound[resolved]
        owner, rest = self.project.split(resolved, scope.file, read=True)
        if owner is None:
            return Thing(resolved, None, scope.file)
        if self.project.cls(resolved) or self.project.function(resolved) or not rest:
            return Thing(resolved, None, owner)
        expression = owner.values.get(resolved)
        if expression is None:
            return self._attribute(resolved, owner)
        inner = Scope(owner, _around(resolved, scope.bound))
        return _named(resolved, expression, self.value(expression, inner))

    def _of(self, thing: Thing, attribute: str) -> Value | None:
        """Look an attribute of a class, or of an object of one, up in the project."""
        cls = thing.reference
        if thing.call is not None:
            cls = self.project.resolve(thing.call.target or "", thing.file)
        found = self.class_attribute(cls, attribute)
        if found is None:
            return None
        file, variable, expression = found
        return _named(variable, expression, self.value(expression, Scope(file, {})))

    def _attribute(self, resolved: str, owner: FileFacts) -> Value:
        """Look an attribute up in its class, or say why a variable is not known."""
        holder, _, attribute = resolved.rpartition(".")
        made_by = self.project.meaning(holder, owner)
        found = self.class_attribute(made_by.removesuffix("()"), attribute)
        if found is not None:
            file, variable, expression = found
            return _named(variable, expression, self.value(expression, Scope(file, {})))
        name = resolved.rpartition(".<locals>.")[2].rpartition(".")[2]
        if self._is_parameter(resolved):
            return (
                Thing(resolved, None, owner)
                if name in {"app", "self"}
                else Unknown(f"`{name}` is a parameter")
            )
        return Thing(resolved, None, owner)

    def _is_parameter(self, resolved: str) -> bool:
        function, mark, name = resolved.rpartition(".<locals>.")
        found = self.project.function(function) if mark else None
        return found is not None and any(p.name == name for p in found[1].parameters)

    def class_attribute(self, cls: str, attribute: str) -> tuple[FileFacts, str, Expression] | None:
        """Find what a class or the nearest of its bases gives an attribute: where, as what, how."""
        for reference in self.project.ancestry(cls):
            found = self.project.cls(reference)
            if found is not None:
                for name in (f"{reference}().{attribute}", f"{reference}.{attribute}"):
                    value = found[0].values.get(name)
                    if value is not None:
                        return None if value == Const(None) else (found[0], name, value)
        return None

    def thing(self, reference: str, file: FileFacts) -> Thing | None:
        """Give the object that a variable holds, if that is known."""
        value = self.value(Ref(reference), Scope(file, {}))
        return value if isinstance(value, Thing) else None

    # -- operations

    def _join(self, parts: list[Value]) -> Value:
        """Put texts together, with numbers written out, or the elements of lists."""
        if parts and all(_is_sequence(part) for part in parts):
            return tuple(item for part in parts for item in part)
        for part in parts:
            if isinstance(part, Unknown):
                return part
        if all(isinstance(part, (str, int)) and not isinstance(part, bool) for part in parts):
            return "".join(str(part) for part in parts)
        return Unknown("it is put together from objects")

    def _add(self, parts: list[Value]) -> Value:
        """Work out a `+`, which takes numbers for numbers."""
        if any(isinstance(part, int) for part in parts):
            known = all(isinstance(part, int) for part in parts)
            return sum(parts) if known else Unknown("it is computed")
        return self._join(parts)

    def _pick(self, expression: Pick, scope: Scope) -> Value:
        key = self.value(expression.key, scope)
        if isinstance(key, str) and self._is_config(expression.base, scope):
            return self._setting(key)
        base = self.value(expression.base, scope)
        if isinstance(base, dict) and isinstance(key, (str, int)) and key in base:
            return base[key]
        if isinstance(base, tuple) and not _is_special(base) and isinstance(key, int):
            return base[key] if -len(base) <= key < len(base) else Unknown("out of range")
        return base if isinstance(base, Unknown) else Unknown("an element that is not known")

    def _is_config(self, expression: Expression, scope: Scope) -> bool:
        return (
            isinstance(expression, Ref)
            and expression.name.endswith(".config")
            and self.project.is_app(expression.name.removesuffix(".config"), scope.file)
        )

    def _setting(self, key: str) -> Value:
        """Give the value of a setting, if the project writes it once."""
        found = self.project.configuration.written(key)
        if len(found) != 1 or found[0].kind != "string":
            return Unknown(f"the setting {key}")
        return found[0].text

    def _invoke(self, call: Invoke, scope: Scope) -> Value:
        text = self._text_method(call, scope)
        if text is not None:
            return text
        if call.target is None:
            return Unknown("what is called is not known")
        resolved = self.project.resolve(call.target, scope.file)
        if resolved in _CONVERSIONS:
            if not call.args and not call.keywords and not call.spread:
                return "" if resolved == "builtins.str" else ()
            value = self.value(call.args[0], scope) if len(call.args) == 1 else Unknown("computed")
            is_list = isinstance(value, str) and resolved != "builtins.str"
            return tuple(value) if is_list else value
        if resolved in _SERIES:
            return self._series(resolved, call, scope)
        if resolved == "builtins.dict" and not call.args:
            return {name: self.value(value, scope) for name, value in call.keywords}
        if self.project.function(resolved) is not None:
            returned = self._returned(resolved, call, scope)
            if not isinstance(returned, Unknown):
                return returned
        used = names_in(call)
        bound = tuple(item for item in scope.bound.items() if item[0] in used)
        return Thing(f"{resolved}()", call, scope.file, bound)

    def _series(self, function: str, call: Invoke, scope: Scope) -> Value:
        """Work out `enumerate`, `range`, `reversed` and `zip` over what is known."""
        args = [self.value(argument, scope) for argument in call.args]
        args = [tuple(arg) if isinstance(arg, dict) else arg for arg in args]
        wanted = int if function == "builtins.range" else tuple
        start = self.argument(call, scope, "start", 1) if function == "builtins.enumerate" else 0
        if function == "builtins.enumerate":
            args, start = args[:1], 0 if start is Missing else start
        given = {name for name, _ in call.keywords} - {"start", "strict"}
        if given or call.spread or not isinstance(start, int):
            return Unknown("a loop over something not known")
        for arg in args:
            if isinstance(arg, Unknown):
                return arg
            if not isinstance(arg, wanted) or _is_special(arg):
                return Unknown("a loop over something not known")
        if function == "builtins.zip":
            return tuple(zip(*args, strict=False))
        if function == "builtins.range" and 1 <= len(args) <= 3 and 0 not in args[2:]:
            return tuple(range(*args)[:_MAX_CASES])
        if function == "builtins.reversed" and len(args) == 1:
            return tuple(reversed(args[0]))
        if function == "builtins.enumerate" and args:
            return tuple(enumerate(args[0], start))
        return Unknown("a loop over something not known")

    def _returned(self, function: str, call: Invoke, scope: Scope) -> Value:
        found = self.project.function(function)
        values = found[0].returned.get(function, ()) if found is not None else ()
        if found is None or not values or found[1].is_generator:
            return Unknown("a function gives it")
        if isinstance(values[0], Opaque) or any(value != values[0] for value in values[1:]):
            return Unknown("a function gives it")
        inner = Scope(found[0], self.parameters(function, call, scope))
        return self.value(values[0], inner)

    def parameters(self, function: str, call: Invoke, scope: Scope) -> dict[str, Value]:
        """Bind the parameters of a function of the project to the arguments of a call."""
        found = self.project.function(function)
        if found is None:
            return {}
        bound: dict[str, Value] = {}
        names = [p.name for p in found[1].parameters if p.kind in {"positional", "keyword"}]
        own = {decorator.meaning for decorator in found[1].decorators}
        if found[1].owner is not None and names and "builtins.staticmethod" not in own:
            first = names.pop(0)
            cls = self._class_called(call, scope) if "builtins.classmethod" in own else None
            if cls is not None:
                bound[f"{function}.<locals>.{first}"] = cls
        defaults = found[0].values
        for name in names:
            default = defaults.get(f"{function}.<defaults>.{name}")
            if default is not None:
                bound[f"{function}.<locals>.{name}"] = self.value(default, Scope(found[0], {}))
        args = [self.value(argument, scope) for argument in call.args]
        keywords = {name: self.value(value, scope) for name, value in call.keywords}
        for spread in call.spread:
            more = self.value(spread, scope)
            if isinstance(more, dict):
                keywords = {**more, **keywords}
            elif isinstance(more, tuple) and not _is_special(more):
                args += more
            else:
                bound.clear()  # any default may be overruled
        for name, value in zip(names, args, strict=False):
            bound[f"{function}.<locals>.{name}"] = value
        rest = {name: value for name, value in keywords.items() if name not in names}
        for name, value in keywords.items():
            bound[f"{function}.<locals>.{name}"] = value
        for parameter in found[1].parameters:
            if parameter.kind == "star":
                bound[f"{function}.<locals>.{parameter.name}"] = tuple(args[len(names) :])
            elif parameter.kind == "double_star":
                bound[f"{function}.<locals>.{parameter.name}"] = rest
        return _changed(bound, found[0].changed) if found[0].changed else bound

    def _class_called(self, call: Invoke, scope: Scope) -> Thing | None:
        """Give the class of the project on which a call calls a method."""
        target = self.project.resolve(call.target or "", scope.file)
        found = self.project.cls(target.rpartition(".")[0])
        return None if found is None else Thing(found[1].reference, None, found[0])

    def _text_method(self, call: Invoke, scope: Scope) -> Value | None:
        """Work out a method of a string, or the views of a dictionary."""
        if call.base is None or call.method not in _METHODS:
            return None
        base = self.value(call.base, scope)
        args = [self.value(argument, scope) for argument in call.args]
        keywords = {name: self.value(value, scope) for name, value in call.keywords}
        if isinstance(base, str) and all(
            isinstance(value, (str, int)) for value in [*args, *keywords.values()]
        ):
            try:
                return getattr(base, call.method)(*args, **keywords)
            except (AttributeError, IndexError, KeyError, LookupError, TypeError, ValueError):
                return Unknown("it is formatted")
        if isinstance(base, dict) and call.method in {"items", "keys", "values"} and not args:
            return tuple(getattr(base, call.method)())
        if isinstance(base, (str, dict)):
            return Unknown("it is computed")
        return None

    # -- arguments

    def argument(self, call: Invoke, scope: Scope, name: str, position: int | None = None) -> Value:
        """Work out an argument by name or position; the class `Missing` if it is not given."""
        for keyword, value in call.keywords:
            if keyword == name:
                return self.value(value, scope)
        if position is not None and position < len(call.args):
            return self.value(call.args[position], scope)
        count = len(call.args)
        for spread in call.spread:
            more = self.value(spread, scope)
            if isinstance(more, dict):
                if name in more:
                    return more[name]
            elif isinstance(more, tuple) and not _is_special(more):
                if position is not None and count <= position < count + len(more):
                    return more[position - count]
                count += len(more)
            else:
                return Unknown("arguments are unpacked")
        return Missing

    # -- the cases in which a call runs

    def cases(self, fact: RegisteringFact, file: FileFacts) -> Iterator[Scope]:
        """Go through the values that parameters and loop variables take where a call stands."""
        count = 0
        for bound in self._callers(fact.runs, 0):
            for scope in self._looped(fact.loops, Scope(file, bound)):
                count += 1
                if count > _MAX_CASES:
                    return
                yield scope

    def _looped(self, loops: tuple[LoopFact, ...], scope: Scope) -> Iterator[Scope]:
        if not loops:
            yield scope
            return
        first, rest = loops[0], loops[1:]
        over = self.value(first.over, scope)
        if isinstance(over, dict):
            over = tuple(over)
        if not isinstance(over, tuple) or _is_special(over):
            why = over if isinstance(over, Unknown) else Unknown("a loop over something not known")
            values = dict(_unpacked(first.targets, Unknown(why.why)))
            yield from self._looped(rest, Scope(scope.file, {**scope.bound, **values}))
            return
        for item in over:
            values = dict(_unpacked(first.targets, item))
            yield from self._looped(rest, Scope(scope.file, {**scope.bound, **values}))

    def _callers(self, function: str, depth: int) -> Iterator[dict[str, Value]]:
        """Go through the arguments with which a function is called in the project."""
        found = self.project.function(function) if function else None
        outer = function.rpartition(".<locals>.")[0] if ".<locals>." in function else ""
        for around in self._callers(outer, depth + 1) if outer and depth < 4 else ({},):
            has_parameters = found is not None and bool(found[1].parameters)
            calls = self._calls(function) if has_parameters and depth < 4 else []
            if not calls:
                yield around
                continue
            for where, fact in calls:
                for scope in self._call_scopes(where, fact, depth):
                    yield {**around, **self.parameters(function, fact.call, scope)}

    def _call_scopes(self, file: FileFacts, fact: RegisteringFact, depth: int) -> Iterator[Scope]:
        if fact.runs in self._active:
            return
        self._active.add(fact.runs)
        try:
            for bound in self._callers(fact.runs, depth + 1):
                yield from self._looped(fact.loops, Scope(file, bound))
        finally:
            self._active.discard(fact.runs)

    @cached_property
    def _active(self) -> set[str]:
        return set()

    def _inherited(self, target: str) -> str:
        """Give the method of a base that a name in a class of the project leads to."""
        cls, _, name = target.rpartition(".")
        if self.project.function(target) is None and self.project.cls(cls) is not None:
            for base in self.project.ancestry(cls):
                if self.project.function(f"{base}.{name}") is not None:
                    return f"{base}.{name}"
        return target

    def _calls(self, function: str) -> list[tuple[FileFacts, RegisteringFact]]:
        """List the calls of a function of the project, wherever they are written down.

        They stand alone, among the arguments of others, or make a variable or a returned value.
        """
        known = self._calls_of.get(function)
        if known is not None:
            return known
        found = self._calls_of[function] = []
        seen: set[str] = set()
        names = self.project.callers.names_of(function)
        candidates = [one for name in names for one in self._calls_by_name.get(name, ())]
        for _, file, fact, call in sorted(candidates, key=lambda one: one[0]):
            if self._inherited(self.project.resolve(call.target or "", file)) == function:
                same = f"{file.module} {fact.runs} {fact.loops} {call}"
                if same not in seen:
                    seen.add(same)
                    found.append((file, msgspec.structs.replace(fact, call=call)))
        return found

    @cached_property
    def _calls_by_name(self) -> dict[str, list[tuple[int, FileFacts, RegisteringFact, Invoke]]]:
        """Calls by the name of what they call, numbered in the order in which they are found."""
        found: dict[str, list[tuple[int, FileFacts, RegisteringFact, Invoke]]] = {}
        number = 0
        for file in self.project.files:
            for fact in () if self.project.is_test(file) else _facts_with_calls(file):
                for call in calls_in(fact.call) if fact.view is None else ():
                    if call.target is not None:
                        number += 1
                        one = (number, file, fact, call)
                        found.setdefault(last_name(call.target), []).append(one)
        return found


def _facts_with_calls(file: FileFacts) -> Iterator[RegisteringFact]:
    yield from file.registering
    for name, value in file.values.items():
        function, mark, _ = name.rpartition(".<locals>.")
        yield from _as_fact(value, function if mark else "")
    for function, values in file.returned.items():
        for value in values:
            yield from _as_fact(value, function)


def _as_fact(value: Expression, runs: str) -> Iterator[RegisteringFact]:
    if isinstance(value, Invoke):
        yield RegisteringFact(
            method="",
            call=value,
            bare=False,
            view=None,
            on_view=False,
            loops=(),
            runs=runs,
            guards=0,
            anchor=0,
        )


class Missing:
    """Stands for an argument that is not given."""


_CONVERSIONS = frozenset(
    {
        "builtins.frozenset", "builtins.list", "builtins.set", "builtins.sorted", "builtins.str",
        "builtins.tuple",
    }
)  # fmt: skip
_SERIES = frozenset({"builtins.enumerate", "builtins.range", "builtins.reversed", "builtins.zip"})
_METHODS = frozenset(
    {
        "format", "items", "keys", "lower", "lstrip", "removeprefix", "removesuffix", "replace",
        "rstrip", "strip", "title", "upper", "values",
    }
)  # fmt: skip


def _around(variable: str, bound: Mapping[str, Value]) -> dict[str, Value]:
    """Keep the values of the functions, or of the module's loops, that a variable stands in."""
    inside = variable.rpartition(".")[0] + "."
    return {
        name: value
        for name, value in bound.items()
        if inside.startswith(name.rpartition(".")[0] + ".")
    }


def _named(variable: str, expression: Expression, value: Value) -> Value:
    """Know an object by its variable from now on, so that what is registered on it is found.

    What a factory gives keeps the name that it has there, since that has rules as well.
    """
    anonymous = isinstance(value, Thing) and value.reference.endswith("()")
    if anonymous and isinstance(expression, (Invoke, Pick)):
        return Thing(variable, value.call, value.file, value.bound)
    return value


def _changed(bound: dict[str, Value], changed: frozenset[str]) -> dict[str, Value]:
    """Take back what is known of parameters that their function changes.

    An object is taken to be replaced by one of its kind, as an application is by what wraps it.
    """
    why = Unknown("a function changes it")
    for name, value in bound.items():
        if name in changed and not isinstance(value, Thing):
            bound[name] = why
        elif isinstance(value, dict):
            keys = [key[len(name) + 1 : -1] for key in changed if key.startswith(f"{name}[")]
            bound[name] = {**value, **dict.fromkeys(keys, why)}
    return bound


def _unpacked(targets: Targets, item: Value) -> Iterator[tuple[str, Value]]:
    """Give each variable its part of an element of a loop."""
    if isinstance(targets, str):
        yield targets, item
        return
    parts = targets.targets
    fits = _is_sequence(item) and len(item) == len(parts)
    why = item if isinstance(item, Unknown) else Unknown("it is unpacked")
    for target, part in zip(parts, item if fits else [why] * len(parts), strict=True):
        yield from _unpacked(target, part)


def _is_sequence(value: Value) -> bool:
    return isinstance(value, tuple) and not _is_special(value)


def _is_special(value: Value) -> bool:
    return isinstance(value, (Thing, Unknown))
