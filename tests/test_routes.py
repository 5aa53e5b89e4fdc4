"""The list of routes: real Flask has the last word on rules, Werkzeug on which of them matches."""

from __future__ import annotations

import csv
import io
import itertools
import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from support import FIXTURES

from flask_gotchas import cli, settings
from flask_gotchas.matching import UrlMatcher
from flask_gotchas.routes import applications
from flask_gotchas.run import check_sources, routes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask_gotchas.model import Route

# Whole apps: their files, and the expression for the application after an import.

FACTORY = {
    "shop/__init__.py": """
        from flask import Flask
        from shop import admin, catalogue
        from shop.prefixes import ADMIN, API

        def create_app(testing=False):
            app = Flask(__name__)
            app.register_blueprint(catalogue.bp)
            app.register_blueprint(admin.bp, url_prefix=ADMIN)
            api(app)

            @app.route("/health")
            def health():
                return "fine"

            return app

        def api(app):
            from shop.api import v1, v2
            for version, bp in (("v1", v1), ("v2", v2)):
                app.register_blueprint(bp, url_prefix=f"{API}/{version}")
        """,
    "shop/prefixes.py": """
        ROOT = "/backstage"
        ADMIN = ROOT + "/admin/"
        API = "/api"
        """,
    "shop/catalogue.py": """
        from flask import Blueprint

        bp = Blueprint("catalogue", __name__, static_folder="pictures", url_prefix="/books")

        @bp.get("")
        def index(): ...

        @bp.get("/<int:number>")
        @bp.get("/<int:number>/<slug>")
        def book(number, slug=""): ...
        """,
    "shop/admin/__init__.py": """
        from flask import Blueprint
        from .people import bp as people

        bp = Blueprint("admin", __name__)
        inner = Blueprint("inner", __name__, url_prefix="/inner/")
        inner.register_blueprint(people)
        inner.register_blueprint(people, name="again", url_prefix="twice")
        bp.register_blueprint(inner)
        bp.register_blueprint(people, url_prefix="/people")

        @bp.route("/")
        def home(): ...
        """,
    "shop/admin/people.py": """
        from flask import Blueprint

        bp = Blueprint("people", __name__, url_prefix="/p")

        @bp.route("/", methods=["GET", "post"])
        def index(): ...

        @bp.route("<name>", endpoint="one")
        def person(name): ...
        """,
    "shop/api.py": """
        from flask import Blueprint

        v1 = Blueprint("v1", __name__)
        v2 = Blueprint("v2", __name__)

        @v1.route("/things/", methods=("GET", "DELETE"))
        @v2.route("/things")
        def things(): ...
        """,
}

PLAIN = {
    "app.py": """
        from functools import wraps
        from flask import Flask

        app = Flask(__name__, static_url_path="/files", static_folder="assets/css")
        MORE = ["PUT", "PATCH"]

        def logged(view):
            @wraps(view)
            def wrapper(*args, **kwargs):
                return view(*args, **kwargs)
            return wrapper

        @app.route("/", defaults={"page": 1})
        @app.route("/page/<int:page>")
        def index(page): ...

        @app.route("/loose/", strict_slashes=False)
        def loose(): ...

        @app.route("/strict/")
        def strict(): ...

        @app.route("/leaf", strict_slashes=False)
        def leaf(): ...

        @app.put("/edit/<path:name>")
        @logged
        def edit(name): ...

        @app.route("/edit", methods=["GET", *MORE])
        def edit_form(): ...

        @app.route("/both", methods=["OPTIONS", "HEAD", "GET"], endpoint="renamed")
        def both(): ...

        def plain(): ...

        app.add_url_rule("/plain", view_func=plain)
        app.add_url_rule("/plain2", "second", plain, methods=["POST"])
        app.add_url_rule("/plain3", endpoint="third", view_func=logged(plain))
        app.route("/late")(plain)

        @app.delete("/late")
        def remove(): ...

        if True:
            @app.get("/conditional")
            def conditional(): ...
        """,
}

CLASSES = {
    "app.py": """
        from flask import Flask
        from flask.views import MethodView, View
        from base import Crud, register

        app = Flask(__name__, static_folder=None)

        class Users(MethodView):
            def get(self, user_id=None): ...
            def post(self): ...

        class Limited(Users):
            methods = ["GET"]

        class Page(View):
            def dispatch_request(self, **kwargs): ...

        class Form(Page):
            methods = ["GET", "POST"]

        class Orders(Crud):
            def delete(self, number): ...

        users = Users.as_view("users")
        app.add_url_rule("/users/", view_func=users, defaults={"user_id": None})
        app.add_url_rule("/users/<int:user_id>", view_func=users, methods=["GET"])
        app.add_url_rule("/limited", view_func=Limited.as_view("limited"))
        app.add_url_rule("/page", view_func=Page.as_view(name="page"))
        app.add_url_rule("/form", "form", Form.as_view("a_form"))
        register(app, Orders, "/orders", "orders")
        """,
    "base.py": """
        from flask.views import MethodView

        class Crud(MethodView):
            def get(self, number): ...

            def put(self, number): ...

        def register(app, view, url, endpoint, key="number"):
            app.add_url_rule(f"{url}/<int:{key}>", view_func=view.as_view(endpoint))
        """,
}

