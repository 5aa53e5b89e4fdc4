"""Registrations beside each other: which views they lead to, and whether one run makes them all."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from flask_gotchas.facts.expressions import Invoke, Ref
from flask_gotchas.facts.flask_api import APP_CLASSES, REGISTERING_DECORATORS, ROUTE_METHODS
from flask_gotchas.facts.model import FunctionFact, Guard
from flask_gotchas.patterns import late_pattern
from flask_gotchas.project.evaluate import Missing, Thing, Unknown
from flask_gotchas.project.url_map import MOST_DECORATORS
from flask_gotchas.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.facts.expressions import Expression
    from flask_gotchas.facts.model import ClassFact, DecoratorFact, FileFacts
    from flask_gotchas.project.url_map import Own, Site, UrlMap, UrlRule

# As Werkzeug reads a rule.
_VARIABLE = late_pattern(
    r"<(?:(?P<converter>[a-zA-Z_]\w*)(?:\((?P<arguments>.*?)\))?:)?(?P<name>[a-zA-Z_]\w*)>",
    re.ASCII,
)
_UNCERTAIN = Guard.CONDITIONAL | Guard.TYPING | Guard.MAIN | Guard.AFTER_EXIT
_MAX_STEPS = 400
# Flask answers these by itself, so nobody misses a view for them.
_ANSWERED = frozenset({"HEAD", "OPTIONS"})
_VIEW_BASES = frozenset(
    {"abc.ABC", "builtins.object", "flask.views.MethodView", "flask.views.View"}
)
# Decorators of extensions whose functions call the view with the arguments that they get, and have
# its name.
_KEEPING = late_pattern(
    r"flask_login\.(?:utils\.)?(?:fresh_)?login_required"
    r"|flask_jwt_extended\.(?:view_decorators\.)?(?:fresh_)?jwt_(?:required|optional)"
    r"|flask_cors\.(?:decorator\.)?cross_origin"
    r"|flask_wtf\.(?:csrf\.)?C(?:SRF|srf)Protect\(\)\.exempt"
    r"|flask_caching\.Cache\(\)\.(?:cached|memoize)"
    r"|flask_limiter\.(?:extension\.)?Limiter\(\)\.(?:exempt|limit|shared_limit)"
    r"|flask_httpauth\.HTTP\w+Auth\(\)\.login_required"
    r"|flask_security\.(?:decorators\.)?(?:login_required|auth_required|auth_token_required|"
    r"http_auth_required|roles_\w+|permissions_\w+|anonymous_user_required)"
    r"|flasgger\.(?:utils\.)?swag_from"
    r"|functools\.(?:lru_)?cache"
)

_CHANGING_ARGUMENTS = frozenset(
    {
        "app_url_value_preprocessor", "preprocess_request", "url_value_preprocessors", "view_args",
        "view_functions",
    }
)  # fmt: skip
_DISPATCHING = frozenset({"dispatch_request", "full_dispatch_request"})


class Variable(NamedTuple):
    """A variable of a rule, `<converter(arguments):name>`."""

    converter: str
    arguments: str
    name: str


class Definition(NamedTuple):
    """What is registered as a view.

    `key` is the same for one and the same object, `fact` the function or class if it is of the
    project. `decorators` are those whose result is registered, from the inside to the outside.
    """

    key: tuple[object, ...]
    name: str
    file: FileFacts
    fact: FunctionFact | ClassFact | None
    decorators: tuple[DecoratorFact, ...]


class Double(NamedTuple):
    """Two registrations of different views with one endpoint; `view` names the second.

    `is_of_wrapper` tells that a decorator brings the name, `in_blueprint` that it takes effect when
    the blueprint is registered.
    """

    first: Own
    second: Own
    view: str
    is_of_wrapper: bool
    in_blueprint: bool


class DoubleRule(NamedTuple):
    """Two rules which match the same URLs; `methods` are those of the second."""

    first: UrlRule
    second: UrlRule
    methods: list[str]


class _Seen(NamedTuple):
    """A rule with the methods that somebody would miss, and its view."""

    rule: UrlRule
    methods: frozenset[str]
    definition: Definition


class Moment(NamedTuple):
    """Code that runs as a whole: a function of a file, or what importing the file runs."""

    file: FileFacts
    runs: str
    guards: int


def variables(rule: str) -> list[Variable] | None:
    """List the variables of a rule; None for one that Werkzeug could not read."""
    found = [
        Variable(match["converter"] or "string", match["arguments"] or "", match["name"])
        for match in _VARIABLE.finditer(rule)
    ]
    return None if "<" in static(rule) else found


def static(rule: str) -> str:
    """Give what is left of a rule without its variables."""
    return _VARIABLE.sub("", rule)


class Registrations:
    """Answers about registrations; ask it through `UrlMap.registrations`."""

    def __init__(self, url_map: UrlMap) -> None:
        self.url_map = url_map
        self.project = url_map.project
        self._routes: dict[str, frozenset[int]] = {}

    # -- applications and blueprints

    def of_flask(self) -> Iterator[tuple[Thing, list[Own]]]:
        """Go through applications and blueprints that are one object each, with their own rules.

        Rules are those of Flask's own methods, in the order in which they are found.
        """
        for thing, owns in self.url_map.owns():
            if self.url_map.kind(thing) in {"app", "blueprint"} and self._is_one(thing):
                kept = [own for own in owns if own.site is not None and is_of_flask(own.site)]
                if kept:
                    yield thing, kept

    def _is_one(self, thing: Thing) -> bool:
        """Tell whether a variable always holds the same object."""
        if thing.call is not None:
            return not any(isinstance(value, Unknown) for _, value in thing.bound)
        function, mark, name = thing.reference.rpartition(".<locals>.")
        found = self.project.function(function) if mark else None
        return (
            found is not None
            and any(parameter.name == name for parameter in found[1].parameters)
            and thing.reference not in found[0].changed
        )

    # -- views

    def definition(self, own: Own) -> Definition | None:
        """Find out which object is registered; None if that cannot be known."""
        site = own.site
        if site is None:
            return None
        if site.fact.on_view:
            return self._decorated.get((own.file.path, own.anchor))
        given = site.fact.view
        if given is None:
            given = _argument(site.fact.call, "view_func", 2)
        if isinstance(given, Ref):
            value = self.project.evaluator.value(given, site.scope)
            if not isinstance(value, Thing):
                return None
            if value.call is None:
                found = self.project.function(value.reference)
                return None if found is None else _defined(found[0], found[1])
            if value.call.method == "as_view":
                variable = self.project.resolve(given.name, site.file)
                return self._class_view(("variable", variable), value)
        elif isinstance(given, Invoke) and given.method == "as_view":
            value = self.project.evaluator.value(given, site.scope)
            if isinstance(value, Thing) and value.call is not None:
                return self._class_view(("call", own.file.path, own.anchor), value)
        return None

    def _class_view(self, key: tuple[object, ...], value: Thing) -> Definition | None:
        reference, _ = self.url_map.view_of(value)
        found = None if reference is None else self.project.cls(reference)
        return None if found is None else Definition(key, found[1].name, *found, decorators=())

    @cached_property
    def _decorated(self) -> dict[tuple[str, int], Definition]:
        """What is decorated, by path and anchor of each decorator."""
        found: dict[tuple[str, int], Definition] = {}
        for file in self.project.files:
            if file.registering:
                views: list[FunctionFact | ClassFact] = [*file.functions, *file.classes]
                for fact in views:
                    if len(fact.decorators) > MOST_DECORATORS:
                        continue
                    for position, decorator in enumerate(fact.decorators):
                        below = tuple(reversed(fact.decorators[position + 1 :]))
                        whole = _defined(file, fact)
                        found[file.path, decorator.anchor] = whole._replace(decorators=below)
        return found

    # -- endpoints

    def doubled_endpoints(self) -> Iterator[Double]:
        """Go through the views which get an endpoint that another view has already.

        Only what surely runs in one program, on one application or blueprint.
        """
        for thing, owns in self.of_flask():
            first: dict[str, list[tuple[Own, Definition]]] = {}
            for own in sorted(owns, key=lambda own: (own.file.path, own.anchor)):
                definition = self.definition(own)
                if definition is None or not isinstance(own.endpoint, str):
                    continue
                before = first.setdefault(own.endpoint, [])
                for other, used_by in before:
                    if used_by.key != definition.key and self._clash(
                        (other, used_by), (own, definition)
                    ):
                        yield Double(
                            first=other,
                            second=own,
                            view=definition.name,
                            is_of_wrapper=own.endpoint != definition.name
                            and not self.names_endpoint(own),
                            in_blueprint=self.url_map.kind(thing) == "blueprint",
                        )
                        break
                before.append((own, definition))

    def _clash(self, one: tuple[Own, Definition], other: tuple[Own, Definition]) -> bool:
        if one[0].anchor == other[0].anchor and one[0].file is other[0].file:
            return False
        doubts = [
            frozenset() if self.names_endpoint(own) else self.name_doubts(definition)
            for own, definition in (one, other)
        ]
        return doubts[0] == doubts[1] and self.run_together(one[0], other[0])

    def names_endpoint(self, own: Own) -> bool:
        """Tell whether a registration says its endpoint itself."""
        if own.site is None or own.site.fact.method != "add_url_rule":
            return own.site is not None and own.site.text("endpoint") is not None
        view = _argument(own.site.fact.call, "view_func", 2)
        return own.site.text("endpoint", 1) is not None or not isinstance(view, Ref)

    def run_together(self, one: Own, other: Own) -> bool:
        """Tell whether two registrations surely run in one program."""
        if one.site is None or other.site is None:
            return False
        return self.together(self.moment(one.site), self.moment(other.site))

    # -- rules

    def doubled_rules(self) -> Iterator[DoubleRule]:
        """Go through pairs of rules of one shape of which one is never used.

        A later rule that allows more methods may be meant for what is left. Only what surely runs
        in one program, on one application.
        """
        first: dict[tuple[object, ...], dict[str | None, list[_Seen]]] = {}
        for rule in sorted(self.url_map.rules, key=lambda rule: (rule.file.path, rule.anchor)):
            shape = self._shape(rule)
            methods = frozenset(rule.methods or ()) - _ANSWERED
            definition = None if shape is None or rule.own is None else self.definition(rule.own)
            if shape is None or definition is None or not rule.methods:
                continue
            seen = _Seen(rule, methods, definition)
            before = first.setdefault(shape, {})
            same = before.setdefault(rule.endpoint, [])
            for others in before.values() if methods else ():
                other = None if others is same else self._first_used(seen, others)
                if other is not None:
                    yield DoubleRule(other, rule, sorted(methods))
                    break
            same.append(seen)

    def _first_used(self, seen: _Seen, before: list[_Seen]) -> UrlRule | None:
        """Find the rule of another endpoint that is used where a later one would be."""
        for other in before:
            in_order = _in_order(other.rule, seen.rule)
            is_dead = seen.methods <= other.methods if in_order else seen.methods == other.methods
            if is_dead and self._collide(other, seen):
                return other.rule
        return None

    def _shape(self, rule: UrlRule) -> tuple[object, ...] | None:
        """Give what two rules have in common that match the same URLs."""
        found = None if rule.rule is None else variables(rule.rule)
        own = rule.own
        if rule.rule is None or found is None or rule.endpoint is None:
            return None
        if own is None or own.site is None or own.receiver is None or not is_of_flask(own.site):
            return None
        if own.site.fact.call.spread or own.site.fact.loops or own.options:
            return None
        parts = [f"{v.converter}({v.arguments.replace(' ', '')})" for v in found]
        if any(part in {"default()", "string()"} for part in parts):
            parts = ["string()" if part == "default()" else part for part in parts]
        return (_VARIABLE.sub("<>", rule.rule), *parts)

    def _collide(self, first: _Seen, second: _Seen) -> bool:
        one, other = first.rule, second.rule
        if one.own is None or other.own is None:
            return False
        if one.own.receiver != other.own.receiver:
            apps = [set((rule.app or "").split(", ")) - {""} for rule in (one, other)]
            if not apps[0] & apps[1] or not self._registered_together(one.own, other.own):
                return False
        return first.definition.key != second.definition.key and self.run_together(
            one.own, other.own
        )

    def _registered_together(self, one: Own, other: Own) -> bool:
        """Tell whether one program surely registers the blueprints of two rules, each once."""
        moments: list[Moment] = []
        for own in (one, other):
            if own.receiver is None:
                return False
            thing = self.url_map.thing(own.receiver)
            if self.url_map.kind(thing) == "app":
                continue
            sites = self.url_map.registered_at.get(own.receiver, [])
            if len(sites) != 1 or self.url_map.kind(sites[0].receiver) != "app":
                return False
            if sites[0].fact.call.spread or any(
                name == "subdomain" for name, _ in sites[0].fact.call.keywords
            ):
                return False
            argument = self.project.evaluator.argument
            if (
                thing.call is None
                or argument(thing.call, thing.scope, "subdomain", 6) is not Missing
            ):
                return False
            moments.append(self.moment(sites[0]))
        return all(self.together(moments[0], moment) for moment in moments)

    # -- decorators

    def keeps_view(
        self, decorator: DecoratorFact, file: FileFacts, *, answers: bool = True
    ) -> bool:
        """Tell whether a decorator surely keeps arguments and, if asked, answers of a view."""
        if decorator.anchor in self._routes_of(file):
            return True
        if decorator.meaning is None:
            return False
        meaning = self.project.meaning(decorator.meaning, file)
        if _KEEPING.fullmatch(meaning):
            return True
        if self.project.routing.gives_same(decorator, file):
            return True
        inner = self.project.routing.replacement(decorator, file)
        return inner is not None and self.passes_on(inner, answers=answers)

    def _routes_of(self, file: FileFacts) -> frozenset[int]:
        found = self._routes.get(file.path)
        if found is None:
            self._routes[file.path] = found = frozenset(
                fact.anchor
                for fact in file.registering
                if fact.on_view and fact.method in ROUTE_METHODS
            )
        return found

    def passes_on(self, inner: str, *, answers: bool = True) -> bool:
        """Tell whether a function calls the one that it replaces with all that it gets itself.

        With `answers` it must return what that one does.
        """
        found = self.project.function(inner)
        if found is None or found[1].decorators[1:]:
            return False
        file, fact = found
        outer = self.project.function(fact.runs)
        if outer is None or not {p.kind for p in fact.parameters} <= {"star", "double_star"}:
            return False
        own = {f"{inner}.<locals>.{parameter.name}" for parameter in fact.parameters}
        if any(name.partition("[")[0] in own for name in file.changed):
            return False
        views = {f"{outer[1].reference}.<locals>.{p.name}" for p in outer[1].parameters}
        everywhere = [call for call in file.calls if call.runs == inner and call.target in views]
        if not answers:
            return bool(everywhere) and all(
                len(call.spread) == len(own) and own == set(call.spread) for call in everywhere
            )
        calls = [
            value
            for value in file.returned.get(inner, ())
            if isinstance(value, Invoke) and value.target in views
        ]
        return (
            bool(calls)
            and len(everywhere) == len(calls)
            and "double_star" in {parameter.kind for parameter in fact.parameters}
            and all(
                not call.args
                and not call.keywords
                and {part.name for part in call.spread if isinstance(part, Ref)} == own
                for call in calls
            )
        )

    def name_doubts(self, found: Definition) -> frozenset[str]:
        """Name the decorators of a view of which it is not known what name they give it."""
        doubts = set()
        for decorator in found.decorators:
            inner = self.project.routing.replacement(decorator, found.file)
            last = decorator.spelling.rpartition(".")[2]
            if inner is not None:
                is_certain = self._has_certain_name(inner)
            else:
                is_certain = last in REGISTERING_DECORATORS
                is_certain = is_certain or self.keeps_view(decorator, found.file)
            if not is_certain:
                doubts.add(decorator.meaning or decorator.spelling)
        return frozenset(doubts)

    def _has_certain_name(self, inner: str) -> bool:
        found = self.project.function(inner)
        if found is None or any(inner in file.renamed for file in self.project.files):
            return False
        return not found[1].decorators or self.project.routing.keeps_name(inner)

    # -- what runs together

    def together(self, one: Moment, other: Moment) -> bool:
        """Tell whether two pieces of code surely run in one program, both of them."""
        if (one.guards | other.guards) & _UNCERTAIN:
            return False
        if one.file is other.file and one.runs == other.runs:
            return True
        return not self._roots(one).isdisjoint(self._roots(other))

    def _roots(self, moment: Moment) -> set[tuple[str, str]]:
        """List what surely runs a piece of code: the pieces that import or call it, and so on."""
        seen: set[tuple[str, str]] = set()
        todo = [(moment.file, moment.runs)]
        while todo and len(seen) < _MAX_STEPS:
            file, runs = todo.pop()
            if (file.module, runs) in seen:
                continue
            seen.add((file.module, runs))
            if runs:
                todo += [
                    (where, fact.runs)
                    for where, fact in self.project.callers.calls(runs)
                    if not fact.guards & _UNCERTAIN
                ]
            else:
                todo += [
                    (where, fact.runs)
                    for where, fact in self.project.importers(file)
                    if not fact.guards & _UNCERTAIN and not self.project.is_test(where)
                ]
        return seen

    def moment(self, site: Site) -> Moment:
        """Say when a registering call runs."""
        return Moment(site.file, site.fact.runs, site.fact.guards)

    # -- what changes the arguments of views

    def may_change_arguments(self, thing: Thing) -> bool:
        """Tell whether something changes the arguments of the views of an object."""
        if self._changes_all:
            return True
        if self.url_map.kind(thing) != "blueprint":
            return False
        parents = [site.receiver for site in self.url_map.registered_at.get(self._key(thing), ())]
        return (
            thing.reference in self._changing_blueprints
            or any(self.url_map.kind(parent) != "app" for parent in parents)
        ) and bool(self._changing_blueprints)

    def _key(self, thing: Thing) -> str:
        return self.url_map.key(thing)

    @cached_property
    def _changing_blueprints(self) -> frozenset[str]:
        """The blueprints whose URL values a function of the project gets first."""
        return frozenset(
            self.project.resolve(hook.receiver, file)
            for file in self.project.files
            for hook in file.url_hooks
            if hook.name == "url_value_preprocessor"
            and hook.receiver is not None
            and self.project.kind(hook.receiver, file) == "blueprint"
        )

    @cached_property
    def _changes_all(self) -> bool:
        for file in self.project.files:
            for hook in file.url_hooks:
                if hook.name in _CHANGING_ARGUMENTS:
                    return True
                if hook.name == "url_value_preprocessor" and not (
                    hook.receiver is not None
                    and self.project.kind(hook.receiver, file) == "blueprint"
                ):
                    return True
            for cls in file.classes:
                if not _DISPATCHING.isdisjoint(cls.methods) and self.project.is_subclass(
                    cls.reference, file, APP_CLASSES
                ):
                    return True
        return False

    # -- handlers of class views

    def handlers(
        self, own: Own, found: Definition, *, answers: bool = True
    ) -> list[tuple[FileFacts, FunctionFact]]:
        """List the functions which a view calls with the values of the URL.

        For a class these are its methods, as far as nothing of it changes their arguments. With
        `answers` nothing changes what they give either.
        """
        if found.fact is None or not all(
            self.keeps_view(decorator, found.file, answers=answers)
            for decorator in found.decorators
        ):
            return []
        if isinstance(found.fact, FunctionFact):
            return [(found.file, found.fact)]
        if isinstance(own.methods, Unknown):
            return []
        return list(self._methods(found.fact.reference, own.methods))

    def _methods(
        self, cls: str, methods: tuple[str, ...]
    ) -> Iterator[tuple[FileFacts, FunctionFact]]:
        ancestry = self.project.ancestry(cls)
        classes = [found for base in ancestry if (found := self.project.cls(base)) is not None]
        outside = {base for base in ancestry if self.project.cls(base) is None}
        is_method_view = "flask.views.MethodView" in outside
        if not outside <= _VIEW_BASES:
            return
        for file, fact in classes:
            own = {
                name.rpartition(".")[2]
                for name in file.values
                if name.startswith(f"{fact.reference}.")
            }
            if "decorators" in own or "as_view" in fact.methods:
                return
            if is_method_view and "dispatch_request" in {*fact.methods, *own}:
                return
        wanted = [verb.lower() for verb in methods] if is_method_view else ["dispatch_request"]
        for name in wanted:
            holder = next((cls for _, cls in classes if name in cls.methods), None)
            method = None
            if holder is not None:
                method = self.project.function(f"{holder.reference}.{name}")
            if method and all(self.keeps_view(d, method[0]) for d in method[1].decorators):
                yield method


def is_of_flask(site: Site) -> bool:
    """Tell whether a registering call is one of Flask's own, which stands for one rule."""
    return site.fact.method in ROUTE_METHODS or site.fact.method in {"add", "add_url_rule"}


def _in_order(one: UrlRule, other: UrlRule) -> bool:
    """Tell whether the places of two rules say which of them is registered first."""
    places = {
        (own.receiver, own.file.path, own.site.fact.runs)
        for own in (one.own, other.own)
        if own is not None and own.site is not None
    }
    return len(places) == 1


def _argument(call: Invoke, name: str, position: int) -> Expression | None:
    for keyword, value in call.keywords:
        if keyword == name:
            return value
    return call.args[position] if position < len(call.args) else None


def _defined(file: FileFacts, fact: FunctionFact | ClassFact) -> Definition:
    key = ("definition", file.path, fact.anchor)
    return Definition(key, fact.name, file, fact, tuple(reversed(fact.decorators)))
