"""Which of the known rules answers a URL, decided by Werkzeug itself.

A module of its own because it needs Werkzeug, which only `routes --match` and `--sort match` do.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import BaseConverter, Map, RequestRedirect, Rule

from flask_gotchas.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from werkzeug.routing import MapAdapter

    from flask_gotchas.model import Route

MAX_REDIRECTS: Final = 5

_HOST: Final = "localhost"
_ORIGIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")
# The options of a route that Werkzeug takes; the others keep it out of the map, or are of Flask.
_RULE_OPTIONS: Final = (
    "alias", "build_only", "defaults", "merge_slashes", "redirect_to", "strict_slashes",
)  # fmt: skip


class Answer(NamedTuple):
    """What a URL leads to in one application.

    `status` is that of the first response: 200 for a view, 308 for a redirect, 404, or 405. In
    `routes` is the one that answers in the end or, with 405, those which take other methods.
    `redirects` are the URLs that the browser is sent to on the way, `allowed` the methods that are
    possible.
    """

    status: int
    routes: tuple[Route, ...] = ()
    arguments: Mapping[str, Any] = {}
    redirects: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()

    @property
    def is_found(self) -> bool:
        """Whether a view answers, be it after a redirect."""
        return bool(self.routes) and not self.allowed


class UrlMatcher:
    """Matches URLs against the rules of one application; `notes` say what was assumed."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self.notes: list[str] = []
        self._routes: dict[int, Route] = {}
        self._map = Map()
        unknown = 0
        for number, route in enumerate(routes):
            if route.rule is None:
                unknown += 1
            elif "subdomain" in route.options or "host" in route.options:
                self._note(f"{route.rule} is left out: it is for another host or subdomain")
            elif route.options.get("websocket"):
                self._note(f"{route.rule} is left out: it is for WebSockets")
            else:
                self._add(route, route.rule, number)
        if unknown:
            self._note(f"{_count(unknown, 'rule')} left out: what they match is not known")

    def _add(self, route: Route, text: str, number: int) -> None:
        options = {name: route.options[name] for name in _RULE_OPTIONS if name in route.options}
        methods = None if route.methods is None else set(route.methods)
        if methods is not None and route.options.get("provide_automatic_options") is not False:
            methods.add("OPTIONS")
        # Rules of one endpoint may redirect to each other; an unknown one is nobody else's.
        endpoint = route.endpoint if route.endpoint is not None else f"? {number}"
        try:
            rule = _Rule(text, endpoint=endpoint, methods=methods, **options)
            rule.notes = self._note
            self._map.add(rule)
        except Exception as error:  # noqa: BLE001 - whatever Werkzeug minds, others can be matched
            self._note(f"{text} is left out: Werkzeug refuses it with {error!r}")
            return
        self._routes[id(rule)] = route

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    def match(self, url: str, method: str) -> Answer:
        """Find what answers a path, or a whole URL whose host is not looked at.

        Redirects within the application are followed.
        """
        redirects: list[str] = []
        while True:
            path, _, query = _ORIGIN.sub("", url, count=1).partition("#")[0].partition("?")
            path = unquote(path)
            adapter = self._map.bind(_HOST, query_args=query)
            status = 308 if redirects else None
            try:
                rule, arguments = adapter.match(path, method, return_rule=True)
            except RequestRedirect as redirect:
                target = urlsplit(redirect.new_url)
                local = target.netloc == _HOST
                url = target._replace(scheme="", netloc="").geturl() if local else target.geturl()
                if not local or url in redirects or len(redirects) == MAX_REDIRECTS:
                    return Answer(308, redirects=(*redirects, url))
                redirects.append(url)
            except MethodNotAllowed as error:
                allowed = tuple(sorted(error.valid_methods or ()))
                others = self._answering(adapter, path, allowed)
                return Answer(status or 405, others, {}, tuple(redirects), allowed)
            except (NotFound, ValueError):  # old Werkzeug fails at numbers of thousands of digits
                return Answer(status or 404, redirects=tuple(redirects))
            else:
                route = self._routes[id(rule)]
                return Answer(status or 200, (route,), arguments, tuple(redirects))

    def _answering(
        self, adapter: MapAdapter, path: str, methods: tuple[str, ...]
    ) -> tuple[Route, ...]:
        found: dict[int, Route] = {}
        for method in methods:
            try:
                rule, _ = adapter.match(path, method, return_rule=True)
            except (RequestRedirect, MethodNotAllowed, NotFound, ValueError):
                continue
            found[id(rule)] = self._routes[id(rule)]
        return tuple(found.values())

    def order(self) -> list[Route]:
        """Give the routes in the order in which Werkzeug tries them."""
        rules = sorted(self._map.iter_rules(), key=_match_key)
        return [self._routes[id(rule)] for rule in rules]


class _Rule(Rule):
    """A rule which takes any converter, since those of the application cannot be known."""

    notes: Any

    def get_converter(
        self,
        variable_name: str,
        converter_name: str,
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
    ) -> BaseConverter:
        if converter_name in self.map.converters:
            return super().get_converter(variable_name, converter_name, args, kwargs)
        self.notes(
            f"`{converter_name}` is a converter of the application: "
            "it is taken to match any text without a slash"
        )
        return BaseConverter(self.map)


def _match_key(rule: Rule) -> list[tuple[Any, ...]]:
    # Werkzeug walks the parts of a path: fixed text goes first, then converters by their weight.
    parts = rule._parts  # noqa: SLF001 - nothing public tells the order since Werkzeug 2.2
    return [(not part.static, () if part.static else part.weight, part.content) for part in parts]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun} is" if number == 1 else f"{number} {noun}s are"
