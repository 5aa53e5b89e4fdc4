"""Flask's own methods: `route` and its like, `add_url_rule`, `register_blueprint`."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from msgspec.structs import replace

from flask_gotchas.facts import flask_api
from flask_gotchas.facts.expressions import Ref
from flask_gotchas.project.evaluate import Missing, Scope, Thing, Unknown, Value
from flask_gotchas.project.extensions import Extension
from flask_gotchas.project.url_map import Own, Site, as_methods
from flask_gotchas.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_RULES = frozenset({"werkzeug.routing.Rule", "werkzeug.routing.rules.Rule"})


class Parts(NamedTuple):
    """What a call says about a rule."""

    rule: str | Unknown
    methods: Value
    endpoint: str | Unknown
    view: str | None
    options: tuple[tuple[str, Value], ...]


class FlaskItself(Extension):
    """Rules and blueprints registered by Flask's own methods."""

    methods: ClassVar[frozenset[str]] = frozenset(
        {*flask_api.ROUTE_METHODS, "add", "add_url_rule", "register_blueprint"}
    )
    order: ClassVar[int] = 0

    def take(self, site: Site) -> bool:
        if site.fact.method == "register_blueprint":
            self._register(site)
            return True
        if site.fact.method == "add":
            return self._add_to_map(site)
        kind = self.url_map.kind(site.receiver)
        if kind not in {"app", "blueprint"} or not isinstance(site.receiver, Thing):
            return False
        self._add(site, site.receiver, self._parts(site))
        return True

    def _add(self, site: Site, receiver: Thing, parts: Parts) -> None:
        self.url_map.add_rule(receiver, site=site, **parts._asdict())

    def _add_to_map(self, site: Site) -> bool:
        """Add a `Rule` that is put into `app.url_map`; its view is known by the endpoint alone."""
        base = site.fact.call.base
        app: Value = None
        if isinstance(base, Ref) and base.name.endswith(".url_map"):
            app = self.project.evaluator.value(Ref(base.name.removesuffix(".url_map")), site.scope)
        if not isinstance(app, Thing) or self.url_map.kind(app) != "app":
            return False
        made = site.argument("rulefactory", 0)
        call = made.call if isinstance(made, Thing) else None
        made_by = "" if call is None else self.project.resolve(call.target or "", made.file)
        if call is None or not (made_by in _RULES or call.method == "url_rule_class"):
            why = Unknown("it is made by hand")
            parts = Parts(rule=why, methods=why, endpoint=why, view=None, options=())
        else:
            rule = Site(self.project, replace(site.fact, call=call), made.scope, app)
            methods = rule.argument("methods", 3)
            parts = Parts(
                rule=rule.text("string", 0) or Unknown("no rule is given"),
                methods=as_methods(methods) if methods else Unknown("every method is allowed"),
                endpoint=rule.text("endpoint", 5) or Unknown("it has no endpoint"),
                view=None,
                # Only Flask's own method adds OPTIONS.
                options=(*self.options(rule), ("provide_automatic_options", False)),
            )
        self._add(site, app, parts)
        return True

    def _register(self, site: Site) -> None:
        self.url_map.add_child(
            site.receiver,
            site.argument("blueprint", 0),
            url_prefix=site.text("url_prefix"),
            name=site.text("name"),
            site=site,
        )

    def _parts(self, site: Site) -> Parts:
        if site.fact.method == "add_url_rule":
            return self.read(site, site.argument("view_func", 2), None)
        return self.read(site, site.view, flask_api.ROUTE_METHODS[site.fact.method])

    def own(self, site: Site) -> Own:
        """Read a rule on something of which it is not known what it is."""
        target = (site.fact.call.target or "").rpartition(".")[0]
        receiver = self.project.resolve(target, site.file) if target else None
        parts = self._parts(site)._asdict()
        return Own(**parts, file=site.file, anchor=site.fact.anchor, receiver=receiver, site=site)

    def read(self, site: Site, value: Value, methods: tuple[str, ...] | None) -> Parts:
        """Read the parts of a rule whose view is known; `methods` are those of a shortcut."""
        view: str | None = None
        name: str | Unknown = Unknown("it has no view")
        if value is not Missing and value is not None:
            below = site.fact.anchor if site.fact.on_view else None
            view, name = self.url_map.view_of(value, below)
        rule = site.text("rule", 0)
        position = 1 if site.fact.method == "add_url_rule" else None
        endpoint = site.text("endpoint", position)
        given = site.argument("methods")
        allowed: Value = methods
        if allowed is None:
            if given is Missing or given is None:
                allowed = self._default_methods(view, value, site)
            else:
                allowed = as_methods(given)
        return Parts(
            rule=Unknown("no rule is given") if rule is None else rule,
            methods=allowed,
            endpoint=name if endpoint is None else endpoint,
            view=view,
            options=tuple(self.options(site)),
        )

    def options(self, site: Site) -> Iterator[tuple[str, Value]]:
        """Give what else decides whether a URL matches; a map may have its own say for all."""
        for name in flask_api.MATCHING_OPTIONS:
            value = site.argument(name)
            if value is Missing or value == Unknown("arguments are unpacked"):
                value = self._of_maps.get(name)
            if value is not None:
                yield name, value if _is_plain(value) else Unknown("it is computed")

    @cached_property
    def _of_maps(self) -> dict[str, Value]:
        """Options which a file sets for a whole map, as in `app.url_map.strict_slashes = False`."""
        found: dict[str, Value] = {}
        for file in self.project.files:
            for target, expression in file.values.items():
                holder, _, name = target.rpartition(".")
                if name in flask_api.MATCHING_OPTIONS and holder.endswith("().url_map"):
                    value = self.project.evaluator.value(expression, Scope(file, {}))
                    found.setdefault(name, value)
        return found

    def _default_methods(self, view: str | None, value: Value, site: Site) -> Value:
        if view is not None and self.project.function(view) is not None:
            given = self.url_map.methods_set_on(view, site.file)
            return ("GET",) if given is Missing else given
        if view is None or self.project.cls(view) is None:
            call = value.call if isinstance(value, Thing) else None
            is_class = call is not None and call.method == "as_view"
            return Unknown("its class is not in view") if is_class else ("GET",)
        ancestry = self.project.ancestry(view)
        if "flask.views.MethodView" in ancestry:
            return self.url_map.class_methods(view, None)
        if "flask.views.View" in ancestry:
            return self.url_map.class_methods(view, ("GET",))
        return self.url_map.class_methods(view, None)


def _is_plain(value: Value) -> bool:
    """Tell whether a value is made of texts, numbers and the like, or is known to be unknown."""
    if isinstance(value, Thing):
        return False
    if isinstance(value, dict):
        return not any(isinstance(v, Unknown) or not _is_plain(v) for v in value.values())
    return value is None or isinstance(value, (str, int, float, Unknown))
