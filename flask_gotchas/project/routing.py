"""Routes, views and blueprints of a whole project."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from flask_gotchas.facts import flask_api
from flask_gotchas.project.evaluate import Thing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.facts.model import (
        BlueprintFact,
        DecoratorFact,
        FileFacts,
        FunctionFact,
        RegistrationFact,
        RouteFact,
    )
    from flask_gotchas.project.link import Project

_METHOD_VIEW = frozenset({"flask.views.MethodView"})
_MAX_BASES = 20


class View(NamedTuple):
    """A function that answers requests.

    `methods` are those that its routes allow, None when that cannot be known; `answered` adds what
    Flask answers by itself. `is_handler` tells a method of a MethodView.
    """

    name: str
    methods: frozenset[str] | None
    routes: list[tuple[FileFacts, RouteFact]]
    is_handler: bool = False

    @property
    def answered(self) -> frozenset[str]:
        """The methods that reach the view or that Flask answers for it: HEAD with GET, OPTIONS."""
        methods = self.methods or frozenset()
        return methods | ({"OPTIONS", "HEAD"} if "GET" in methods else {"OPTIONS"})


class Routing:
    """Answers about routes; ask it through `Project.routing`."""

    def __init__(self, project: Project) -> None:
        self.project = project

    # -- routes and views

    def is_route(self, route: RouteFact, file: FileFacts) -> bool:
        """Tell whether something that looks like a route is one of Flask.

        Where the receiver comes from out of view, a literal rule counts in a file which imports
        Flask and no other framework, or none at all if it is `add_url_rule` which names it.
        """
        kind = self.project.kind(route.receiver, file)
        if kind == "unknown":
            # A bare name, or a module's function, is something else: only objects have rules.
            on_object = "." in (route.receiver or ".") and "." in route.spelling
            frameworks = file.frameworks | ({"flask"} if route.made_by == "add_url_rule" else set())
            return (
                on_object
                and route.made_by in {"route", "add_url_rule"}
                and route.rule is not None
                and route.rule[:1] in {"", "/"}
                and frameworks == {"flask"}
            )
        return kind in {"app", "blueprint"}

    def routes(self) -> Iterator[tuple[FileFacts, RouteFact]]:
        """Go through all routes of the project."""
        for file in self.project.files:
            for route in file.routes:
                if self.is_route(route, file):
                    yield file, route

    @cached_property
    def _by_view(self) -> dict[str, list[tuple[FileFacts, RouteFact]]]:
        found: dict[str, list[tuple[FileFacts, RouteFact]]] = {}
        for file, route in self.routes():
            if route.view is not None:
                found.setdefault(self._viewed(route.view, file), []).append((file, route))
        return found

    @cached_property
    def _doubtful_views(self) -> frozenset[str]:
        """Views with a route on something that may or may not belong to Flask."""
        return frozenset(
            self._viewed(route.view, file)
            for file in self.project.files
            for route in file.routes
            if route.view is not None and not self.is_route(route, file)
        )

    def _viewed(self, view: str, file: FileFacts) -> str:
        return self.project.resolve(view.removesuffix(".as_view()"), file)

    def view(self, function: str, file: FileFacts) -> View | None:
        """Say how requests reach a function or method; None if no route is known to lead to it."""
        found = self.project.function(function)
        if found is None or found[0] is not file:
            return None
        fact = found[1]
        if fact.owner is None:
            routes = self._by_view.get(function, [])
            methods = self._allowed(routes, function, ("GET",))
            anchors = {route.anchor for _, route in routes}
            if any(d.gives_rule and d.anchor not in anchors for d in fact.decorators):
                methods = None
            if any(_last(route.endpoint) in self._bare_endpoints for _, route in routes):
                methods = None
            if fact.name in self._bare_endpoints:
                methods = None
            return View(fact.name, methods, routes) if routes else None
        routes = self._by_view.get(fact.owner, [])
        name = f"{_last(fact.owner)}.{fact.name}"
        if self.project.is_subclass(fact.owner, file, _METHOD_VIEW):
            verb = fact.name.upper()
            if verb in flask_api.HTTP_METHODS and routes:
                hidden = self.is_mentioned(function) or fact.owner in self.bases
                methods = None if hidden else frozenset({verb})
                return View(name, methods, routes, is_handler=True)
        elif fact.name == "dispatch_request" and routes:
            methods = self._allowed(routes, fact.owner, self._class_methods(fact.owner))
            return View(name, None if fact.owner in self.bases else methods, routes)
        return None

    def _allowed(
        self,
        routes: list[tuple[FileFacts, RouteFact]],
        view: str,
        default: tuple[str, ...] | None,
    ) -> frozenset[str] | None:
        """Unite the methods of a view's routes; None when some could be out of sight."""
        methods: set[str] = set()
        if self.is_mentioned(view) or view in self._doubtful_views:
            return None
        for file, route in routes:
            allowed = default if route.methods is None else route.methods
            if not route.methods_known or allowed is None or self._redefined(route, file):
                return None
            methods.update(allowed)
        return frozenset(methods)

    def _class_methods(self, reference: str) -> tuple[str, ...] | None:
        """Give the methods that a class view names, or inherits; None when they cannot be read."""
        for _ in range(_MAX_BASES):
            found = self.project.cls(reference)
            if found is None:
                return ("GET",) if reference == "flask.views.View" else None
            file, cls = found
            if cls.http_methods is not None:
                return cls.http_methods or None
            if len(cls.bases) != 1 or cls.bases[0] is None:
                return None
            reference = self.project.resolve(cls.bases[0], file)
        return None

    def _redefined(self, route: RouteFact, file: FileFacts) -> bool:
        """Tell whether a class of the project brings its own version of the route method."""
        if route.receiver is None:
            return False
        todo = [(self.project.meaning(route.receiver, file).removesuffix("()"), file)]
        for _ in range(_MAX_BASES):
            if not todo:
                break
            reference, where = todo.pop()
            found = self.project.cls(self.project.resolve(reference, where))
            if found is not None:
                own = found[1].methods
                if not {route.made_by, "route", "add_url_rule"}.isdisjoint(own):
                    return True
                todo += [(base, found[0]) for base in found[1].bases if base is not None]
        return False

    @cached_property
    def bases(self) -> frozenset[str]:
        """The classes from which others of the project derive."""
        return frozenset(
            self.project.resolve(base, file)
            for file in self.project.files
            for cls in file.classes
            for base in cls.bases
            if base is not None
        )

    @cached_property
    def _bare_endpoints(self) -> frozenset[str]:
        """Last parts of the endpoints to which rules are added without naming the view."""
        return frozenset(
            _last(endpoint) for file in self.project.files for endpoint in file.rule_endpoints
        )

    def is_taken(self, routes: list[tuple[FileFacts, RouteFact]], methods: frozenset[str]) -> bool:
        """Tell whether another view takes one of the methods under the same rule."""
        own = {(file.path, route.anchor) for file, route in routes}
        places = {self._place(route, file) for file, route in routes}
        return any(
            self._place(route, file) in places
            and (file.path, route.anchor) not in own
            and not methods.isdisjoint(route.methods or ("GET",))
            for file, route in self.routes()
        )

    def _place(self, route: RouteFact, file: FileFacts) -> tuple[str | None, str | None]:
        receiver = route.receiver and self.project.resolve(route.receiver, file)
        return (receiver, route.rule)

    def is_called(self, function: str) -> bool:
        """Tell whether code of the project, tests aside, calls a view directly."""
        return function in self._called

    @cached_property
    def _called(self) -> frozenset[str]:
        called: set[str] = set()
        for file in self.project.files:
            if not self.project.is_test(file):
                for call in file.calls:
                    found = self.project.called(call.target, file) if call.runs else None
                    if found is not None and found[1].reference != call.runs:
                        called.add(found[1].reference)
        return frozenset(called)

    def is_mentioned(self, reference: str) -> bool:
        """Tell whether an object is passed on or stored somewhere, and so may get out of view."""
        return reference in self._mentioned

    @cached_property
    def _mentioned(self) -> frozenset[str]:
        return frozenset(
            self.project.resolve(mention, file)
            for file in self.project.files
            for mention in file.mentions
        )

    # -- decorators

    def wraps(self, decorator: DecoratorFact, file: FileFacts) -> bool:
        """Tell whether a decorator surely gives a new function instead of the one it decorates.

        A function of the project is looked at; another decorator must be called like a guard.
        """
        names = {_last(decorator.spelling), _last(decorator.meaning)}
        if not names.isdisjoint(flask_api.REGISTERING_DECORATORS | flask_api.HOOKS):
            return False
        if decorator.meaning is not None:
            replaced = self._replaces(decorator.meaning, file, called=decorator.called)
            if replaced is not None:
                return replaced
        return self.is_guard(decorator)

    def is_guard(self, decorator: DecoratorFact) -> bool:
        """Tell whether a decorator is named like one that protects a view, here or at home."""
        return flask_api.is_guard_name(decorator.spelling) or flask_api.is_guard_name(
            decorator.meaning or ""
        )

    def gives_same(self, decorator: DecoratorFact, file: FileFacts) -> bool:
        """Tell whether a decorator of the project surely gives the function that it decorates."""
        return (
            decorator.meaning is not None
            and self._replaces(decorator.meaning, file, called=decorator.called) is False
        )

    def _replaces(self, decorator: str, file: FileFacts, *, called: bool) -> bool | None:
        """Tell whether a decorator of the project gives another function; None if it is unclear."""
        reference = self.project.resolve(decorator, file)
        if self.project.cls(reference) is not None:
            if not called:
                return True
            reference = f"{reference}.__call__"
            called = False
            found = self.project.function(reference)
        else:
            found = self.project.called(reference, file)
        given = self._gives(found[1], 1 if called else 0) if found is not None else {None}
        return False if False in given else True in given or None

    def _gives(self, fact: FunctionFact, calls: int) -> set[bool | None]:
        """Say for each return whether it gives a new function or the one that was passed in.

        `calls` tells how often what is returned is called before it has the function.
        """
        if fact.decorators or fact.is_generator:
            return {None}
        own = {f"{fact.reference}.<locals>.{parameter.name}" for parameter in fact.parameters}
        given: set[bool | None] = set() if fact.returns else {False}
        for value in fact.returns:
            inner = self.project.function((value or "").removesuffix("()"))
            if value in own:
                given.add(False)
            elif value is None or inner is None or inner[1].runs != fact.reference:
                given.add(None)
            elif value.endswith("()"):
                given |= self._gives(inner[1], calls)
            elif calls:
                given |= self._gives(inner[1], calls - 1)
            else:
                given.add(True)
        return given

    def _returned_function(self, reference: str) -> str | None:
        """Give the inner function that a function always returns."""
        found = self.project.function(reference)
        if found is None or len(found[1].returns) != 1:
            return None
        value = found[1].returns[0]
        inner = value is not None and value.startswith(f"{reference}.<locals>.")
        return value if inner and value is not None and self.project.function(value) else None

    def replacement(self, decorator: DecoratorFact, file: FileFacts) -> str | None:
        """Give the inner function that a decorator of the project puts in place of a function."""
        if decorator.meaning is None:
            return None
        reference = self.project.resolve(decorator.meaning, file)
        made = self._returned_function(reference)
        return self._returned_function(made) if decorator.called and made is not None else made

    def keeps_name(self, inner: str) -> bool:
        """Tell whether a function in place of another takes over its name."""
        found = self.project.function(inner)
        return (
            found is None
            or inner in found[0].renamed
            or any(d.meaning in {"functools.wraps", "six.wraps"} for d in found[1].decorators)
        )

    # -- blueprints

    def blueprints(self) -> Iterator[tuple[FileFacts, BlueprintFact]]:
        """Go through all blueprints of the project, those of its own subclasses too."""
        for file in self.project.files:
            for blueprint in file.blueprints:
                made_by = blueprint.meaning[:-2]
                if self.project.is_subclass(made_by, file, flask_api.BLUEPRINT_CLASSES):
                    yield file, blueprint

    def registered(self) -> frozenset[str] | None:
        """Give the references of all registered blueprints.

        None when that cannot be known: the project is not complete or makes no application, or a
        registration cannot be resolved.
        """
        project = self.project
        if not project.complete or not self._makes_app:
            return None
        found: set[str] = set()
        for file in project.files:
            for registration in file.registrations:
                for reference in self._registered_by(registration, file):
                    if reference is None:
                        return None
                    found.add(reference)
        return frozenset(found)

    def _registered_by(
        self, registration: RegistrationFact, file: FileFacts
    ) -> Iterator[str | None]:
        """Give the blueprints that a registration is about, None for one that cannot be known.

        Where the argument says nothing by itself, it is worked out for each case in which it runs.
        """
        if registration.blueprint is not None:
            reference = self.project.resolve(registration.blueprint, file)
            if self._is_known(reference, file):
                yield reference
                return
        evaluator = self.project.evaluator
        values = [
            evaluator.argument(fact.call, scope, "blueprint", 0)
            for fact in file.registering
            if fact.anchor == registration.anchor
            for scope in evaluator.cases(fact, file)
        ]
        for value in values or (None,):
            known = isinstance(value, Thing) and (
                self._is_made_here(value) or self._is_known(value.reference, value.file)
            )
            yield value.reference if isinstance(value, Thing) and known else None

    def _is_made_here(self, thing: Thing) -> bool:
        """Tell whether a call of a blueprint's class is what made an object."""
        made_by = None if thing.call is None else thing.call.target
        return made_by is not None and self.project.is_subclass(
            made_by, thing.file, flask_api.BLUEPRINT_CLASSES
        )

    def _is_known(self, reference: str, file: FileFacts) -> bool:
        """Tell whether a reference leads to a blueprint or out of the project.

        What a call or a subscript gives, such as `getattr()`, may be one of the project too.
        """
        ours = self.project.split(reference, file)[0] is not None
        unclear = ours or "(" in reference or "[" in reference
        return not unclear or self.project.kind(reference, file) == "blueprint"

    @cached_property
    def _makes_app(self) -> bool:
        return any(
            self.project.kind(value, file) == "app"
            for file in self.project.files
            if not self.project.is_test(file)
            for value in (
                *file.meanings.values(),
                *(value for function in file.functions for value in function.returns),
            )
            if value is not None and value != "flask.current_app"
        )


def _last(dotted: str | None) -> str:
    """Give the last part of a dotted name."""
    return (dotted or "").rpartition(".")[2]
