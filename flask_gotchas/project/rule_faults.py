"""What is wrong with URL rules, prefixes and methods as they are written."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

from flask_gotchas.facts.flask_api import APP_CLASSES, BLUEPRINT_CLASSES, CONVERTERS, KNOWN_METHODS
from flask_gotchas.facts.model import FunctionFact, Guard
from flask_gotchas.patterns import late_pattern
from flask_gotchas.project.evaluate import Scope, Thing, Unknown, Value
from flask_gotchas.project.registrations import is_of_flask, static, variables
from flask_gotchas.project.url_map import prefixed
from flask_gotchas.records import NamedTuple
from flask_gotchas.similar import similar

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from flask_gotchas.facts.model import FileFacts
    from flask_gotchas.project.link import Project
    from flask_gotchas.project.registrations import Variable
    from flask_gotchas.project.url_map import Own, Site, UrlMap

# What a class of its own would bring to read rules in another way.
_READING = frozenset({"add_url_rule", "route", "url_rule_class", "url_map_class"})
_OWN_MAP = frozenset({"url_map", "url_rule_class"})
_PLAIN = frozenset({"builtins.object", "flask.Blueprint", "flask.Flask"})
_VIEWS = frozenset({"flask.views.MethodView", "flask.views.View"})
_USUAL = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
_TOKEN = late_pattern(r"[A-Z][A-Z0-9-]*\Z")
_BETWEEN = late_pattern(r"[\s,|/;]+")
_SIMILAR = 0.75
# What other frameworks and type hints call Flask's own converters.
_ELSEWHERE = {
    "decimal": "float", "double": "float", "guid": "uuid", "integer": "int", "number": "int",
    "str": "string", "text": "string",
}  # fmt: skip
# It may be `int` or `float`.
_VAGUE = frozenset({"number"})
_BRACKETS = late_pattern(r"<[^<>()]*>")
_IN_BRACES = late_pattern(r"\{\s*([A-Za-z_]\w*)\s*(?::[^{}]*)?\}")
_AFTER_COLON = late_pattern(r"(?:^|(?<=/)):([A-Za-z_]\w*)(?=/|$)")
_MAX_NESTING = 6


class Fault(NamedTuple):
    """Something wrong with a rule.

    `text` is what is written, `more` a suggestion or what else the rule wants to know; `moment` is
    when Flask reads it. `hints` are a text of the rule and what has to stand in its place, if that
    is certain.
    """

    file: FileFacts
    anchor: int
    text: str
    more: str
    moment: str
    hints: tuple[str, ...] = ()


def _once(find: Callable[[Project], Iterator[Fault]]) -> Callable[[Project], Iterator[Fault]]:
    """Leave out what was found before: a call in a loop is looked at for each case."""

    @functools.wraps(find)
    def found(project: Project) -> Iterator[Fault]:
        seen = set()
        for fault in find(project):
            key = (fault.file.path, fault.anchor, fault.text)
            if key not in seen:
                seen.add(key)
                yield fault

    return found


def registered(project: Project) -> Iterator[tuple[Thing, Own]]:
    """Go through the rules that Flask's own methods register on objects of its own classes."""
    url_map = project.url_map
    for thing, owns in url_map.owns():
        if url_map.kind(thing) not in {"app", "blueprint"} or not is_flasks(project, thing):
            continue
        for own in owns:
            site = own.site
            if site and is_of_flask(site) and not site.fact.guards & Guard.TYPING:
                yield thing, own


def is_flasks(project: Project, thing: Thing, methods: Collection[str] = ()) -> bool:
    """Tell whether no class out of view has a say in what an object does.

    Classes of the project do not either, as far as they have none of the methods.
    """
    made_by = project.meaning(thing.reference, thing.file)
    if not made_by.endswith("()") and thing.call is not None and thing.call.target is not None:
        made_by = project.meaning(f"{thing.call.target}()", thing.file)
    if not made_by.endswith("()"):
        return True  # `current_app`, or a parameter that is called `app`
    ancestry = project.ancestry(made_by.removesuffix("()"))
    own = [found[1] for base in ancestry if (found := project.cls(base)) is not None]
    outside = {base for base in ancestry if project.cls(base) is None}
    return outside <= _PLAIN and all(set(methods).isdisjoint(cls.methods) for cls in own)


