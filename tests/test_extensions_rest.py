"""Routes of the REST extensions: what is worked out, and what the extensions themselves do."""

from __future__ import annotations

import importlib
import sys
import textwrap
import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from flask_gotchas import settings
from flask_gotchas.run import list_routes

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from flask_gotchas.model import Route

# What the extensions add by themselves.
_OWN = {"doc", "root", "specs", "restx_doc.static", "static"}


class App(NamedTuple):
    """A small app: the extension it needs, its routes as lines, and its files in one text.

    Each file begins with its path on a line `## path`; the first one makes `app`.
    """

    name: str
    needs: str
    expected: str
    text: str

    @property
    def files(self) -> dict[str, str]:
        """The texts by path."""
        parts = textwrap.dedent(self.text).split("## ")[1:]
        return {path: text for path, _, text in (part.partition("\n") for part in parts)}

    @property
    def routes(self) -> set[str]:
        """The lines of what is expected."""
        return {line.strip() for line in self.expected.strip().splitlines()}


def write(files: dict[str, str], folder: Path) -> None:
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


def worked_out(files: dict[str, str], folder: Path) -> list[Route]:
    """List the routes of an app without running it."""
    write(files, folder)
    (folder / "pyproject.toml").write_text("", encoding="utf-8")
    found = settings.load(str(folder), {}, isolated=True)
    return list_routes([str(folder)], found).routes


def line(rule: str | None, methods: Iterable[str] | None, endpoint: str | None) -> str:
    shown = "?" if methods is None else ",".join(sorted(set(methods) - {"HEAD", "OPTIONS"}))
    return f"{rule or '?'} {shown} {endpoint or '?'}"


def lines(routes: Iterable[Route]) -> list[str]:
    return [line(route.rule, route.methods, route.endpoint) for route in routes]


def real_lines(app: App, folder: Path) -> list[str]:
    """Run an app and list its real URL map."""
    write(app.files, folder)
    before = set(sys.modules)
    module = next(iter(app.files)).removesuffix(".py").removesuffix("/__init__")
    sys.path.insert(0, str(folder))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            importlib.invalidate_caches()
            made: Any = importlib.import_module(module)
            rules = list(made.app.url_map.iter_rules())
    finally:
        sys.path.remove(str(folder))
        own = {path.partition("/")[0].removesuffix(".py") for path in app.files}
        for name in set(sys.modules) - before:
            if name.partition(".")[0] in own:
                del sys.modules[name]
    return [line(rule.rule, rule.methods, rule.endpoint) for rule in rules]


def is_own(route: str) -> bool:
    """Tell a route of the app from those that the extension or Flask adds."""
    endpoint = route.rpartition(" ")[2]
    last = endpoint.rpartition(".")[2]
    return last in _OWN or endpoint.startswith(("openapi.", "api-docs."))


