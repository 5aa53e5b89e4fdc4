"""Views by the routes that lead to them, what decorators do to them, registered blueprints."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from flask_gotchas.facts import flask_api
from flask_gotchas.facts.expressions import Invoke, Ref
from flask_gotchas.project.evaluate import Missing, Thing, Unknown
from flask_gotchas.project.registrations import is_of_flask
from flask_gotchas.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.facts.model import DecoratorFact, FileFacts, FunctionFact, RegisteringFact
    from flask_gotchas.project.extensions.flask_itself import FlaskItself
    from flask_gotchas.project.link import Project
    from flask_gotchas.project.url_map import Own, Site

_METHOD_VIEW = frozenset({"flask.views.MethodView"})


class View(NamedTuple):
    """A function that answers requests.

    `methods` are those that its routes allow, None when that cannot be known; `answered` adds what
    Flask answers by itself. `is_handler` tells a method of a MethodView.
    """

    name: str
    methods: frozenset[str] | None
    routes: list[Own]
    is_handler: bool = False

    @property
    def places(self) -> list[tuple[FileFacts, int, str]]:
        """Where the routes are, as places that a report is related to."""
        once = {(own.file.path, own.anchor): own.file for own in self.routes}
        return [(file, anchor, "registered here") for (_, anchor), file in once.items()]

    @property
    def answered(self) -> frozenset[str]:
        """The methods that reach the view or that Flask answers for it: HEAD with GET, OPTIONS."""
        methods = self.methods or frozenset()
        return methods | ({"OPTIONS", "HEAD"} if "GET" in methods else {"OPTIONS"})


class Routing:
    """Answers about routes; ask it through `Project.routing`."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._called: dict[str, bool] = {}

    # -- routes and views

    def is_route(self, site: Site) -> bool:
        """Tell whether something that looks like a route is one of Flask.

        Where the receiver comes from out of view, a literal rule counts in a file which imports
        Flask and no other framework, or none at all if it is `add_url_rule` which names it.
        """
        kind = self.project.url_map.kind(site.receiver)
        if kind != "unknown":
            return kind in {"app", "blueprint"}
        # A bare name, or a module's function, is something else: only objects have rules.
        fact = site.fact
        receiver = (fact.call.target or "").rpartition(".")[0]
        rule = site.text("rule", 0)
        by_name = fact.method == "add_url_rule"
        return (
            not fact.bare
            and (not fact.call.target or "." in receiver)
            and (by_name or fact.method == "route")
            and isinstance(rule, str)
            and rule[:1] in {"", "/"}
            and site.file.frameworks | ({"flask"} if by_name else set()) == {"flask"}
        )

    def routes(self) -> Iterator[Own]:
        """Go through what Flask's own methods register, also on what comes from out of view."""
        url_map = self.project.url_map
        for _, owns in url_map.owns():
            yield from (own for own in owns if own.site is not None and is_of_flask(own.site))
        for site in url_map.untaken:
            if is_of_flask(site) and self.is_route(site):
                yield self._flask.own(site)

    @cached_property
    def _flask(self) -> FlaskItself:
        from flask_gotchas.project.extensions.flask_itself import FlaskItself  # noqa: PLC0415

        return FlaskItself(self.project.url_map)

    def route_anchors(self, file: FileFacts) -> frozenset[int]:
        """Name the decorators and calls of a file which are routes, by their anchors."""
        return self._anchors.get(file.path, frozenset())

    @cached_property
    def _anchors(self) -> dict[str, frozenset[int]]:
        found: dict[str, set[int]] = {}
        for own in self.routes():
            found.setdefault(own.file.path, set()).add(own.anchor)
        return {path: frozenset(anchors) for path, anchors in found.items()}

    @cached_property
    def _by_view(self) -> dict[str, list[Own]]:
        found: dict[str, dict[object, Own]] = {}
        for own in self.routes():
            if own.view is not None:
                place = (own.file.path, own.anchor, own.methods, own.rule)
                found.setdefault(own.view, {}).setdefault(place, own)
        return {view: list(owns.values()) for view, owns in found.items()}

    @cached_property
    def _doubtful_views(self) -> frozenset[str]:
        """Views with a route on something that may or may not belong to Flask."""
        url_map = self.project.url_map
        views = {
            self._flask.own(site).view
            for site in url_map.untaken
            if is_of_flask(site) and not self.is_route(site)
        }
        return frozenset(view for view in views if view is not None)

    def view(self, function: str, file: FileFacts) -> View | None:
        """Say how requests reach a function or method; None if no route is known to lead to it."""
        found = self.project.function(function)
        if found is None or found[0] is not file:
            return None
        fact = found[1]
        if fact.owner is None:
            routes = self._by_view.get(function, [])
            methods = self._allowed(routes, function)
            anchors = {own.anchor for own in routes}
            if any(d.gives_rule and d.anchor not in anchors for d in fact.decorators):
                methods = None
            ends = {
                fact.name,
                *(_last(own.endpoint) for own in routes if isinstance(own.endpoint, str)),
            }
            if not ends.isdisjoint(self._bare_endpoints):
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
            methods = self._allowed(routes, fact.owner)
            return View(name, None if fact.owner in self.bases else methods, routes)
        return None

    def asks_class(self, view: View) -> bool:
        """Tell whether it is the class of a view that says which methods all its routes allow."""
        return all(
            own.site is not None
            and own.site.fact.method == "add_url_rule"
            and own.site.argument("methods") is Missing
            and own.view is not None
            and self.project.cls(own.view) is not None
            for own in view.routes
        )

    def _allowed(self, routes: list[Own], view: str) -> frozenset[str] | None:
        """Unite the methods of a view's routes; None when some could be out of sight."""
        methods: set[str] = set()
        if self.is_mentioned(view) or view in self._doubtful_views or "" in self._bare_endpoints:
            return None
        for own in routes:
            if isinstance(own.methods, Unknown) or self._redefined(own):
                return None
            methods.update(own.methods)
        return frozenset(methods)

    def _redefined(self, own: Own) -> bool:
        """Tell whether a class of the project brings its own version of the route method."""
        if own.site is None or not isinstance(own.site.receiver, Thing):
            return False
        receiver = own.site.receiver
        cls = self.project.url_map.classes.of(receiver) if receiver.call is not None else None
        if cls is None:
            meaning = self.project.meaning(receiver.reference, receiver.file)
            cls = meaning.removesuffix("()")
        return any(
            found is not None
            and not {own.site.fact.method, "route", "add_url_rule"}.isdisjoint(found[1].methods)
            for found in map(self.project.cls, self.project.ancestry(cls))
        )

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
        """Last parts of the endpoints to which rules are added without naming the view.

        An empty one stands for a rule of which nothing is known.
        """
        found = {
            _last(own.endpoint) if isinstance(own.endpoint, str) else ""
            for own in self.routes()
            if own.site is not None and self._names_no_view(own.site)
        }
        untaken = self.project.url_map.untaken
        return frozenset(found | {"" for site in untaken if site.fact.method == "add"})

    def _names_no_view(self, site: Site) -> bool:
        if site.fact.method == "add_url_rule":
            view = site.argument("view_func", 2)
            return view is Missing or view is None
        return site.fact.method == "add"

    def is_taken(self, routes: list[Own], methods: frozenset[str]) -> bool:
        """Tell whether another view takes one of the methods under the same rule."""
        own = {(one.file.path, one.anchor) for one in routes}
        places = {(one.receiver, one.rule) for one in routes}
        return any(
            (other.receiver, other.rule) in places
            and (other.file.path, other.anchor) not in own
            and not isinstance(other.methods, Unknown)
            and not methods.isdisjoint(other.methods)
            for other in self.routes()
        )

    def is_called(self, function: str) -> bool:
        """Tell whether code of the project, tests aside, calls a view directly."""
        known = self._called.get(function)
        if known is None:
            calls = self.project.callers.calls(function)
            known = any(call.runs not in {"", function} for _, call in calls)
            self._called[function] = known
        return known

    def is_mentioned(self, reference: str) -> bool:
        """Tell whether an object is passed on or stored somewhere, and so may get out of view."""
        return self.project.callers.is_mentioned(reference)

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
            or any(d.meaning in flask_api.WRAPS for d in found[1].decorators)
        )

    # -- blueprints

    def blueprints(self) -> Iterator[tuple[FileFacts, Thing, int]]:
        """Go through all blueprints of the project, those of its own subclasses too.

        With the anchors of the variables that they are bound to.
        """
        for file in self.project.files:
            for name, anchor in file.bound_at.items():
                call = file.values.get(name)
                if isinstance(call, Invoke) and self._makes_blueprint(call, file):
                    yield file, Thing(name, call, file), anchor

    @cached_property
    def receivers(self) -> frozenset[str]:
        """The references of all on which routes or blueprints are registered."""
        return frozenset(
            self.project.resolve(fact.call.base.name, file)
            for file in self.project.files
            for fact in file.registering
            if isinstance(fact.call.base, Ref)
        )

    def registered(self) -> frozenset[str] | None:
        """Give the references of all registered blueprints.

        None when that cannot be known: the project is not complete or makes no application, or a
        registration cannot be resolved.
        """
        if not self.project.complete or not self._makes_app:
            return None
        found: set[str] = set()
        for file in self.project.files:
            for fact in file.registering:
                if fact.method == "register_blueprint":
                    for reference in self._registered_by(fact, file):
                        if reference is None:
                            return None
                        found.add(reference)
        return frozenset(found)

    def _registered_by(self, fact: RegisteringFact, file: FileFacts) -> Iterator[str | None]:
        """Give the blueprints that a registration is about, None for one that cannot be known."""
        evaluator = self.project.evaluator
        for scope in evaluator.cases(fact, file):
            value = evaluator.argument(fact.call, scope, "blueprint", 0)
            known = isinstance(value, Thing) and (
                (value.call is not None and self._makes_blueprint(value.call, value.file))
                or self._is_known(value.reference, value.file)
            )
            yield value.reference if isinstance(value, Thing) and known else None

    def _makes_blueprint(self, call: Invoke, file: FileFacts) -> bool:
        """Tell a call of a blueprint's class."""
        return call.target is not None and self.project.is_subclass(
            call.target, file, flask_api.BLUEPRINT_CLASSES
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
