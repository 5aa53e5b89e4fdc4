"""Flask-RESTful: resources added to an API, which is bound to an application or blueprint."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from flask_gotchas.project.apis import Apis, Binding, Resource, concatenated, moment
from flask_gotchas.project.evaluate import Missing, Thing, Unknown
from flask_gotchas.project.extensions import Extension

if TYPE_CHECKING:
    from flask_gotchas.project.url_map import Site, UrlMap

_APIS = frozenset({"flask_restful.Api"})
_RESOURCES = frozenset({"flask_restful.Resource"})
_COMPOSING = frozenset({"add_resource", "_register_view", "_complete_url"})
_NO_API = Unknown("its API is not known")
_OVERRIDDEN = Unknown("a class of the project adds its resources")


class Restful(Extension):
    """`Api.add_resource` and `@api.resource`."""

    methods: ClassVar[frozenset[str]] = frozenset({"add_resource", "init_app", "resource"})

    def __init__(self, url_map: UrlMap) -> None:
        super().__init__(url_map)
        self.apis = Apis(url_map, _APIS)
        self._added: list[tuple[Thing | None, Resource]] = []

    def take(self, site: Site) -> bool:
        if site.fact.method == "init_app":
            if self.apis.owns(site.receiver):
                self.apis.bind(site.receiver, site)
                return True
            return False
        name = "resource" if site.fact.method == "add_resource" else ""
        if self.apis.owns(site.receiver):
            self._added.append((site.receiver, self.apis.resource(site, name)))
        elif self.apis.is_out_of_view(site, name, _RESOURCES):
            self._added.append((None, self.apis.resource(site, name)))
        else:
            return False
        return True

    def finish(self) -> None:
        for api, resource in self._added:
            if api is None:
                self.apis.add_unknown(resource, _NO_API)
                continue
            for binding in self.apis.bindings(api):
                self._bound(api, resource, binding)

    def _bound(self, api: Thing, resource: Resource, binding: Binding) -> None:
        prefix = self.apis.text(api, "prefix", 1)
        order = self.apis.argument(api, "url_part_order", 6)
        order = "bae" if order is Missing else order
        at, later = moment(resource.site), binding.moment
        waits = later is not None and self.url_map.kind(binding.target) == "blueprint"
        if waits or self.apis.is_late(binding, at):
            # What is added when the blueprint is registered or later gets that one's prefix alone.
            prefix, order = None, "bae"
        elif later is not None and later.before(at):
            return  # `init_app` adds what is there: this is never added
        own = self.apis.overrides(api, _COMPOSING)
        name = resource.name if isinstance(resource.name, Unknown) else resource.name.lower()

        def compose(url: str | Unknown, outer: str | Unknown | None) -> str | Unknown:
            if own or isinstance(order, Unknown):
                return _OVERRIDDEN if own else order
            if not isinstance(order, str):
                return Unknown("the order of its parts is computed")
            parts = {"b": outer, "a": prefix, "e": url}
            return concatenated(*(parts.get(letter) for letter in order))

        endpoint = name if resource.endpoint is None else resource.endpoint
        self.apis.add(binding.target, resource, _OVERRIDDEN if own else endpoint, compose)
