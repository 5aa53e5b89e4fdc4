"""Flask-smorest and APIFlask: class views on blueprints, endpoints with numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from flask_gotchas.project.apis import Apis, in_order, moment
from flask_gotchas.project.evaluate import Missing, Thing, Unknown, Value
from flask_gotchas.project.extensions import Extension
from flask_gotchas.project.extensions.flask_itself import FlaskItself, Parts
from flask_gotchas.project.url_map import Placed, as_text

if TYPE_CHECKING:
    from flask_gotchas.project.url_map import Site, UrlMap

_APIS = frozenset({"flask_smorest.Api"})
_BLUEPRINTS = frozenset({"flask_smorest.Blueprint", "flask_smorest.blueprint.Blueprint"})
_APPS = frozenset({"apiflask.APIFlask", "apiflask.app.APIFlask"})
# Arguments of APIFlask: their positions and what they are by default.
_DOCUMENTATION: dict[str, tuple[int, Value]] = {
    "spec_path": (3, "/openapi.json"),
    "docs_path": (4, "/docs"),
    "docs_oauth2_redirect_path": (5, "/docs/oauth2-redirect"),
    "docs_ui": (7, "swagger-ui"),
    "openapi_blueprint_url_prefix": (8, None),
    "enable_openapi": (10, True),
}
_COMPOSING = frozenset({"add_url_rule", "route"})
_OVERRIDDEN = Unknown("a class of the project adds its rules")
_SAME_NAME = Unknown("several views share its name, and which comes first is not known")


class Smorest(FlaskItself):
    """`Blueprint.route` on functions and classes, and `api.register_blueprint`."""

    methods: ClassVar[frozenset[str]] = FlaskItself.methods | {"init_app"}
    order: ClassVar[int] = -1

    def __init__(self, url_map: UrlMap) -> None:
        super().__init__(url_map)
        self.apis = Apis(url_map, _APIS)
        self._added: dict[str, list[tuple[Thing, Site, Parts]]] = {}
        self._registered: list[tuple[Thing, Site]] = []

    def take(self, site: Site) -> bool:
        receiver = site.receiver
        if site.fact.method in {"init_app", "register_blueprint"}:
            if not self.apis.owns(receiver):
                return False
            if site.fact.method == "init_app":
                self.apis.bind(receiver, site)
            else:
                self._registered.append((receiver, site))
            return True
        return self.apis.owns(receiver, _BLUEPRINTS) and super().take(site)

    def _add(self, site: Site, receiver: Thing, parts: Parts) -> None:
        self._added.setdefault(self.url_map.key(receiver), []).append((receiver, site, parts))

    def finish(self) -> None:
        for added in self._added.values():
            self._number(added)
        for api, site in self._registered:
            for binding in self.apis.bindings(api):
                self.url_map.add_child(
                    binding.target,
                    site.argument("blp", 0),
                    url_prefix=site.text("url_prefix"),
                    name=site.text("name"),
                    site=site,
                )

    def _number(self, added: list[tuple[Thing, Site, Parts]]) -> None:
        """Add the rules of a blueprint: an endpoint that is taken gets the count of all so far."""
        names = [parts.endpoint for _, _, parts in added]
        ordered = in_order(added, lambda one: (moment(one[1]),))
        overridden = self.apis.overrides(added[0][0], _COMPOSING)
        taken: set[str | Unknown] = set()
        for count, (receiver, site, parts) in enumerate(ordered or added):
            endpoint = parts.endpoint
            if overridden:
                endpoint = _OVERRIDDEN
            elif names.count(endpoint) > 1 and isinstance(endpoint, str):
                if ordered is None:
                    endpoint = _SAME_NAME
                elif endpoint in taken:
                    endpoint = f"{endpoint}_{count}"
            taken.add(endpoint)
            named = parts._replace(endpoint=endpoint)
            self.url_map.add_rule(receiver, site=site, **named._asdict())


class Apiflask(Extension):
    """The documentation that every APIFlask application has; the rest it does as Flask does."""

    def finish(self) -> None:
        imports = (fact.module for file in self.project.files for fact in file.imports)
        if not any(module.partition(".")[0] == "apiflask" for module in imports):
            return
        apis = Apis(self.url_map, _APPS)
        for file in self.project.files:
            for name in () if self.project.is_test(file) else file.made_at:
                app = self.project.evaluator.thing(name, file)
                if app is not None and app.call is not None and apis.owns(app):
                    self._document(app, apis)

    def _document(self, app: Thing, apis: Apis) -> None:
        site = apis.making(app)
        given = {
            name: default if value is Missing else value
            for name, (position, default) in _DOCUMENTATION.items()
            for value in [apis.argument(app, name, position)]
        }
        if site is None or given["enable_openapi"] is not True:
            return
        rules = {"spec": given["spec_path"], "docs": given["docs_path"]}
        if given["docs_path"] and given["docs_ui"] == "swagger-ui":
            rules["swagger_ui_oauth_redirect"] = given["docs_oauth2_redirect_path"]
        place = Placed(
            self.url_map.app_name(app), as_text(given["openapi_blueprint_url_prefix"]), "openapi"
        )
        for endpoint, rule in rules.items():
            if rule:
                self.url_map.add_placed(
                    place,
                    rule=as_text(rule) or "",
                    methods=("GET",),
                    endpoint=endpoint,
                    view=None,
                    site=site,
                )