def _reads_rules_itself(project: Project) -> bool:
    """Tell whether the project, test code aside, replaces what reads rules in Flask."""
    for file in project.files:
        if project.is_test(file):
            continue
        if any(hook.name in _OWN_MAP for hook in file.url_hooks):
            return True
        for cls in file.classes:
            own = {
                *cls.methods,
                *(name for name in _READING if f"{cls.reference}.{name}" in file.values),
            }
            if not own.isdisjoint(_READING) and project.is_subclass(
                cls.reference, file, APP_CLASSES | BLUEPRINT_CLASSES
            ):
                return True
    return False


def _moment(url_map: UrlMap, thing: Thing) -> str:
    is_blueprint = url_map.kind(thing) == "blueprint"
    return "the blueprint is registered" if is_blueprint else "it is added"


def _composed(url_map: UrlMap, thing: Thing, own: Own) -> Iterator[str]:
    """Give a rule as applications get it, with the prefixes of its blueprint; the known ones."""
    if url_map.kind(thing) == "app":
        yield str(own.rule)
        return
    for place in url_map.places(thing):
        rule = prefixed(place.prefix, own.rule)
        if isinstance(rule, str):
            yield rule


# -- the text of rules


@_once
def malformed(project: Project) -> Iterator[Fault]:
    """Go through the rules that Werkzeug cannot read; `more` says why."""
    if _reads_rules_itself(project):
        return
    for thing, own in registered(project):
        if not isinstance(own.rule, str):
            continue
        why = _unreadable(own.rule)
        for rule in () if why else _composed(project.url_map, thing, own):
            if rule == own.rule and not rule.startswith("/"):
                why = "does not begin with a slash" if _is_bare(project.url_map, thing) else ""
            elif why := _unreadable(rule):
                why += f" together with its prefix `{rule.removesuffix(own.rule)}`"
            if why:
                break
        if why:
            moment = _moment(project.url_map, thing)
            hints = _readable(own.rule, is_app=project.url_map.kind(thing) == "app")
            yield Fault(own.file, own.anchor, own.rule, why, moment, hints)


def _is_bare(url_map: UrlMap, thing: Thing) -> bool:
    """Tell whether an application surely gets the rules of an object without any prefix."""
    return url_map.kind(thing) == "app" or any(
        prefix is None for _, prefix in _in_front(url_map, thing, 0)
    )


def _unreadable(rule: str) -> str:
    found = variables(rule)
    if found is None:
        at = static(rule).index("<")
        part = static(rule)[at:].partition("/")[0]
        return f"cannot be read at `{part}`"
    names = [variable.name for variable in found]
    double = next((name for name in names if names.count(name) > 1), None)
    return "" if double is None else f"has the variable `{double}` twice"


def _readable(rule: str, *, is_app: bool) -> tuple[str, ...]:
    """Give a rule and the only one that can be meant: with a slash, or without stray blanks."""
    if not rule.startswith("/"):
        # On a blueprint an empty rule is the prefix itself, which has no slash at its end.
        return ("", "/") if (rule or is_app) and not _unreadable(f"/{rule}") else ()
    stripped = _BRACKETS.sub(lambda match: re.sub(r"\s*([<:>])\s*", r"\1", match[0]), rule)
    return () if stripped == rule or _unreadable(stripped) else (rule, stripped)


@_once
def unknown_converters(project: Project) -> Iterator[Fault]:
    """Go through the rules with a converter that no application has.

    Where someone out of view may have registered it, only those count in which it stands after the
    name of the variable. `text` is the converter, `more` what was meant perhaps.
    """
    files = [file for file in project.files if not project.is_test(file)]
    own = {name for file in files for name in file.converters}
    is_known = (
        project.complete and None not in own and not project.url_map.endpoints.gives_apps_away
    )
    if _reads_rules_itself(project):
        return
    for thing, rule in registered(project):
        for variable in (variables(rule.rule) or ()) if isinstance(rule.rule, str) else ():
            name = variable.converter
            if name in CONVERTERS or name in own:
                continue
            is_swapped = variable.name in CONVERTERS and not variable.arguments
            if is_swapped or is_known:
                meant = _meant(variable, {text for text in own if text}, is_swapped=is_swapped)
                moment = _moment(project.url_map, thing)
                hints = _renamed(variable)
                if is_swapped:
                    is_taken = name in _parameters(project, rule)
                    hints = (f"<{name}:{variable.name}>", meant) if is_taken else ()
                yield Fault(rule.file, rule.anchor, name, meant, moment, hints)


