"""Every URL rule of a project, as `flask routes` would print it, worked out from source alone.

Registrations are collected by Flask's own methods and those of extensions, for each value that
parameters and loop variables take; then blueprints are composed with the prefixes and names under
which they are registered. What cannot be known is None, with the reason.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from flask_gotchas.facts import flask_api
from flask_gotchas.facts.expressions import Invoke
from flask_gotchas.project.classes import Classes
from flask_gotchas.project.evaluate import Missing, Scope, Thing, Unknown, Value
from flask_gotchas.project.extensions import extensions
from flask_gotchas.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.facts.model import FileFacts, RegisteringFact
    from flask_gotchas.project.endpoints import Endpoints
    from flask_gotchas.project.link import Project
    from flask_gotchas.project.registrations import Registrations

# Of a view with more nobody knows what it becomes: each of them would have to look at those below.
MOST_DECORATORS = 100
_MAX_NESTING = 6
_MAKERS = frozenset(
    {
        "flask.current_app._get_current_object",
        *flask_api.APP_CLASSES,
        *flask_api.BLUEPRINT_CLASSES,
    }
)


class UrlRule(NamedTuple):
    """A rule of an application; None stands for what cannot be known, `why` says the reasons.

    `methods` are sorted and without HEAD and OPTIONS that Flask adds by itself. `view` is the
    reference of a function or class, `blueprint` the full name of the blueprint. `registered` is
    the place of the registration of the blueprint. `options` are further arguments of the rule that
    decide what it matches, as far as they are known. `own` is what was registered, before names and
    prefixes of blueprints were put before it.
    """

    app: str | None
    rule: str | None
    methods: tuple[str, ...] | None
    endpoint: str | None
    view: str | None
    blueprint: str | None
    file: FileFacts
    anchor: int
    why: tuple[tuple[str, str], ...] = ()
    options: tuple[tuple[str, Value], ...] = ()
    own: Own | None = None


class Site(NamedTuple):
    """A registering call in one of the cases in which it runs."""

    project: Project
    fact: RegisteringFact
    scope: Scope
    receiver: Value

    @property
    def file(self) -> FileFacts:
        """The file in which the call stands."""
        return self.scope.file

    def argument(self, name: str, position: int | None = None) -> Value:
        """Work out an argument; `Missing` if it is not given."""
        return self.project.evaluator.argument(self.fact.call, self.scope, name, position)

    def text(self, name: str, position: int | None = None) -> str | Unknown | None:
        """Work out a text argument: None if it is not given or None, Unknown if it is no text."""
        return as_text(self.argument(name, position))

    @property
    def view(self) -> Value:
        """What is decorated, or what the result of the call is applied to."""
        if self.fact.view is None:
            return Missing
        return self.project.evaluator.value(self.fact.view, self.scope)


class Own(NamedTuple):
    """A rule as registered on an application or blueprint, without prefixes.

    `receiver` is the key of that object, None for what an extension composes by itself; `site` is
    the call, None for rules that Flask adds without one.
    """

    rule: str | Unknown
    methods: tuple[str, ...] | Unknown
    endpoint: str | Unknown
    view: str | None
    file: FileFacts
    anchor: int
    options: tuple[tuple[str, Value], ...] = ()
    receiver: str | None = None
    site: Site | None = None


class Child(NamedTuple):
    """A registration of a blueprint on an application or on another blueprint."""

    parent: str | None
    url_prefix: str | Unknown | None
    name: str | Unknown | None


class Placed(NamedTuple):
    """A blueprint under one of the names and prefixes that it has in an application."""

    app: str | None
    prefix: str | Unknown | None
    name: str | Unknown


class UrlMap:
    """The rules of all applications; ask it through `Project.url_map`."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.classes = Classes(project)
        self._things: dict[str, Thing] = {}
        self._own: dict[str, list[Own]] = {}
        self._placed: list[tuple[Own, Placed]] = []
        self._children: dict[str, list[Child]] = {}
        self.unresolved = 0
        self.registered_at: dict[str, list[Site]] = {}
        self.untaken: list[Site] = []
        self._extensions = [extension(self) for extension in extensions()]
        for file in project.files:
            for fact in file.registering:
                self._take(fact, file)
        for extension in self._extensions:
            extension.finish()
        once: dict[object, UrlRule] = {}
        rules = list(self._compose())
        rules += self._static_rules({rule.app for rule in rules})
        for rule in rules:
            # Rules that are not known look alike, wherever they stand above one view; those of a
            # blueprint also when it is registered in several ways that are not known.
            place: object = rule.anchor
            if rule.rule is None:
                place = rule.why if rule.blueprint is None else None
            same = (rule.file.path, place, rule[1:6])
            first = once.setdefault(same, rule)
            apps = dict.fromkeys([*(first.app or "").split(", "), rule.app or ""])
            once[same] = first._replace(app=", ".join(filter(None, apps)) or None)
        self.rules = tuple(once.values())

    def _take(self, fact: RegisteringFact, file: FileFacts) -> None:
        takers = [e for e in self._extensions if fact.method in e.methods]
        if not takers or self.project.is_test(file):
            return
        for scope in self.project.evaluator.cases(fact, file):
            base = fact.call.base
            receiver = Missing if base is None else self.project.evaluator.value(base, scope)
            site = Site(self.project, fact, scope, receiver)
            if not any(extension.take(site) for extension in takers):
                self.untaken.append(site)

    # -- for extensions

    def kind(self, value: Value) -> str:
        """Say whether a value is an app, a blueprint, something else, or unknown."""
        if not isinstance(value, Thing):
            return "unknown"
        kind = self.project.kind(value.reference, value.file)
        if kind == "unknown" and value.call is not None:
            kind = self.project.kind(f"{value.call.target}()", value.file)
        if kind == "unknown" and self.project.is_app(value.reference, value.file):
            return "app"
        return kind

    def add_rule(
        self,
        receiver: Thing,
        *,
        rule: str | Unknown,
        methods: tuple[str, ...] | Unknown,
        endpoint: str | Unknown,
        view: str | None,
        site: Site,
        options: tuple[tuple[str, Value], ...] = (),
    ) -> None:
        """Note a rule on an application or blueprint; `options` are of Werkzeug's `Rule`."""
        key = self.key(receiver)
        self._own.setdefault(key, []).append(
            Own(rule, methods, endpoint, view, site.file, site.fact.anchor, options, key, site)
        )

    def add_placed(
        self,
        place: Placed,
        *,
        rule: str | Unknown,
        methods: tuple[str, ...] | Unknown,
        endpoint: str | Unknown,
        view: str | None,
        site: Site,
        options: tuple[tuple[str, Value], ...] = (),
    ) -> None:
        """Note a rule that an extension composes by itself; `place` names what it belongs to."""
        anchor = site.fact.anchor
        own = Own(rule, methods, endpoint, view, site.file, anchor, options, None, site)
        self._placed.append((own, place))

    def add_child(
        self,
        parent: Value,
        child: Value,
        *,
        url_prefix: str | Unknown | None,
        name: str | Unknown | None,
        site: Site | None = None,
    ) -> None:
        """Note the registration of a blueprint; an unknown parent counts as the application."""
        if not isinstance(child, Thing):
            self.unresolved += 1
            return
        if self.kind(child) == "unknown":
            # What it is may well be one of the blueprints in view.
            self.unresolved += 1
        owner = parent if isinstance(parent, Thing) else None
        made = Child(None if owner is None else self.key(owner), url_prefix, name)
        if site is not None:
            self.registered_at.setdefault(self.key(child), []).append(site)
        children = self._children.setdefault(self.key(child), [])
        if made not in children:
            children.append(made)

    def key(self, thing: Thing) -> str:
        """Give an object a key; two objects made by one call with other arguments differ."""
        key = thing.reference
        if thing.call is not None and thing.bound:
            used = {name: value for name, value in thing.bound if name.rpartition(".<locals>.")[0]}
            key = f"{key} {sorted((n, repr(v)[:80]) for n, v in used.items())}"
        self._things.setdefault(key, thing)
        return key

    def view_of(self, value: Value, below: int | None = None) -> tuple[str | None, str | Unknown]:
        """Give the reference of a view and the endpoint that it has by default.

        Looks through wrappers which take the view as their only positional argument. `below` is the
        anchor of a decorator which gets the view before those above it are applied.
        """
        for _ in range(5):
            if not isinstance(value, Thing):
                break
            call = value.call
            if call is None:
                return value.reference, self._function_endpoint(value.reference, below)
            if call.method == "as_view":
                name = as_text(self.project.evaluator.argument(call, value.scope, "name", 0))
                base = call.base and self.project.evaluator.value(call.base, value.scope)
                cls = base.reference if isinstance(base, Thing) else None
                return cls, name if name is not None else Unknown("it has no name")
            if len(call.args) != 1:
                break
            value = self.project.evaluator.value(call.args[0], value.scope)
        return None, value if isinstance(value, Unknown) else Unknown("its view is not known")

    def _function_endpoint(self, reference: str, below: int | None) -> str | Unknown:
        """Give a function's `__name__` after its decorators have been applied."""
        found = self.project.function(reference)
        name = reference.rpartition(".")[2]
        if found is None:
            return name
        if reference in self._renamed:
            return Unknown("its `__name__` is set")
        if len(found[1].decorators) > MOST_DECORATORS:
            return Unknown("it has too many decorators")
        routing = self.project.routing
        known: str | Unknown = name
        for decorator in reversed(found[1].decorators):
            if decorator.anchor == below:
                break
            if decorator.meaning in flask_api.WRAPS:
                known = Unknown("it has the name of another function")
            inner = routing.replacement(decorator, found[0])
            if inner is not None and not routing.keeps_name(inner):
                known = inner.rpartition(".")[2]
        return known

    @cached_property
    def _renamed(self) -> frozenset[str]:
        return frozenset(
            self.project.resolve(name, file) for file in self.project.files for name in file.renamed
        )

    def methods_set_on(self, view: str, file: FileFacts) -> Value:
        """Give the `methods` that a file or its own sets on a function or class; else `Missing`."""
        owner, _ = self.project.split(view, file)
        for where in (file, *(() if owner is None else (owner,))):
            if f"{view}.required_methods" in where.values:
                return Unknown("its methods are set")
            if f"{view}.methods" in where.values:
                value = where.values[f"{view}.methods"]
                return as_methods(self.project.evaluator.value(value, Scope(where, {})))
        return Missing

    def class_methods(self, reference: str, default: tuple[str, ...] | None) -> Value:
        """Give the methods of a class view: its own list, else those that it has functions for.

        `default` is what a View without a list allows; None for a MethodView, which also takes over
        the lists of its bases.
        """
        found: set[str] = set()
        for base in self.project.ancestry(reference):
            cls = self.project.cls(base)
            if cls is None:
                if base not in flask_api.PLAIN_VIEW_BASES:
                    return Unknown("a base class is not in view")
                continue
            file, fact = cls
            if fact.http_methods is not None:
                listed = file.values.get(f"{base}.methods")
                if listed is None:
                    return Unknown("the methods are computed")
                value = as_methods(self.project.evaluator.value(listed, Scope(file, {})))
                if isinstance(value, Unknown) or base == reference or default is not None:
                    return value
                found |= set(value)
            elif f"{base}.methods" in file.values:
                return Unknown("its methods are set outside of the class")
            found |= {
                verb
                for verb in flask_api.HANDLER_METHODS
                if verb.lower() in fact.methods or f"{base}.{verb.lower()}" in file.values
            }
        return (tuple(sorted(found)) or ("GET",)) if default is None else default

    # -- for questions about registrations

    @cached_property
    def registrations(self) -> Registrations:
        """Registrations beside each other."""
        from flask_gotchas.project.registrations import Registrations  # noqa: PLC0415

        return Registrations(self)

    @cached_property
    def endpoints(self) -> Endpoints:
        """Endpoints, and who asks for them."""
        from flask_gotchas.project.endpoints import Endpoints  # noqa: PLC0415

        return Endpoints(self)

    def thing(self, key: str) -> Thing:
        """Give the object which has a key."""
        return self._things[key]

    def owns(self) -> Iterator[tuple[Thing, list[Own]]]:
        """Go through applications and blueprints with what is registered on them."""
        for key, rules in self._own.items():
            yield self._things[key], rules

    def own_rules(self, key: str) -> list[Own]:
        """Give what is registered on the object which has a key."""
        return self._own.get(key, [])

    def registered_things(self) -> Iterator[Thing]:
        """Go through what is registered as a blueprint, whatever it is."""
        for key in self._children:
            yield self._things[key]

    # -- composition

    def _compose(self) -> Iterator[UrlRule]:
        for own, place in self._placed:
            yield self._finish(own, place)
        for key, rules in self._own.items():
            thing = self._things[key]
            kind = self.kind(thing)
            if kind == "app":
                for own in rules:
                    yield self._finish(own, Placed(self.app_name(thing), None, ""))
            elif kind == "blueprint":
                places = list(self.places(thing))
                for own in rules:
                    for place in places:
                        yield self._finish(own, place)

    def app_name(self, thing: Thing) -> str | None:
        """Name an application by its variable; None for one that is only known as a parameter."""
        return thing.reference if thing.call is not None else None

    def places(self, thing: Thing, depth: int = 0) -> Iterator[Placed]:
        """Go through the names and prefixes under which a blueprint is registered."""
        if depth > _MAX_NESTING:
            return
        name, prefix = self.blueprint_parts(thing)
        children = self._children.get(self.key(thing), [])
        if not children:
            if self.unresolved:
                yield Placed(None, Unknown("its blueprint is registered out of view"), name)
            return
        for child in children:
            own_prefix = prefix if child.url_prefix is None else child.url_prefix
            own_name = name if child.name is None else child.name
            parent = None if child.parent is None else self._things[child.parent]
            if parent is None or self.kind(parent) != "blueprint":
                app = self.app_name(parent) if parent is not None else None
                yield Placed(app, own_prefix, own_name)
                continue
            for place in self.places(parent, depth + 1):
                yield Placed(
                    place.app,
                    _nested_prefix(place.prefix, own_prefix),
                    _dotted(place.name, own_name),
                )

    def blueprint_parts(self, thing: Thing) -> tuple[str | Unknown, str | Unknown | None]:
        """Give the name and the prefix with which a blueprint was made."""
        call = thing.call
        if call is None:
            return Unknown("its blueprint is not known"), Unknown("its blueprint is not known")
        made_by = self.project.resolve(call.target or "", thing.file)
        reached = self.classes.passed_on(made_by, "__init__", call, thing.scope)
        if isinstance(reached, Unknown):
            return reached, reached
        argument = self.project.evaluator.argument
        is_flasks = self.project.is_subclass(made_by, thing.file, frozenset({"flask.Blueprint"}))
        name = as_text(argument(*reached, "name", 0))
        prefix = as_text(argument(*reached, "url_prefix", 5 if is_flasks else None))
        return name if name is not None else Unknown("its name is not given"), prefix

    def _finish(self, own: Own, place: Placed) -> UrlRule:
        in_blueprint = place.name != ""
        rule = prefixed(place.prefix, own.rule) if in_blueprint else own.rule
        endpoint = _dotted(place.name, own.endpoint)
        why = tuple(
            (part, value.why)
            for part, value in (
                *(("rule", rule), ("methods", own.methods), ("endpoint", endpoint)),
                *own.options,
            )
            if isinstance(value, Unknown)
        )
        methods = own.methods
        return UrlRule(
            app=place.app,
            rule=None if isinstance(rule, Unknown) else rule,
            methods=None if isinstance(methods, Unknown) else _shown_methods(methods),
            endpoint=None if isinstance(endpoint, Unknown) else endpoint,
            view=own.view,
            blueprint=place.name if in_blueprint and isinstance(place.name, str) else None,
            file=own.file,
            anchor=own.anchor,
            why=why,
            options=tuple(pair for pair in own.options if not isinstance(pair[1], Unknown)),
            own=own,
        )

    def _static_rules(self, apps: set[str | None]) -> Iterator[UrlRule]:
        """Add the rule for static files of applications and of blueprints that have a folder.

        Only applications that have other rules, given by name, are looked at.
        """
        evaluator = self.project.evaluator
        for file in self.project.files if apps else ():
            if self.project.is_test(file):
                continue
            for name, anchor in file.made_at.items():
                if self._is_something_else(name, file):
                    continue
                thing = evaluator.thing(name, file)
                kind = "unknown" if thing is None else self.kind(thing)
                if thing is None or thing.call is None or kind not in {"app", "blueprint"}:
                    continue
                if thing.reference != name and thing.reference in thing.file.made_at:
                    continue  # a second name for what is looked at under its own
                default = "static" if kind == "app" else None
                position = 2 if kind == "blueprint" else None
                made_by = self.project.resolve(thing.call.target or "", thing.file)
                reached = self.classes.passed_on(made_by, "__init__", thing.call, thing.scope)
                call = (thing.call, thing.scope) if isinstance(reached, Unknown) else reached
                folder = evaluator.argument(*call, "static_folder", position)
                folder = default if folder is Missing else as_text(folder)
                path = as_text(evaluator.argument(*call, "static_url_path"))
                if isinstance(reached, Unknown):
                    folder = path = reached
                if folder is None:
                    continue
                if path is None and isinstance(folder, str):
                    path = "/" + folder.rstrip("/").rpartition("/")[2]
                rule = (
                    Unknown("its folder is not known")
                    if not isinstance(path, str)
                    else (f"{path.rstrip('/')}/<path:filename>")
                )
                own = Own(rule, ("GET",), "static", None, file, anchor)
                app = Placed(self.app_name(thing), None, "")
                for place in [app] if kind == "app" else self.places(thing):
                    if place.app in apps:
                        yield self._finish(own, place)

    def _is_something_else(self, variable: str, file: FileFacts) -> bool:
        """Tell at a glance what is neither an application nor a blueprint: most variables are."""
        holder, _, name = variable.rpartition(".")
        made = file.values.get(variable)
        if made is None:
            return holder.endswith("<locals>")
        if not isinstance(made, Invoke) or made.target is None or name in {"app", "application"}:
            return False
        maker = self.project.meaning(made.target, file)
        if maker in _MAKERS or self.project.function(maker) is not None:
            return False
        return not self.project.is_subclass(maker, file, _MAKERS)


