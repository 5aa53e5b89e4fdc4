"""Which endpoints there are, which there may be besides, and who asks for them."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from flask_gotchas.facts.flask_api import APP_CLASSES
from flask_gotchas.facts.model import Guard
from flask_gotchas.project.evaluate import Missing, Thing
from flask_gotchas.project.registrations import is_of_flask, variables
from flask_gotchas.project.view_arguments import gives_more
from flask_gotchas.records import NamedTuple
from flask_gotchas.similar import similar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.facts.model import FileFacts, HandedFact, UrlForFact
    from flask_gotchas.model import Location
    from flask_gotchas.project.evaluate import Unknown
    from flask_gotchas.project.url_map import Site, UrlMap, UrlRule
    from flask_gotchas.template_facts import TemplateFacts, TemplateUrlFor

# Packages that get an application or blueprint and add no rule to it, or none out of view.
_WITHOUT_ROUTES = frozenset(
    {
        "a2wsgi", "asgiref", "authlib", "babel", "builtins", "celery", "cheroot", "click",
        "ddtrace", "elasticapm", "eventlet", "flask", "flask_allows", "flask_babel",
        "flask_babelex", "flask_bcrypt", "flask_cache", "flask_caching", "flask_compress",
        "flask_cors", "flask_gravatar", "flask_htmlmin", "flask_httpauth", "flask_jwt_extended",
        "flask_limiter", "flask_login", "flask_mail", "flask_mailman", "flask_marshmallow",
        "flask_migrate", "flask_moment", "flask_mongoengine", "flask_oauthlib",
        "flask_principal", "flask_pymongo",
        "flask_redis", "flask_restful", "flask_script", "flask_seasurf", "flask_session",
        "flask_sock", "flask_socketio", "flask_sqlalchemy", "flask_talisman", "flask_testing",
        "flask_wtf", "gevent", "gunicorn", "hypercorn", "jinja2", "markupsafe", "newrelic",
        "opentelemetry", "pytest", "raven", "redis", "sentry_sdk", "sqlalchemy", "structlog",
        "tornado", "uvicorn", "waitress", "werkzeug", "whitenoise", "wtforms",
    }
)  # fmt: skip
# By these a program builds URLs in its own way.
_BUILDING = frozenset(
    {
        "create_url_adapter", "handle_url_build_error", "url_build_error_handlers", "url_map",
        "url_rule_class",
    }
)  # fmt: skip
_DEFAULTS = frozenset(
    {"app_url_defaults", "inject_url_defaults", "url_default_functions", "url_defaults"}
)
# What extensions add by calls of such names is known only where they are.
_OF_EXTENSIONS = frozenset(
    {
        "add_api", "add_namespace", "add_resource", "add_view", "add_view_no_menu", "add_views",
        "expose_api", "expose_plugview", "register_api", "resource",
    }
)  # fmt: skip
_SIMILAR = 0.75
_PATH = re.compile(
    r"/|[^/].*\.(?:css|gif|html?|ico|jpe?g|js|json|pdf|php|png|svg|txt|webp|xml)\Z", re.IGNORECASE
)


class Use(NamedTuple):
    """A place where the URL of an endpoint is built.

    `endpoints` are those that it may stand for, one for each blueprint where it is relative.
    """

    file: FileFacts | TemplateFacts
    at: int | Location
    endpoints: tuple[str, ...]
    keywords: tuple[str, ...]
    unpacked: bool
    positional: int

    @property
    def is_path(self) -> bool:
        """Tell whether a path or the name of a file stands in the place of the endpoint."""
        return _PATH.match(self.endpoints[0]) is not None


class Endpoints:
    """Answers about endpoints; ask it through `UrlMap.endpoints`.

    `gives_apps_away` tells that code out of view gets an application and may add rules to it.
    """

    def __init__(self, url_map: UrlMap) -> None:
        self.url_map = url_map
        self.project = url_map.project
        self.rules: dict[str, list[UrlRule]] = {}
        self._blueprints: dict[str, list[Thing]] = {}
        self._prefixes: set[str] = set()
        self._names: set[str] = set()
        self._open = False
        self._open_on_apps = False
        self.gives_apps_away = False
        self._open_blueprints = bool(url_map.unresolved)
        for rule in url_map.rules:
            self._enter(rule)
        for site in url_map.untaken:
            self._enter_untaken(site)
        self._enter_blueprints()
        for file in self.project.files:
            if not self.project.is_test(file):
                for handed in file.handed:
                    self._enter_handed(handed, file)

    # -- what is known and what may be

    def _enter(self, rule: UrlRule) -> None:
        if rule.endpoint is not None:
            self.rules.setdefault(rule.endpoint, []).append(rule)
            return
        own = rule.own
        if rule.blueprint is not None:
            self._prefixes.add(rule.blueprint)
        elif own is not None and isinstance(own.endpoint, str):
            self._names.add(_last(own.endpoint))
        elif own is not None and own.receiver is not None:
            kind = self.url_map.kind(self.url_map.thing(own.receiver))
            self._open_on_apps |= kind == "app"
            self._open |= kind != "app"
        else:
            self._open = True

    def _enter_untaken(self, site: Site) -> None:
        """Note a route of which it is not known what it is registered on."""
        if site.fact.method in _OF_EXTENSIONS:
            self._open = True
        elif is_of_flask(site) and self.url_map.kind(site.receiver) != "other":
            given = site.fact.method == "add_url_rule"
            endpoint = site.text("endpoint", 1 if given else None)
            if endpoint is None:
                _, endpoint = self.url_map.view_of(
                    site.argument("view_func", 2) if given else site.view
                )
            if isinstance(endpoint, str):
                self._names.add(_last(endpoint))
            else:
                self._open = True

    def _enter_blueprints(self) -> None:
        url_map = self.url_map
        registered: set[str | Unknown] = set()
        for thing in url_map.registered_things():
            if url_map.kind(thing) != "blueprint":
                self._open_blueprints = True
                continue
            registered.add(url_map.blueprint_parts(thing)[0])
            for place in url_map.places(thing):
                if isinstance(place.name, str):
                    self._blueprints.setdefault(place.name, []).append(thing)
                else:
                    self._open_blueprints = True
        for thing, _ in url_map.owns():
            if url_map.kind(thing) == "blueprint" and not list(url_map.places(thing)):
                self._open_up(thing)
        for _, thing, _ in self.project.routing.blueprints():
            name = url_map.blueprint_parts(thing)[0]
            if isinstance(name, str) and name not in registered:
                self._prefixes.add(name)

    def _open_up(self, blueprint: Thing) -> None:
        """Note that a blueprint may have endpoints that cannot be seen."""
        names = [place.name for place in self.url_map.places(blueprint)]
        names.append(self.url_map.blueprint_parts(blueprint)[0])
        for name in names:
            if isinstance(name, str):
                self._prefixes.add(name)
            else:
                self._open_blueprints = True

    def _enter_handed(self, handed: HandedFact, file: FileFacts) -> None:
        """Note that an application or blueprint gets to code out of view."""
        if self._is_harmless(handed, file):
            return
        thing = self.project.evaluator.thing(handed.what, file)
        kind = self.project.kind(handed.what, file)
        if kind == "app" or self.project.is_app(handed.what, file):
            self._open_on_apps = self._open_blueprints = self.gives_apps_away = True
        elif kind == "blueprint" and thing is not None:
            self._open_up(thing)

    def _is_harmless(self, handed: HandedFact, file: FileFacts) -> bool:
        if handed.target is None:
            return False
        if handed.target.partition(".")[0] in _WITHOUT_ROUTES:
            return True
        if self.project.called(handed.target, file) is not None:
            return True
        meaning = self.project.meaning(handed.target, file)
        made_by = meaning.removesuffix("()")
        if self.project.cls(made_by) is not None:
            return True
        return meaning.partition(".")[0] in _WITHOUT_ROUTES

    @cached_property
    def _hooks(self) -> frozenset[str]:
        return frozenset(
            hook.name
            for file in self.project.files
            if not self.project.is_test(file)
            for hook in file.url_hooks
        )

    @cached_property
    def is_known(self) -> bool:
        """Tell whether anything can be said about endpoints that are not there."""
        if self._open or not self.project.complete or self._hooks & _BUILDING:
            return False
        return any(rule.app for rule in self.url_map.rules) and not self._own_url_for

    @property
    def _own_url_for(self) -> bool:
        return any(
            "url_for" in cls.methods and self.project.is_subclass(cls.reference, file, APP_CLASSES)
            for file in self.project.files
            for cls in file.classes
        )

    def is_missing(self, endpoint: str) -> bool:
        """Tell whether there is surely no such endpoint."""
        if not self.is_known or endpoint in self.rules or not endpoint.strip("."):
            return False
        blueprint, _, name = endpoint.rpartition(".")
        if name in self._names or blueprint in self._prefixes:
            return False
        if not blueprint:
            return not self._open_on_apps and name != "static"
        if blueprint not in self._blueprints:
            first = endpoint.partition(".")[0]
            return not self._open_blueprints and first not in self._prefixes
        return name != "static" or all(map(self._has_no_static, self._blueprints[blueprint]))

    def _has_no_static(self, blueprint: Thing) -> bool:
        call = blueprint.call
        if call is None or "static_folder" in self._hooks or call.spread:
            return False
        made_by = self.project.resolve(call.target or "", blueprint.file)
        folder = self.project.evaluator.argument(call, blueprint.scope, "static_folder", 2)
        return made_by == "flask.Blueprint" and (folder is Missing or folder is None)

    def nearest(self, endpoint: str) -> str | None:
        """Give the endpoint that was perhaps meant by one that is missing."""
        same = [known for known in self.rules if _last(known) == _last(endpoint)]
        if len(same) == 1 and _last(endpoint) != "static":
            return same[0]
        near = similar(endpoint, same or self.rules, _SIMILAR)
        return near[0] if near else None

    def is_nearest(self, use: Use, near: str) -> bool:
        """Tell whether nothing else can be meant: another blueprint of the name, or a slip of it.

        A call that does not give what its rules need must mean something else.
        """
        missing = use.endpoints[0]
        like = [known for known in self.rules if _last(known) == _last(missing)]
        like = like or [known for known in self.rules if _is_slip(missing, known)]
        needs = [self._needs(rule, use.keywords) for rule in self.rules[near]]
        return like == [near] and (use.unpacked or () in needs)

    def at_path(self, path: str) -> str | None:
        """Give the endpoint of the rule which is just a path, if there is one."""
        found = {rule.endpoint for rule in self.url_map.rules if rule.rule == path}
        return found.pop() if len(found) == 1 else None

    # -- values

    def only_value(self, use: Use) -> tuple[str, ...]:
        """Name the variable that a second argument without a name must be meant for.

        Nothing where there is more than one, and where a keyword gives it.
        """
        names = {
            tuple(variable.name for variable in variables(rule.rule or "") or ())
            for endpoint in use.endpoints
            for rule in self.rules.get(endpoint, ())
        }
        if use.positional != 2 or use.unpacked or len(names) != 1:
            return ()
        [found] = names
        return found if len(found) == 1 and found[0] not in use.keywords else ()

    def lacking(self, use: Use) -> tuple[UrlRule, tuple[str, ...]] | None:
        """Give a rule that comes nearest to what a call gives, and the values that it still needs.

        None where the call may give enough for one of the rules.
        """
        if (
            use.unpacked
            or use.positional > 1
            or self._hooks & (_DEFAULTS | _BUILDING)
            or len(use.endpoints) != 1
        ):
            return None
        endpoint = use.endpoints[0]
        rules = self.rules.get(endpoint, [])
        if not rules or not self.is_known or self._may_have_more(endpoint):
            return None
        needed = [(rule, self._needs(rule, use.keywords)) for rule in rules]
        wanting = [(rule, names) for rule, names in needed if names]
        if len(wanting) < len(needed):
            return None
        rule, names = min(wanting, key=lambda pair: len(pair[1] or ()))
        return rule, names or ()

    def _may_have_more(self, endpoint: str) -> bool:
        blueprint, _, name = endpoint.rpartition(".")
        return name in self._names or (
            blueprint in self._prefixes if blueprint else self._open_on_apps
        )

    def _needs(self, rule: UrlRule, given: tuple[str, ...]) -> tuple[str, ...] | None:
        """List the values that a rule needs besides those given; None if that is not certain."""
        own, options = rule.own, dict(rule.options)
        found = None if rule.rule is None else variables(rule.rule)
        if (
            own is None
            or found is None
            or {"host", "subdomain", "defaults"} & dict(rule.why).keys()
        ):
            return None
        if options.get("host") or options.get("subdomain"):
            return None
        if own.site is not None:
            if own.receiver is None or own.site.fact.call.spread:
                return None
            thing = self.url_map.thing(own.receiver)
            if self.url_map.kind(thing) == "blueprint" and gives_more(self.url_map, thing):
                return None
        elif rule.endpoint != "static":
            return None
        defaults = options.get("defaults")
        known = {*given, *(defaults if isinstance(defaults, dict) else ())}
        return tuple(variable.name for variable in found if variable.name not in known)

    # -- who asks

    def uses(self) -> Iterator[Use]:
        """Go through the calls of `url_for` in code, tests aside, and in templates."""
        for file in self.project.files:
            if not file.url_fors or self.project.is_test(file):
                continue
            if any(hook.name == "asks_for_views" for hook in file.url_hooks):
                continue
            for fact in file.url_fors:
                if not fact.guards & Guard.TYPING and fact.anchor not in file.caught_url_fors:
                    relative = (fact.endpoint or "").startswith(".")
                    prefixes = self._prefixes_of(fact.runs, file) if relative else None
                    yield from self._use(file, fact.anchor, fact, prefixes)
        if "url_for" not in self._hooks:
            for template in self.project.templates.facts():
                for call in template.url_fors:
                    prefixes = self._rendered_in.get(template.name)
                    yield from self._use(template, call.at, call, prefixes)

    def _use(
        self,
        file: FileFacts | TemplateFacts,
        at: int | Location,
        fact: UrlForFact | TemplateUrlFor,
        prefixes: frozenset[str] | None,
    ) -> Iterator[Use]:
        endpoint = fact.endpoint
        if endpoint is None:
            return
        endpoints = [endpoint]
        if endpoint.startswith("."):
            endpoints = [f"{prefix}{endpoint}".lstrip(".") for prefix in sorted(prefixes or ())]
        if endpoints:
            yield Use(file, at, tuple(endpoints), fact.keywords, fact.unpacked, fact.positional)

    def _prefixes_of(self, function: str, file: FileFacts) -> frozenset[str] | None:
        """Name the blueprints for which a function is a view; None where others may call it."""
        found = self.project.function(function)
        if found is None or found[0] is not file:
            return None
        view = function if found[1].owner is None else found[1].owner
        routing = self.project.routing
        if routing.is_called(function) or routing.is_mentioned(function):
            return None
        return self._by_view.get(view)

    @cached_property
    def _by_view(self) -> dict[str, frozenset[str] | None]:
        """The blueprints of each view, empty for the application; None if one is not known."""
        found: dict[str, frozenset[str] | None] = {}
        for rule in self.url_map.rules:
            if rule.view is None:
                continue
            known = found.get(rule.view, frozenset())
            if rule.endpoint is None or known is None:
                found[rule.view] = None
            else:
                found[rule.view] = known | {rule.endpoint.rpartition(".")[0]}
        return found

    @cached_property
    def _rendered_in(self) -> dict[str, frozenset[str] | None]:
        """The blueprints whose views render a template, by its name."""
        found: dict[str, frozenset[str] | None] = {}
        for file in self.project.files:
            for use in () if self.project.is_test(file) else file.template_uses:
                prefixes = self._prefixes_of(use.runs, file)
                for name in use.names:
                    known = found.get(name, frozenset())
                    certain = prefixes is not None and known is not None and len(use.names) == 1
                    found[name] = (
                        (known or frozenset()) | (prefixes or frozenset()) if certain else None
                    )
        return found


def _last(endpoint: str) -> str:
    return endpoint.rpartition(".")[2]


def _is_slip(text: str, other: str) -> bool:
    """Tell texts that one letter makes different, or two that have changed places."""
    while text and other and text[0] == other[0]:
        text, other = text[1:], other[1:]
    while text and other and text[-1] == other[-1]:
        text, other = text[:-1], other[:-1]
    is_swapped = len(text) == 2 and text == other[::-1]
    return is_swapped or max(len(text), len(other)) == 1
