"""What `flask routes` would print, worked out from source: filters, order, matching, formats."""

from __future__ import annotations

import csv
import fnmatch
import os
from typing import TYPE_CHECKING, Any, Final, TextIO

import msgspec

from flask_gotchas.modules import module_id
from flask_gotchas.records import NamedTuple
from flask_gotchas.reporters import clean, clean_path, json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from flask_gotchas.matching import Answer
    from flask_gotchas.model import Route

UNKNOWN: Final = "?"
NOTHING: Final = "-"

_HEADER: Final = ("Rule", "Methods", "Endpoint", "View", "File")
_RECORD: Final = ("rule", "methods", "endpoint", "view", "file", "line", "blueprint", "app", "why")
_ANSWER: Final = ("status", "redirects", "allowed", "arguments")
# What the table shows as `?` where it is not known.
_EXPLAINED: Final = ("rule", "methods", "endpoint")

_SORT_KEYS: Final[dict[str, Callable[[Route], Any]]] = {
    "endpoint": lambda route: (route.endpoint is None, route.endpoint),
    "rule": lambda route: (route.rule is None, route.rule),
    "method": lambda route: (route.methods is None, route.methods),
    "file": lambda route: route.location,
}


class Application(NamedTuple):
    """The routes of one application; `name` is None for routes of which it is not known.

    `answer` tells what a URL leads to, if that was asked; `routes` are its own then.
    """

    name: str | None
    routes: list[Route]
    answer: Answer | None = None


def applications(routes: Iterable[Route]) -> list[Application]:
    """Group routes by application; where only one is known, all others count as its own."""
    groups: dict[str | None, list[Route]] = {}
    for route in routes:
        for name in (route.app or "").split(", "):
            own = msgspec.structs.replace(route, app=name or None)
            groups.setdefault(name or None, []).append(own)
    known = sorted(name for name in groups if name is not None)
    if len(known) == 1:
        return [Application(known[0], [route for group in groups.values() for route in group])]
    return [Application(name, groups[name]) for name in (*known, None) if name in groups]


# -- what to list


def select(
    routes: Iterable[Route], *, endpoint: str | None, method: str | None, sort: str
) -> tuple[list[Application], list[str]]:
    """List the routes whose endpoint fits a glob and which answer a method, by application.

    `sort` is "endpoint", "rule", "method", "file" or "match", which is Werkzeug's order. Gives the
    applications that have any, and notes for the user.
    """
    listed: list[Application] = []
    left_out = 0
    for application in applications(routes):
        fitting: list[Route] = []
        for route in application.routes:
            fits = (_fits_endpoint(route, endpoint), _answers(route, method))
            if all(fits):
                fitting.append(route)
            elif False not in fits:
                left_out += 1
        if fitting:
            listed.append(Application(application.name, ordered(fitting, sort)))
    if not left_out:
        return listed, []
    of = "1 route is" if left_out == 1 else f"{left_out} routes are"
    return listed, [f"{of} left out, because what the filter asks for is not known of them"]


def match(
    routes: Iterable[Route],
    files: frozenset[str],
    url: str,
    *,
    endpoint: str | None,
    method: str,
) -> tuple[list[Application], list[str]]:
    """Find which route answers a URL in each application that has routes in one of some files.

    With a glob for the endpoint, only the answers are given whose endpoint fits. Gives the
    applications with their answers, and notes for the user.
    """
    from flask_gotchas.matching import UrlMatcher  # noqa: PLC0415 - Werkzeug takes a while

    answered: list[Application] = []
    notes: dict[str, None] = {}
    for application in applications(routes):
        if any(route.location.path in files for route in application.routes):
            matcher = UrlMatcher(application.routes)
            answer = matcher.match(url, method)
            notes.update(dict.fromkeys([*matcher.notes, *_doubts(answer.routes)]))
            if endpoint is None or any(_fits_endpoint(route, endpoint) for route in answer.routes):
                answered.append(Application(application.name, list(answer.routes), answer))
    return answered, list(notes)


def is_found(listed: Iterable[Application]) -> bool:
    """Tell whether anything was listed, or a view answers the URL."""
    return any(
        bool(application.routes) if application.answer is None else application.answer.is_found
        for application in listed
    )


def ordered(routes: list[Route], sort: str) -> list[Route]:
    """Sort routes; those come last whose place is not known."""
    by_place = sorted(routes, key=lambda route: route.location)
    if sort != "match":
        return sorted(by_place, key=_SORT_KEYS[sort])
    from flask_gotchas.matching import UrlMatcher  # noqa: PLC0415 - Werkzeug takes a while

    first = UrlMatcher(by_place).order()
    placed = set(map(id, first))
    return first + [route for route in by_place if id(route) not in placed]


def _fits_endpoint(route: Route, glob: str | None) -> bool | None:
    if glob is None:
        return True
    return None if route.endpoint is None else fnmatch.fnmatchcase(route.endpoint, glob)


def _answers(route: Route, method: str | None) -> bool | None:
    """Tell whether a route takes a method, counting what Flask adds to its list."""
    if method is None:
        return True
    if method == "OPTIONS" and route.options.get("provide_automatic_options") is not False:
        return True
    if route.methods is None:
        return None
    return method in route.methods or (method == "HEAD" and "GET" in route.methods)


def _doubts(routes: Iterable[Route]) -> list[str]:
    return [
        f"the answer is not certain: {part} of {route.rule}: {why}"
        for route in routes
        for part, why in route.why.items()
        if part != "endpoint"
    ]


