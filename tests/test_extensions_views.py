"""The routes of class views, on which the real extensions have the last word."""

from __future__ import annotations

import importlib
import inspect
import json
import os
import subprocess
import sys
from textwrap import dedent
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from support import url_map_of

from flask_gotchas.project.extensions import admin, appbuilder

if TYPE_CHECKING:
    from pathlib import Path


class App(NamedTuple):
    """A small app: its files, and its rules as text, one a line: rule, methods, endpoint.

    With `blueprints` only the rules of these are compared, since the extension has others.
    """

    package: str
    files: dict[str, str]
    rules: str
    blueprints: tuple[str, ...] = ()


def app(package: str, source: str, rules: str, *blueprints: str, **others: str) -> App:
    files = {"app.py": dedent(source)}
    files |= {f"{name}.py": dedent(text) for name, text in others.items()}
    return App(package, files, rules, blueprints)


CLASSFUL = {
    "special names and parameters": app(
        "flask_classful",
        """
        from flask import Flask
        from flask_classful import FlaskView

        app = Flask(__name__, static_folder=None)

        class UsersView(FlaskView):
            def index(self): return ""
            def get(self, id): return ""
            def post(self): return ""
            def put(self, id): return ""
            def patch(self, id, *, dry=False): return ""
            def delete(self, id, force=False): return ""
            def friends(self, id, page=1, *more, **rest): return ""
            def all_of_them(self): return ""

        UsersView.register(app)
        """,
        """
        /users/ GET UsersView:index
        /users/<id>/ GET UsersView:get
        /users/ POST UsersView:post
        /users/<id>/ PUT UsersView:put
        /users/<id>/ PATCH UsersView:patch
        /users/<id>/ DELETE UsersView:delete
        /users/friends/<id>/ GET UsersView:friends
        /users/all_of_them/ GET UsersView:all_of_them
        """,
    ),
    "rules from decorators, on a blueprint": app(
        "flask_classful",
        """
        from flask import Blueprint, Flask
        from flask_classful import FlaskView, route

        bp = Blueprint("shop", __name__, url_prefix="/shop")
        BASE = "/by"

        class Items(FlaskView):
            route_base = "things"

            @route("/one", endpoint="first")
            @route(BASE + "/two", methods=["POST", "get"])
            @route("three/")
            def several(self): return ""

            @route("", methods=["PUT"])
            def whole(self): return ""

            @route("/")
            def get(self, id): return ""

            @route(rule="/<int:n>/x")
            def alone(self, n): return ""

        Items.register(bp)
        app = Flask(__name__, static_folder=None)
        app.register_blueprint(bp, url_prefix="/new")
        """,
        """
        /new/things/three/ GET shop.Items:several_0
        /new/things/by/two GET,POST shop.Items:several_1
        /new/things/one GET shop.first
        /new/things PUT shop.Items:whole
        /new/things/ GET shop.Items:get
        /new/things/<int:n>/x GET shop.Items:alone
        """,
    ),
    "prefixes, bases with variables and slashes": app(
        "flask_classful",
        """
        from flask import Flask
        from flask_classful import FlaskView

        app = Flask(__name__, static_folder=None)

        class Base(FlaskView):
            route_prefix = "/api/<version>/"
            base_args = ["version"]
            trailing_slash = False

        class NotesView(Base):
            route_base = "/users/<int:user>//notes/"
            def index(self, version, user): return ""
            def get(self, version, user, note): return ""
            def stars(self, note, user): return ""

        class RootView(Base):
            route_base = "/"
            def index(self, version): return ""
            def page(self, version): return ""

        class BareView(FlaskView):
            route_base = ""
            def index(self): return ""

        class OtherView(BareView):
            pass

        NotesView.register(app)
        RootView.register(app, route_prefix="/", trailing_slash=True)
        BareView.register(app, trailing_slash=False)
        OtherView.register(app, "other", None, "/top", False)
        """,
        """
        /api/<version>/users/<int:user>/notes GET NotesView:index
        /api/<version>/users/<int:user>/notes/<note> GET NotesView:get
        /api/<version>/users/<int:user>/notes/stars/<note> GET NotesView:stars
        / GET RootView:index
        /page/ GET RootView:page
        / GET BareView:index
        /top/other GET OtherView:index
        """,
    ),
    "names with capitals and underscores": app(
        "flask_classful",
        """
        from flask import Flask
        from flask_classful import FlaskView

        app = Flask(__name__, static_folder=None)

        class HTTPServerView(FlaskView):
            method_dashified = True
            def last_error_code(self): return ""

        class Area51Map(FlaskView):
            def index(self): return ""
            def last_error(self): return ""

        class View(FlaskView):
            def index(self): return ""

        HTTPServerView.register(app)
        for view in (Area51Map, View):
            view.register(app, method_dashified=True)
        """,
        """
        /http-server/last-error-code/ GET HTTPServerView:last_error_code
        /area51-map/ GET Area51Map:index
        /area51-map/last-error/ GET Area51Map:last_error
        / GET View:index
        """,
    ),
    "what is inherited, hidden or no route": app(
        "flask_classful",
        """
        import functools
        from flask import Flask
        from bases import Base, Listing, ping

        app = Flask(__name__, static_folder=None)

        class CarsView(Listing, Base):
            excluded_methods = ["helper"]
            delete = None
            health = ping

            @property
            def wheels(self): return 4
            @classmethod
            def make(cls): return cls()
            @functools.lru_cache
            def cached(self): return 1
            @staticmethod
            def _hidden(): return 1
            def helper(self): return 1
            def before_request(self, name): pass
            def after_index(self, response): return response
            def put(self, id, color): return ""
            def register_all(self): return ""
            def build_rule_of(self): return ""
            class Inner:
                def index(self): return ""

        CarsView.register(app)
        """,
        """
        /cars/ GET CarsView:index
        /cars/<id>/ GET CarsView:get
        /cars/<id>/<color>/ PUT CarsView:put
        /cars/health/ GET CarsView:health
        /cars/found GET CarsView:search
        /cars/register_all/ GET CarsView:register_all
        /cars/build_rule_of/ GET CarsView:build_rule_of
        """,
        bases="""
        from flask_classful import FlaskView, route

        def ping(self): return ""

        class Reading:
            def index(self, wrong): return ""
            def get(self, id): return ""

        class Listing(Reading):
            def index(self): return ""
            @route("/found")
            def search(self): return ""

        class Base(FlaskView, Reading):
            def put(self, id): return ""
            @route("/gone", methods=["DELETE"])
            def delete(self): return ""
        """,
    ),
    "an own register": app(
        "flask_classful",
        """
        from flask import Flask, Blueprint
        from flask_classful import FlaskView

        class Base(FlaskView):
            @classmethod
            def register(cls, where, *args, **kwargs):
                super().register(where, *args, **kwargs)

                @where.errorhandler(404)
                def missing(error): return "", 404

        class Versioned(Base):
            @classmethod
            def register(cls, app, version="v1", **kwargs):
                super(Versioned, cls).register(app, route_prefix="/api/" + version, **kwargs)

        class PensView(Versioned):
            def index(self): return ""

        class InksView(Versioned):
            def index(self): return ""

        def create_app():
            app = Flask(__name__, static_folder=None)
            api = Blueprint("api", __name__)
            PensView.register(api)
            InksView.register(api, "v2", route_base="tints", trailing_slash=False)
            app.register_blueprint(api)
            return app

        app = create_app()
        """,
        """
        /api/v1/pens/ GET api.PensView:index
        /api/v2/tints GET api.InksView:index
        """,
    ),
    "decorators around methods": app(
        "flask_classful",
        """
        from functools import wraps
        from flask import Flask
        from flask_classful import FlaskView, method, route

        app = Flask(__name__, static_folder=None)

        def kept(f):
            @wraps(f)
            def inner(*args, **kwargs): return f(*args, **kwargs)
            return inner

        def renamed(f):
            def inner(*args, **kwargs): return f(*args, **kwargs)
            return inner

        def with_self(f):
            @wraps(f)
            def inner(self, *args, **kwargs): return f(self, *args, **kwargs)
            return inner

        def given(name):
            def decorate(f):
                @wraps(f)
                def inner(self, extra, **kwargs): return f(self, **kwargs)
                return inner
            return decorate

        class BoxView(FlaskView):
            @kept
            def get(self, id): return ""
            @with_self
            def put(self, id): return ""
            @given("x")
            def patch(self): return ""
            @kept
            @route("/below-kept")
            def one(self): return ""
            @route("/above-kept")
            @kept
            def two(self): return ""
            @renamed
            @route("/lost")
            def three(self, id): return ""
            @route("/lost-too")
            @renamed
            def four(self): return ""
            @method("POST")
            @renamed
            def five(self): return ""
            @renamed
            @method("POST")
            def six(self): return ""

        BoxView.register(app)
        """,
        """
        /box/<id>/ GET BoxView:get
        /box/ PUT BoxView:put
        /box/<extra>/ PATCH BoxView:patch
        /box/below-kept GET BoxView:one
        /box/above-kept GET BoxView:two
        /box/three/<id>/ GET BoxView:three
        /box/four/ GET BoxView:four
        /box/five/ POST BoxView:five
        /box/six/ GET BoxView:six
        """,
    ),
    "converters from annotations": app(
        "flask_classful",
        """
        import uuid
        from uuid import UUID as Id
        from flask import Flask
        from flask_classful import FlaskView
        from later import LaterView

        app = Flask(__name__, static_folder=None)

        class NowView(FlaskView):
            def get(self, a: int, b: float, c: str, d: Id, e: uuid.UUID): return ""
            def more(self, a: "int", b: bytes, c: int = 1): return ""

        NowView.register(app)
        LaterView.register(app)
        """,
        """
        /now/<int:a>/<float:b>/<string:c>/<uuid:d>/<uuid:e>/ GET NowView:get
        /now/more/<a>/<b>/ GET NowView:more
        /later/<id>/ GET LaterView:get
        """,
        later="""
        from __future__ import annotations
        from flask_classful import FlaskView

        class LaterView(FlaskView):
            def get(self, id: int): return ""
        """,
    ),
    "methods that a class or a decorator names": app(
        "flask_classful",
        """
        from flask import Flask
        import flask_classful as classy

        app = Flask(__name__, static_folder=None)

        class JobsView(classy.FlaskView):
            special_methods = {"list": ["GET"], "create": ["POST"], "get": ["GET", "POST"]}
            default_methods = ["PUT"]

            def list(self): return ""
            def create(self): return ""
            def get(self): return ""
            def index(self): return ""
            @classy.method("patch")
            @classy.method("DELETE")
            def change(self): return ""
            @classy.route("/x")
            def x(self): return ""

        class RawView(classy.FlaskView):
            inspect_args = False
            def get(self, id): return ""

        JobsView.register(app)
        RawView.register(app, strict_slashes=False)
        """,
        """
        /jobs/ GET JobsView:list
        /jobs/ POST JobsView:create
        /jobs/ GET,POST JobsView:get
        /jobs/index/ PUT JobsView:index
        /jobs/change/ DELETE,PATCH JobsView:change
        /jobs/x GET JobsView:x
        /raw/ GET RawView:get
        """,
    ),
    "a list of variables that classes share": app(
        "flask_classful",
        """
        from flask import Flask
        from flask_classful import FlaskView

        app = Flask(__name__, static_folder=None)

        class FirstView(FlaskView):
            def get(self, user_id): return ""

        class SecondView(FlaskView):
            route_base = "/users/<user_id>/posts"
            def get(self, user_id, post): return ""

        class ThirdView(FlaskView):
            base_args = []
            def get(self, user_id): return ""

        FirstView.register(app)
        SecondView.register(app)
        ThirdView.register(app)
        """,
        """
        /first/<user_id>/ GET FirstView:get
        /users/<user_id>/posts/<post>/ GET SecondView:get
        /third/<user_id>/ GET ThirdView:get
        """,
    ),
    "a base class to leave out": app(
        "flask_classful",
        """
        from flask import Flask
        from flask_classful import FlaskView

        class Base(FlaskView):
            route_base = "base"
            def shared(self): return ""
            def index(self): return ""

        class OwnView(Base):
            def index(self): return ""
            def own(self): return ""

        def fill(app, views):
            for name, view in views.items():
                view.register(app, route_base=f"/{name}", base_class=Base)

        app = Flask(__name__, static_folder=None)
        fill(app, {"a": OwnView})
        """,
        """
        /a/own/ GET OwnView:own
        """,
    ),
}

