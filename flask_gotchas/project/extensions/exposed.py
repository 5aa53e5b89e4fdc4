"""Views whose methods are marked with `@expose`, as in Flask-Admin and Flask-AppBuilder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from flask_gotchas.facts.model import RegisteringFact
from flask_gotchas.project.evaluate import Missing, Scope, Unknown, Value
from flask_gotchas.project.url_map import Site, as_methods
from flask_gotchas.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flask_gotchas.facts.expressions import Invoke
    from flask_gotchas.facts.model import FileFacts
    from flask_gotchas.project.classes import Classes, Member
    from flask_gotchas.project.link import Project
    from flask_gotchas.project.url_map import UrlMap

# What the classes of a package expose: method, then URL and HTTP methods of each rule.
Routes = dict[str, tuple[tuple[str, tuple[str, ...]], ...]]


class Exposed(NamedTuple):
    """A rule of an exposed method, without the prefix of its view.

    `place` is where its decorator stands; None for what comes from the package.
    """

    name: str
    rule: str | Unknown
    methods: Value
    view: str | None
    place: tuple[FileFacts, int] | None


class Exposing:
    """Reads what the view classes of one package expose.

    `known` are the routes of its own classes, by reference or by name without the module.
    """

    def __init__(
        self, url_map: UrlMap, classes: Classes, package: str, known: Mapping[str, Routes]
    ) -> None:
        self.url_map = url_map
        self.project = url_map.project
        self.classes = classes
        self.package = package
        self.known = known

    def has(self, cls: str | None) -> bool:
        """Tell whether a class is one of the package or derives from one."""
        if cls is None:
            return False
        return any(base.startswith(f"{self.package}.") for base in self.project.ancestry(cls))

    def rules(self, cls: str) -> list[Exposed]:
        """List the rules of a class, inherited ones included, by the names of the methods."""
        found: dict[str, list[Exposed]] = {}
        for base in reversed(self.project.ancestry(cls)):
            if base.startswith(f"{self.package}."):
                known = self.known.get(base) or self.known.get(base.rpartition(".")[2], {})
                for name, urls in known.items():
                    view = f"{base}.{name}"
                    found[name] = [Exposed(name, url, verbs, view, None) for url, verbs in urls]
            for name, member in self.classes.body(base).items():
                found[name] = list(self._of(member))
        return [rule for name in sorted(found) for rule in found[name]]

    def _of(self, member: Member) -> Iterator[Exposed]:
        """Go through the rules of one member, unless a decorator above drops them."""
        found: list[Exposed] = []
        routing = self.project.routing
        for decorator, fact in self.classes.decorators(member):
            target = "" if fact is None else fact.call.target or ""
            target = self.project.resolve(target, member.file)
            if fact is not None and target.startswith(f"{self.package}."):
                site = Site(self.project, fact, Scope(member.file, {}), Missing)
                found.append(self._rule(member, site, target.rpartition(".")[2]))
                continue
            inner = routing.replacement(decorator, member.file)
            if inner is not None and not routing.keeps_name(inner):
                found.clear()
        yield from found

    def _rule(self, member: Member, site: Site, decorator: str) -> Exposed:
        named = decorator == "expose_api"
        url = site.text("url", 1 if named else 0)
        if named and not url:
            name = site.text("name", 0) or ""
            url = name if isinstance(name, Unknown) else f"/api/{name}"
        methods: Value = site.argument("methods", 2 if named else 1)
        if decorator == "expose_plugview" and member.nested is not None:
            methods = self._methods_of_view(member.nested)
        elif methods is Missing or methods is None:
            methods = ("GET",)
        view = member.nested if member.function is None else member.function.reference
        place = (member.file, site.fact.anchor)
        rule = "/" if url is None else url
        return Exposed(member.name, rule, as_methods(methods), view, place)

    def _methods_of_view(self, cls: str) -> Value:
        is_method_view = "flask.views.MethodView" in self.project.ancestry(cls)
        return self.url_map.class_methods(cls, None if is_method_view else ("GET",))


def moved(site: Site, file: FileFacts, anchor: int) -> Site:
    """Move a site to where a view stands."""
    fact = msgspec.structs.replace(site.fact, anchor=anchor)
    return site._replace(fact=fact, scope=Scope(file, {}))


def made_site(project: Project, call: Invoke, scope: Scope, anchor: int) -> Site:
    """Make a site of a call which registers by making an object."""
    fact = RegisteringFact(
        method="", call=call, bare=False, view=None, on_view=False, loops=(), runs="", guards=0,
        anchor=anchor,
    )  # fmt: skip
    return Site(project, fact, scope, Missing)
