"""Flask-Classful and Flask-Classy: a rule for every public method of a view class."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import msgspec

from flask_gotchas.patterns import late_pattern
from flask_gotchas.project.classes import PLAIN_BASES, Classes, Member
from flask_gotchas.project.evaluate import Missing, Scope, Thing, Unknown, Value
from flask_gotchas.project.extensions import Extension
from flask_gotchas.project.extensions.exposed import moved
from flask_gotchas.project.extensions.flask_itself import FlaskItself
from flask_gotchas.project.url_map import Placed, Site, as_methods, as_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.facts.model import FileFacts, FunctionFact, RegisteringFact
    from flask_gotchas.project.url_map import UrlMap

_CLASSFUL = frozenset({"flask_classful", "flask.ext.classful"})
_CLASSY = frozenset({"flask_classy", "flask.ext.classy"})
_VIEWS = frozenset(f"{package}.FlaskView" for package in _CLASSFUL | _CLASSY)
# What FlaskView itself has: a method of such a name in a subclass becomes no route.
_CLASSY_NAMES = frozenset(
    {
        "build_route_name", "build_rule", "decorators", "get_route_base", "make_proxy_method",
        "parse_options", "register", "route_base", "route_prefix", "trailing_slash",
    }
)  # fmt: skip
_CLASSFUL_NAMES = _CLASSY_NAMES | {
    "base_args", "default_route_base", "excluded_methods", "method_dashified", "representations",
    "special_methods", "type_hints",
}  # fmt: skip
_COMPOSING = frozenset({"build_rule", "default_route_base", "get_route_base", "parse_options"})
_DEFAULTS: dict[str, Value] = {
    "base_args": (), "default_methods": ("GET",), "excluded_methods": (), "inspect_args": True,
    "method_dashified": False, "route_base": None, "route_prefix": None, "subdomain": None,
    "special_methods": {
        "delete": ("DELETE",), "get": ("GET",), "index": ("GET",), "patch": ("PATCH",),
        "post": ("POST",), "put": ("PUT",),
    },
    "trailing_slash": True, "type_hints": None,
}  # fmt: skip
_POSITIONS = {
    "app": 0, "route_base": 1, "subdomain": 2, "route_prefix": 3, "trailing_slash": 4,
    "method_dashified": 5, "base_class": 6,
}  # fmt: skip
_CONVERTERS = {
    "builtins.float": "float", "builtins.int": "int", "builtins.str": "string", "uuid.UUID": "uuid",
}  # fmt: skip
# Decorators which do not give a function.
_NO_FUNCTION = late_pattern(
    r"(?:^|[._])(?:\w*property|cache|classmethod|deleter|getter|lru_cache|setter)\Z"
)
_ARGUMENT = late_pattern(r"<(?:[A-Za-z_]\w*(?:\(.*?\))?:)?([A-Za-z_]\w*)>")
_SLASHES = late_pattern(r"/{2,}")
_WORD = late_pattern(r"(.)([A-Z][a-z]+)")
_END_OF_WORD = late_pattern(r"([a-z0-9])([A-Z])")


class Classful(Extension):
    """View classes whose methods become rules by their names."""

    methods: ClassVar[frozenset[str]] = frozenset({"register"})

    def __init__(self, url_map: UrlMap) -> None:
        super().__init__(url_map)
        self.classes = Classes(self.project)
        self.flask = FlaskItself(url_map)
        self.views: list[_View] = []

    def take(self, site: Site) -> bool:
        cls = self.classes.of(site.receiver)
        if cls is None or cls in _VIEWS or _VIEWS.isdisjoint(self.project.ancestry(cls)):
            return False
        self.views.append(_View(self.classes, cls, site))
        return True

    def finish(self) -> None:
        for number, view in enumerate(self.views):
            view.taken = self._taken(view, number)
            options = dict(self.flask.options(view.reached))
            if view.setting("subdomain") is not None:
                options["subdomain"] = view.setting("subdomain")
            for member in view.routed():
                self._add(view, member, options)

    def _taken(self, view: _View, number: int) -> frozenset[str]:
        """Name the variables that other views may take out of the rules of a view.

        A variable of `route_base` is no parameter of a method. Newer versions of Flask-Classful
        write that down for all classes which share one list, and so for those registered later.
        """
        if view.is_classy:
            return frozenset()
        own = {*view.base_arguments, *view.listed_arguments()}
        return frozenset(
            name
            for other, before in enumerate(self.views)
            if before.shares_arguments(view) and not (other > number and before.runs_beside(view))
            for name in before.base_arguments
            if name not in own
        )

    def _add(self, view: _View, member: Member, above: dict[str, Value]) -> None:
        receiver = view.argument("app")
        for rule, methods, endpoint, route in view.rules(member):
            site = view.site
            options = above
            if route is not None:
                options = {**dict(self.flask.options(route)), **above}
                site = moved(site, route.file, route.fact.anchor)
            elif member.function is not None:
                site = moved(site, member.file, member.function.anchor)
            what = {
                "rule": rule,
                "methods": as_methods(methods),
                "endpoint": endpoint,
                "view": None if member.function is None else member.function.reference,
                "site": site,
                "options": tuple(options.items()),
            }
            if isinstance(receiver, Thing) and self.url_map.kind(receiver) != "other":
                self.url_map.add_rule(receiver, **what)
            else:
                why = Unknown("what its class is registered on is not known")
                self.url_map.add_placed(Placed(None, why, why), **what)


class _View:
    """A view class that is registered.

    `reached` is the call of FlaskView's own `register`, behind the overrides of the project.
    """

    def __init__(self, classes: Classes, cls: str, site: Site) -> None:
        self.classes = classes
        self.project = site.project
        self.cls = cls
        self.name = cls.rpartition(".")[2]
        self.site = self.reached = site
        self.ancestry = self.project.ancestry(cls)
        self.members = classes.members(cls)
        first = next(base for base in self.ancestry if base in _VIEWS)
        self.is_classy = first.rpartition(".")[0] in _CLASSY
        self.taken: frozenset[str] = frozenset()
        self._settings: dict[str, Value] = {}
        self._attributes: dict[str, Value] = {}
        self.problem: Unknown | None = None
        found = classes.passed_on(cls, "register", site.fact.call, site.scope)
        if isinstance(found, Unknown):
            self.problem = found
        else:
            fact = msgspec.structs.replace(site.fact, call=found[0])
            self.reached = site._replace(fact=fact, scope=found[1])

    # -- what the class and the call say

    def argument(self, name: str) -> Value:
        """Work out an argument of `register`; `Missing` if it is not given."""
        if self.problem is not None and name != "app":
            return self.problem
        return self.reached.argument(name, _POSITIONS.get(name))

    def setting(self, name: str) -> Value:
        """Work out what an argument says, otherwise an attribute of the class."""
        if name not in self._settings:
            self._settings[name] = self._setting(name)
        return self._settings[name]

    def _setting(self, name: str) -> Value:
        if name in _POSITIONS:
            given = self.argument(name)
            # An empty text does not replace what the class says, `False` does.
            if given is not Missing and given is not None and given != "":
                return given
        return self.attribute(name)

    def attribute(self, name: str) -> Value:
        """Work out an attribute of the class."""
        if name not in self._attributes:
            self._attributes[name] = self._attribute(name)
        return self._attributes[name]

    def _attribute(self, name: str) -> Value:
        def outside(base: str) -> Value:
            if base in _VIEWS:
                return _DEFAULTS[name]
            return Missing if base in PLAIN_BASES else Unknown("a base class is not in view")

        value = self.classes.attribute(self.cls, name, outside)
        return _DEFAULTS[name] if value is Missing else value

    @cached_property
    def base_arguments(self) -> list[str]:
        """The variables of `route_base`."""
        base = self.setting("route_base")
        return _ARGUMENT.findall(base) if isinstance(base, str) else []

    def listed_arguments(self) -> Value:
        """Give the class's own list of parameters that are no variables."""
        return self.attribute("base_args")

    def shares_arguments(self, other: _View) -> bool:
        """Tell whether two classes have one list of `base_args` between them."""
        return not self.is_classy and self._holder == other._holder

    @cached_property
    def _holder(self) -> str:
        for base in self.ancestry:
            found = self.project.cls(base)
            if base in _VIEWS or (found is not None and f"{base}.base_args" in found[0].values):
                return base
        return ""

    def runs_beside(self, other: _View) -> bool:
        """Tell whether two classes are registered by one function, one after the other."""
        mine, theirs = self.site, other.site
        return mine.file is theirs.file and mine.fact.runs == theirs.fact.runs

    # -- methods

    @property
    def _hidden(self) -> frozenset[str]:
        return _CLASSY_NAMES if self.is_classy else _CLASSFUL_NAMES

    @cached_property
    def _excluded(self) -> frozenset[str] | Unknown:
        excluded = () if self.is_classy else self.attribute("excluded_methods")
        if isinstance(excluded, (Thing, Unknown)) or not isinstance(excluded, tuple):
            return Unknown("excluded_methods is computed")
        if not all(isinstance(name, str) for name in excluded):
            return Unknown("excluded_methods is computed")
        return frozenset(excluded)

    def _flag(self, name: str) -> bool | Unknown:
        value = self.setting(name)
        if isinstance(value, (bool, Unknown)):
            return value
        return Unknown(f"{name} is computed")

    def routed(self) -> Iterator[Member]:
        """Go through the methods that become routes."""
        excluded = self._excluded
        hidden = self._hidden
        base = None if self.is_classy else self.classes.of(self.argument("base_class"))
        if base is not None:
            hidden = hidden | self.classes.members(base).keys()
        for name, member in sorted(self.members.items()):
            if name in hidden or name.startswith(("_", "before_", "after_")):
                continue
            if not isinstance(excluded, Unknown) and name in excluded:
                continue
            if member.function is not None and self._is_routed(member, member.function):
                yield member

    def _is_routed(self, member: Member, function: FunctionFact) -> bool:
        for decorator in function.decorators:
            meaning = decorator.meaning or decorator.spelling
            if _NO_FUNCTION.search(meaning) or _NO_FUNCTION.search(decorator.spelling):
                return False
            if meaning == "builtins.staticmethod" and not self._marks(member, "route"):
                return False
        return True

    def _marks(self, member: Member, name: str) -> list[Site]:
        """List the `@route` or `@method` decorators that a method still has when it is registered.

        A decorator which puts a function of another name in its place takes them away.
        """
        found: list[Site] = []
        keeps_name = member.function is None or member.function.name == member.name
        routing = self.project.routing
        for decorator, fact in self.classes.decorators(member):
            if fact is not None and self._is(fact, member.file, name):
                if keeps_name or name != "route":
                    found.append(Site(self.project, fact, Scope(member.file, {}), Missing))
                continue
            inner = routing.replacement(decorator, member.file)
            if inner is not None and not routing.keeps_name(inner):
                found, keeps_name = [], False
        return found

    def _is(self, fact: RegisteringFact, file: FileFacts, name: str) -> bool:
        target = self.project.resolve(fact.call.target or "", file)
        package, _, last = target.rpartition(".")
        return last == name and package in (_CLASSY if self.is_classy else _CLASSFUL)

    # -- rules

    def rules(
        self, member: Member
    ) -> Iterator[tuple[str | Unknown, Value, str | Unknown, Site | None]]:
        """Give the rules of a method: text, methods, endpoint, and the decorator behind each."""
        name = member.name
        endpoint: str | Unknown = f"{self.name}:{name}"
        if "build_route_name" in self.members:
            endpoint = Unknown("a class of the project names its endpoints")
        routes = self._marks(member, "route")
        for number, route in enumerate(routes):
            text = route.text("rule", 0)
            own = route.text("endpoint")
            numbered = endpoint
            if len(routes) > 1 and isinstance(endpoint, str):
                numbered = f"{endpoint}_{number}"
            methods = route.argument("methods")
            yield (
                self._compose("" if text is None else text, []),
                ("GET",) if methods is Missing or methods is None else methods,
                numbered if own is None else own,
                route,
            )
        if not routes:
            special = self.attribute("special_methods")
            if not isinstance(special, dict):
                why = Unknown("special_methods is computed")
                why = special if isinstance(special, Unknown) else why
                yield why, why, endpoint, None
            elif name in special:
                yield self._ended("/", member), special[name], endpoint, None
            else:
                yield self._named(member), self._methods_of(member), endpoint, None

    def _methods_of(self, member: Member) -> Value:
        marked = self._marks(member, "method")
        if not marked:
            return self.attribute("default_methods")
        return tuple(mark.argument("method", 0) for mark in marked)

    def _named(self, member: Member) -> str | Unknown:
        """Compose the rule of a method that has its own name in it."""
        dashed = False if self.is_classy else self._flag("method_dashified")
        if isinstance(dashed, Unknown):
            return dashed
        name = member.name.replace("_", "-") if dashed else member.name
        slash = self._flag("trailing_slash")
        if isinstance(slash, Unknown):
            return slash
        return self._ended(f"/{name}/" if slash else f"/{name}", member, cut=False)

    def _ended(self, text: str, member: Member, *, cut: bool = True) -> str | Unknown:
        """Compose a rule with the parameters of a method and the slash at the end."""
        rule = self._compose(text, self._parameters(member))
        slash = self._flag("trailing_slash")
        if isinstance(rule, Unknown):
            return rule
        if isinstance(slash, Unknown):
            return slash
        if not slash:
            bare = rule.rstrip("/") if cut else rule
            return bare or ("" if self.is_classy else "/")
        if not self.is_classy and not rule.endswith("/"):
            return f"{rule}/"
        return rule

    def _compose(self, text: str | Unknown, parameters: list[str] | Unknown) -> str | Unknown:
        if not (_COMPOSING & self._hidden).isdisjoint(self.members):
            return Unknown("a class of the project composes its rules")
        if isinstance(self._excluded, Unknown):
            return self._excluded
        prefix = as_text(self.setting("route_prefix"))
        base = as_text(self.setting("route_base"))
        if isinstance(parameters, Unknown):
            return parameters
        base = self._default_base() if base is None else base
        parts = [prefix or "", base if isinstance(base, Unknown) else base.strip("/"), text]
        known = [part for part in parts if not isinstance(part, Unknown)]
        if len(known) != len(parts):
            return next(part for part in parts if isinstance(part, Unknown))
        return _SLASHES.sub("/", "/" + "/".join([*filter(None, known), *parameters]))

    def _default_base(self) -> str:
        name = self.name.removesuffix("View")
        if self.is_classy:
            return name.lower()
        return _END_OF_WORD.sub(r"\1-\2", _WORD.sub(r"\1-\2", name)).lower()

    def _parameters(self, member: Member) -> list[str] | Unknown:
        """Write the parameters of a method as variables of a rule."""
        inspected = True if self.is_classy else self._flag("inspect_args")
        if isinstance(inspected, Unknown):
            return inspected
        listed = self.listed_arguments()
        if not isinstance(listed, tuple) or isinstance(listed, Unknown):
            return Unknown("base_args is computed")
        function = self._signature(member)
        found: list[str] = []
        if function is None or not inspected:
            return found
        for parameter in function.parameters:
            name = parameter.name
            if parameter.kind != "positional" or name in {"self", *listed, *self.base_arguments}:
                continue
            if parameter.has_default and not self.is_classy:
                continue
            if name in self.taken:
                return Unknown(f"the route_base of another view may take `{name}` out of it")
            converter = None if self.is_classy else _CONVERTERS.get(parameter.annotation or "")
            if converter is not None and self.attribute("type_hints") is not None:
                return Unknown("its converters are the project's own")
            found.append(f"<{converter}:{name}>" if converter else f"<{name}>")
        return found

    def _signature(self, member: Member) -> FunctionFact | None:
        """Find the function whose parameters count: the outermost that has a `self`."""
        routing = self.project.routing
        for decorator in member.function.decorators if member.function is not None else ():
            inner = routing.replacement(decorator, member.file)
            found = None if inner is None else self.project.function(inner)
            if (
                found is not None
                and found[1].parameters[:1]
                and (found[1].parameters[0].name == "self")
            ):
                return found[1]
        return member.function