RESTFUL = [
    App(
        "an API on an application",
        "flask_restful",
        """
        /hello GET,POST hello
        /users GET users
        /users/<int:user> GET users
        /teams DELETE,PUT all_teams
        /read GET read-only
        """,
        """
        ## app.py
        from flask import Flask
        from flask_restful import Api, Resource

        app = Flask(__name__)
        api = Api(app)

        @api.resource("/hello")
        class Hello(Resource):
            def get(self):
                return {}

            def post(self):
                return {}

        class Users(Resource):
            method_decorators = [staticmethod]

            def get(self, user=None):
                return {}

            def connect(self):
                return None

        class Teams(Resource):
            def put(self):
                return {}

            delete = put

        api.add_resource(Users, "/users", "/users/<int:user>")
        api.add_resource(Teams, "/teams", endpoint="all_teams", resource_class_kwargs={})
        api.add_resource(Hello, "/read", endpoint="read-only", methods=["GET"])
        """,
    ),
    App(
        "prefixes of the API, the blueprint and its registration",
        "flask_restful",
        """
        /outer/api/v1/items GET things.items
        """,
        """
        ## app.py
        from flask import Flask
        from shop.views import bp

        app = Flask(__name__)
        app.register_blueprint(bp, url_prefix="/outer/api")
        ## shop/__init__.py
        ## shop/views.py
        from flask import Blueprint
        from flask_restful import Api, Resource

        bp = Blueprint("things", __name__, url_prefix="/lost")
        api = Api(bp, "/v1")

        class Items(Resource):
            def get(self):
                return []

        api.add_resource(Items, "/items")
        """,
    ),
    App(
        "an API on a nested blueprint keeps that blueprint's own name",
        "flask_restful",
        """
        /outer/inner/items GET inner.items
        """,
        """
        ## app.py
        from flask import Blueprint, Flask
        from flask_restful import Api, Resource

        outer = Blueprint("outer", __name__, url_prefix="/outer")
        inner = Blueprint("inner", __name__, url_prefix="/inner")
        api = Api(inner)

        class Items(Resource):
            def get(self):
                return []

        api.add_resource(Items, "/items")
        outer.register_blueprint(inner)
        app = Flask(__name__)
        app.register_blueprint(outer)
        """,
    ),
    App(
        "init_app in a factory, and what comes too late for it",
        "flask_restful",
        """
        /v2/items GET items
        """,
        """
        ## app.py
        from flask import Flask
        from flask_restful import Resource
        from extensions import api

        class Items(Resource):
            def get(self):
                return []

        class Late(Resource):
            def get(self):
                return []

        def create_app():
            app = Flask(__name__)
            api.add_resource(Items, "/items")
            api.init_app(app)
            api.add_resource(Late, "/late")
            return app

        app = create_app()
        ## extensions.py
        from flask_restful import Api

        api = Api(prefix="/v2")
        """,
    ),
    App(
        "init_app with a blueprint loses the prefix of the API",
        "flask_restful",
        """
        /api/items GET v1.items
        """,
        """
        ## app.py
        from flask import Blueprint, Flask
        from flask_restful import Api, Resource

        api = Api(prefix="/never")
        bp = Blueprint("v1", __name__, url_prefix="/api")

        class Items(Resource):
            def get(self):
                return []

        api.add_resource(Items, "/items")
        api.init_app(bp)
        app = Flask(__name__)
        app.register_blueprint(bp)
        """,
    ),
    App(
        "a subclass of Api passes its arguments on and changes some",
        "flask_restful",
        """
        /base/items GET items
        /fixed/things GET things
        """,
        """
        ## app.py
        from flask import Flask
        from flask_restful import Resource
        from apis import FixedApi, ShopApi

        app = Flask(__name__)
        api = ShopApi(app, prefix="/base", decorators=[])
        fixed = FixedApi(app)

        class Items(Resource):
            def get(self):
                return []

        class Things(Resource):
            def get(self):
                return []

        api.add_resource(Items, "/items")
        fixed.add_resource(Things, "/things")
        ## apis.py
        from flask_restful import Api

        class BaseApi(Api):
            def __init__(self, *args, **kwargs):
                kwargs["catch_all_404s"] = True
                kwargs.setdefault("errors", {})
                super(BaseApi, self).__init__(*args, **kwargs)

        class ShopApi(BaseApi):
            def __init__(self, app=None, **options):
                options.pop("decorators")
                super().__init__(app, **options)

        class FixedApi(BaseApi):
            def __init__(self, app):
                super().__init__(app, prefix="/fixed")
        """,
    ),
    App(
        "resources from tables",
        "flask_restful",
        """
        /a GET first
        /b GET second
        /b/<id> GET second
        """,
        """
        ## app.py
        from flask import Flask
        from flask_restful import Api
        from resources import TABLE

        def create_app():
            app = Flask(__name__)
            api = Api(app)
            for resource, urls in TABLE:
                api.add_resource(resource, *urls)
            return app

        app = create_app()
        ## resources.py
        from flask_restful import Resource

        class First(Resource):
            def get(self):
                return []

        class Second(Resource):
            def get(self, id=None):
                return []

        TABLE = [(First, ["/a"]), (Second, ("/b", "/b/<id>"))]
        """,
    ),
    App(
        "methods of base classes, listed and defined",
        "flask_restful",
        """
        /derived DELETE,GET,PUT derived
        /listed POST listed
        /under GET,POST under
        /empty GET empty
        """,
        """
        ## app.py
        from flask import Flask
        from flask_restful import Api, Resource
        from bases import Base, Listed

        app = Flask(__name__)
        api = Api(app)

        class Derived(Base):
            def put(self):
                return {}

        class Under(Listed):
            pass

        class Empty(Resource):
            pass

        api.add_resource(Empty, "/empty")
        api.add_resource(Derived, "/derived")
        api.add_resource(Listed, "/listed")
        api.add_resource(Under, "/under")
        ## bases.py
        from flask_restful import Resource

        class Base(Resource):
            def get(self):
                return {}

            def delete(self):
                return {}

        class Listed(Resource):
            methods = ["post"]

            def get(self):
                return {}

            def post(self):
                return {}
        """,
    ),
    App(
        "functions which get the API, and an API that an object holds",
        "flask_restful",
        """
        /api/movies GET movies
        /api/movies/<id> GET movie
        /held GET held
        """,
        """
        ## app.py
        from flask import Flask
        from flask_restful import Api, Resource
        from routes import initialize_routes

        class Held(Resource):
            def get(self):
                return []

        class Server:
            def __init__(self):
                self.app = Flask(__name__)
                self.api = Api(self.app)
                initialize_routes(self.api)
                self.more()

            def more(self):
                self.api.add_resource(Held, "/held")

        server = Server()
        app = server.app
        ## routes.py
        from movies import Movie, Movies

        def initialize_routes(api):
            api.add_resource(Movies, "/api/movies")
            api.add_resource(Movie, "/api/movies/<id>")
        ## movies.py
        from flask_restful import Resource

        class Movies(Resource):
            def get(self):
                return []

        class Movie(Resource):
            def get(self, id):
                return []
        """,
    ),
    App(
        "a blueprint that a function makes with its API",
        "flask_restful",
        """
        /v1/x/items GET made.items
        """,
        """
        ## app.py
        from flask import Blueprint, Flask
        from flask_restful import Api, Resource

        class Items(Resource):
            def get(self):
                return []

        def make():
            bp = Blueprint("made", __name__)
            api = Api(bp, prefix="/x")
            api.add_resource(Items, "/items")
            return bp

        def create_app():
            app = Flask(__name__)
            app.register_blueprint(make(), url_prefix="/v1")
            return app

        app = create_app()
        """,
    ),
    App(
        "a resource that comes after the registration loses the prefix of the API",
        "flask_restful",
        """
        /api/v1/early GET b.early
        /api/late GET b.late
        """,
        """
        ## app.py
        from flask import Blueprint, Flask
        from flask_restful import Api, Resource

        bp = Blueprint("b", __name__, None, None, None, "/api")
        api = Api(bp, prefix="/v1")

        class Early(Resource):
            def get(self):
                return []

        class Late(Resource):
            def get(self):
                return []

        app = Flask(__name__)
        api.add_resource(Early, "/early")
        app.register_blueprint(bp)
        api.add_resource(Late, "/late")
        """,
    ),
    App(
        "parts of the URL in another order",
        "flask_restful",
        """
        /items/v1/shop GET bp.items
        """,
        """
        ## app.py
        from flask import Blueprint, Flask
        from flask_restful import Api, Resource

        bp = Blueprint("bp", __name__, url_prefix="/shop")
        api = Api(bp, prefix="/v1", url_part_order="eab")

        class Items(Resource):
            def get(self):
                return []

        api.add_resource(Items, "/items")
        app = Flask(__name__)
        app.register_blueprint(bp)
        """,
    ),
]