def _meant(variable: Variable, own: set[str], *, is_swapped: bool) -> str:
    if is_swapped:
        return f"<{variable.name}:{variable.converter}>"
    name = _ELSEWHERE.get(variable.converter.lower())
    if name is None:
        near = similar(variable.converter, sorted(CONVERTERS | own), 0.7)
        name = near[0] if near else None
    return "" if name is None else f"<{name}:{variable.name}>"


def _renamed(variable: Variable) -> tuple[str, ...]:
    """Give a variable and the same with what Flask calls its converter, if that is certain."""
    name = _ELSEWHERE.get(variable.converter.lower())
    if name is None or variable.converter.lower() in _VAGUE:
        return ()
    arguments = f"({variable.arguments})" if variable.arguments else ""
    rest = f"{arguments}:{variable.name}>"
    return (f"<{variable.converter}{rest}", f"<{name}{rest}")


def foreign_placeholders(rule: str) -> dict[str, str]:
    """Find variables in the notation of other frameworks, as `{name}` or `:name`, by their name."""
    rest = static(rule)
    found = {match[1]: match[0] for match in _IN_BRACES.finditer(rest)}
    found.update({match[1]: match[0] for match in _AFTER_COLON.finditer(rest)})
    return found


@_once
def foreign(project: Project) -> Iterator[Fault]:
    """Go through the rules with a variable in a foreign notation; `more` is that of Flask.

    After a colon it counts if the view takes a parameter of that name.
    """
    if _reads_rules_itself(project):
        return
    for _, own in registered(project):
        if not isinstance(own.rule, str) or dict(own.options).get("build_only"):
            continue
        if "(?P<" in own.rule:
            yield Fault(own.file, own.anchor, "(?P<...>)", "<...>", "")
            continue
        taken = _parameters(project, own)
        for name, text in foreign_placeholders(own.rule).items():
            if name in taken or (text.startswith("{") and not taken):
                hints = _in_brackets(own.rule, taken)
                yield Fault(own.file, own.anchor, text, f"<{name}>", "", hints)
                break


def _in_brackets(rule: str, taken: set[str]) -> tuple[str, ...]:
    """Give a rule and the same with all its variables in Flask's notation, if the view takes them.

    `{number:int}` has a converter, which is called so in Flask, too, or has a name of its own here.
    """
    new = rule
    for name, text in foreign_placeholders(rule).items():
        converter = text.strip("{}").partition(":")[2].strip() if text.startswith("{") else ""
        converter = _ELSEWHERE.get(converter, converter)
        if (
            name not in taken
            or rule.count(text) != 1
            or converter not in {"", *CONVERTERS} - {"any"}
        ):
            return ()
        new = new.replace(text, f"<{converter}:{name}>" if converter else f"<{name}>")
    return (rule, new)


def _parameters(project: Project, own: Own) -> set[str]:
    """Name the parameters of the functions that a view consists of."""
    registrations = project.url_map.registrations
    definition = registrations.definition(own)
    if definition is None or definition.fact is None:
        return set()
    if isinstance(definition.fact, FunctionFact):
        return {parameter.name for parameter in definition.fact.parameters}
    return {
        parameter.name
        for file, function in registrations.handlers(own, definition, answers=False)
        for parameter in function.parameters
    }


# -- prefixes


@_once
def prefixes_without_slash(project: Project) -> Iterator[Fault]:
    """Go through the prefixes with which rules of a blueprint do not begin with a slash."""
    url_map = project.url_map
    if _reads_rules_itself(project):
        return
    for thing in url_map.registered_things():
        if url_map.kind(thing) != "blueprint" or not is_flasks(project, thing):
            continue
        for site, prefix in _in_front(url_map, thing, 0):
            if isinstance(prefix, str) and prefix and prefix[0] != "/":
                file, anchor = site.file, site.fact.anchor
                if site.text("url_prefix") is None:
                    file, anchor = thing.file, thing.file.made_at.get(thing.reference, -1)
                if anchor >= 0 and _has_rules(url_map, thing, 0):
                    name = thing.reference.rpartition(".")[2]
                    yield Fault(file, anchor, prefix, name, "")