ADMIN = {
    "views below the admin": app(
        "flask_admin",
        """
        from flask import Flask
        from flask_admin import Admin, BaseView, expose

        app = Flask(__name__, static_folder=None)
        admin = Admin(app, name="shop")

        class Reports(BaseView):
            @expose("/")
            @expose("/all/", methods=("GET", "POST"))
            def index(self): return ""
            @expose("/one/<int:id>", methods=["delete"])
            def one(self, id): return ""
            @expose()
            def twice(self): return ""
            def hidden(self): return ""

        admin.add_view(Reports())
        admin.add_view(Reports(name="More", endpoint="more"))
        admin.add_view(Reports("Third", None, "third", "sub/way"))
        admin.add_view(Reports(endpoint="fourth", url="/elsewhere"))
        """,
        """
        /admin/ GET admin.index
        /admin/static/<path:filename> GET admin.static
        /admin/reports/ GET reports.index
        /admin/reports/all/ GET,POST reports.index
        /admin/reports/one/<int:id> DELETE reports.one
        /admin/reports/ GET reports.twice
        /admin/more/ GET more.index
        /admin/more/all/ GET,POST more.index
        /admin/more/one/<int:id> DELETE more.one
        /admin/more/ GET more.twice
        /admin/sub/way/ GET third.index
        /admin/sub/way/all/ GET,POST third.index
        /admin/sub/way/one/<int:id> DELETE third.one
        /admin/sub/way/ GET third.twice
        /elsewhere/ GET fourth.index
        /elsewhere/all/ GET,POST fourth.index
        /elsewhere/one/<int:id> DELETE fourth.one
        /elsewhere/ GET fourth.twice
        """,
    ),
    "an admin at the root": app(
        "flask_admin",
        """
        from flask import Flask
        from flask_admin import Admin, AdminIndexView, BaseView, expose

        class Home(AdminIndexView):
            @expose("/")
            def index(self): return ""
            @expose("/login", methods=["GET", "POST"])
            def login(self): return ""

        class Tools(BaseView):
            @expose("/")
            def index(self): return ""

        def create_app():
            app = Flask(__name__, static_folder=None)
            admin = Admin(app, index_view=Home(url="/"))
            admin.add_view(Tools(static_folder="files"))
            Admin(app, url="/second", endpoint="second").add_view(Tools(endpoint="tools2"))
            return app

        app = create_app()
        """,
        """
        / GET admin.index
        /login GET,POST admin.login
        /static/admin/<path:filename> GET admin.static
        /tools/ GET tools.index
        /tools/files/<path:filename> GET tools.static
        /second/tools2/ GET tools2.index
        """,
        "admin",
        "tools",
        "tools2",
    ),
    "an admin that learns of its application later": app(
        "flask_admin",
        """
        from flask import Flask
        from parts import admin, PagesView, Page

        def create_app():
            app = Flask(__name__, static_folder=None)
            admin.add_views(PagesView(Page), PagesView(Page, endpoint="drafts", url="new/drafts"))
            admin.init_app(app)
            return app

        app = create_app()
        """,
        """
        /manage/ GET boss.index
        /manage/files/<path:filename> GET boss.static
        /manage/page/ GET page.index_view
        /manage/page/details/ GET page.details_view
        /manage/page/export/<export_type>/ GET page.export
        /manage/page/ajax/lookup/ GET page.ajax_lookup
        /manage/page/ajax/update/ POST page.ajax_update
        /manage/page/action/ POST page.action_view
        /manage/page/change/ GET page.edit_view
        /manage/page/publish GET page.publish
        /manage/new/drafts/ GET drafts.index_view
        /manage/new/drafts/details/ GET drafts.details_view
        /manage/new/drafts/export/<export_type>/ GET drafts.export
        /manage/new/drafts/ajax/lookup/ GET drafts.ajax_lookup
        /manage/new/drafts/ajax/update/ POST drafts.ajax_update
        /manage/new/drafts/action/ POST drafts.action_view
        /manage/new/drafts/change/ GET drafts.edit_view
        /manage/new/drafts/publish GET drafts.publish
        """,
        parts="""
        from flask_admin import Admin, expose
        from flask_admin.model import BaseModelView

        admin = Admin(url="/manage", endpoint="boss", static_url_path="/files")

        class Page: pass

        class Scaffold(BaseModelView):
            def __init__(self, model, **kwargs):
                super().__init__(model, **kwargs)
            def get_pk_value(self, model): return 1
            def scaffold_list_columns(self): return []
            def scaffold_sortable_columns(self): return {}
            def init_search(self): return False
            def scaffold_form(self):
                from wtforms import Form
                return Form
            def scaffold_list_form(self, widget=None, validators=None): return None
            def scaffold_filters(self, name): return []
            def is_valid_filter(self, filter): return False
            def create_model(self, form): return None
            def update_model(self, form, model): return None
            def delete_model(self, model): return None
            def get_list(self, *args, **kwargs): return 0, []
            def get_one(self, id): return None

        class PagesView(Scaffold):
            def create_view(self): return ""
            delete_view = None
            @expose("/change/")
            def edit_view(self): return ""
            @expose("/publish")
            def publish(self): return ""
        """,
    ),
    "plugged views and decorators": app(
        "flask_admin",
        """
        from functools import wraps
        from flask import Flask
        from flask.views import MethodView, View
        from flask_admin import Admin, BaseView, expose, expose_plugview

        app = Flask(__name__, static_folder=None)
        admin = Admin(app, static_url_path="/lib")

        def kept(f):
            @wraps(f)
            def inner(*args, **kwargs): return f(*args, **kwargs)
            return inner

        def dropped(f):
            def inner(*args, **kwargs): return f(*args, **kwargs)
            return inner

        class Old(BaseView):
            @expose("/")
            def index(self): return ""
            @expose("/old")
            def old(self): return ""
            @expose("/mixed")
            def mixed(self): return ""

        class Api(Old):
            @expose_plugview("/v1/<id>")
            class v1(MethodView):
                def get(self, cls, id): return ""
                def post(self, cls, id): return ""
            @expose_plugview("/v2")
            class v2(View):
                methods = ["PUT"]
                def dispatch_request(self, cls): return ""
            @kept
            @expose("/one")
            def one(self): return ""
            @dropped
            @expose("/two")
            def two(self): return ""
            @expose("/three")
            @dropped
            def three(self): return ""
            @expose("/new")
            def mixed(self): return ""
            def old(self): return ""

        admin.add_view(Api(category="x"))
        """,
        """
        /admin/ GET admin.index
        /admin/lib/<path:filename> GET admin.static
        /admin/api/ GET api.index
        /admin/api/v1/<id> GET,POST api.v1
        /admin/api/v2 PUT api.v2
        /admin/api/one GET api.one
        /admin/api/three GET api.three
        /admin/api/new GET api.mixed
        """,
    ),
}

