"""Views that are registered in a way in which Flask cannot call them, or not at all."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from flask_gotchas.facts.flask_api import ROUTE_METHODS
from flask_gotchas.facts.model import FunctionFact
from flask_gotchas.patterns import late_pattern
from flask_gotchas.project.evaluate import Missing, Thing, Unknown
from flask_gotchas.project.registrations import variables
from flask_gotchas.project.rule_faults import is_flasks, registered
from flask_gotchas.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.facts.model import ClassFact, DecoratorFact, FileFacts
    from flask_gotchas.project.link import Project
    from flask_gotchas.project.url_map import Own

# Decorator methods that take something else first, and the function then.
_TAKE_MORE = frozenset({*ROUTE_METHODS, "app_errorhandler", "endpoint", "errorhandler"})
_VIEWS = frozenset({"flask.views.MethodView", "flask.views.View"})
_OF_VIEWS = _VIEWS | {"abc.ABC", "builtins.object"}
# What answers in a class view besides its methods.
_ANSWERING = frozenset({"__call__", "__getattr__", "__getattribute__", "__new__", "as_view"})
_ANSWERED = frozenset({"HEAD", "OPTIONS"})
# Decorators of extensions which surely give a function.
_GIVING_FUNCTIONS = late_pattern(
    r"flask_login\.(?:utils\.)?(?:fresh_)?login_required|flask_httpauth\.HTTP\w+Auth\(\)\.login_required"
)


class Uncalled(NamedTuple):
    """A decorator without the parentheses that it needs, on a function or class."""

    file: FileFacts
    decorator: DecoratorFact
    method: str
    view: str


def uncalled(project: Project) -> Iterator[Uncalled]:
    """Go through the decorators of applications and blueprints that get a function too early."""
    for file in project.files:
        if project.is_test(file):
            continue
        views: list[FunctionFact | ClassFact] = [*file.functions, *file.classes]
        for view in views:
            for decorator in view.decorators:
                receiver, _, method = (decorator.meaning or "").rpartition(".")
                if method not in _TAKE_MORE or decorator.called:
                    continue
                kind = project.kind(receiver, file)
                if kind in {"app", "blueprint"} and is_flasks(
                    project, Thing(receiver, None, file), {method}
                ):
                    yield Uncalled(file, decorator, method, view.name)


class WrongView(NamedTuple):
    """A class view that cannot answer: what is wrong with it, and what comes of that.

    `name` is what `as_view` needs, empty if that is not the fault or not certain.
    """

    file: FileFacts
    anchor: int
    view: str
    how: str
    outcome: str
    name: str


def unusable_classes(project: Project) -> Iterator[WrongView]:
    """Go through the class views which are registered so that no request gets an answer."""
    seen: set[tuple[str, int]] = set()
    owns = [own for _, own in registered(project)]
    endpoints = Counter((own.receiver, own.endpoint) for own in owns)
    for own in owns:
        wrong = _unusable(project, own)
        if wrong is not None and (own.file.path, own.anchor) not in seen:
            seen.add((own.file.path, own.anchor))
            # Each `as_view` gives another function, and two must not share an endpoint.
            endpoints[own.receiver, wrong.name] += own.endpoint != wrong.name
            is_free = endpoints[own.receiver, wrong.name] == 1
            yield wrong if is_free else wrong._replace(name="")


def _unusable(project: Project, own: Own) -> WrongView | None:
    site = own.site
    if site is None:
        return None
    value = site.argument("view_func", 2) if site.fact.view is None else site.view
    if not isinstance(value, Thing):
        return None
    cls: object = value
    if value.call is not None:
        base = value.call.base if value.call.method == "as_view" else None
        cls = None if base is None else project.evaluator.value(base, value.scope)
    if not isinstance(cls, Thing) or cls.call is not None or not _is_plain_view(project, cls):
        return None
    name = cls.reference.rpartition(".")[2]
    how, outcome, endpoint = "", "", ""
    if value.call is None:
        endpoint = own.endpoint if isinstance(own.endpoint, str) else ""
        how = "is registered itself instead of what its `as_view` gives"
        outcome = "each request is answered with 500"
    elif _has_no_name(project, value):
        how, outcome = "is registered by `as_view()` without a name", "Flask raises TypeError"
        endpoint = own.endpoint if isinstance(own.endpoint, str) else _in_lower_case(name)
    elif verb := _unanswered(project, cls.reference, own):
        how = f"has no method `{verb.lower()}`"
        outcome = f"{verb} requests are answered with 500"
    return WrongView(own.file, own.anchor, name, how, outcome, endpoint) if how else None


def _in_lower_case(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _is_plain_view(project: Project, cls: Thing) -> bool:
    """Tell a class view of which all is in view, and which answers in no way of its own."""
    ancestry = project.ancestry(cls.reference)
    outside = {base for base in ancestry if project.cls(base) is None}
    if not outside & _VIEWS or not outside <= _OF_VIEWS:
        return False
    own = [found for base in ancestry if (found := project.cls(base)) is not None]
    registering = {(f.path, fact.anchor) for f, _ in own for fact in f.registering if fact.on_view}
    decorators = {(f.path, decorator.anchor) for f, c in own for decorator in c.decorators}
    members = project.url_map.classes.members(cls.reference)
    return decorators <= registering and _ANSWERING.isdisjoint(members)


def _has_no_name(project: Project, view: Thing) -> bool:
    call = view.call
    return (
        call is not None
        and not call.spread
        and project.evaluator.argument(call, view.scope, "name", 0) is Missing
    )


def _unanswered(project: Project, cls: str, own: Own) -> str | None:
    """Name a method that a rule allows and a MethodView has no function for."""
    members = project.url_map.classes.members(cls)
    if "flask.views.MethodView" not in project.ancestry(cls) or "dispatch_request" in members:
        return None
    methods = () if isinstance(own.methods, Unknown) else own.methods
    lacking = (m for m in methods if m not in _ANSWERED and m.lower() not in members)
    return next(lacking, None)


# -- functions in classes


class Unbound(NamedTuple):
    """A route on a function that asks for the object of its class; `parameter` is what for."""

    file: FileFacts
    anchor: int
    view: str
    parameter: str


def unbound_methods(project: Project) -> Iterator[Unbound]:
    """Go through the routes in class bodies whose functions ask for the object."""
    registrations = project.url_map.registrations
    seen: set[tuple[str, int]] = set()
    for _, own in registered(project):
        if own.site is None or not own.site.fact.on_view or not isinstance(own.rule, str):
            continue
        definition = registrations.definition(own)
        function = None if definition is None else definition.fact
        if definition is None or not isinstance(function, FunctionFact) or function.owner is None:
            continue
        if not all(registrations.keeps_view(d, own.file) for d in definition.decorators):
            continue
        first = function.parameters[0] if function.parameters else None
        given = {variable.name for variable in variables(own.rule) or ()}
        if first is None or first.name not in {"cls", "self"} - given or first.has_default:
            continue
        if (own.file.path, own.anchor) not in seen and "defaults" not in dict(own.options):
            seen.add((own.file.path, own.anchor))
            owner = function.owner.rpartition(".")[2]
            yield Unbound(own.file, own.anchor, f"{owner}.{function.name}", first.name)


# -- classes under decorators for functions


class Replaced(NamedTuple):
    """A class view that a decorator replaces by a function.

    `is_alone` tells that it has no other decorator, and inherits no `decorators`.
    """

    file: FileFacts
    decorator: DecoratorFact
    view: str
    is_alone: bool


def replaced_classes(project: Project) -> Iterator[Replaced]:
    """Go through the decorators for functions which stand on a class view."""
    for file in project.files:
        for cls in () if project.is_test(file) else file.classes:
            if not cls.decorators or not project.is_subclass(cls.reference, file, _VIEWS):
                continue
            for decorator in cls.decorators:
                if _gives_function(project, decorator, file) and "as_view" not in cls.methods:
                    inherited = _inherits_decorators(project, cls.reference)
                    is_alone = len(cls.decorators) == 1 and not inherited
                    yield Replaced(file, decorator, cls.name, is_alone)
                    break


def _inherits_decorators(project: Project, cls: str) -> bool:
    """Tell whether a class that is derived from gives views their decorators."""
    bases = (project.cls(base) for base in project.ancestry(cls) if base != cls)
    return any(f"{base[1].reference}.decorators" in base[0].values for base in bases if base)


def _gives_function(project: Project, decorator: DecoratorFact, file: FileFacts) -> bool:
    """Tell whether a decorator surely gives a function, whatever it gets."""
    if decorator.meaning is None:
        return False
    if _GIVING_FUNCTIONS.fullmatch(project.meaning(decorator.meaning, file)):
        return True
    inner = project.routing.replacement(decorator, file)
    found = None if inner is None else project.function(inner)
    outer = None if found is None else project.function(found[1].runs)
    return found is not None and outer is not None and not outer[1].decorators