RESTX = [
    App(
        "an API and its default namespace",
        "flask_restx",
        """
        /hello GET hello
        /world GET,POST hello_world
        /named GET named
        """,
        """
        ## app.py
        from flask import Flask
        from flask_restx import Api, Resource

        app = Flask(__name__)
        api = Api(app, version="1.0", doc="/docs")

        @api.route("/hello")
        class Hello(Resource):
            def get(self):
                return {}

        class HelloWorld(Resource):
            def get(self):
                return {}

            def post(self):
                return {}

        api.add_resource(HelloWorld, "/world")

        @api.route("/named", endpoint="named", doc={"description": "none"})
        class Other(Resource):
            def get(self):
                return {}
        """,
    ),
    App(
        "namespaces of other files under paths given in different places",
        "flask_restx",
        """
        /api/cats/ GET cats_cat_list
        /api/cats/<int:id> DELETE,GET cats_cat
        /api/cats/all DELETE,GET cats_cat
        /api/hounds GET dogs_http2_dog
        /api/mice/x GET mice_mouse
        /api/x GET bare_bare_resource
        """,
        """
        ## app.py
        from flask import Flask
        from flask_restx import Api
        from apis import cats, dogs, mice, bare

        app = Flask(__name__)
        api = Api(app, prefix="/api")
        api.add_namespace(cats.ns)
        api.add_namespace(dogs.api, path="/hounds")
        api.add_namespace(mice.MouseDto.api)
        api.add_namespace(bare.ns)
        ## apis/__init__.py
        ## apis/cats.py
        from flask_restx import Namespace, Resource

        ns = Namespace("cats", description="Cats")

        @ns.route("/")
        class CatList(Resource):
            def get(self):
                return []

        @ns.route("/<int:id>", "/all")
        @ns.doc(params={"id": "a number"})
        class Cat(Resource):
            def get(self, id=0):
                return {}

            @ns.response(204, "gone")
            def delete(self, id=0):
                return None
        ## apis/dogs.py
        from flask_restx import Namespace, Resource

        api = Namespace("dogs", path="/unused")

        @api.route("")
        class HTTP2Dog(Resource):
            def get(self):
                return []
        ## apis/mice.py
        from flask_restx import Namespace, Resource

        class MouseDto:
            api = Namespace("mice", "Mice", "/mice/")

        api = MouseDto.api

        @api.route("/x")
        class Mouse(Resource):
            def get(self):
                return []
        ## apis/bare.py
        from flask_restx import Namespace, Resource

        ns = Namespace("bare", path="/")

        @ns.route("/x")
        class BareResource(Resource):
            def get(self):
                return []
        """,
    ),
    App(
        "an API on a blueprint, and a namespace that it makes",
        "flask_restx",
        """
        /shop/v1/users/ GET v1.users_user_list
        /shop/v1/health GET v1.health
        """,
        """
        ## app.py
        from flask import Blueprint, Flask
        from flask_restx import Api, Resource

        bp = Blueprint("v1", __name__, url_prefix="/shop")
        api = Api(bp, prefix="/v1", doc=False)
        users = api.namespace("users", description="Users")

        @users.route("/")
        class UserList(Resource):
            def get(self):
                return []

        @api.route("/health")
        class Health(Resource):
            def get(self):
                return {}

        app = Flask(__name__)
        app.register_blueprint(bp)
        """,
    ),
    App(
        "init_app with a blueprint: only what comes later gets the prefix of the API",
        "flask_restx",
        """
        /shop/early GET v1.early
        /shop/v1/late GET v1.late
        """,
        """
        ## app.py
        from flask import Blueprint, Flask
        from flask_restx import Api, Resource

        bp = Blueprint("v1", __name__, url_prefix="/shop")
        api = Api(prefix="/v1")

        @api.route("/early")
        class Early(Resource):
            def get(self):
                return []

        api.init_app(bp)

        @api.route("/late")
        class Late(Resource):
            def get(self):
                return []

        app = Flask(__name__)
        app.register_blueprint(bp)
        """,
    ),
    App(
        "init_app in a factory without documentation",
        "flask_restx",
        """
        /v1/things/one GET things_one
        """,
        """
        ## app.py
        from flask import Flask
        from flask_restx import Resource
        from extensions import api, things

        @things.route("/one")
        class One(Resource):
            def get(self):
                return {}

        def create_app():
            app = Flask(__name__)
            api.init_app(app, add_specs=False)
            return app

        app = create_app()
        ## extensions.py
        from flask_restx import Api, Namespace

        api = Api(prefix="/v1")
        things = Namespace("things")
        api.add_namespace(things)
        """,
    ),
    App(
        "resources of one name get numbers in the order of their registration",
        "flask_restx",
        """
        /lower GET item
        /upper GET item_2
        /a/one GET a_item
        /a/two GET a_item_2
        /specs GET specs_2
        """,
        """
        ## app.py
        from flask import Flask
        from flask_restx import Api, Resource
        from more import ns

        app = Flask(__name__)
        api = Api(app)

        @api.route("/upper")
        @api.route("/lower")
        class Item(Resource):
            def get(self):
                return []

        @api.route("/specs")
        class Specs(Resource):
            def get(self):
                return []

        api.add_namespace(ns)
        ## more.py
        from flask_restx import Namespace, Resource

        ns = Namespace("a")

        def make():
            @ns.route("/one")
            class Item(Resource):
                def get(self):
                    return []

            @ns.route("/two")
            class Item(Resource):
                def get(self):
                    return []

        make()
        """,
    ),
    App(
        "a namespace that its API made is added again",
        "flask_restx",
        """
        /a/early GET a_early
        /a/early GET a_early_2
        /a/late GET a_late
        """,
        """
        ## app.py
        from flask import Flask
        from flask_restx import Api, Resource

        app = Flask(__name__)
        api = Api(app)
        ns = api.namespace("a")

        @ns.route("/early")
        class Early(Resource):
            def get(self):
                return []

        api.add_namespace(ns, path="/ignored")

        @ns.route("/late")
        class Late(Resource):
            def get(self):
                return []
        """,
    ),
    App(
        "a namespace in two APIs, one of a class of the project",
        "flask_restx",
        """
        /v1/a/x GET v1.a_x
        /v2/b/x GET v2.a_x
        """,
        """
        ## app.py
        from flask import Blueprint, Flask
        from flask_restx import Api, Namespace, Resource

        class ShopApi(Api):
            def __init__(self, app=None, **kwargs):
                kwargs["decorators"] = []
                super(ShopApi, self).__init__(app, **kwargs)

        ns = Namespace("a")

        @ns.route("/x", methods=["GET"])
        class X(Resource):
            def get(self):
                return []

            def post(self):
                return []

        bp1 = Blueprint("v1", __name__, url_prefix="/v1")
        bp2 = Blueprint("v2", __name__)
        one = Api(bp1)
        two = ShopApi(bp2, title="two", default_swagger_filename="two.json")
        one.add_namespace(ns)
        two.add_namespace(ns, "/b")
        app = Flask(__name__)
        app.register_blueprint(bp1)
        app.register_blueprint(bp2, url_prefix="/v2")
        """,
    ),
    App(
        "namespaces from a table, made in a function",
        "flask_restx",
        """
        /v1/cats/ GET cats_cats
        /v1/dogs/ GET dogs_dogs
        """,
        """
        ## app.py
        from flask import Flask
        from apis import register

        def create_app():
            app = Flask(__name__)
            register(app)
            return app

        app = create_app()
        ## apis.py
        from flask_restx import Api, Namespace, Resource

        cats = Namespace("cats")
        dogs = Namespace("dogs")

        @cats.route("/")
        class Cats(Resource):
            def get(self):
                return []

        @dogs.route("/")
        class Dogs(Resource):
            def get(self):
                return []

        def register(app, prefix="/v1"):
            api = Api(app, prefix=prefix)
            for ns in (cats, dogs):
                api.add_namespace(ns)
        """,
    ),
]

