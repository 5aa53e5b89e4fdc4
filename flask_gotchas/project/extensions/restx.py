"""Flask-RESTX and Flask-RESTPlus: resources in namespaces, namespaces in APIs, APIs in apps."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from flask_gotchas.patterns import late_pattern
from flask_gotchas.project.apis import (
    Apis,
    Binding,
    Moment,
    Resource,
    concatenated,
    in_order,
    moment,
)
from flask_gotchas.project.evaluate import Missing, Thing, Unknown, Value
from flask_gotchas.project.extensions import Extension
from flask_gotchas.project.url_map import Placed, as_text
from flask_gotchas.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.project.url_map import Site, UrlMap

_PACKAGES = ("flask_restx", "flask_restplus")
_APIS = frozenset(f"{package}{name}" for package in _PACKAGES for name in (".Api", ".api.Api"))
_NAMESPACES = frozenset(
    f"{package}{name}" for package in _PACKAGES for name in (".Namespace", ".namespace.Namespace")
)
_RESOURCES = frozenset(
    f"{package}{name}" for package in _PACKAGES for name in (".Resource", ".resource.Resource")
)
# Methods by which a subclass changes what becomes of a resource.
_COMPOSING = frozenset(
    {
        "_complete_url", "_register_view", "add_namespace", "add_resource", "get_ns_path",
        "namespace", "ns_urls", "path", "register_resource", "route",
    }
)  # fmt: skip
_DOCUMENTING = frozenset({"_register_apidoc", "_register_doc", "_register_specs", "init_app"})
_PREFIX = 18  # its position among the arguments of Api
_NO_API = Unknown("its API is not known")
_NOT_ADDED = Unknown("its namespace is added to no API in view")
_OVERRIDDEN = Unknown("a class of the project adds its resources")
_SAME_NAME = Unknown("several resources share its name, and which comes first is not known")
_WORD = late_pattern(r"(.)([A-Z][a-z]+)")
_END_OF_WORD = late_pattern(r"([a-z0-9])([A-Z])")


class _Attached(NamedTuple):
    """A namespace as part of an API; `moment` is None when it was made so."""

    api: Thing
    path: str | Unknown | None
    moment: Moment | None


class _Entry(NamedTuple):
    """A resource as registered by one API; `path` comes before its URLs, `at` is when."""

    api: Thing
    resource: Resource
    path: str | Unknown
    base: str | Unknown
    at: Moment


class Restx(Extension):
    """`@ns.route`, `@api.route`, `add_resource`, `add_namespace`."""

    methods: ClassVar[frozenset[str]] = frozenset(
        {"add_namespace", "add_resource", "init_app", "route"}
    )

    def __init__(self, url_map: UrlMap) -> None:
        super().__init__(url_map)
        self.apis = Apis(url_map, _APIS)
        self._added: list[tuple[Thing | None, Resource]] = []
        self._attached: dict[str, list[_Attached]] = {}
        self._with_assets: set[str | None] = set()

    # -- reading

    def take(self, site: Site) -> bool:
        receiver = site.receiver
        is_api = self.apis.owns(receiver)
        if site.fact.method == "init_app":
            if is_api:
                self.apis.bind(receiver, site)
        elif site.fact.method == "add_namespace":
            if is_api:
                self._attach(receiver, site)
        else:
            name = "resource" if site.fact.method == "add_resource" else ""
            if is_api or self._is_namespace(receiver):
                self._added.append((receiver, self.apis.resource(site, name)))
            elif self.apis.is_out_of_view(site, name, _RESOURCES):
                self._added.append((None, self.apis.resource(site, name)))
            else:
                return False
            return True
        return is_api

    def _attach(self, api: Thing, site: Site) -> None:
        namespace = site.argument("ns", 0)
        if isinstance(namespace, Thing):
            found = self._attached.setdefault(self.url_map.key(namespace), [])
            made = _Attached(api, site.text("path", 1), moment(site))
            if made not in found:
                found.append(made)

    def _is_namespace(self, value: Value) -> bool:
        return self.apis.owns(value, _NAMESPACES) or self._maker(value) is not None

    def _maker(self, value: Value) -> Thing | None:
        """Give the API whose `namespace` method made a value."""
        if not isinstance(value, Thing) or value.call is None or value.call.method != "namespace":
            return None
        base = value.call.base
        api = None if base is None else self.project.evaluator.value(base, value.scope)
        return api if self.apis.owns(api) else None

    # -- putting together

    def finish(self) -> None:
        entries: dict[str, list[_Entry]] = {}
        for receiver, resource in self._added:
            known = False
            for entry in () if receiver is None else self._entries(receiver, resource):
                entries.setdefault(self.url_map.key(entry.api), []).append(entry)
                known = True
            if not known:
                self.apis.add_unknown(resource, _NO_API if receiver is None else _NOT_ADDED)
        for of_one in entries.values():
            for entry, endpoint in self._named(of_one):
                for binding in self.apis.bindings(entry.api):
                    self._bound(entry, endpoint, binding)
        for api in {key: of_one[0].api for key, of_one in entries.items()}.values():
            for binding in self.apis.bindings(api):
                self._document(api, binding)

    def _entries(self, receiver: Thing, resource: Resource) -> Iterator[_Entry]:
        """Go through the APIs that register a resource; an API may do so more than once."""
        added = moment(resource.site)
        if not self._is_namespace(receiver):
            yield _Entry(receiver, resource, "", _dashed(resource.name), added)
            return
        name, own_path = self._namespace_parts(receiver)
        base = concatenated(name, "_", _dashed(resource.name))
        attached = self._attached.get(self.url_map.key(receiver), [])
        maker = self._maker(receiver) or self.apis.argument(receiver, "api")
        if isinstance(maker, Thing):
            attached = [_Attached(maker, None, None), *attached]
        live: set[str] = set()
        paths: dict[str, str | Unknown] = {}
        for attachment in attached:
            key = self.url_map.key(attachment.api)
            path = paths.setdefault(key, attachment.path or own_path)
            at = attachment.moment
            if at is None or at.before(added):
                if key in live:
                    continue
                live.add(key)
                at = added
            yield _Entry(attachment.api, resource, path, base, at)

    def _namespace_parts(self, namespace: Thing) -> tuple[str | Unknown, str | Unknown]:
        """Give the name and the path of a namespace."""
        maker = self._maker(namespace)
        if maker is None:
            name = self.apis.text(namespace, "name", 0)
            path = self.apis.text(namespace, "path", 2)
        elif namespace.call is None or self.apis.overrides(maker, frozenset({"namespace"})):
            return _OVERRIDDEN, _OVERRIDDEN
        else:
            argument = self.project.evaluator.argument
            name = as_text(argument(namespace.call, namespace.scope, "name", 0))
            path = as_text(argument(namespace.call, namespace.scope, "path", 2))
        if self.apis.overrides(namespace, _COMPOSING):
            path = _OVERRIDDEN
        name = Unknown("its namespace has no name") if name is None else name
        path = path or concatenated("/", name)
        return name, path if isinstance(path, Unknown) else path.rstrip("/")

    def _named(self, entries: list[_Entry]) -> Iterator[tuple[_Entry, str | Unknown]]:
        """Give resources of one API their endpoints; those with the same name get a number."""
        overridden = self.apis.overrides(entries[0].api, frozenset({"default_endpoint"}))
        same: dict[str | Unknown, list[_Entry]] = {}
        for entry in entries:
            same.setdefault(entry.resource.endpoint or entry.base, []).append(entry)
        for name, those in same.items():
            # A namespace that is added brings what it has in the order in which it got that.
            ordered = in_order(those, lambda entry: (entry.at, moment(entry.resource.site)))
            taken = 1 if name == "specs" else 0
            for entry in ordered or those:
                if entry.resource.endpoint is not None:
                    yield entry, entry.resource.endpoint
                elif overridden or isinstance(name, Unknown):
                    yield entry, name if isinstance(name, Unknown) else _OVERRIDDEN
                elif ordered is None:
                    yield entry, _SAME_NAME
                else:
                    yield entry, name if taken == 0 else f"{name}_{taken + 1}"
                    taken += 1
                    continue
                taken = max(taken, 1)

    def _bound(self, entry: _Entry, endpoint: str | Unknown, binding: Binding) -> None:
        prefix = self.apis.text(entry.api, "prefix", _PREFIX)
        is_blueprint = self.url_map.kind(binding.target) == "blueprint"
        if prefix and is_blueprint and binding.moment is not None:
            # What has waited for the blueprint gets no more than the blueprint's prefix.
            waited = entry.at.before(binding.moment)
            late = Unknown("whether it comes before `init_app` is not known")
            prefix = None if waited else prefix if waited is False else late
        if self.apis.is_late(binding, entry.at):
            prefix = None
        own = self.apis.overrides(entry.api, _COMPOSING)

        def compose(url: str | Unknown, outer: str | Unknown | None) -> str | Unknown:
            return _OVERRIDDEN if own else concatenated(outer, prefix, entry.path, url)

        self.apis.add(binding.target, entry.resource, _OVERRIDDEN if own else endpoint, compose)

    def _document(self, api: Thing, binding: Binding) -> None:
        """Add the rules that an API has of its own: its root, documentation and specification."""
        site = self.apis.making(api) if binding.site is None else binding.site
        if site is None or self.apis.overrides(api, _DOCUMENTING):
            return
        made_by = self.project.ancestry(self.apis.class_of(api) or "")
        is_plus = any(base in _APIS and base.startswith("flask_restplus.") for base in made_by)
        prefix = self.apis.text(api, "prefix", _PREFIX)
        rules = [("root", prefix or "/")]
        if is_plus and self.url_map.kind(binding.target) == "blueprint":
            prefix = None  # RESTPlus adds the specification when the blueprint is registered
        wanted = Missing if binding.site is None else binding.site.argument("add_specs")
        if wanted is Missing or wanted is True:
            name = self.apis.text(api, "default_swagger_filename") or "swagger.json"
            rules.append(("specs", concatenated(prefix, "/", name)))
            doc = self.apis.argument(api, "doc", 12)
            doc = "/" if doc is Missing else doc
            if doc and isinstance(doc, str):
                rules.append(("doc", doc))
        for place in self.apis.places(binding.target):
            for endpoint, rule in rules:
                self._add_own(place, rule, endpoint, site)
            if place.app not in self._with_assets:
                self._with_assets.add(place.app)
                endpoint = "restplus_doc.static" if is_plus else "restx_doc.static"
                whole = Placed(place.app, None, "")
                self._add_own(whole, "/swaggerui/<path:filename>", endpoint, site)

    def _add_own(self, place: Placed, rule: str | Unknown, endpoint: str, site: Site) -> None:
        self.url_map.add_placed(
            place, rule=rule, methods=("GET",), endpoint=endpoint, view=None, site=site
        )


def _dashed(name: str | Unknown) -> str | Unknown:
    """Make the endpoint that RESTX makes of the name of a class."""
    if isinstance(name, Unknown):
        return name
    return _END_OF_WORD.sub(r"\1_\2", _WORD.sub(r"\1_\2", name)).lower()