TABLES = {
    "app.py": """
        from flask import Flask
        import views

        PAGES = [("/a", "a", views.page_a), ("/b", "b", views.page_b)]
        METHODS = {"read": ["GET"], "write": ["POST", "PUT"]}

        app = Flask(__name__)
        for rule, endpoint, view in PAGES:
            app.add_url_rule(rule, endpoint, view)
        for name, methods in METHODS.items():
            app.add_url_rule("/do/" + name, endpoint=name, view_func=views.page_a, methods=methods)
        for path in ("/x", "/y/"):
            app.add_url_rule(path, view_func=views.page_b)

        for bp, prefix in views.SECTIONS:
            app.register_blueprint(bp, url_prefix=prefix)
        for bp in views.OTHERS:
            app.register_blueprint(bp)
        """,
    "views.py": """
        from flask import Blueprint

        news = Blueprint("news", __name__)
        blog = Blueprint("blog", __name__, static_folder="blog/pictures", static_url_path="/img")
        shop = Blueprint("shop", __name__, url_prefix="/shop")
        SECTIONS = [(news, "/news"), (blog, "/blog")]
        OTHERS = [shop]

        @news.get("/<path:article>")
        @blog.get("/<int:year>/")
        @shop.get("/")
        def shown(**kwargs): ...

        def page_a(): ...

        def page_b(): ...
        """,
}

LOOSE = {
    "app.py": """
        from flask import Flask, Blueprint

        app = Flask("app")
        app.url_map.strict_slashes = False
        bp = Blueprint("bp", __name__, url_prefix="/bp")

        @app.route("/folder/")
        def folder(): ...

        @app.route("/leaf")
        def leaf(): ...

        @app.route("/exact/", strict_slashes=True)
        def exact(): ...

        @bp.route("/inner/")
        def inner(): ...

        app.register_blueprint(bp)
        """,
}

LATE = {
    "wsgi.py": """
        from shop import create_app
        from extras import install

        application = app = create_app()

        @app.route("/late")
        async def late(): ...

        install(application)
        """,
    "shop.py": """
        from flask import Blueprint, Flask

        def make_section():
            bp = Blueprint("section", __name__, url_prefix="/section")

            @bp.route("/<int:number>")
            def one(number): ...

            return bp

        def create_app():
            made: Flask = Flask(__name__, static_folder="a/b/")
            made.register_blueprint(blueprint=make_section())

            @made.route("/early/")
            def early(): ...

            return made
        """,
    "extras.py": """
        def install(server):
            @server.route("/extra", endpoint="one")
            def view(): ...

            @server.route("/extra/<name>", endpoint="two")
            def view(name): ...

            server.add_url_rule("/lambda", "three", lambda: "", methods={"GET", "POST"})
        """,
}

OVERLAPS = {
    "app.py": """
        from flask import Flask
        from werkzeug.routing import BaseConverter

        class Words(BaseConverter):
            def to_python(self, value):
                return value.split("+")

            def to_url(self, values):
                return "+".join(values)

        app = Flask(__name__)
        app.url_map.converters["words"] = Words

        def view(**kwargs): ...

        def add(rule, endpoint, **options):
            app.add_url_rule(rule, endpoint, view, **options)

        add("/", "root", methods=["GET", "POST"])
        add("/<name>", "name")
        add("/<int:number>", "number", methods=["DELETE", "GET"])
        add("/<float:number>", "real")
        add("/<int(signed=True):number>/signed", "signed")
        add("/<int(min=5, max=20):number>/limited", "limited")
        add("/<int(fixed_digits=3):number>/fixed", "fixed")
        add("/<any(about, help, 'a b'):page>", "any", methods=["PUT"])
        add("/<uuid:key>", "uuid")
        add("/<string(length=2):language>/", "language")
        add("/<string(minlength=3, maxlength=4):word>/x", "word")
        add("/<path:everything>", "everything", methods=["GET", "PATCH"])
        add("/files/<path:name>/edit", "edit")
        add("/files/<path:name>/", "folder")
        add("/files/<name>.<suffix>", "suffixed")
        add("/files/v<int:version>-<name>", "versioned", methods=["POST"])
        add("/tags/<words:tags>", "tags", methods=["GET", "POST"])
        add("/tags/<words:tags>/feed", "feed")
        add("/tags/all", "all_tags")
        add("/a//b", "double", merge_slashes=False)
        add("/a/c", "single")
        add("/old/<int:number>", "old", redirect_to="/<number>/signed")
        add("/list/", "list", defaults={"page": 1})
        add("/list/<int:page>", "list")
        add("/alias", "aliased", alias=True)
        add("/canonical", "aliased")
        add("/hidden", "hidden", build_only=True)
        add("/same", "first", methods=["GET"])
        add("/same", "second", methods=["POST"])
        add("/same/", "third", methods=["PUT"])
        """,
}