# -- how to write it


def write(listed: Sequence[Application], out: TextIO, *, how: str, asked: str, root: str) -> None:
    """Write a listing as "table", "json" or "csv".

    `asked` is the method and URL for which there are answers, `root` the project folder.
    """
    if how == "table":
        _write_table(listed, out, asked, root)
    elif how == "json":
        out.write(json.dump(_records(listed)))
    else:
        _write_csv(listed, out)


def _records(listed: Iterable[Application]) -> list[dict[str, Any]]:
    """Make a record of each route; one that several applications share names them all."""
    found: list[dict[str, Any]] = []
    shared: dict[str, dict[str, Any]] = {}
    for application in listed:
        answer = application.answer
        extra = {} if answer is None else _answer_record(answer)
        for route in application.routes:
            record = {**_record(route), **extra}
            first = shared.setdefault(repr({**record, "app": None}), record)
            if first is record:
                found.append(record)
            else:
                first["app"] = ", ".join(filter(None, (first["app"], record["app"])))
        if answer is not None and not answer.routes:
            found.append({**dict.fromkeys(_RECORD), "app": application.name, "why": {}, **extra})
    return found


def _record(route: Route) -> dict[str, Any]:
    return {
        "rule": route.rule,
        "methods": None if route.methods is None else list(route.methods),
        "endpoint": route.endpoint,
        "view": route.view,
        "file": clean_path(route.location.path),
        "line": route.location.line,
        "blueprint": route.blueprint,
        "app": route.app,
        "why": {part: clean(why) for part, why in route.why.items()},
    }


def _answer_record(answer: Answer) -> dict[str, Any]:
    arguments = {
        name: value if isinstance(value, (str, int, float)) or value is None else str(value)
        for name, value in answer.arguments.items()
    }
    return {
        "status": answer.status,
        "redirects": list(answer.redirects),
        "allowed": list(answer.allowed),
        "arguments": arguments,
    }


def _write_csv(listed: Sequence[Application], out: TextIO) -> None:
    asked = any(application.answer is not None for application in listed)
    columns = (*_RECORD, *_ANSWER) if asked else _RECORD
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for record in _records(listed):
        writer.writerow([_at_start(_cell(record[column])) for column in columns])


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, dict):
        return clean("; ".join(f"{name}: {item}" for name, item in value.items()))
    return clean(" ".join(value) if isinstance(value, list) else str(value))


def _write_table(listed: Sequence[Application], out: TextIO, asked: str, root: str) -> None:
    blocks: list[list[str]] = []
    for application in listed:
        if len(listed) > 1:
            name = application.name
            blocks.append(["Application not known" if name is None else f"Application {name}"])
        if application.answer is not None:
            blocks.append([f"{asked} {_outcome(application.answer)}"])
        if application.routes:
            blocks.append(_table(application.routes, root))
        if application.answer is not None and application.answer.arguments:
            arguments = application.answer.arguments.items()
            blocks.append([f"{name} = {value!r}" for name, value in arguments])
    blocks.append(_reasons([route for application in listed for route in application.routes]))
    texts = ["".join(f"{_at_start(clean(line))}\n" for line in block) for block in blocks if block]
    out.write("\n".join(texts))


def _table(routes: Iterable[Route], root: str) -> list[str]:
    rows = [
        (
            _or_unknown(route.rule),
            _or_unknown(None if route.methods is None else ", ".join(route.methods) or NOTHING),
            _or_unknown(route.endpoint),
            NOTHING if route.view is None else clean(_short_view(route.view, route, root)),
            f"{clean_path(route.location.path)}:{route.location.line}",
        )
        for route in routes
    ]
    widths = [max(map(len, column)) for column in zip(_HEADER, *rows, strict=True)]
    lines = [_HEADER, tuple("-" * width for width in widths), *rows]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]


def _or_unknown(text: str | None) -> str:
    return UNKNOWN if text is None else clean(text)


def _short_view(view: str, route: Route, root: str) -> str:
    """Leave out the module of a view where it is the one that the table names anyway."""
    relative = os.path.relpath(os.path.abspath(route.location.path), root)
    return view.removeprefix(".".join(module_id(relative)) + ".")


def _reasons(routes: Iterable[Route]) -> list[str]:
    """Say once why parts of routes are shown as `?`."""
    counts: dict[tuple[str, str], int] = {}
    for route in routes:
        for part in _EXPLAINED:
            if getattr(route, part) is None:
                reason = (part, route.why.get(part, "it is not known"))
                counts[reason] = counts.get(reason, 0) + 1
    return [
        f"{UNKNOWN} {part}: {why} ({count} {'route' if count == 1 else 'routes'})"
        for (part, why), count in sorted(counts.items())
    ]


def _outcome(answer: Answer) -> str:
    """Say what becomes of a request."""
    way = ", then to ".join(answer.redirects)
    if answer.allowed:
        only = f"only {', '.join(answer.allowed)}"
        if way:
            return f"is redirected (308) to {way}, where {only} may be used (405)"
        return f"is not allowed (405), {only} may be used"
    if way:
        end = "which is answered by" if answer.routes else "which no known rule matches"
        return f"is redirected (308) to {way}" + ("" if "://" in way else f", {end}")
    return "is answered by" if answer.routes else "is not found (404), no known rule matches"


def _at_start(text: str) -> str:
    """Make a text safe to stand at the beginning of a line, where `::error` is a command."""
    return text.replace("::", r"\x3a:", 1) if text.lstrip().startswith("::") else text
