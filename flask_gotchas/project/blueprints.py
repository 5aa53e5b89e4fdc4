"""Blueprints and the moment of their registration: equal names, and what comes too late."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.facts.model import Guard
from flask_gotchas.project.evaluate import Thing, Unknown
from flask_gotchas.project.setting_up import additions
from flask_gotchas.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.facts.model import FileFacts, RegisteringFact, SetupFact
    from flask_gotchas.project.link import Project
    from flask_gotchas.project.url_map import Site

_UNCERTAIN = Guard.CONDITIONAL | Guard.TYPING | Guard.MAIN
# Methods by which a class of the project may take registrations into its own hands.
_REGISTERING = frozenset({"_check_setup_finished", "record", "register", "register_blueprint"})
_MAX_NESTING = 6


class Clash(NamedTuple):
    """Two registrations of blueprints under one name on one application or blueprint."""

    first: Site
    second: Site
    name: str
    is_same: bool
    on_blueprint: bool


class Late(NamedTuple):
    """Something that is added to a blueprint after its registration."""

    file: FileFacts
    anchor: int
    method: str
    blueprint: str
    registered: Site


def clashes(project: Project) -> Iterator[Clash]:
    """Go through the registrations that find their name taken already, in one program for sure."""
    registrations = project.url_map.registrations
    taken: dict[tuple[str, str], list[tuple[str, Site]]] = {}
    for key, site in _registrations(project):
        parent = site.receiver
        name = _name(project, key, site)
        if name is None or not _is_single(project, parent):
            continue
        before = taken.setdefault((project.url_map.key(parent), name), [])
        for other_key, other in before:
            if (other.file is not site.file or other.fact.anchor != site.fact.anchor) and (
                registrations.together(registrations.moment(other), registrations.moment(site))
            ):
                on_blueprint = project.url_map.kind(parent) == "blueprint"
                yield Clash(other, site, name, other_key == key, on_blueprint)
                break
        before.append((key, site))


def _registrations(project: Project) -> list[tuple[str, Site]]:
    """List the registrations on applications and blueprints, with the keys of what they register.

    In the order of the source, which is that of time within one function.
    """
    found = [
        (key, site)
        for key, sites in project.url_map.registered_at.items()
        if project.url_map.kind(project.url_map.thing(key)) == "blueprint"
        for site in sites
        if project.url_map.kind(site.receiver) in {"app", "blueprint"}
    ]
    return sorted(found, key=lambda item: (item[1].file.path, item[1].fact.anchor))


def _name(project: Project, key: str, site: Site) -> str | None:
    """Work out the name under which a blueprint is registered."""
    given = site.text("name")
    if given is not None:
        return given if isinstance(given, str) else None
    thing = project.url_map.thing(key)
    if not _is_single(project, thing) or not _is_plain(project, thing, {"__init__"}):
        return None
    name = project.url_map.blueprint_parts(thing)[0]
    return name if isinstance(name, str) else None


def _is_single(project: Project, thing: Thing) -> bool:
    """Tell whether a variable holds one and the same object all the time."""
    owner = project.split(thing.reference, thing.file)[0]
    if owner is None or thing.reference in owner.rebound:
        return False
    if thing.call is not None:
        return not any(isinstance(value, Unknown) for _, value in thing.bound)
    return ".<locals>." in thing.reference and thing.reference not in owner.changed


def _is_plain(project: Project, thing: Thing, but_not: frozenset[str] | set[str]) -> bool:
    """Tell whether no class of the project changes some methods of an object."""
    made_by = project.meaning(thing.reference, thing.file).removesuffix("()")
    if thing.call is not None and thing.call.target is not None:
        made_by = project.resolve(thing.call.target, thing.file)
    classes = [found for base in project.ancestry(made_by) if (found := project.cls(base))]
    return all(but_not.isdisjoint(fact.methods) for _, fact in classes)


# -- after the registration


def late_setups(project: Project) -> Iterator[Late]:
    """Go through what is added to a blueprint below its registration, in one body of code."""
    for file in project.files:
        if project.is_test(file) or not any(
            fact.method == "register_blueprint" for fact in file.registering
        ):
            continue
        for method, thing, fact in additions(project, file, "blueprint"):
            key = project.url_map.key(thing)
            site = _registered_before(project, key, file, fact)
            if site is not None and _is_plain(project, thing, _REGISTERING | {method}):
                name = thing.reference.rpartition(".")[2]
                yield Late(file, fact.anchor, method, name, site)


def _registered_before(
    project: Project, key: str, file: FileFacts, fact: SetupFact | RegisteringFact
) -> Site | None:
    """Find where a blueprint gets into an application for sure above a place, in its body."""
    for at, site in _entries(project, key, 0):
        if site.file is file and site.fact.runs == fact.runs and at < fact.anchor:
            return site
    return None


def _entries(project: Project, key: str, depth: int) -> Iterator[tuple[int, Site]]:
    """Go through the registrations which put a blueprint into an application.

    With the anchor of the moment: a child gets there together with its parent.
    """
    if depth > _MAX_NESTING or not _is_single(project, project.url_map.thing(key)):
        return
    for site in project.url_map.registered_at.get(key, ()):
        kind = project.url_map.kind(site.receiver)
        if site.fact.guards & _UNCERTAIN or not isinstance(site.receiver, Thing):
            continue
        if kind == "app" and _is_plain(project, site.receiver, {"register_blueprint"}):
            yield site.fact.anchor, site
        elif kind == "blueprint":
            for at, entry in _entries(project, project.url_map.key(site.receiver), depth + 1):
                same = entry.file is site.file and entry.fact.runs == site.fact.runs
                if same and at > site.fact.anchor:
                    yield at, entry
