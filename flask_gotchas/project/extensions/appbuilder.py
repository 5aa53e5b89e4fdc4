"""Flask-AppBuilder: views and APIs with exposed methods, each a blueprint of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from flask_gotchas.facts.expressions import Invoke
from flask_gotchas.project.classes import PLAIN_BASES, Classes
from flask_gotchas.project.evaluate import Missing, Scope, Thing, Unknown, Value
from flask_gotchas.project.extensions import Extension
from flask_gotchas.project.extensions.exposed import Exposing, Routes, made_site, moved
from flask_gotchas.project.extensions.flask_itself import FlaskItself
from flask_gotchas.project.url_map import Placed, as_text
from flask_gotchas.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.facts.model import FileFacts
    from flask_gotchas.project.url_map import Site, UrlMap

_APP_BUILDERS = frozenset({"flask_appbuilder.AppBuilder", "flask_appbuilder.base.AppBuilder"})
_GET, _POST, _BOTH = ("GET",), ("POST",), ("GET", "POST")
_FORM: Routes = {"this_form_get": (("/form", _GET),), "this_form_post": (("/form", _POST),)}
_CHART: Routes = {"chart": (("/chart/", _GET), ("/chart/<group_by>", _GET))}
_LOGIN: Routes = {"login": (("/login/", _BOTH),), "logout": (("/logout/", _GET),)}
# The same in all of Flask-AppBuilder 2 to 5; older ones have more.
_ROUTES: dict[str, Routes] = {
    "AuthDBView": _LOGIN,
    "AuthLDAPView": _LOGIN,
    "ChartView": _CHART,
    "CompactCRUDMixin": {
        "add": (("/add/", _BOTH),),
        "delete": (("/delete/<pk>", _BOTH),),
        "edit": (("/edit/<pk>", _BOTH),),
        "list": (("/list/", _BOTH),),
    },
    "DirectByChartView": _CHART,
    "DirectChartView": _CHART,
    "GroupByChartView": _CHART,
    "IndexView": {"index": (("/", _GET),)},
    "MasterDetailView": {"list": (("/list/", _GET), ("/list/<pk>", _GET))},
    "ModelRestApi": {
        "delete": (("/<pk>", ("DELETE",)),),
        "get": (("/<int:pk>", _GET),),
        "get_list": (("/", _GET),),
        "info": (("/_info", _GET),),
        "post": (("/", _POST),),
        "put": (("/<pk>", ("PUT",)),),
    },
    "ModelView": {
        "action": (("/action/<string:name>/<pk>", _BOTH),),
        "action_post": (("/action_post", _POST),),
        "add": (("/add", _BOTH),),
        "delete": (("/delete/<pk>", _BOTH),),
        "download": (("/download/<string:filename>", _GET),),
        "edit": (("/edit/<pk>", _BOTH),),
        "list": (("/list/", _GET),),
        "show": (("/show/<pk>", _GET),),
    },
    "MultipleView": {"list": (("/list/", _GET),)},
    "PublicFormView": _FORM,
    "SimpleFormView": _FORM,
    "TimeChartView": {"chart": (("/chart/", _GET), ("/chart/<group_by>/<period>", _GET))},
    "UtilView": {"back": (("/back", _GET),)},
}
# What their classes say of the URL; of others nothing is known.
_AT_THE_ROOT = frozenset({"AuthDBView", "AuthLDAPView", "IndexView", "UtilView"})
_WITHOUT_BASE = (_ROUTES.keys() - _AT_THE_ROOT) | {
    "BaseApi", "BaseCRUDView", "BaseChartView", "BaseFormView", "BaseModelApi", "BaseModelView",
    "BaseView", "RestCRUDView",
}  # fmt: skip
_APIS = frozenset({"BaseApi", "BaseModelApi", "ModelRestApi"})
_DEFAULTS: dict[str, Value] = {
    "exclude_route_methods": (), "include_route_methods": None, "resource_name": None,
    "route_base": None, "version": "v1",
}  # fmt: skip


class _Added(NamedTuple):
    """A view class that is added to an `AppBuilder`; `builder` is None for its own index view."""

    cls: str
    site: Site
    builder: Value


class FlaskAppBuilder(Extension):
    """Views and APIs that are added to an `AppBuilder`."""

    methods: ClassVar[frozenset[str]] = frozenset(
        {"add_api", "add_view", "add_view_no_menu", "init_app"}
    )

    def __init__(self, url_map: UrlMap) -> None:
        super().__init__(url_map)
        self.classes = Classes(self.project)
        self.flask = FlaskItself(url_map)
        self.exposing = Exposing(url_map, self.classes, "flask_appbuilder", _ROUTES)
        self.added: dict[tuple[str, str], _Added] = {}
        self.served: dict[str, list[Value]] = {}

    def take(self, site: Site) -> bool:
        builder = site.receiver
        if site.fact.method == "init_app":
            if not isinstance(builder, Thing) or not self._is_builder(builder):
                return False
            self.served.setdefault(builder.reference, []).append(site.argument("app", 0))
            return True
        cls = self.classes.of(site.argument("baseview", 0))
        if cls is None or not self.exposing.has(cls):
            return False
        # A class is only added once, whether under another name in the menu or not.
        key = (builder.reference if isinstance(builder, Thing) else "", cls)
        self.added.setdefault(key, _Added(cls, site, builder))
        return True

    def finish(self) -> None:
        for file in self.project.files:
            if not self.project.is_test(file):
                self._add_index(file)
        self._add_index_of_settings()
        for added in self.added.values():
            self._add(added)

    def _add_index(self, file: FileFacts) -> None:
        """Add the project's own index views."""
        for name, anchor in file.made_at.items():
            call = file.values.get(name)
            if not isinstance(call, Invoke) or not self._makes_builder(call, file):
                continue
            scope = Scope(file, {})
            cls = self.classes.of(self.project.evaluator.argument(call, scope, "indexview", 3))
            if cls is not None and self.project.cls(cls) is not None and self.exposing.has(cls):
                builder = self.project.evaluator.thing(name, file)
                made = made_site(self.project, call, scope, anchor)
                self.added.setdefault((name, cls), _Added(cls, made, builder))

    def _add_index_of_settings(self) -> None:
        """Add the index view that a setting names."""
        for value in self.project.configuration.written("FAB_INDEX_VIEW"):
            for file in self.project.files[:1] if value.kind == "string" else ():
                cls = self.project.resolve(value.text, file, read=True)
                found = self.project.cls(cls)
                if found is not None and self.exposing.has(cls):
                    call = Invoke(cls, (), ())
                    made = made_site(self.project, call, Scope(found[0], {}), found[1].anchor)
                    self.added.setdefault(("", cls), _Added(cls, made, Missing))

    # -- AppBuilder

    def _is_builder(self, value: Thing) -> bool:
        return value.call is not None and self._makes_builder(value.call, value.file)

    def _makes_builder(self, call: Invoke, file: FileFacts) -> bool:
        return call.target is not None and self.project.is_subclass(
            call.target, file, _APP_BUILDERS
        )

    def _apps(self, builder: Value) -> Iterator[str | None]:
        """Go through the names of the applications that an `AppBuilder` serves."""
        apps: list[Value] = []
        if isinstance(builder, Thing):
            apps += self.served.get(builder.reference, [])
            if builder.call is not None and self._is_builder(builder):
                argument = self.project.evaluator.argument
                apps.append(argument(builder.call, builder.scope, "app", 0))
        known = [app for app in apps if isinstance(app, Thing)]
        yield from dict.fromkeys(self.url_map.app_name(app) for app in known) or (None,)

    # -- views

    def _add(self, added: _Added) -> None:
        cls, site = added.cls, added.site
        endpoint: str | Unknown | None = None
        folder: str | Unknown | None = None
        if site.fact.method == "add_view_no_menu":
            endpoint, folder = site.text("endpoint", 1), site.text("static_folder", 2)
        name = endpoint or cls.rpartition(".")[2]
        prefix = self._prefix(cls)
        options = tuple(self.flask.options(site))
        for app in self._apps(added.builder):
            place = Placed(app, prefix, name)
            rules = self.exposing.rules(cls)
            included, excluded = self._choice(cls) if rules else (None, None)
            for exposed in rules:
                listed = _is_listed(exposed.name, included, excluded)
                if listed is False:
                    continue
                self.url_map.add_placed(
                    place,
                    rule=exposed.rule if listed is True else listed,
                    methods=exposed.methods,
                    endpoint=exposed.name,
                    view=exposed.view,
                    site=site if exposed.place is None else moved(site, *exposed.place),
                    options=options,
                )
            if folder is not None:
                path: str | Unknown = Unknown("its folder is not known")
                if isinstance(folder, str):
                    path = f"/{folder.rstrip('/').rpartition('/')[2]}/<path:filename>"
                self.url_map.add_placed(
                    place,
                    rule=path,
                    methods=("GET",),
                    endpoint="static",
                    view=None,
                    site=site,
                    options=options,
                )

    def _prefix(self, cls: str) -> str | Unknown:
        """Compose the prefix of a view or an API from its attributes."""
        if "create_blueprint" in self.classes.members(cls):
            return Unknown("a class of the project makes its blueprint")
        base = as_text(self._attribute(cls, "route_base"))
        if base is not None:
            return base
        name = cls.rpartition(".")[2].lower()
        if not any(base.rpartition(".")[2] in _APIS for base in self.project.ancestry(cls)):
            return f"/{name}"
        version, resource = self._attribute(cls, "version"), self._attribute(cls, "resource_name")
        resource = resource or name
        for part in (version, resource):
            if isinstance(part, (Unknown, Thing)):
                return part if isinstance(part, Unknown) else Unknown("it is not a plain text")
        return f"/api/{version}/{str(resource).lower()}"

    def _choice(self, cls: str) -> tuple[Value, Value]:
        """Give the methods of a class that become routes, and those that do not."""
        included = self._attribute(cls, "include_route_methods")
        return included, self._attribute(cls, "exclude_route_methods")

    def _attribute(self, cls: str, name: str) -> Value:
        def outside(base: str) -> Value:
            package, _, last = base.rpartition(".")
            if package.partition(".")[0] == "flask_appbuilder":
                if name == "route_base" and last in _AT_THE_ROOT:
                    return ""
                if last in _ROUTES or last in _WITHOUT_BASE:
                    return _DEFAULTS[name]
            return Missing if base in PLAIN_BASES else Unknown("a base class is not in view")

        value = self.classes.attribute(cls, name, outside)
        return _DEFAULTS[name] if value is Missing else value


def _is_listed(method: str, included: Value, excluded: Value) -> bool | Unknown:
    """Tell whether an exposed method becomes a route."""
    for names in (included, excluded):
        if isinstance(names, (Unknown, Thing)):
            return names if isinstance(names, Unknown) else Unknown("its methods are computed")
    if included is not None and method not in included:
        return False
    return excluded is None or method not in excluded