RESTX += [
    App(
        "subclasses of Namespace and of resources, on a nested blueprint with another name",
        "flask_restx",
        """
        /p/c/v1/base/n/ GET,POST child.n_r_2
        /p/c/v1/base/n/<int:x> GET,POST child.n_r_2
        /p/c/v1/base/n/none GET,POST,PUT child.n_r
        /p/c/v1/base/n/sub DELETE,GET,POST,PUT child.other
        """,
        """
        ## app.py
        from flask import Blueprint, Flask
        from flask_restx import Api, Namespace, Resource

        class BaseNamespace(Namespace):
            def __init__(self, name, **options):
                super().__init__(name, path="/base/" + name, **options)

        parent = Blueprint("parent", __name__, url_prefix="/p/")
        child = Blueprint("child", __name__, url_prefix="/c")
        api: Api = Api(child, prefix="/v1")
        ns = BaseNamespace("n", description="N")

        @ns.route("/", "/<int:x>", methods=["GET", "POST"], strict_slashes=False)
        @ns.route("/none")
        class R(Resource):
            def get(self, x=1):
                return {}

            post = get

            def put(self):
                return {}

        class Sub(R):
            def delete(self):
                return {}

        ns.add_resource(Sub, "/sub", endpoint="other")
        api.add_namespace(ns)
        parent.register_blueprint(child, name="inner")
        app = Flask(__name__)
        app.register_blueprint(parent, name="outer")
        """,
    ),
    App(
        "an API and its namespaces made in functions",
        "flask_restx",
        """
        /api/a/x GET api.a_x
        /api/b/y GET api.b_y
        """,
        """
        ## app.py
        from flask import Blueprint, Flask
        from flask_restx import Api
        from a import add_a
        from b import make_b

        def blueprint():
            bp = Blueprint("api", __name__)
            api = Api(bp)
            add_a(api)
            api.add_namespace(make_b(), path="/b")
            return bp

        def create_app():
            app = Flask(__name__)
            app.register_blueprint(blueprint(), url_prefix="/api")
            return app

        app = create_app()
        ## a.py
        from flask_restx import Resource

        def add_a(api):
            ns = api.namespace("a", "A")

            @ns.route("/x")
            class X(Resource):
                def get(self):
                    return []
        ## b.py
        from flask_restx import Namespace, Resource

        def make_b():
            ns = Namespace("b")

            class Y(Resource):
                def get(self):
                    return []

            ns.add_resource(Y, "/y")
            return ns
        """,
    ),
]