def as_text(value: Value) -> str | Unknown | None:
    """Take a value for a text: None if missing or None, Unknown if it is anything else."""
    if value is Missing or value is None:
        return None
    if isinstance(value, (str, Unknown)):
        return value
    return Unknown("it is not a plain text")


def as_methods(value: Value) -> Value:
    """Take a value for a list of methods: upper case and sorted, or Unknown."""
    if isinstance(value, tuple) and not isinstance(value, (Thing, Unknown)):
        if all(isinstance(item, str) for item in value):
            return tuple(sorted({item.upper() for item in value}))
        return Unknown("a method is computed")
    return value if isinstance(value, Unknown) else Unknown("the methods are computed")


def _shown_methods(methods: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(set(methods) - ({"HEAD"} if "GET" in methods else set())))


def prefixed(prefix: str | Unknown | None, rule: str | Unknown) -> str | Unknown:
    """Put a blueprint's prefix before a rule, as `BlueprintSetupState.add_url_rule` does."""
    if isinstance(rule, Unknown) or isinstance(prefix, Unknown):
        return rule if isinstance(rule, Unknown) else prefix  # type: ignore[return-value]
    if prefix is None:
        return rule
    return "/".join((prefix.rstrip("/"), rule.lstrip("/"))) if rule else prefix


def _nested_prefix(
    outer: str | Unknown | None, inner: str | Unknown | None
) -> str | Unknown | None:
    """Compose the prefixes of nested blueprints, as `Blueprint.register` does."""
    if isinstance(outer, Unknown) or inner is None:
        return outer
    if isinstance(inner, Unknown) or outer is None:
        return inner
    return f"{outer.rstrip('/')}/{inner.lstrip('/')}"


def _dotted(outer: str | Unknown, inner: str | Unknown) -> str | Unknown:
    if isinstance(outer, Unknown):
        return outer
    if isinstance(inner, Unknown):
        return inner
    return f"{outer}.{inner}".lstrip(".")