SETUP = """
        from flask import Flask
        from flask_sqlalchemy import SQLAlchemy
        from flask_appbuilder import AppBuilder, BaseView, ModelRestApi, ModelView, SimpleFormView
        from flask_appbuilder import IndexView, expose, has_access
        from flask_appbuilder.api import BaseApi
        from flask_appbuilder.models.sqla import Model
        from flask_appbuilder.models.sqla.interface import SQLAInterface
        from sqlalchemy import Column, Integer, String

        app = Flask(__name__)
        app.config["SECRET_KEY"] = "x"
        app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
        app.config["FAB_ADD_SECURITY_VIEWS"] = False
        db = SQLAlchemy(app)
        app.app_context().push()

        class Group(Model):
            __tablename__ = "groups"
            id = Column(Integer, primary_key=True)
            name = Column(String(50))
"""

APPBUILDER = {
    "views": app(
        "flask_appbuilder",
        SETUP
        + """
        class Home(IndexView):
            @expose("/more")
            def more(self): return ""

        appbuilder = AppBuilder(app, db.session, indexview=Home)

        class Base(BaseView):
            route_base = "/base"
            @expose("/ping/", methods=["GET", "POST"])
            def ping(self): return ""

        class Deep(Base):
            route_base = None
            @expose("/one")
            @expose("/one/<int:n>")
            @has_access
            def one(self, n=0): return ""

        class Flat(Base):
            route_base = ""
            def ping(self): return ""
            @expose("/flat")
            def flat(self): return ""

        class Groups(ModelView):
            datamodel = SQLAInterface(Group)
            include_route_methods = {"list", "show"} | {"extra"}
            add = None
            @expose("/extra")
            def extra(self): return ""

        class Rest(Groups):
            route_base = "/rest"
            include_route_methods = None
            exclude_route_methods = frozenset(["api", "api_read", "api_get", "api_create", "show",
                "api_update", "api_delete", "api_readvalues", "api_column_add", "api_column_edit"])

        appbuilder.add_view(Base, "Base", category="x")
        appbuilder.add_view(Base, "Base again", category="y")
        appbuilder.add_view(Deep(), "Deep")
        appbuilder.add_view_no_menu(Flat, "flattened")
        appbuilder.add_view(Groups, "Groups")
        appbuilder.add_view(Rest, "Rest")
        """,
        """
        / GET Home.index
        /more GET Home.more
        /base/ping/ GET,POST Base.ping
        /deep/ping/ GET,POST Deep.ping
        /deep/one GET Deep.one
        /deep/one/<int:n> GET Deep.one
        /flat GET flattened.flat
        /groups/list/ GET Groups.list
        /groups/show/<pk> GET Groups.show
        /groups/extra GET Groups.extra
        /rest/list/ GET Rest.list
        /rest/edit/<pk> GET,POST Rest.edit
        /rest/delete/<pk> GET,POST Rest.delete
        /rest/download/<string:filename> GET Rest.download
        /rest/action/<string:name>/<pk> GET,POST Rest.action
        /rest/action_post POST Rest.action_post
        /rest/extra GET Rest.extra
        """,
        *("Home", "Base", "Deep", "flattened", "Groups", "Rest"),
    ),
    "APIs": app(
        "flask_appbuilder",
        SETUP
        + """
        appbuilder = AppBuilder(app, db.session)

        class PlainApi(BaseApi):
            @expose("/hello", methods=["POST"])
            def hello(self): return ""

        class NamedApi(PlainApi):
            resource_name = "Named"
            version = "v2"

        class PlacedApi(PlainApi):
            resource_name = "unused"
            route_base = "/there"

        class GroupApi(ModelRestApi):
            datamodel = SQLAInterface(Group)
            exclude_route_methods = {"delete"} | set(["put"])
            @expose("/count")
            def count(self): return ""

        for api in [PlainApi, NamedApi, PlacedApi, GroupApi]:
            appbuilder.add_api(api)
        """,
        """
        /api/v1/plainapi/hello POST PlainApi.hello
        /api/v2/named/hello POST NamedApi.hello
        /there/hello POST PlacedApi.hello
        /api/v1/groupapi/ GET GroupApi.get_list
        /api/v1/groupapi/ POST GroupApi.post
        /api/v1/groupapi/<int:pk> GET GroupApi.get
        /api/v1/groupapi/_info GET GroupApi.info
        /api/v1/groupapi/count GET GroupApi.count
        """,
        *("PlainApi", "NamedApi", "PlacedApi", "GroupApi"),
    ),
}