SMOREST = [
    App(
        "functions and class views on a blueprint",
        "flask_smorest",
        """
        /pets/ GET,POST pets.Pets
        /pets/<pet> DELETE,GET pets.one
        /pets/count GET pets.count
        """,
        """
        ## app.py
        from flask import Flask
        from flask_smorest import Api
        from pets import blp

        app = Flask(__name__)
        app.config.update(API_TITLE="Pets", API_VERSION="1", OPENAPI_VERSION="3.0.2")
        api = Api(app)
        api.register_blueprint(blp)
        ## pets.py
        from flask.views import MethodView
        from flask_smorest import Blueprint

        blp = Blueprint("pets", "pets", url_prefix="/pets", description="Pets")

        @blp.route("/")
        class Pets(MethodView):
            @blp.response(200)
            def get(self):
                return []

            def post(self):
                return {}

        @blp.route("/<pet>", endpoint="one")
        class Pet(MethodView):
            def get(self, pet):
                return {}

            def delete(self, pet):
                return {}

        @blp.get("/count")
        def count():
            return {}
        """,
    ),
    App(
        "endpoints that are taken get the number of all before",
        "flask_smorest",
        """
        /a GET b.first
        /b GET b.first_1
        /c POST b.Second
        /d POST b.Second_3
        /e GET b.third
        """,
        """
        ## app.py
        from flask import Flask
        from flask.views import MethodView
        from flask_smorest import Api, Blueprint

        blp = Blueprint("b", __name__)

        @blp.route("/b")
        @blp.route("/a")
        def first():
            return {}

        class Second(MethodView):
            def post(self):
                return {}

        blp.add_url_rule("/c", view_func=Second)
        blp.add_url_rule("/d", None, Second)
        blp.add_url_rule("/e", "third", first)
        api = Api()

        def create_app():
            app = Flask(__name__)
            app.config.update(API_TITLE="B", API_VERSION="1", OPENAPI_VERSION="3.0.2")
            api.init_app(app)
            api.register_blueprint(blp)
            return app

        app = create_app()
        """,
    ),
    App(
        "a subclass of Blueprint that sets its prefix",
        "flask_smorest",
        """
        /items GET items.Items
        """,
        """
        ## app.py
        from flask import Flask
        from flask.views import MethodView
        from flask_smorest import Api
        from flask_smorest import Blueprint as Base

        class Blueprint(Base):
            def __init__(self, name, **options):
                super().__init__(name, __name__, url_prefix=f"/{name}", **options)

        blp = Blueprint("items", description="Items")

        @blp.route("")
        class Items(MethodView):
            @blp.response(200)
            def get(self):
                return []

        app = Flask(__name__)
        app.config.update(API_TITLE="B", API_VERSION="1", OPENAPI_VERSION="3.0.2")
        Api(app).register_blueprint(blp)
        """,
    ),
    App(
        "prefix and name of the registration, and nested blueprints",
        "flask_smorest",
        """
        /outer/inner/x GET second.inner.x
        /outer/y GET second.y
        """,
        """
        ## app.py
        from flask import Flask
        from flask_smorest import Api, Blueprint

        outer = Blueprint("outer", __name__, url_prefix="/unused")
        inner = Blueprint("inner", __name__, url_prefix="/inner")

        @inner.route("/x")
        def x():
            return {}

        @outer.route("/y")
        def y():
            return {}

        outer.register_blueprint(inner)
        app = Flask(__name__)
        app.config.update(API_TITLE="B", API_VERSION="1", OPENAPI_VERSION="3.0.2")
        api = Api(app)
        api.register_blueprint(outer, url_prefix="/outer", name="second")
        """,
    ),
    App(
        "an APIFlask application with class views and a blueprint",
        "apiflask",
        """
        / GET hello
        /pets GET,POST Pets
        /kept PUT kept
        /v1/x POST bp.x
        """,
        """
        ## app.py
        from apiflask import APIBlueprint, APIFlask, Schema
        from apiflask.fields import String
        from apiflask.views import MethodView

        app = APIFlask(__name__, title="Pets", docs_path="/doc")
        bp = APIBlueprint("bp", __name__, tag="B", url_prefix="/v1")

        class PetIn(Schema):
            name = String()

        @app.get("/")
        @app.output(PetIn)
        def hello():
            return {}

        @app.route("/pets")
        class Pets(MethodView):
            def get(self):
                return {}

            @app.input(PetIn)
            def post(self, json_data):
                return {}

        class Kept(MethodView):
            def put(self):
                return {}

        app.add_url_rule("/kept", view_func=Kept.as_view("kept"))

        @bp.post("/x")
        @bp.doc(summary="x")
        def x():
            return {}

        app.register_blueprint(bp)
        """,
    ),
    App(
        "an APIFlask application without documentation",
        "apiflask",
        """
        / GET hello
        """,
        """
        ## app.py
        from apiflask import APIFlask

        class ShopApp(APIFlask):
            def __init__(self, name, **options):
                super().__init__(name, enable_openapi=False, **options)

        app = ShopApp(__name__, static_folder=None)

        @app.route("/")
        def hello():
            return {}
        """,
    ),
]