def _in_front(
    url_map: UrlMap, thing: Thing, depth: int
) -> Iterator[tuple[Site, str | Unknown | None]]:
    """Go through the registrations of a blueprint that put nothing before its prefix, with that."""
    for site in url_map.registered_at.get(url_map.key(thing), ()):
        given = site.text("url_prefix")
        prefix = url_map.blueprint_parts(thing)[1] if given is None else given
        if url_map.kind(site.receiver) == "app":
            yield site, prefix
        elif url_map.kind(site.receiver) == "blueprint" and depth < _MAX_NESTING:
            outer = _in_front(url_map, site.receiver, depth + 1)
            if any(before is None for _, before in outer):
                yield site, prefix


def _has_rules(url_map: UrlMap, thing: Thing, depth: int) -> bool:
    """Tell whether a blueprint, or one that is registered on it, has a rule."""
    key = url_map.key(thing)
    if any(isinstance(own.rule, str) for own in url_map.own_rules(key)):
        return True
    return depth < _MAX_NESTING and any(
        _has_rules(url_map, child, depth + 1)
        for child in url_map.registered_things()
        if any(
            isinstance(site.receiver, Thing) and url_map.key(site.receiver) == key
            for site in url_map.registered_at.get(url_map.key(child), ())
        )
    )


# -- methods


@_once
def methods_as_text(project: Project) -> Iterator[Fault]:
    """Go through the places where `methods` is one text."""
    for thing, own in registered(project):
        if own.site is not None and own.site.fact.method in {"route", "add_url_rule"}:
            given = own.site.argument("methods")
            if isinstance(given, str):
                moment = _moment(project.url_map, thing)
                yield Fault(own.file, own.anchor, given, "", moment)
    for file, anchor, value in _methods_of_classes(project):
        if isinstance(value, str):
            yield Fault(file, anchor, value, "", "a rule for the class is added")


def separated(text: str) -> list[str]:
    """Take a text apart into the methods that it consists of; empty if there is anything else."""
    words = [word for word in _BETWEEN.split(text) if word]
    return words if all(word.upper() in KNOWN_METHODS for word in words) else []


def clear_methods(text: str) -> list[str]:
    """List the methods that a text surely stands for; empty if there may be others."""
    if _BETWEEN.search(text):
        return separated(text.upper())
    near = similar(text.upper(), _USUAL, _SIMILAR, most=2)
    return near if len(near) == 1 else []


@_once
def unknown_methods(project: Project) -> Iterator[Fault]:
    """Go through the methods that no client sends; `more` is what was meant, if that is clear.

    An empty list gives an empty text. A method which is not like a usual one may be the
    project's own.
    """
    for _, own in registered(project):
        if own.site is None or own.site.fact.method not in {"route", "add_url_rule"}:
            continue
        given = own.site.argument("methods")
        if _is_list(given):
            if given == () and not dict(own.options).get("build_only"):
                yield Fault(own.file, own.anchor, "", "", "")
            for text in given:
                meant = _method_meant(text) if isinstance(text, str) else None
                if meant is not None:
                    yield Fault(own.file, own.anchor, text, meant, "")
    for file, anchor, value in _methods_of_classes(project):
        for text in value if _is_list(value) else ():
            meant = _method_meant(text) if isinstance(text, str) else None
            if meant is not None:
                yield Fault(file, anchor, text, meant, "")


def _method_meant(text: str) -> str | None:
    """Say which method a text stands for, empty if that is not clear; None for one that may be."""
    method = text.upper()
    if method in KNOWN_METHODS:
        return None
    if not _TOKEN.match(method):
        words = [word for word in re.split(r"[^A-Z]+", method) if word in KNOWN_METHODS]
        return ", ".join(f'"{word}"' for word in words)
    near = similar(method, _USUAL, _SIMILAR)
    return f'"{near[0]}"' if near else None


def _is_list(value: Value) -> bool:
    return isinstance(value, tuple) and not isinstance(value, (Thing, Unknown))


def _methods_of_classes(project: Project) -> Iterator[tuple[FileFacts, int, Value]]:
    """Go through what class views say of their methods."""
    for file in project.files:
        for cls in () if project.is_test(file) else file.classes:
            name = f"{cls.reference}.methods"
            if name in file.values and project.is_subclass(cls.reference, file, _VIEWS):
                yield file, cls.anchor, project.evaluator.value(file.values[name], Scope(file, {}))