ROUNDABOUT = {
    "app.py": """
        from flask import Blueprint, Flask
        from werkzeug.routing import Rule
        import classes

        class Site(Flask):
            def __init__(self, name):
                super().__init__(name, static_folder="pictures", static_url_path="/p")

        def make():
            made = Site(__name__)
            bp = Blueprint("bp", __name__, url_prefix="/bp")
            return made, bp

        app, bp = make()
        one, two = Blueprint("one", __name__), Blueprint("two", __name__)

        @one.get("/one")
        @two.get("/two")
        @bp.get("/")
        def page(**kwargs): ...

        def changed(): ...
        changed.methods = ["PUT"]

        def endpoint(): ...

        [app.register_blueprint(part) for part in (bp, one, two)]
        [
            app.add_url_rule(f"/{name}/{number}", f"{name}_{number}", page)
            for name in ("a", "b")
            for number in range(2)
        ]
        for number, (name, verb) in enumerate([("x", "GET"), ("y", "POST")], start=1 + 2):
            app.add_url_rule(f"/{name}{number}", name, page, methods=[verb])
        for name, rule in zip(["left", "right"], ("/l", "/r")):
            app.add_url_rule(rule, name, page)
        add = app.add_url_rule
        add("/aliased", "aliased", page)
        app.add_url_rule("/changed", view_func=changed)
        app.url_map.add(Rule("/by-hand/<int:number>", endpoint="aliased", methods=["GET"]))
        app.url_map.add(app.url_rule_class("/by-hand", endpoint="aliased", methods=["GET"]))
        classes.Users.register(app)
        classes.Orders.register(app, url="/my-orders")
        classes.Orders.plain(app)
        """,
    "classes.py": """
        from flask import Flask
        from flask.views import MethodView

        class Crud(MethodView):
            name = "crud"

            @classmethod
            def register(cls, app):
                app.add_url_rule("/" + cls.name, view_func=cls.as_view(cls.name))

            @staticmethod
            def plain(app):
                app.add_url_rule("/static-method", "static_method", lambda: "")

        class Users(Crud):
            name = "users"

            def get(self): ...

        class Orders(Crud):
            name = "orders"
            methods = ["GET"]
            methods += ["POST"]

            @classmethod
            def register(cls, app, url):
                app.add_url_rule(url, view_func=cls.as_view(cls.name))

            def get(self): ...

            def post(self): ...
        """,
}

APPS: dict[str, tuple[dict[str, str], str]] = {
    "factory": (FACTORY, "shop:create_app()"),
    "plain": (PLAIN, "app:app"),
    "classes": (CLASSES, "app:app"),
    "tables": (TABLES, "app:app"),
    "loose": (LOOSE, "app:app"),
    "late": (LATE, "wsgi:app"),
    "overlaps": (OVERLAPS, "app:app"),
    "roundabout": (ROUNDABOUT, "app:app"),
}

# What is typed in for a converter; the others get what is there for the default one.
VALUES = {
    "int": ["3", "007", "-5", "12", "x", "1.5"],
    "float": ["1.5", "2", "-1.5", "x.5"],
    "path": ["a", "a/b", "a/b/edit", "a/"],
    "uuid": ["8b7c1c0e-6f0b-4c3a-9d6e-0f1d2c3b4a59", "8B7C1C0E", "x"],
    "any": ["about", "help", "a%20b", "other"],
    "default": ["word", "en", "caf%C3%A9", "a%2Fb", "v3-x.txt", "12", "%20"],
}
METHODS = ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "TRACE"]

# Runs in real Flask: tells the rules, and what becomes of each URL with each method.
REAL = """
import importlib, json, sys
from urllib.parse import unquote, urlsplit
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect

def ask(app, url, method):
    redirects = []
    while True:
        path, _, query = url.partition("?")
        try:
            rule, arguments = app.url_map.bind("localhost", query_args=query).match(
                unquote(path), method, return_rule=True)
        except RequestRedirect as redirect:
            url = redirect.new_url.removeprefix("http://localhost")
            redirects.append(url)
        except MethodNotAllowed as error:
            return [redirects, 405, sorted(error.valid_methods), None]
        except NotFound:
            return [redirects, 404, [], None]
        else:
            return [redirects, 200, [], [rule.rule, rule.endpoint, repr(dict(arguments))]]

sys.path.insert(0, "")
module, _, expression = sys.argv[1].partition(":")
app = eval(expression, vars(importlib.import_module(module)))
requests = json.load(sys.stdin)
rules = [[r.rule, sorted(r.methods), r.endpoint] for r in app.url_map.iter_rules()]
json.dump({"rules": rules, "answers": [ask(app, *request) for request in requests]}, sys.stdout)
"""


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(re.sub(r"(?m)^ {8}", "", text), encoding="utf-8")


def static_routes(folder: Path) -> list[Route]:
    return routes([str(folder)], settings.load(str(folder), {}, isolated=True))