APPS = [*RESTFUL, *RESTX, *SMOREST]
EACH_APP = pytest.mark.parametrize("app", APPS, ids=[app.name for app in APPS])


@EACH_APP
def test_routes_are_worked_out_from_source(app: App, tmp_path: Path) -> None:
    found = lines(worked_out(app.files, tmp_path))
    assert sorted(route for route in found if not is_own(route)) == sorted(app.routes)


@EACH_APP
def test_the_extension_makes_the_same_routes(app: App, tmp_path: Path) -> None:
    pytest.importorskip(app.needs)
    assert sorted(lines(worked_out(app.files, tmp_path))) == sorted(real_lines(app, tmp_path))


@pytest.mark.parametrize("app", RESTX, ids=[app.name for app in RESTX])
def test_restplus_makes_the_routes_of_restx(app: App, tmp_path: Path) -> None:
    files = {path: text.replace("restx", "restplus") for path, text in app.files.items()}
    found = lines(worked_out(files, tmp_path))
    assert sorted(route for route in found if not is_own(route)) == sorted(app.routes)
    if app.name == "an API on a blueprint, and a namespace that it makes":
        # Unlike RESTX it leaves out the prefix of the API here.
        assert "/shop/swagger.json GET v1.specs" in found


UNKNOWN: dict[str, tuple[str, str]] = {
    "a prefix that is computed": (
        """
        ? GET items: it is not a plain text
        """,
        """
        ## app.py
        import os
        from flask import Flask
        from flask_restful import Api, Resource
        app = Flask(__name__)
        api = Api(app, prefix=os.environ["PREFIX"].strip())
        class Items(Resource):
            def get(self):
                return []
        api.add_resource(Items, "/items")
        """,
    ),
    "an API that is a parameter out of view": (
        """
        ? GET ?: its API is not known
        """,
        """
        ## app.py
        from flask_restful import Resource
        class Items(Resource):
            def get(self):
                return []
        def init(api):
            api.add_resource(Items, "/items")
        """,
    ),
    "an API without an application": (
        """
        ? GET ?: its API is bound to no application in view
        """,
        """
        ## app.py
        from flask_restful import Api, Resource
        api = Api()
        class Items(Resource):
            def get(self):
                return []
        api.add_resource(Items, "/items")
        """,
    ),
    "a class that changes what it adds": (
        """
        ? GET ?: a class of the project adds its resources
        """,
        """
        ## app.py
        from flask import Flask
        from flask_restful import Api, Resource
        class MyApi(Api):
            def add_resource(self, resource, *urls, **kwargs):
                super().add_resource(resource, *["/x" + u for u in urls], **kwargs)
        api = MyApi(Flask(__name__))
        class Items(Resource):
            def get(self):
                return []
        api.add_resource(Items, "/items")
        """,
    ),
    "classes that change their arguments": (
        """
        ? GET items: a function changes it
        ? GET items: arguments are unpacked
        """,
        """
        ## app.py
        from flask import Flask
        from flask_restful import Api, Resource
        class MyApi(Api):
            def __init__(self, app, **kwargs):
                kwargs.setdefault("prefix", "/x")
                super().__init__(app, **kwargs)
        class Other(Api):
            def __init__(self, app, prefix=None):
                prefix = prefix or "/y"
                super().__init__(app, prefix=prefix)
        class Escaping(Api):
            def __init__(self, app, **kwargs):
                fill(kwargs)
                super().__init__(app, **kwargs)
        def fill(kwargs):
            kwargs["prefix"] = "/z"
        app = Flask(__name__)
        api = MyApi(app)
        other = Other(app)
        third = Escaping(app)
        class Items(Resource):
            def get(self):
                return []
        api.add_resource(Items, "/items")
        other.add_resource(Items, "/items")
        third.add_resource(Items, "/items")
        """,
    ),
    "two of one name in two files": (
        """
        /n/one GET ?: several resources share its name, and which comes first is not known
        /n/two GET ?: several resources share its name, and which comes first is not known
        """,
        """
        ## app.py
        from flask import Flask
        from flask_restx import Api
        from ns import ns
        import one, two
        app = Flask(__name__)
        api = Api(app, doc=False)
        api.add_namespace(ns)
        ## ns.py
        from flask_restx import Namespace
        ns = Namespace("n")
        ## one.py
        from flask_restx import Resource
        from ns import ns
        @ns.route("/one")
        class Item(Resource):
            def get(self):
                return []
        ## two.py
        from flask_restx import Resource
        from ns import ns
        @ns.route("/two")
        class Item(Resource):
            def get(self):
                return []
        """,
    ),
    "a namespace without an API": (
        """
        ? GET ?: its namespace is added to no API in view
        """,
        """
        ## app.py
        from flask_restx import Resource, Namespace
        ns = Namespace("n")
        @ns.route("/one")
        class Item(Resource):
            def get(self):
                return []
        """,
    ),
    "init_app in another file than the resource": (
        """
        ? GET b.item: whether it comes before `init_app` is not known
        """,
        """
        ## app.py
        from flask import Flask, Blueprint
        from ext import api
        import one
        bp = Blueprint("b", __name__)
        api.init_app(bp)
        app = Flask(__name__)
        app.register_blueprint(bp)
        ## ext.py
        from flask_restx import Api
        api = Api(prefix="/v1")
        ## one.py
        from flask_restx import Resource
        from ext import api
        @api.route("/one")
        class Item(Resource):
            def get(self):
                return []
        """,
    ),
    "a base class out of view": (
        """
        /items ? items: a base class is not in view
        /3 ? items: a base class is not in view
        /base ? base: a base class is not in view
        """,
        """
        ## app.py
        from flask import Flask
        from flask_restful import Api
        from elsewhere import Base
        api = Api(Flask(__name__))
        class Items(Base):
            def get(self):
                return []
        api.add_resource(Items, "/items", "/%s" % 3)
        api.add_resource(Base, "/base")
        """,
    ),
    "endpoints that a class of the project names": (
        """
        /one GET ?: a class of the project adds its resources
        """,
        """
        ## app.py
        from flask import Flask
        from flask_restx import Api, Resource
        class MyApi(Api):
            def default_endpoint(self, resource, namespace):
                return "x"
        api = MyApi(Flask(__name__))
        @api.route("/one")
        class Item(Resource):
            def get(self):
                return []
        @api.route("/two", endpoint="two")
        class Item2(Resource):
            def get(self):
                return []
        """,
    ),
    "two views of one name in two files": (
        """
        /one GET ?: several views share its name, and which comes first is not known
        /two GET ?: several views share its name, and which comes first is not known
        """,
        """
        ## app.py
        from flask import Flask
        from flask_smorest import Api
        import one, two
        from b import b
        app = Flask(__name__)
        api = Api(app)
        api.register_blueprint(b)
        ## b.py
        from flask_smorest import Blueprint
        b = Blueprint("b", __name__)
        ## one.py
        from b import b
        @b.route("/one")
        def f():
            pass
        @b.route("/g")
        def g():
            pass
        ## two.py
        from b import b
        @b.route("/two")
        def f():
            pass
        """,
    ),
    "an API that depends on a condition": (
        """
        ? GET ?: the call that made it is not known
        """,
        """
        ## app.py
        import os
        from flask import Flask
        from flask_restx import Api, Resource
        app = Flask(__name__)
        if os.environ.get("X"):
            api = Api(app, doc=False)
        else:
            api = Api(app, prefix="/v")
        @api.route("/one")
        class Item(Resource):
            def get(self):
                return []
        """,
    ),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_cannot_be_known_is_left_open_with_the_reason(name: str, tmp_path: Path) -> None:
    expected, text = UNKNOWN[name]
    app = App(name, "", expected, text)
    found = {
        f"{shown}: {', '.join(dict.fromkeys(route.why.values()))}"
        for route in worked_out(app.files, tmp_path)
        for shown in lines([route])
        if route.why
    }
    assert found == app.routes


def test_methods_of_other_objects_add_no_routes(tmp_path: Path) -> None:
    text = """
        ## app.py
        from flask import Flask

        class Registry:
            def add_resource(self, cls, *names):
                pass

            def route(self, name):
                return lambda view: view

        class Items:
            pass

        registry = Registry()
        registry.add_resource(Items, "/items")

        @registry.route("/shown")
        class Shown:
            pass
        """
    assert worked_out(App("", "", "", text).files, tmp_path) == []