APPS = {
    f"{known.package}: {name}": known
    for name, known in [*CLASSFUL.items(), *ADMIN.items(), *APPBUILDER.items()]
}

# Runs in the real extension.
REAL = """
import json, sys
from app import app

json.dump([[r.rule, sorted(r.methods), r.endpoint] for r in app.url_map.iter_rules()], sys.stdout)
"""


def line(rule: str | None, methods: Any, endpoint: str | None) -> str:
    shown = [method for method in methods or () if method not in {"HEAD", "OPTIONS"}]
    return f"{rule} {','.join(shown)} {endpoint}"


def of_blueprints(lines: list[str], known: App) -> list[str]:
    names = [found.rpartition(" ")[2].rpartition(".")[0] for found in lines]
    pairs = zip(names, lines, strict=True)
    return sorted(line for name, line in pairs if not known.blueprints or name in known.blueprints)


def real_rules(known: App, folder: Path) -> list[str]:
    for name, text in known.files.items():
        (folder / name).write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-B", "-W", "ignore", "-c", REAL],
        check=False,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "PYTHONPATH": str(folder)},
    )
    assert done.returncode == 0, done.stderr
    return [line(*rule) for rule in json.loads(done.stdout.splitlines()[-1])]


@pytest.mark.parametrize("name", APPS)
def test_class_views_have_the_routes_that_were_written_down(name: str) -> None:
    known = APPS[name]
    found = url_map_of(known.files)
    assert [route.why for route in found if route.why] == []
    lines = [line(route.rule, route.methods, route.endpoint) for route in found]
    expected = [text.strip() for text in known.rules.splitlines() if text.strip()]
    assert of_blueprints(lines, known) == sorted(expected)


