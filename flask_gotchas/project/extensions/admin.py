"""Flask-Admin: views with exposed methods, each a blueprint below the prefix of its `Admin`."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from flask_gotchas.facts.expressions import Invoke
from flask_gotchas.project.classes import Classes
from flask_gotchas.project.evaluate import Missing, Scope, Thing, Unknown, Value
from flask_gotchas.project.extensions import Extension
from flask_gotchas.project.extensions.exposed import Exposing, Routes, made_site, moved
from flask_gotchas.project.extensions.flask_itself import FlaskItself
from flask_gotchas.project.url_map import Placed, Site, as_text
from flask_gotchas.records import NamedTuple

if TYPE_CHECKING:
    from flask_gotchas.facts.model import FileFacts
    from flask_gotchas.project.url_map import UrlMap

_ADMINS = frozenset({"flask_admin.Admin", "flask_admin.base.Admin"})
_INDEX = "flask_admin.base.AdminIndexView"
_GET, _POST, _BOTH = ("GET",), ("POST",), ("GET", "POST")
_MODEL_VIEW: Routes = {
    "action_view": (("/action/", _POST),),
    "ajax_lookup": (("/ajax/lookup/", _GET),),
    "ajax_update": (("/ajax/update/", _POST),),
    "create_view": (("/new/", _BOTH),),
    "delete_view": (("/delete/", _POST),),
    "details_view": (("/details/", _GET),),
    "edit_view": (("/edit/", _BOTH),),
    "export": (("/export/<export_type>/", _GET),),
    "index_view": (("/", _GET),),
}
_FILES: Routes = {
    "action_view": (("/action/", _POST),),
    "delete": (("/delete/", _POST),),
    "download": (("/download/<path:path>", _GET),),
    "edit": (("/edit/", _BOTH),),
    "index": (("/old_index", _GET), ("/old_b/<path:path>", _GET)),
    "index_view": (("/", _GET), ("/b/<path:path>", _GET)),
    "mkdir": (("/mkdir/", _BOTH), ("/mkdir/<path:path>", _BOTH)),
    "rename": (("/rename/", _BOTH),),
    "upload": (("/upload/", _BOTH), ("/upload/<path:path>", _BOTH)),
}
# The same in all of Flask-Admin 1.6 and 2.
_ROUTES: dict[str, Routes] = {
    "AdminIndexView": {"index": (("/", _GET),)},
    "AzureFileAdmin": _FILES,
    "BaseFileAdmin": _FILES,
    "BaseModelView": _MODEL_VIEW,
    "FileAdmin": _FILES,
    "ModelView": _MODEL_VIEW,
    "RedisCli": {"console_view": (("/", _GET),), "execute_view": (("/run/", _POST),)},
    "S3FileAdmin": _FILES,
    "flask_admin.contrib.mongoengine.ModelView": {
        **_MODEL_VIEW,
        "api_file_view": (("/api/file/", _GET),),
    },
}


class _Constructor(NamedTuple):
    """Where the constructor of a view takes what; None where it does not take it in order."""

    endpoint: int | None = None
    url: int | None = None
    static_folder: int | None = None
    model: int | None = None


# By the beginning of a reference, the longest first.
_CONSTRUCTORS = {
    "flask_admin.contrib.fileadmin.FileAdmin": _Constructor(4, 5),
    "flask_admin.contrib.fileadmin.BaseFileAdmin": _Constructor(3, 4),
    "flask_admin.contrib.geoa.": _Constructor(4, 5, 6, model=0),
    "flask_admin.contrib.mongoengine.": _Constructor(3, 4, 5, model=0),
    "flask_admin.contrib.peewee.": _Constructor(3, 4, 5, model=0),
    "flask_admin.contrib.rediscli.": _Constructor(3, 4),
    "flask_admin.contrib.sqla.": _Constructor(4, 5, 6, model=0),
    "flask_admin.contrib.": _Constructor(),
    "flask_admin.model.": _Constructor(3, 4, 5, model=0),
    "flask_admin.AdminIndexView": _Constructor(2, 3),
    _INDEX: _Constructor(2, 3),
    "flask_admin.": _Constructor(2, 3, 4),
}
_MODEL_BASES = frozenset({"ModelView", "BaseModelView"})


class _View(NamedTuple):
    """A view as it was made: its class, and what its constructor was given."""

    cls: str
    endpoint: str | Unknown
    url: str | Unknown | None
    static_folder: str | Unknown | None
    static_url_path: str | Unknown | None


class _Admin(NamedTuple):
    """An `Admin`, with the names of the applications that it serves."""

    url: str | Unknown
    static_url_path: str | Unknown | None
    index_view: _View | None
    apps: tuple[str | None, ...]
    options: tuple[tuple[str, Value], ...] = ()


class FlaskAdmin(Extension):
    """Views that are added to an `Admin`, and the index view of each."""

    methods: ClassVar[frozenset[str]] = frozenset({"add_view", "add_views", "init_app"})

    def __init__(self, url_map: UrlMap) -> None:
        super().__init__(url_map)
        self.classes = Classes(self.project)
        self.flask = FlaskItself(url_map)
        self.exposing = Exposing(url_map, self.classes, "flask_admin", _ROUTES)
        self.added: list[tuple[Thing, Site]] = []
        self.served: dict[str, list[Site]] = {}

    def take(self, site: Site) -> bool:
        if site.fact.method == "init_app":
            if not self._is_admin(site.receiver):
                return False
            self.served.setdefault(site.receiver.reference, []).append(site)
            return True
        views = [view for view in self._arguments(site) if isinstance(view, Thing)]
        views = [view for view in views if self.exposing.has(self.classes.of(view))]
        self.added += [(view, site) for view in views]
        return bool(views)

    def _arguments(self, site: Site) -> list[Value]:
        if site.fact.method == "add_view":
            return [site.argument("view", 0)]
        evaluator, call = self.project.evaluator, site.fact.call
        found = [evaluator.value(argument, site.scope) for argument in call.args]
        for spread in call.spread:
            more = evaluator.value(spread, site.scope)
            if isinstance(more, tuple) and not isinstance(more, (Thing, Unknown)):
                found += more
        return found

    def finish(self) -> None:
        for view, site in self.added:
            self._add(self._made(view), self._admin(site.receiver), site, is_index=False)
        for file in self.project.files:
            if self.project.is_test(file):
                continue
            for name, anchor in file.made_at.items():
                call = file.values.get(name)
                if not isinstance(call, Invoke) or not self._makes_admin(call, file):
                    continue
                thing = self.project.evaluator.thing(name, file)
                admin = self._admin(thing)
                if admin.index_view is not None:
                    site = made_site(self.project, call, Scope(file, {}), anchor)
                    self._add(admin.index_view, admin, site, is_index=True)

    # -- Admin

    def _is_admin(self, value: Value) -> bool:
        return (
            isinstance(value, Thing)
            and value.call is not None
            and self._makes_admin(value.call, value.file)
        )

    def _makes_admin(self, call: Invoke, file: FileFacts) -> bool:
        return call.target is not None and self.project.is_subclass(call.target, file, _ADMINS)

    def _admin(self, value: Value) -> _Admin:
        """Say what an `Admin` was made with."""
        unknown = Unknown("its Admin is not known")
        if not isinstance(value, Thing) or value.call is None or not self._is_admin(value):
            return _Admin(unknown, unknown, None, (None,))
        cls = self.classes.of(value) or ""
        found = self.classes.passed_on(cls, "__init__", value.call, value.scope)
        if isinstance(found, Unknown):
            return _Admin(found, found, None, (None,))

        def argument(name: str, position: int) -> Value:
            return self.project.evaluator.argument(*found, name, position)

        url, endpoint = as_text(argument("url", 2)), as_text(argument("endpoint", 6))
        given = argument("index_view", 4)
        app = argument("app", 0)
        apps = [app] if app is not Missing and app is not None else []
        for site in self.served.get(value.reference, ()):
            apps.append(site.argument("app", 0))
            later = site.argument("index_view", 1)
            if later is not Missing and later is not None:
                given = later
                url, endpoint = site.text("url", 3), site.text("endpoint", 2)
        index: _View | None = None
        if given is Missing or given is None:
            above = "/admin" if url is None else url
            index = _View(_INDEX, endpoint or "admin", above, "static", None)
        elif isinstance(given, Thing) and self.exposing.has(self.classes.of(given)):
            index = self._made(given)
        base = url or (unknown if index is None else index.url)
        names = tuple(dict.fromkeys(self._app_name(app) for app in apps))
        return _Admin(
            Unknown("its Admin has no URL") if base is None else base,
            as_text(argument("static_url_path", 7)),
            index,
            names or (None,),
            tuple(self.flask.options(made_site(self.project, *found, 0))),
        )

    def _app_name(self, app: Value) -> str | None:
        return self.url_map.app_name(app) if isinstance(app, Thing) else None

    # -- views

    def _made(self, view: Thing) -> _View:
        """Say what a view was made with."""
        cls = self.classes.of(view) or ""
        call = view.call or Invoke(None, (), ())
        found = self.classes.passed_on(cls, "__init__", call, view.scope)
        if isinstance(found, Unknown):
            return _View(cls, found, found, None, None)
        outside = next(b for b in self.project.ancestry(cls) if b.startswith("flask_admin."))
        made = next(c for start, c in _CONSTRUCTORS.items() if outside.startswith(start))

        def argument(name: str, position: int | None) -> str | Unknown | None:
            return as_text(self.project.evaluator.argument(*found, name, position))

        endpoint = argument("endpoint", made.endpoint)
        url = argument("url", made.url)
        members = self.classes.members(cls)
        is_index = outside.rpartition(".")[2] == "AdminIndexView"
        if is_index:
            endpoint, url = endpoint or "admin", "/admin" if url is None else url
        if "_get_endpoint" in members:
            endpoint = Unknown("a class of the project names its endpoint")
        if not endpoint:
            endpoint = self._default_endpoint(cls, outside, made, *found)
        if "_get_view_url" in members or "create_blueprint" in members:
            url = Unknown("a class of the project composes its URL")
        folder = "static" if is_index else argument("static_folder", made.static_folder)
        path = argument("static_url_path", None)
        return _View(cls, endpoint, url, folder, path)

    def _default_endpoint(
        self, cls: str, outside: str, made: _Constructor, call: Invoke, scope: Scope
    ) -> str | Unknown:
        if outside.rpartition(".")[2] not in _MODEL_BASES:
            return cls.rpartition(".")[2].lower()
        model = self.project.evaluator.argument(call, scope, "model", made.model)
        if isinstance(model, Thing) and self.project.cls(model.reference) is not None:
            return model.reference.rpartition(".")[2].lower()
        return Unknown("its model is not known")

    def _add(self, view: _View, admin: _Admin, site: Site, *, is_index: bool) -> None:
        prefix: str | Unknown | None = self._prefix(view, admin, is_index=is_index)
        folder, path = view.static_folder, view.static_url_path or admin.static_url_path
        if prefix == "/":
            prefix = None
            if not path:
                folder, path = "static", "/static/admin"
        if folder is not None and path is None and isinstance(folder, str):
            path = "/" + folder.rstrip("/").rpartition("/")[2]
        for app in admin.apps:
            place = Placed(app, prefix, view.endpoint)
            for exposed in self.exposing.rules(view.cls):
                self.url_map.add_placed(
                    place,
                    rule=exposed.rule,
                    methods=exposed.methods,
                    endpoint=exposed.name,
                    view=exposed.view,
                    site=site if exposed.place is None else moved(site, *exposed.place),
                    options=admin.options,
                )
            if folder is not None:
                rule = f"{path.rstrip('/')}/<path:filename>" if isinstance(path, str) else path
                self.url_map.add_placed(
                    place,
                    rule=Unknown("its folder is not known") if rule is None else rule,
                    methods=("GET",),
                    endpoint="static",
                    view=None,
                    site=site,
                    options=admin.options,
                )

    def _prefix(self, view: _View, admin: _Admin, *, is_index: bool) -> str | Unknown:
        url = view.url
        if isinstance(url, Unknown) or (url is not None and url.startswith("/")):
            return url
        if isinstance(admin.url, Unknown):
            return admin.url
        if url is not None:
            return f"{admin.url}/{url}"
        if isinstance(view.endpoint, Unknown):
            return view.endpoint
        if admin.url == "/":
            return "/" if is_index else f"/{view.endpoint}"
        return f"{admin.url}/{view.endpoint}"