def ask_flask(folder: Path, app: str, requests: list[tuple[str, str]]) -> Any:
    """Import an app in another process; gives the error in words if that fails."""
    done = subprocess.run(
        [sys.executable, "-B", "-c", REAL, app],
        check=False,
        cwd=folder,
        input=json.dumps(requests),
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    if done.returncode:
        return done.stderr.splitlines()[-1]
    return json.loads(done.stdout)


Rules = list[tuple[str, tuple[str, ...], str]]


def as_listed(rules: list[list[Any]]) -> Rules:
    """Leave out of Flask's rules what is not shown."""
    return sorted(
        (rule, tuple(m for m in methods if m not in {"HEAD", "OPTIONS"}), endpoint)
        for rule, methods, endpoint in rules
    )


def in_short(found: list[Route]) -> list[list[Any]]:
    return [[route.rule, route.methods, route.endpoint] for route in found]


# Against real Flask


@pytest.mark.parametrize("name", APPS)
def test_the_routes_are_those_of_flask(name: str, tmp_path: Path) -> None:
    files, app = APPS[name]
    write(tmp_path, files)
    found = static_routes(tmp_path)
    assert [route.why for route in found if route.why] == []
    assert as_listed(in_short(found)) == as_listed(ask_flask(tmp_path, app, [])["rules"])


def importable(folder: Path) -> tuple[Path, list[tuple[str, list[Route]]]]:
    """Find the applications of a fixture by expressions that import them, and where that works.

    Skips the test if all that is missing is an extension, or if the app has mistakes on purpose.
    """
    has_marks = any("# error:" in path.read_text("utf-8") for path in folder.rglob("*.py"))
    start = folder / "src" if (folder / "src").is_dir() else folder
    listed = []
    for application in applications(static_routes(folder)):
        if application.name is not None:
            name = application.name.removeprefix("src.")
            holder, is_made, _ = name.partition(".<locals>.")
            module, _, last = (holder if is_made else name).rpartition(".")
            expression = f"{module}:{last}()" if is_made else f"{module}:{last}"
            real = ask_flask(start, expression, [])
            if isinstance(real, str) and "No module named 'flask_" in real:
                pytest.skip(real)
            if isinstance(real, str) and has_marks:
                pytest.skip(f"it has mistakes on purpose: {real}")
            assert not isinstance(real, str), real
            listed.append((expression, application.routes))
    assert listed
    return start, listed


PROJECTS = pytest.mark.parametrize(
    "folder", sorted((FIXTURES / "projects").iterdir()), ids=lambda path: path.name
)


@PROJECTS
def test_the_routes_of_fixtures_are_those_of_flask(folder: Path) -> None:
    start, listed = importable(folder)
    for expression, found in listed:
        assert [route.why for route in found if route.why] == []
        real = ask_flask(start, expression, [])
        assert as_listed(in_short(found)) == as_listed(real["rules"])


@PROJECTS
def test_urls_of_fixtures_match_as_in_flask(folder: Path) -> None:
    start, listed = importable(folder)
    for expression, found in listed:
        assert_matches(start, expression, found)


def urls_for(rules: list[str]) -> list[str]:
    """Fill in fitting and other values, and change the URLs that come out."""
    found: dict[str, None] = {"/": None, "": None, "/%00": None, "/no/such/page": None}
    for rule, turn in itertools.product(rules, range(6)):
        place = itertools.count(turn)

        def value(match: re.Match[str], place: Iterator[int] = place) -> str:
            values = VALUES.get(match[1] or "default", VALUES["default"])
            return values[next(place) % len(values)]

        url = re.sub(r"<(?:(\w+)(?:\([^)]*\))?:)?\w+>", value, rule)
        cut = url.rstrip("/").rpartition("/")[0]
        for variant in (
            url,
            url.rstrip("/"),
            f"{url}/",
            f"{url}/more",
            cut,
            f"{cut}//x",
            url + "?q=1",
        ):
            found.setdefault(variant)
    return list(found)


@pytest.mark.parametrize("name", APPS)
def test_urls_match_as_in_flask(name: str, tmp_path: Path) -> None:
    files, app = APPS[name]
    write(tmp_path, files)
    assert_matches(tmp_path, app, static_routes(tmp_path))


def assert_matches(folder: Path, app: str, found: list[Route]) -> None:
    """Ask for many URLs, here and in Flask."""
    urls = urls_for([route.rule for route in found if route.rule is not None])
    requests = [
        (url, method)
        for number, url in enumerate(urls)
        for method in ("GET", METHODS[number % len(METHODS)])
    ]
    assert len(requests) > 80
    matcher = UrlMatcher(found)
    wrong = []
    for request, real in zip(requests, ask_flask(folder, app, requests)["answers"], strict=True):
        answer = matcher.match(*request)
        got: list[Any] = [list(answer.redirects), 404, list(answer.allowed), None]
        if answer.allowed:
            got[1] = 405
        elif answer.routes:
            route = answer.routes[0]
            got[1], got[3] = 200, [route.rule, route.endpoint, repr(dict(answer.arguments))]
        if real[3] and "<words:tags>" in real[3][0]:
            # The list is made by a converter of the app, which nobody ran.
            got[3][2] = real[3][2]
        if got != real:
            wrong.append((request, got, real))
    assert wrong == []


# What is typed and what comes out


class Done(NamedTuple):
    status: int
    out: str
    err: str


class Terminal:
    """Lists routes of files in the working folder."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.capsys = capsys

    def type(self, *arguments: str) -> Done:
        status = cli.main(["routes", *arguments])
        return Done(status, *self.capsys.readouterr())

    def json(self, *arguments: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.type("--format", "json", *arguments).out)
        return found

    def write(self, **files: str) -> None:
        write(self.folder, {name.replace("__", "/") + ".py": text for name, text in files.items()})


@pytest.fixture
def terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Terminal:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").touch()
    return Terminal(tmp_path, capsys)


SMALL = """
        from flask import Flask

        app = Flask(__name__, static_folder=None)

        @app.route("/users/", methods=["GET", "POST"])
        def users(): ...

        @app.route("/users/<int:number>", endpoint="user")
        def show_user(number): ...
        """


def test_the_table_is_plain_text(terminal: Terminal) -> None:
    terminal.write(app=SMALL)
    assert terminal.type() == (
        0,
        "Rule                 Methods    Endpoint  View       File\n"
        "-------------------  ---------  --------  ---------  --------\n"
        "/users/<int:number>  GET        user      show_user  app.py:9\n"
        "/users/              GET, POST  users     users      app.py:6\n",
        "",
    )


def test_json_has_all_that_is_known(terminal: Terminal) -> None:
    terminal.write(
        shop__views="""
        from flask import Blueprint
        bp = Blueprint("pages", __name__, url_prefix=prefix())

        @bp.get("/x")
        def page(): ...
        """,
        app="""
        from flask import Flask
        from shop.views import bp

        app = Flask(__name__, static_folder=None)
        app.register_blueprint(bp)
        """,
    )
    found = terminal.json("shop")
    assert [found[0].pop("why").keys()] == [{"rule"}]
    assert found == [
        {
            "rule": None,
            "methods": ["GET"],
            "endpoint": "pages.page",
            "view": "shop.views.page",
            "file": "shop/views.py",
            "line": 5,
            "blueprint": "pages",
            "app": "app.app",
        }
    ]


def test_csv_has_a_header_and_the_columns_of_json(terminal: Terminal) -> None:
    terminal.write(app=SMALL)
    rows = list(csv.reader(io.StringIO(terminal.type("--format", "csv").out)))
    assert rows == [
        ["rule", "methods", "endpoint", "view", "file", "line", "blueprint", "app", "why"],
        ["/users/<int:number>", "GET", "user", "app.show_user", "app.py", "9", "", "app.app", ""],
        ["/users/", "GET POST", "users", "app.users", "app.py", "6", "", "app.app", ""],
    ]


def test_what_is_not_known_is_explained_once(terminal: Terminal) -> None:
    terminal.write(
        app="""
        from flask import Flask
        from elsewhere import PREFIX, METHODS

        app = Flask(__name__, static_folder=None)

        @app.route(PREFIX + "/a")
        def a(): ...

        @app.route(PREFIX + "/b", methods=METHODS)
        def b(): ...
        """
    )
    table = terminal.type().out.splitlines()
    assert table[2].split() == ["?", "GET", "a", "a", "app.py:7"]
    assert table[3].split() == ["?", "?", "b", "b", "app.py:10"]
    assert [line.rpartition(" (")[2] for line in table[5:]] == ["1 route)", "2 routes)"]
    assert [line.partition(":")[0] for line in table[5:]] == ["? methods", "? rule"]
    why = [route["why"] for route in terminal.json()]
    assert [set(reasons) for reasons in why] == [{"rule"}, {"rule", "methods"}]
    rows = terminal.type("--format", "csv").out.splitlines()
    assert rows[1].startswith(",GET,a,app.a,app.py,7,,app.app,rule: ")


TWO = {
    "shop": """
        from flask import Flask
        app = Flask(__name__, static_folder=None)

        @app.route("/")
        def home(): ...

        @app.route("/<name>")
        def page(name): ...
        """,
    "backstage": """
        from flask import Flask
        app = Flask(__name__, static_folder=None)

        @app.route("/only")
        def only(): ...
        """,
    "plugin": """
        from flask import Blueprint
        bp = Blueprint("plugin", __name__)

        @bp.route("/plugin")
        def index(): ...

        def init_app(app):
            app.register_blueprint(bp)
        """,
}


def test_several_applications_have_headings(terminal: Terminal) -> None:
    terminal.write(**TWO)
    table = terminal.type().out
    blocks = table.split("\n\n")
    assert blocks[::2] == [
        "Application backstage.app",
        "Application shop.app",
        "Application not known",
    ]
    assert [len(block.splitlines()) - 2 for block in blocks[1::2]] == [1, 2, 1]
    assert [route["app"] for route in terminal.json()] == [
        *["backstage.app", "shop.app", "shop.app"],
        None,
    ]


def test_a_single_application_has_the_routes_whose_application_is_not_known(
    terminal: Terminal,
) -> None:
    terminal.write(shop=TWO["shop"], plugin=TWO["plugin"])
    table = terminal.type().out
    assert "Application" not in table
    assert len(table.splitlines()) == 2 + 3


def test_a_route_of_two_applications_is_listed_for_both(terminal: Terminal) -> None:
    terminal.write(
        app="""
        from flask import Blueprint, Flask
        one = Flask(__name__)
        two = Flask(__name__)
        bp = Blueprint("bp", __name__)

        @bp.route("/x")
        def x(): ...

        one.register_blueprint(bp)
        two.register_blueprint(bp)
        """
    )
    assert [route["app"] for route in terminal.json("--endpoint", "bp.*")] == ["app.one, app.two"]
    table = terminal.type("--endpoint", "bp.*").out
    assert table.count("bp.x") == 2


def test_nothing_reaches_the_terminal_that_it_would_obey(terminal: Terminal) -> None:
    terminal.write(
        app="""
        from flask import Flask
        app = Flask(__name__, static_folder=None)

        @app.route("::error::rule", endpoint="a\\x1b[2J\\n::error::endpoint")
        def a(): ...

        @app.route("/##[error]\\u202e", methods=["\\x9b"], endpoint="::warning::b")
        def b(): ...
        """
    )
    (terminal.folder / "app.py").rename(terminal.folder / "::error::file\x1b.py")
    for form in ("table", "csv", "json"):
        for asked in ((), ("--match", "/%1b##[error]\n::error::")):
            done = terminal.type("--format", form, *asked)
            lines = [line.strip() for line in (done.out + done.err).splitlines()]
            assert lines
            assert not [line for line in lines if not line.isprintable()]
            assert not [line for line in lines if line.startswith("::") or "##[" in line]


# Filters and order


METHOD_APP = """
        from flask import Flask
        from elsewhere import METHODS
        app = Flask(__name__, static_folder=None)

        @app.route("/c")
        def a_get(): ...

        @app.post("/b")
        def post(): ...

        @app.route("/a", methods=METHODS)
        def computed(): ...

        @app.route("/d", methods=["PUT"], provide_automatic_options=False)
        def z_put(): ...
        """


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--endpoint", "*_*"], ["a_get", "z_put"]),
        (["--endpoint", "A_get"], []),
        (["--method", "post"], ["post"]),
        (["--method", "HEAD"], ["a_get"]),
        (["--method", "OPTIONS"], ["a_get", "computed", "post"]),
        (["--method", "PUT", "--endpoint", "z_*"], ["z_put"]),
        (["--method", "PUT", "--endpoint", "a_*"], []),
        (["--sort", "endpoint"], ["a_get", "computed", "post", "z_put"]),
        (["--sort", "rule"], ["computed", "post", "a_get", "z_put"]),
        (["--sort", "method"], ["a_get", "post", "z_put", "computed"]),
        (["--sort", "file"], ["a_get", "post", "computed", "z_put"]),
    ],
)
def test_filters_and_order(terminal: Terminal, arguments: list[str], expected: list[str]) -> None:
    terminal.write(app=METHOD_APP)
    assert [route["endpoint"] for route in terminal.json(*arguments)] == expected
    assert terminal.type(*arguments).status == (0 if expected else 1)


def test_a_filter_says_what_it_left_out_without_knowing(terminal: Terminal) -> None:
    terminal.write(app=METHOD_APP)
    done = terminal.type("--method", "POST")
    assert "1 route is left out" in done.err
    assert "left out" not in terminal.type("--method", "POST", "--endpoint", "post").err


def test_match_order_is_the_one_in_which_werkzeug_tries_rules(terminal: Terminal) -> None:
    rules = ["/<path:p>", "/<name>/x", "/<int:n>/x", "/a/<name>", "/a/x", "/<name>", "/"]
    lines = ["from flask import Flask", "app = Flask(__name__, static_folder=None)"]
    for number, rule in enumerate(rules):
        lines += [f"@app.route({rule!r})", f"def view{number}(**kwargs): ..."]
    terminal.write(app="\n".join(lines))
    ordered = [route["rule"] for route in terminal.json("--sort", "match")]
    assert sorted(ordered) == sorted(rules)
    for better, worse in [
        ("/a/x", "/a/<name>"), ("/a/<name>", "/<int:n>/x"), ("/<int:n>/x", "/<name>/x"),
        ("/<name>/x", "/<path:p>"), ("/<name>", "/<path:p>"),
    ]:  # fmt: skip
        assert ordered.index(better) < ordered.index(worse)


def test_rules_without_a_place_in_the_match_order_come_last(terminal: Terminal) -> None:
    terminal.write(
        app="""
        from flask import Flask
        from elsewhere import RULE
        app = Flask(__name__, static_folder=None)

        @app.route(RULE)
        def unknown(): ...

        @app.route("no-slash")
        def refused(): ...

        @app.route("/fine")
        def fine(): ...
        """
    )
    assert [route["endpoint"] for route in terminal.json("--sort", "match")] == [
        *["fine", "unknown", "refused"]
    ]


# --match


def test_the_answering_rule_is_shown_with_its_arguments(terminal: Terminal) -> None:
    terminal.write(app=SMALL)
    assert terminal.type("--match", "/users/7") == (
        0,
        "GET /users/7 is answered by\n"
        "\n"
        "Rule                 Methods  Endpoint  View       File\n"
        "-------------------  -------  --------  ---------  --------\n"
        "/users/<int:number>  GET      user      show_user  app.py:9\n"
        "\n"
        "number = 7\n",
        "",
    )


@pytest.mark.parametrize(
    ("arguments", "status", "expected"),
    [
        (["/users/7"], 0, (200, "user", [], [], {"number": 7})),
        (["/users/"], 0, (200, "users", [], [], {})),
        (["https://example.com:5000/users/7?page=2#top"], 0, (200, "user", [], [], {"number": 7})),
        (["/users?page=2"], 0, (308, "users", ["/users/?page=2"], [], {})),
        (["/users/", "--method", "post"], 0, (200, "users", [], [], {})),
        (["/users/7", "--method", "HEAD"], 0, (200, "user", [], [], {"number": 7})),
        (["/users/7", "--method", "OPTIONS"], 0, (200, "user", [], [], {"number": 7})),
        (["/users/7", "--method", "POST"], 1, (405, "user", [], ["GET", "HEAD", "OPTIONS"], {})),
        (["/users/x"], 1, (404, None, [], [], {})),
        (["/users/" + "7" * 5000], 1, (404, None, [], [], {})),
    ],
)
def test_an_answer_in_json(
    terminal: Terminal, arguments: list[str], status: int, expected: tuple[object, ...]
) -> None:
    terminal.write(app=SMALL)
    done = terminal.type("--format", "json", "--match", *arguments)
    answers = [
        tuple(answer[key] for key in ("status", "endpoint", "redirects", "allowed", "arguments"))
        for answer in json.loads(done.out)
    ]
    assert (done.status, answers) == (status, [expected])


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["/users"], "GET /users is redirected (308) to /users/, which is answered by"),
        (["/users/x"], "GET /users/x is not found (404), no known rule matches"),
        (
            ["/users/7", "--method", "put"],
            "PUT /users/7 is not allowed (405), only GET, HEAD, OPTIONS may be used",
        ),
    ],
)
def test_an_answer_in_words(terminal: Terminal, arguments: list[str], expected: str) -> None:
    terminal.write(app=SMALL)
    assert terminal.type("--match", *arguments).out.splitlines()[0] == expected


def test_an_answer_in_csv(terminal: Terminal) -> None:
    terminal.write(app=SMALL)
    rows = csv.DictReader(io.StringIO(terminal.type("--format", "csv", "--match", "/users/7").out))
    (row,) = rows
    assert row["endpoint"] == "user"
    assert (row["status"], row["arguments"], row["redirects"]) == ("200", "number: 7", "")


def test_redirects_of_a_rule_are_followed_but_not_for_ever(terminal: Terminal) -> None:
    terminal.write(
        app="""
        from flask import Flask
        app = Flask(__name__, static_folder=None)
        view = lambda: ""
        app.add_url_rule("/a", "a", view, redirect_to="/b")
        app.add_url_rule("/b", "b", view, redirect_to="/c")
        app.add_url_rule("/c", "c", view)
        app.add_url_rule("/x", "x", view, redirect_to="/y")
        app.add_url_rule("/y", "y", view, redirect_to="/x")
        app.add_url_rule("/out", "out", view, redirect_to="https://example.com/")
        """
    )
    followed = terminal.type("--match", "/a")
    assert followed.status == 0
    assert "is redirected (308) to /b, then to /c, which is answered by" in followed.out
    circle = terminal.type("--match", "/x")
    assert circle.status == 1
    assert "is redirected (308) to /y, then to /x, then to /y" in circle.out
    assert "is redirected (308) to https://example.com/\n" in terminal.type("--match", "/out").out


def test_each_application_is_matched_on_its_own(terminal: Terminal) -> None:
    terminal.write(**TWO)
    answers = {answer["app"]: answer["status"] for answer in terminal.json("--match", "/only")}
    assert answers == {"backstage.app": 200, "shop.app": 200, None: 404}
    assert terminal.type("--match", "/only").out.splitlines()[:3] == [
        "Application backstage.app",
        "",
        "GET /only is answered by",
    ]


def test_a_path_chooses_the_application_and_all_its_rules_are_matched(terminal: Terminal) -> None:
    terminal.write(
        **TWO,
        shop_more="""
        from shop import app

        @app.route("/more/<int:number>")
        def more(number): ...
        """,
    )
    assert [(a["app"], a["endpoint"]) for a in terminal.json("shop_more.py", "--match", "/x")] == [
        ("shop.app", "page")
    ]


def test_an_endpoint_can_be_demanded_of_the_answer(terminal: Terminal) -> None:
    terminal.write(app=SMALL)
    assert terminal.type("--match", "/users/7", "--endpoint", "user").status == 0
    assert terminal.type("--match", "/users/7", "--endpoint", "users") == (
        *(1, "", "No routes found.\n"),
    )


def test_matching_says_what_it_assumes_and_leaves_out(terminal: Terminal) -> None:
    terminal.write(
        app="""
        from flask import Flask
        from elsewhere import METHODS, RULE, Slug
        app = Flask(__name__, static_folder=None)
        app.url_map.converters["slug"] = Slug

        @app.route("/a/<slug(3):name>", methods=METHODS)
        def article(name): ...

        @app.route(RULE)
        @app.route("no-slash")
        @app.route("/a/<int(3):x")
        @app.route("/sub", subdomain="api")
        @app.route("/socket", websocket=True)
        def others(): ...
        """
    )
    done = terminal.type("--match", "/a/b", "--method", "PATCH")
    assert done.status == 0
    assert "name = 'b'" in done.out
    notes = [line.removeprefix("note: ") for line in done.err.splitlines()]
    assert [note.partition(":")[0] for note in notes] == [
        "`slug` is a converter of the application",
        "no-slash is left out",
        "/a/<int(3)",
        "/sub is left out",
        "/socket is left out",
        "1 rule is left out",
        "the answer is not certain",
    ]


# Errors and settings


def test_a_path_that_does_not_exist_is_an_error(terminal: Terminal) -> None:
    assert terminal.type("nowhere") == (
        *(2, "", "flask-gotchas: error: nowhere: no such file or folder\n"),
    )


@pytest.mark.parametrize(("arguments", "status"), [([], 0), (["--match", "/"], 1)])
def test_a_folder_without_python_files_is_warned_of(
    terminal: Terminal, arguments: list[str], status: int
) -> None:
    done = terminal.type(*arguments)
    assert done.status == status
    assert done.err == "flask-gotchas: warning: no Python files found under the given paths\n"


def test_files_without_routes_are_no_error(terminal: Terminal) -> None:
    terminal.write(app="x = 1\n")
    assert terminal.type() == (0, "", "No routes found.\n")
    assert terminal.type("--format", "json").out == "[]\n"


def test_a_broken_file_is_warned_of_and_the_others_are_listed(terminal: Terminal) -> None:
    terminal.write(app=SMALL, broken="from flask import Flask\napp = Flask(\n")
    done = terminal.type()
    assert done.status == 0
    assert len(done.out.splitlines()) == 4
    assert done.err == (
        "flask-gotchas: warning: broken.py cannot be read, so its routes are missing\n"
    )


def test_settings_apply_unless_isolated(terminal: Terminal) -> None:
    terminal.write(app=SMALL, legacy__old=TWO["backstage"])
    (terminal.folder / "pyproject.toml").write_text(
        '[tool.flask-gotchas]\nextend-exclude = ["legacy"]\n'
    )
    assert {route["app"] for route in terminal.json()} == {"app.app"}
    assert {route["app"] for route in terminal.json("--isolated")} == {"app.app", "legacy.old.app"}
    (terminal.folder / "pyproject.toml").write_text("[tool.flask-gotchas]\nexclud = []\n")
    assert terminal.type().status == 2
    assert terminal.type("--isolated").status == 0


def test_listing_does_not_import_werkzeug(terminal: Terminal) -> None:
    terminal.write(app=SMALL)
    code = (
        "import sys; from flask_gotchas.cli import main; main(['routes']); "
        "sys.exit('werkzeug' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, timeout=60)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("@app.get('/x')\ndef v(): ...\nv.__name__ = 'w'", ("/x", ("GET",), None)),
        ("def v(): ...\nv.methods = listed()\napp.route('/x')(v)", ("/x", None, "v")),
        ("def v(): ...\nv.required_methods = ['PUT']\napp.route('/x')(v)", ("/x", None, "v")),
        (
            "class V(MethodView):\n  def get(self): ...\nV.methods = []\n"
            "app.add_url_rule('/x', view_func=V.as_view('v'))",
            ("/x", None, "v"),
        ),
        (
            "class V(View):\n  methods = ['GET']\n  if debug(): methods += ['PUT']\n"
            "app.add_url_rule('/x', view_func=V.as_view('v'))",
            ("/x", None, "v"),
        ),
        ("for n in [m for m in 'ab']: app.add_url_rule(n, 'e')", (None, ("GET",), "e")),
        ("[app.add_url_rule(n, 'e') for n in ('/x', '/y') if n]", (None, ("GET",), "e")),
        ("for n, in zip(rules()): app.add_url_rule(n, 'e')", (None, ("GET",), "e")),
        ("app.add_url_rule(f'/{1 + 2}{3}', 'e')", ("/33", ("GET",), "e")),
        ("app.add_url_rule('/' + 1, 'e')", (None, ("GET",), "e")),
    ],
)
def test_what_is_set_later_or_under_a_condition_is_not_guessed(
    source: str, expected: tuple[Any, ...], tmp_path: Path
) -> None:
    head = "from flask import Flask\nfrom flask.views import MethodView, View\n"
    write(tmp_path, {"app.py": f"{head}app = Flask('app', static_folder=None)\n{source}\n"})
    assert [tuple(route) for route in in_short(static_routes(tmp_path))] == [expected]


def test_blueprints_that_are_registered_on_each_other_end_in_no_circle() -> None:
    source = (
        "from flask import Blueprint, Flask\n\napp = Flask(__name__)\n"
        "a = Blueprint('a', __name__)\nb = Blueprint('b', __name__)\n"
        "a.register_blueprint(b)\nb.register_blueprint(a)\napp.register_blueprint(a)\n\n\n"
        "@a.get('/<x>')\ndef show(y):\n    return y\n"
    )
    assert not check_sources({"app.py": source}, rules={"FLG108"}).internal_error