@pytest.mark.parametrize("name", APPS)
def test_class_views_have_the_routes_of_the_real_extension(name: str, tmp_path: Path) -> None:
    known = APPS[name]
    pytest.importorskip(known.package)
    expected = [text.strip() for text in known.rules.splitlines() if text.strip()]
    assert of_blueprints(real_rules(known, tmp_path), known) == sorted(expected)


# What cannot be known

UNKNOWN = {
    "the application is a parameter of unknown value": (
        """
        from flask_classful import FlaskView
        class AView(FlaskView):
            def index(self): return ""
        def setup(where):
            AView.register(where)
        """,
        ["None GET None: what its class is registered on is not known"],
    ),
    "another view may take a variable out of a rule": (
        """
        from flask import Flask
        from flask_classful import FlaskView
        app = Flask(__name__, static_folder=None)
        class AView(FlaskView):
            route_base = "/<id>/a"
            def index(self): return ""
        class BView(FlaskView):
            def get(self, id): return ""
            def put(self, other): return ""
        AView.register(app)
        BView.register(app)
        """,
        [
            "/<id>/a/ GET AView:index: ",
            "/b/<other>/ PUT BView:put: ",
            "None GET BView:get: the route_base of another view may take `id` out of it",
        ],
    ),
    "a base out of view may have a prefix": (
        """
        from flask import Flask
        from flask_classful import FlaskView
        from somewhere import Mixin
        app = Flask(__name__, static_folder=None)
        class AView(Mixin, FlaskView):
            trailing_slash = True
            base_args = []
            def index(self): return ""
        class BView(FlaskView, Mixin):
            def index(self): return ""
        AView.register(app)
        BView.register(app)
        """,
        [
            "/b/ GET BView:index: ",
            "None None AView:index: a base class is not in view",
        ],
    ),
    "a class composes its own rules": (
        """
        from flask import Flask
        from flask_classful import FlaskView
        app = Flask(__name__, static_folder=None)
        class AView(FlaskView):
            @classmethod
            def build_rule(cls, rule, method=None): return "/x" + rule
            def index(self): return ""
        class BView(FlaskView):
            @classmethod
            def build_route_name(cls, name): return name
            def index(self): return ""
        class CView(FlaskView):
            @classmethod
            def register(cls, app, **kwargs): print("not now")
            def index(self): return ""
        AView.register(app)
        BView.register(app)
        CView.register(app)
        """,
        [
            "/b/ GET None: a class of the project names its endpoints",
            "None GET AView:index: a class of the project composes its rules",
            "None GET CView:index: a class of the project has its own `register`",
        ],
    ),
    "prefixes and methods are computed": (
        """
        import os
        from flask import Flask
        from flask_classful import FlaskView, route
        app = Flask(__name__, static_folder=None)
        class AView(FlaskView):
            route_base = os.environ["BASE"]
            @route("/x", methods=os.listdir("."))
            def x(self): return ""
        class BView(FlaskView):
            excluded_methods = os.listdir(".")
            def index(self): return ""
        class CView(FlaskView):
            def index(self): return ""
        class DView(FlaskView):
            special_methods = make()
            def index(self): return ""
        AView.register(app)
        BView.register(app)
        CView.register(app, trailing_slash=bool(os.environ["SLASH"]))
        DView.register(app)
        """,
        [
            "None GET BView:index: excluded_methods is computed",
            "None GET CView:index: trailing_slash is computed",
            "None None AView:x: an element that is not known; the methods are computed",
            "None None DView:index: a call in a class body gives it",
        ],
    ),
    "an admin out of view": (
        """
        from flask_admin import BaseView, expose
        from flask_admin.contrib.sqla import ModelView
        from somewhere import admin, Model
        class A(BaseView):
            @expose("/")
            def index(self): return ""
        class Named(A):
            def _get_endpoint(self, endpoint): return "x"
        admin.add_view(A())
        admin.add_view(A(endpoint="b", url="/b"))
        admin.add_view(Named(url="/c"))
        """,
        [
            "/b/ GET b.index: ",
            "/c/ GET None: a class of the project names its endpoint",
            "None GET a.index: its Admin is not known",
        ],
    ),
    "a builder's view with a computed base": (
        """
        import os
        from flask_appbuilder import BaseView, expose
        from flask_appbuilder.security.views import UserInfoEditView
        class A(BaseView):
            route_base = os.environ["BASE"]
            @expose("/a")
            def a(self): return ""
        class B(BaseView):
            include_route_methods = os.listdir(".")
            @expose("/b", methods=os.listdir("."))
            def b(self): return ""
        class C(UserInfoEditView):
            @expose("/c")
            def c(self): return ""
        def register(appbuilder):
            for view in (A, B, C):
                appbuilder.add_view_no_menu(view)
        """,
        [
            "None GET A.a: an element that is not known",
            "None GET C.c: a base class is not in view",
            "None None B.b: a call in a class body gives it; the methods are computed",
        ],
    ),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_cannot_be_known_is_said_with_the_reason(name: str) -> None:
    source, expected = UNKNOWN[name]
    found = url_map_of({"app.py": dedent(source)})
    told = []
    for route in found:
        methods = None if route.methods is None else ",".join(route.methods)
        why = "; ".join(dict.fromkeys(route.why.values()))
        told.append(f"{route.rule} {methods} {route.endpoint}: {why}")
    assert sorted(told) == sorted(expected)


# Flask-Classy cannot be imported by any Python that is supported: these were seen in Python 3.8.


def test_classy_is_like_classful_but_for_some_slashes_and_defaults() -> None:
    known = app(
        "flask_classy",
        """
        from flask import Flask
        from flask_classy import FlaskView, route

        app = Flask(__name__, static_folder=None)

        class BigUsersView(FlaskView):
            method_dashified = True
            excluded_methods = ["hidden"]
            def index(self): return ""
            def get(self, id): return ""
            def some_list(self, page=1): return ""
            def hidden(self, id): return ""
            def default_route_base(self): return ""
            @route("/a")
            @route("/b")
            def both(self): return ""

        class PlainView(FlaskView):
            route_base = "/<x>/"
            trailing_slash = False
            def index(self, x): return ""
            def get(self, x, y): return ""
            def more(self): return ""

        BigUsersView.register(app)
        PlainView.register(app)
        """,
        """
        /bigusers/ GET BigUsersView:index
        /bigusers/<id> GET BigUsersView:get
        /bigusers/some_list/<page> GET BigUsersView:some_list
        /bigusers/hidden/<id> GET BigUsersView:hidden
        /bigusers/default_route_base/ GET BigUsersView:default_route_base
        /bigusers/b GET BigUsersView:both_0
        /bigusers/a GET BigUsersView:both_1
        /<x> GET PlainView:index
        /<x>/<y> GET PlainView:get
        /<x>/more GET PlainView:more
        """,
    )
    found = [line(r.rule, r.methods, r.endpoint) for r in url_map_of(known.files)]
    expected = [text.strip() for text in known.rules.splitlines() if text.strip()]
    assert sorted(found) == sorted(expected)


# Places


def test_a_route_stands_where_its_method_does_and_an_inherited_one_where_it_is_added() -> None:
    files = {
        "app.py": dedent(
            """
            from flask import Flask
            from flask_appbuilder import AppBuilder
            from views import Groups, UsersView

            app = Flask(__name__, static_folder=None)
            appbuilder = AppBuilder(app, None)
            appbuilder.add_view(Groups, "Groups")
            UsersView.register(app)
            """
        ),
        "views.py": dedent(
            """
            from flask_appbuilder import ModelView, expose
            from flask_classful import FlaskView, route

            class Groups(ModelView):
                include_route_methods = {"list", "more"}
                @expose("/more")
                @expose("/and-more")
                def more(self): return ""

            class UsersView(FlaskView):
                def index(self): return ""
                @route("/x")
                def x(self): return ""
            """
        ),
    }
    found = {
        (route.endpoint, route.rule): (
            route.location.path,
            route.location.line,
            route.view,
            route.blueprint,
            route.app,
        )
        for route in url_map_of(files)
    }
    listed = "flask_appbuilder.ModelView.list"
    assert found == {
        ("Groups.list", "/groups/list/"): ("app.py", 8, listed, "Groups", "app.app"),
        ("Groups.more", "/groups/more"): ("views.py", 7, "views.Groups.more", "Groups", "app.app"),
        ("Groups.more", "/groups/and-more"): (
            *("views.py", 8, "views.Groups.more", "Groups", "app.app"),
        ),
        ("UsersView:index", "/users/"): ("views.py", 12, "views.UsersView.index", None, "app.app"),
        ("UsersView:x", "/users/x"): ("views.py", 13, "views.UsersView.x", None, "app.app"),
    }


def test_views_are_found_in_files_which_do_not_mention_flask() -> None:
    files = {
        "ext.py": dedent(
            """
            from flask_admin import Admin, BaseView, expose
            from flask_classful import FlaskView
            from mixins import Listing

            admin = Admin()

            class Tools(BaseView):
                @expose("/")
                def index(self): return ""

            class Things(Listing, FlaskView):
                pass
            """
        ),
        "mixins.py": dedent(
            """
            class Listing:
                route_base = "listed"
                def index(self): return ""
            """
        ),
        "setup.py": dedent(
            """
            from ext import Things, Tools, admin

            def init(app):
                admin.add_view(Tools())
                admin.init_app(app)
                Things.register(app)
            """
        ),
        "app.py": dedent(
            """
            from flask import Flask
            from setup import init

            app = Flask(__name__, static_folder=None)
            init(app)
            """
        ),
    }
    found = {line(route.rule, route.methods, route.endpoint) for route in url_map_of(files)}
    assert found == {
        "/admin/ GET admin.index",
        "/admin/static/<path:filename> GET admin.static",
        "/admin/tools/ GET tools.index",
        "/listed/ GET Things:index",
    }


def test_an_index_view_may_be_named_by_a_setting() -> None:
    files = {
        "app.py": dedent(
            """
            from flask import Flask
            from flask_appbuilder import AppBuilder

            app = Flask(__name__, static_folder=None)
            app.config["FAB_INDEX_VIEW"] = "home.Home"
            appbuilder = AppBuilder(app)
            """
        ),
        "home.py": dedent(
            """
            from flask_appbuilder import IndexView, expose

            class Home(IndexView):
                @expose("/more")
                def more(self): return ""
            """
        ),
    }
    found = {line(route.rule, route.methods, route.endpoint) for route in url_map_of(files)}
    assert found == {"/ GET Home.index", "/more GET Home.more"}


def test_the_endpoint_of_a_model_view_is_the_name_of_its_model() -> None:
    files = {
        "app.py": dedent(
            """
            from flask import Flask
            from flask_admin import Admin
            from flask_admin.contrib import peewee, sqla
            import models
            from models import User, db
            from elsewhere import Unknown

            app = Flask(__name__, static_folder=None)
            admin = Admin(app)

            class Secure(sqla.ModelView):
                def __init__(self, model, *args, **kwargs):
                    super(Secure, self).__init__(model, db.session, *args, **kwargs)

            class UserView(Secure):
                def __init__(self, **kwargs):
                    super().__init__(User, endpoint="users", **kwargs)

            for model in [User, models.Post]:
                admin.add_view(sqla.ModelView(model, db.session))
            admin.add_view(UserView(url="/u"))
            admin.add_view(Secure(User, "Posts", None, "third", "by/url"))
            admin.add_view(peewee.ModelView(User, None, None, "fourth"))
            admin.add_view(sqla.ModelView(Unknown, db.session))
            """
        ),
        "models.py": dedent(
            """
            from flask_sqlalchemy import SQLAlchemy
            db = SQLAlchemy()
            class User(db.Model): pass
            class Post(db.Model): pass
            """
        ),
    }
    found = {
        route.rule for route in url_map_of(files) if (route.methods or ())[:2] == ("GET", "POST")
    }
    assert found == {
        f"{prefix}/{verb}/"
        for prefix in ("/admin/user", "/admin/post", "/u", "/admin/by/url", "/admin/fourth")
        for verb in ("new", "edit")
    } | {None}


def test_an_admin_serves_each_application_that_it_is_given() -> None:
    files = {
        "app.py": dedent(
            """
            from flask import Flask
            from flask_admin import Admin, BaseView, expose

            class A(BaseView):
                @expose("/")
                def index(self): return ""

            admin = Admin()
            admin.add_view(A())
            one = Flask("one", static_folder=None)
            two = Flask("two", static_folder=None)
            admin.init_app(one)
            admin.init_app(two)
            """
        )
    }
    found = {route.endpoint: route.app for route in url_map_of(files)}
    assert found == dict.fromkeys(["admin.index", "admin.static", "a.index"], "app.one, app.two")


def test_matching_options_of_a_view_are_kept() -> None:
    files = {
        "app.py": dedent(
            """
            from flask import Flask
            from flask_admin import Admin
            from flask_classful import FlaskView, route

            app = Flask(__name__, static_folder=None)

            class AView(FlaskView):
                subdomain = "api"
                def index(self): return ""
                @route("/x", defaults={"n": 1}, strict_slashes=True)
                def x(self, n): return ""

            AView.register(app, strict_slashes=False)
            admin = Admin(app, subdomain="staff")
            """
        )
    }
    found = {route.endpoint: route.options for route in url_map_of(files)}
    staff = {"subdomain": "staff"}
    assert found == {
        "AView:index": {"strict_slashes": False, "subdomain": "api"},
        "AView:x": {"defaults": {"n": 1}, "strict_slashes": False, "subdomain": "api"},
        "admin.index": staff,
        "admin.static": staff,
    }


# The tables of what the extensions' own classes expose


def real_urls(cls: Any) -> dict[str, set[tuple[str, tuple[str, ...]]]]:
    found = {}
    for name in dir(cls):
        urls = getattr(getattr(cls, name), "_urls", None)
        if urls and not name.startswith("_"):
            found[name] = {(url, tuple(methods)) for url, methods in urls}
    return found


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("flask_admin.base", "AdminIndexView"),
        ("flask_admin.model", "BaseModelView"),
        ("flask_admin.contrib.fileadmin", "BaseFileAdmin"),
        ("flask_admin.contrib.fileadmin", "FileAdmin"),
        ("flask_admin.contrib.rediscli", "RedisCli"),
    ],
)
def test_classes_of_flask_admin_expose_what_the_table_says(module: str, name: str) -> None:
    pytest.importorskip("flask_admin")
    real = real_urls(getattr(importlib.import_module(module), name))
    assert {method: set(urls) for method, urls in admin._ROUTES[name].items()} == real


