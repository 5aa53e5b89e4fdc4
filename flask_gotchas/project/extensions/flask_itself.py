"""Flask's own methods: `route` and its like, `add_url_rule`, `register_blueprint`."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from flask_gotchas.facts import flask_api
from flask_gotchas.project.evaluate import Missing, Scope, Thing, Unknown, Value
from flask_gotchas.project.extensions import Extension
from flask_gotchas.project.url_map import as_methods

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.project.url_map import Site


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
        {*flask_api.ROUTE_METHODS, "add_url_rule", "register_blueprint"}
    )
    order: ClassVar[int] = 0

    def take(self, site: Site) -> bool:
        if site.fact.method == "register_blueprint":
            self._register(site)
            return True
        kind = self.url_map.kind(site.receiver)
        if kind not in {"app", "blueprint"} or not isinstance(site.receiver, Thing):
            return False
        if site.fact.method == "add_url_rule":
            self._add_url_rule(site, site.receiver)
        else:
            self._route(site, site.receiver)
        return True

    def _register(self, site: Site) -> None:
        self.url_map.add_child(
            site.receiver,
            site.argument("blueprint", 0),
            url_prefix=site.text("url_prefix"),
            name=site.text("name"),
            site=site,
        )

    def _route(self, site: Site, receiver: Thing) -> None:
        self._add(site, receiver, site.view, flask_api.ROUTE_METHODS[site.fact.method])

    def _add_url_rule(self, site: Site, receiver: Thing) -> None:
        self._add(site, receiver, site.argument("view_func", 2), None)

    def _add(
        self, site: Site, receiver: Thing, value: Value, methods: tuple[str, ...] | None
    ) -> None:
        self.url_map.add_rule(receiver, site=site, **self.read(site, value, methods)._asdict())

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
                allowed = self._default_methods(view, value)
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

    def _default_methods(self, view: str | None, value: Value) -> Value:
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
