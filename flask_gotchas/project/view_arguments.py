"""What rules give to views, and what the views take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.project.evaluate import Missing, Unknown
from flask_gotchas.project.registrations import variables
from flask_gotchas.project.rule_faults import foreign_placeholders
from flask_gotchas.project.url_map import prefixed
from flask_gotchas.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.facts.model import FileFacts, FunctionFact
    from flask_gotchas.project.evaluate import Thing
    from flask_gotchas.project.url_map import Own, Placed, UrlMap


class Given(NamedTuple):
    """The values that a rule gives to its view; `all` is None where there may be more."""

    rule: str
    certain: frozenset[str]
    all: frozenset[str] | None


class Mismatch(NamedTuple):
    """A function that cannot be called with what its rules give.

    `untaken` are values without a parameter, `lacking` parameters without a value, both for the
    first of the rules.
    """

    file: FileFacts
    function: FunctionFact
    rule: str
    untaken: tuple[str, ...]
    lacking: tuple[str, ...]
    owns: list[Own]


def mismatches(url_map: UrlMap) -> Iterator[Mismatch]:
    """Go through the views that every request for one of their rules makes fail."""
    found: dict[tuple[str, int], Mismatch] = {}
    registrations = url_map.registrations
    for thing, owns in registrations.of_flask():
        if registrations.may_change_arguments(thing):
            continue
        if not url_map.project.complete and url_map.kind(thing) == "blueprint":
            continue  # who registers it may take values out of its URLs
        for own in owns:
            definition = registrations.definition(own)
            if definition is None or not isinstance(own.rule, str):
                continue
            handlers = registrations.handlers(own, definition, answers=False)
            for given in _given(url_map, thing, own) if handlers else ():
                for file, function in handlers:
                    wrong = _compare(
                        file, function, given, own, is_itself=function is definition.fact
                    )
                    if wrong is not None:
                        known = found.setdefault((file.path, function.anchor), wrong)
                        if own not in known.owns:
                            known.owns.append(own)
    yield from found.values()


def _is_static(function: FunctionFact) -> bool:
    """Tell a function in a class that asks for no object of it, which is fine as a view."""
    return not function.parameters or function.parameters[0].name not in {"cls", "self"}


def _compare(
    file: FileFacts, function: FunctionFact, given: Given, own: Own, *, is_itself: bool
) -> Mismatch | None:
    parameters = function.parameters
    if function.owner is not None and not (is_itself and _is_static(function)):
        parameters = parameters[1:]
    named = {p.name: p for p in parameters if p.kind in {"positional", "keyword"}}
    takes_all = any(p.kind == "double_star" for p in parameters)
    untaken = () if takes_all else tuple(sorted(given.certain - named.keys()))
    lacking: tuple[str, ...] = ()
    if given.all is not None:
        required = [name for name, p in named.items() if not p.has_default]
        # A variable in a foreign notation is a fault of the rule.
        known = given.all | foreign_placeholders(given.rule).keys()
        lacking = tuple(name for name in required if name not in known)
    if not untaken and not lacking:
        return None
    return Mismatch(file, function, given.rule, untaken, lacking, [own])


def _given(url_map: UrlMap, thing: Thing, own: Own) -> Iterator[Given]:
    """Work out what a rule gives at each place where it is registered."""
    if url_map.kind(thing) == "app":
        yield from _composed(own, own.rule)
        return
    places: list[Placed | None] = list(url_map.places(thing)) or [None]
    for place in places:
        prefix = Unknown("it is registered out of view") if place is None else place.prefix
        if isinstance(prefix, Unknown) or gives_more(url_map, thing):
            for given in _composed(own, own.rule):
                yield given._replace(all=None)
        else:
            yield from _composed(own, prefixed(prefix, own.rule))


def _composed(own: Own, rule: str | Unknown) -> Iterator[Given]:
    found = variables(rule) if isinstance(rule, str) else None
    if found is None or not isinstance(rule, str) or own.site is None:
        return
    certain = {variable.name for variable in found}
    more = False
    options = dict(own.options)
    for name in ("host", "subdomain"):
        text = options.get(name)
        in_domain = variables(text) if isinstance(text, str) else []
        more = more or isinstance(text, Unknown) or in_domain is None
        certain |= {variable.name for variable in in_domain or ()}
    defaults = options.get("defaults")
    if isinstance(defaults, dict) and all(isinstance(name, str) for name in defaults):
        certain |= defaults.keys()
    elif defaults is not None:
        more = True
    if own.site.fact.call.spread and isinstance(own.site.argument("defaults"), Unknown):
        more = True
    yield Given(rule, frozenset(certain), None if more else frozenset(certain))


def gives_more(url_map: UrlMap, thing: Thing, seen: frozenset[str] = frozenset()) -> bool:
    """Tell whether a blueprint or its registration may add values, by defaults or its domain.

    `seen` are the blueprints that were asked already: some are registered on each other.
    """
    if thing.call is None or thing.call.spread:
        return True
    seen |= {thing.reference}
    argument = url_map.project.evaluator.argument
    for name, position in (("subdomain", 6), ("url_defaults", 7)):
        value = argument(thing.call, thing.scope, name, position)
        if value is not Missing and value is not None:
            return True
    for site in url_map.registered_at.get(url_map.key(thing), ()):
        call = site.fact.call
        if call.spread or any(name in {"subdomain", "url_defaults"} for name, _ in call.keywords):
            return True
        if url_map.kind(site.receiver) == "blueprint":
            parent: Thing = site.receiver
            if parent.reference not in seen and gives_more(url_map, parent, seen):
                return True
    return False