@pytest.mark.parametrize("name", sorted(appbuilder._ROUTES))
def test_classes_of_flask_appbuilder_expose_what_the_table_says(name: str) -> None:
    pytest.importorskip("flask_appbuilder")
    modules = ("views", "api", "charts.views", "security.views")
    found = [importlib.import_module(f"flask_appbuilder.{module}") for module in modules]
    real = next(real_urls(getattr(module, name)) for module in found if hasattr(module, name))
    assert {method: set(urls) for method, urls in appbuilder._ROUTES[name].items()} == real


@pytest.mark.parametrize(
    ("module", "name", "needs"),
    [
        ("flask_admin.base", "AdminIndexView", "flask_admin"),
        ("flask_admin.base", "BaseView", "flask_admin"),
        ("flask_admin.contrib.fileadmin", "BaseFileAdmin", "flask_admin"),
        ("flask_admin.contrib.mongoengine", "ModelView", "mongoengine"),
        ("flask_admin.contrib.peewee", "ModelView", "wtfpeewee"),
        ("flask_admin.contrib.rediscli", "RedisCli", "flask_admin"),
        ("flask_admin.contrib.sqla", "ModelView", "sqlalchemy"),
        ("flask_admin.model", "BaseModelView", "flask_admin"),
    ],
)
def test_views_of_flask_admin_take_arguments_where_the_table_says(
    module: str, name: str, needs: str
) -> None:
    pytest.importorskip("flask_admin")
    pytest.importorskip(needs)
    cls = getattr(importlib.import_module(module), name)
    parameters = list(inspect.signature(cls.__init__).parameters)[1:]
    reference = f"{module}.{name}"
    known = next(c for start, c in admin._CONSTRUCTORS.items() if reference.startswith(start))
    for argument in ("endpoint", "url", "static_folder", "model"):
        place = parameters.index(argument) if argument in parameters else None
        assert getattr(known, argument) == place, argument
