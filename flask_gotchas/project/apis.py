"""What Flask-RESTful and its descendants share: APIs, and what they are bound to."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from flask_gotchas.facts.model import RegisteringFact
from flask_gotchas.project.evaluate import Missing, Scope, Thing, Unknown, Value
from flask_gotchas.project.extensions.flask_itself import FlaskItself
from flask_gotchas.project.url_map import Placed, Site, as_methods, as_text
from flask_gotchas.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from flask_gotchas.facts.model import ClassFact, FileFacts, FunctionFact
    from flask_gotchas.project.url_map import UrlMap

_UNBOUND = Unknown("its API is bound to no application in view")


class Moment(NamedTuple):
    """When a call happens, as far as its place tells; `definition` numbers what it decorates."""

    file: FileFacts
    runs: str
    anchor: int
    definition: int = -1

    def before(self, other: Moment) -> bool | None:
        """Tell whether this happens first; None when the places do not tell.

        What a module does comes before what its functions do, and of the decorators of one
        definition the lowest comes first.
        """
        if self.file is not other.file:
            return None
        if self.runs == other.runs:
            upwards = self.definition == other.definition != -1
            return self.anchor > other.anchor if upwards else self.anchor < other.anchor
        return not self.runs if not self.runs or not other.runs else None


def moment(site: Site) -> Moment:
    """Say when a registering call happens."""
    file, fact = site.file, site.fact
    definition = -1
    decorated: list[ClassFact | FunctionFact] = [*file.classes, *file.functions]
    for one in decorated if fact.on_view else ():
        if any(decorator.anchor == fact.anchor for decorator in one.decorators):
            definition = one.anchor
    return Moment(file, fact.runs, fact.anchor, definition)


_T = TypeVar("_T")


def in_order(items: Iterable[_T], when: Callable[[_T], tuple[Moment, ...]]) -> list[_T] | None:
    """Sort things by when they happen; None if that cannot be told.

    Later moments decide where the first are the same. Things whose moments are all the same, as in
    a loop, stay as they are.
    """
    ordered: list[_T] = []
    for item in items:
        place = len(ordered)
        for index, other in enumerate(ordered):
            pairs = zip(when(item), when(other), strict=True)
            differ = next(((mine, its) for mine, its in pairs if mine != its), None)
            first = False if differ is None else differ[0].before(differ[1])
            if first is None:
                return None
            if first:
                place = min(place, index)
        ordered.insert(place, item)
    return ordered


class Binding(NamedTuple):
    """An application or blueprint which an API got; `site` is None for its constructor."""

    target: Value
    site: Site | None = None

    @property
    def moment(self) -> Moment | None:
        """When `init_app` is called; None for the constructor."""
        return None if self.site is None else moment(self.site)


class Resource(NamedTuple):
    """A resource class as it is added: its URLs, its name, and the rest of what becomes rules."""

    site: Site
    view: str | None
    name: str | Unknown
    urls: tuple[str | Unknown, ...]
    endpoint: str | Unknown | None
    methods: Value
    options: tuple[tuple[str, Value], ...]


class Apis:
    """The APIs of one extension, by the classes that it calls so."""

    def __init__(self, url_map: UrlMap, classes: frozenset[str]) -> None:
        self.url_map = url_map
        self.project = url_map.project
        self.classes = classes
        self._flask = FlaskItself(url_map)
        self._bindings: dict[str, list[Binding]] = {}

    # -- objects

    def owns(self, value: Value, classes: frozenset[str] | None = None) -> bool:
        """Tell whether a value is an API, or an object of other classes."""
        made_by = self.class_of(value)
        return made_by is not None and self.project.is_subclass(
            made_by, value.file, self.classes if classes is None else classes
        )

    def class_of(self, value: Value) -> str | None:
        """Give the class of an object, by the call that made it or by an annotation."""
        if not isinstance(value, Thing):
            return None
        if value.call is not None:
            return self.project.resolve(value.call.target or "", value.file)
        meaning = self.project.meaning(value.reference, value.file)
        return meaning[:-2] if meaning.endswith("()") else None

    def argument(self, thing: Thing, name: str, position: int | None = None) -> Value:
        """Work out an argument of a constructor, through those of the project's subclasses."""
        if thing.call is None:
            return Unknown("the call that made it is not known")
        reached = self.url_map.classes.passed_on(
            self.class_of(thing) or "", "__init__", thing.call, thing.scope
        )
        if isinstance(reached, Unknown):
            return reached
        return self.project.evaluator.argument(*reached, name, position)

    def text(self, thing: Thing, name: str, position: int | None = None) -> str | Unknown | None:
        """Work out a text argument of a constructor; None if it is not given or None."""
        return as_text(self.argument(thing, name, position))

    def overrides(self, thing: Thing, methods: frozenset[str]) -> bool:
        """Tell whether a subclass in the project has one of some methods of its own."""
        for reference in self.project.ancestry(self.class_of(thing) or ""):
            found = self.project.cls(reference)
            if found is not None and not methods.isdisjoint(found[1].methods):
                return True
        return False

    def making(self, thing: Thing) -> Site | None:
        """Give the call that made an object, as if it were a registering one."""
        owner, _ = self.project.split(thing.reference, thing.file)
        anchor = None if owner is None else owner.made_at.get(thing.reference)
        if owner is None or anchor is None or thing.call is None:
            return None
        fact = RegisteringFact(
            method="",
            call=thing.call,
            bare=False,
            view=None,
            on_view=False,
            loops=(),
            runs="",
            guards=0,
            anchor=anchor,
        )
        return Site(self.project, fact, Scope(owner, dict(thing.bound)), Missing)

    # -- what they are bound to

    def bind(self, api: Thing, site: Site) -> None:
        """Note a call of `init_app`."""
        binding = Binding(site.argument("app", 0), site)
        known = self._bindings.setdefault(self.url_map.key(api), [])
        if all((binding.target, binding.moment) != (b.target, b.moment) for b in known):
            known.append(binding)

    def bindings(self, api: Thing) -> list[Binding]:
        """List what an API is bound to, in its constructor or else later."""
        target = self.argument(api, "app", 0)
        if target is not Missing and target is not None and not isinstance(target, Unknown):
            return [Binding(target)]
        later = self._bindings.get(self.url_map.key(api), [])
        return later or [Binding(target if isinstance(target, Unknown) else _UNBOUND)]

    def is_late(self, binding: Binding, at: Moment) -> bool:
        """Tell whether a blueprint was registered before something is added to its API."""
        if self.url_map.kind(binding.target) != "blueprint":
            return False
        sites = self.url_map.registered_at.get(self.url_map.key(binding.target), ())
        return any(moment(site).before(at) for site in sites)

    # -- resources

    def resource(self, site: Site, name: str = "") -> Resource:
        """Read what adds a resource: a decorator, or a call whose first argument is `name`."""
        if name:
            given, urls = site.argument(name, 0), _positional(site)[1:]
        else:
            given, urls = site.view, _positional(site)
        view, cls_name = self._class(given)
        methods = site.argument("methods")
        if methods is Missing or methods is None:
            methods = Unknown("its class is not known")
            if view is not None:
                methods = self.url_map.class_methods(view, None)
        else:
            methods = as_methods(methods)
        return Resource(
            site=site,
            view=view,
            name=cls_name,
            urls=tuple(as_text(url) or "" for url in urls),
            endpoint=site.text("endpoint") or None,
            methods=methods,
            options=tuple(self._flask.options(site)),
        )

    def places(self, target: Value) -> list[Placed]:
        """List where the rules of an application or blueprint stand; nowhere for anything else."""
        kind = self.url_map.kind(target)
        if kind == "app":
            return [Placed(self.url_map.app_name(target), None, "")]
        return list(self.url_map.places(target)) if kind == "blueprint" else []

    def _class(self, value: Value) -> tuple[str | None, str | Unknown]:
        """Give the reference and the name of a class."""
        if isinstance(value, Thing) and value.call is None:
            reference = self.project.resolve(value.reference, value.file, read=True)
            owner, _ = self.project.split(reference, value.file)
            if owner is None or self.project.cls(reference) is not None:
                return reference, reference.rpartition(".")[2]
        why = value if isinstance(value, Unknown) else Unknown("its class is not known")
        return None, why

    def is_out_of_view(self, site: Site, name: str, bases: frozenset[str]) -> bool:
        """Tell whether a call on something unknown adds a resource of this extension."""
        if isinstance(site.receiver, Thing):
            return False
        view = site.argument(name, 0) if name else site.view
        return isinstance(view, Thing) and self.project.is_subclass(
            view.reference, view.file, bases
        )

    def add(
        self,
        target: Value,
        resource: Resource,
        endpoint: str | Unknown,
        compose: Callable[[str | Unknown, str | Unknown | None], str | Unknown],
    ) -> None:
        """Add the rules of a resource to an application or blueprint.

        `compose` makes a whole rule of a URL and the prefix of the blueprint, None without one.
        These extensions put the blueprint's own name before the endpoint, wherever it is nested.
        """
        kind = self.url_map.kind(target)
        if kind not in {"app", "blueprint"}:
            known = isinstance(target, Unknown)
            self.add_unknown(resource, target if known else Unknown("its app is not known"))
            return
        places = self.places(target)
        if kind == "blueprint":
            name, _ = self.url_map.blueprint_parts(target)
            places = [place._replace(name=name) for place in places]
        for url in resource.urls:
            for place in places:
                self._add(place, compose(url, place.prefix), resource, endpoint)

    def add_unknown(self, resource: Resource, why: Unknown) -> None:
        """Add the rules of a resource which stand nobody knows where, for a reason."""
        for _ in resource.urls:
            self._add(Placed(None, None, why), why, resource, why)

    def _add(
        self, place: Placed, rule: str | Unknown, resource: Resource, endpoint: str | Unknown
    ) -> None:
        self.url_map.add_placed(
            place._replace(prefix=None),
            rule=rule,
            methods=resource.methods,
            endpoint=endpoint,
            view=resource.view,
            site=resource.site,
            options=resource.options,
        )


def concatenated(*parts: str | Unknown | None) -> str | Unknown:
    """Put texts together; Unknown if one of them is, and nothing for None."""
    for part in parts:
        if isinstance(part, Unknown):
            return part
    return "".join(part for part in parts if isinstance(part, str))


def _positional(site: Site) -> tuple[Value, ...]:
    """Work out the positional arguments of a call, those unpacked from a list included."""
    evaluator = site.project.evaluator
    values = [evaluator.value(argument, site.scope) for argument in site.fact.call.args]
    for spread in site.fact.call.spread:
        more = evaluator.value(spread, site.scope)
        if isinstance(more, tuple) and not isinstance(more, (Thing, Unknown)):
            values += more
        elif not isinstance(more, dict):
            values.append(more if isinstance(more, Unknown) else Unknown("URLs are unpacked"))
    return tuple(values)
