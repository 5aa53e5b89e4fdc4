"""What the facts of several files mean together."""

from __future__ import annotations

import re
from typing import Any

import pytest

from flask_gotchas.analysis import analyse
from flask_gotchas.facts.flask_api import CONTEXT_FUNCTIONS, PROXIES
from flask_gotchas.modules import ModuleIndex, module_id
from flask_gotchas.project import Project, registrations
from flask_gotchas.project.evaluate import Unknown
from flask_gotchas.project.routing import Routing
from flask_gotchas.rule import all_rules
from flask_gotchas.run import check_sources
from flask_gotchas.screen import is_relevant
from flask_gotchas.source import parse

FLASK = "from flask import Blueprint, Flask, current_app, g, has_app_context, request, url_for\n"


def files(text: str) -> dict[str, str]:
    """Read several files from one text: each begins with its path on a line `## path`."""
    found: dict[str, str] = {}
    for part in text.split("## ")[1:]:
        path, _, source = part.partition("\n")
        found[path.strip()] = source
    return found


def link(text: str, *, complete: bool = True) -> Project:
    """Link files as a run does: those without a word of Flask are read when a name leads there."""
    sources = files(text)

    def facts(path: str) -> Any:
        source = parse(path, sources[path])
        return analyse(source, ".".join(module_id(path))).facts

    return Project(
        [facts(path) for path, source in sources.items() if is_relevant(source)],
        ModuleIndex(list(sources)),
        complete=complete,
        load=facts,
        read=lambda path: sources[path].encode(),
    )


class Asking:
    """Asks a project about names as they stand in one of its files."""

    def __init__(self, project: Project, path: str) -> None:
        self.project = project
        found = project.file_of(".".join(module_id(path)))
        assert found is not None
        self.file = found

    def reference(self, name: str) -> str:
        return self.file.names.get(name, f"{self.file.module}.{name}")

    def resolve(self, name: str) -> str:
        return self.project.resolve(self.reference(name), self.file)

    def meaning(self, name: str) -> str:
        return self.project.meaning(self.reference(name), self.file)

    def kind(self, name: str) -> str:
        return self.project.kind(self.reference(name), self.file)


def ask(text: str, path: str = "main.py", **options: Any) -> Asking:
    return Asking(link(text, **options), path)


# Where a name leads

APP = "## shop/app.py\nfrom flask import Flask\napp = Flask(__name__)\n"
INIT = "## shop/__init__.py\n"
MAIN = "## main.py\n"

# What a row says of `one/a.py` stands there; `shop/app.py` makes `app` in every row.
LED = """
main.py: from shop.app import app => shop.app.app
main.py: from shop.app import app as it => shop.app.app
main.py: import shop.app as it => shop.app
main.py: from shop import app as it => shop.app
main.py: from shop.app import * => shop.app.app
main.py: from shop import it | shop/__init__.py: from .app import app as it => shop.app.app
main.py: from shop import it | shop/__init__.py: from shop.app import app as it => shop.app.app
main.py: from shop import it | shop/__init__.py: from .other import it => shop.other.it
main.py: from shop import app | shop/__init__.py: from .app import app => shop.app.app
main.py: from shop import app | shop/__init__.py: from shop.app import app => shop.app.app
main.py: from shop import app | shop/__init__.py: from . import app => shop.app
main.py: from shop.app import app | shop/__init__.py: from .app import app => shop.app.app
main.py: from shop import it | shop/__init__.py: from .b import * | shop/b.py: it = Flask() \\
    => shop.b.it
main.py: from shop import it | shop/__init__.py: from .b import * | shop/b.py: from .c import * \\
    | shop/c.py: from .app import app as it => shop.app.app
main.py: from shop import it | shop/__init__.py: from .b import * | shop/b.py: from .c import * \\
    | shop/c.py: it = Flask() => shop.c.it
main.py: from shop import it | shop/__init__.py: from .b import *; from .c import * \\
    | shop/b.py: x = Flask() | shop/c.py: it = Flask() => shop.c.it
main.py: from shop import it | shop/__init__.py: from . import app; it = app.app => shop.app.app
main.py: from shop.b import it | shop/b.py: from .app import app; it = app => shop.app.app
main.py: from shop.b import it | shop/b.py: import shop.app; it = shop.app.app => shop.app.app
main.py: from elsewhere import app => elsewhere.app
main.py: from flask.globals import request as app => flask.request
main.py: from shop import missing | shop/__init__.py: x = 1 => shop.missing
shop/run.py: from app import app => shop.app.app
shop/run.py: from app import app | shop/__init__.py: x = 1 => shop.app.app
shop/run.py: from .app import app => shop.app.app
shop/views/a.py: from ..app import app => shop.app.app
tests/a.py: from pack.app import app | src/pack/app.py: app = Flask() => src.pack.app.app
one/run.py: from app import x | one/app.py: x = Flask() | two/app.py: x = Flask() => one.app.x
two/run.py: from app import x | one/app.py: x = Flask() | two/app.py: x = Flask() => two.app.x
run.py: from app import x | one/app.py: x = Flask() | two/app.py: x = Flask() => app.x
"""
ROWS = LED.replace("\\\n", "").strip().splitlines()


@pytest.mark.parametrize("row", ROWS)
def test_where_a_name_leads(row: str) -> None:
    text, _, expected = row.partition(" => ")
    parts = [part.strip().partition(": ") for part in text.split(" | ")]
    project = link(APP + "".join(f"## {path}\n{source}\n" for path, _, source in parts))
    name = re.findall(r"\w+|\*", parts[0][2])[-1]
    asking = Asking(project, parts[0][0])
    assert asking.resolve("app" if name == "*" else name) == expected


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("from two import app", "from one import app"),
        ("from two import *", "from one import app"),
        ("from two import *", "from one import *"),
        ("from one import app", ""),
        ("from one import *", ""),
        ("import two; app = two.app", "import one; app = one.app"),
        ("from two import f; app = f()", "from one import h as f"),
        ("from two import f; app = f()", "from one import app; def f(): return app"),
    ],
)
def test_names_that_lead_in_a_circle_lead_nowhere(one: str, two: str) -> None:
    sources = [source.replace("; ", "\n") for source in (one, two)]
    project = link(f"## one.py\n{FLASK}{sources[0]}\n## two.py\n{FLASK}{sources[1]}\n")
    for path in ("one.py", "two.py"):
        assert Asking(project, path).kind("app") == "unknown"


def test_modules_that_import_each_other_are_resolved() -> None:
    project = link(
        f"## app.py\n{FLASK}from views import bp\napp = Flask('x')\n"
        f"## views.py\n{FLASK}from app import app\nbp = Blueprint('x', 'y')\n"
    )
    assert Asking(project, "views.py").kind("app") == "app"
    assert Asking(project, "app.py").kind("bp") == "blueprint"


def test_a_file_without_a_word_of_flask_is_read_when_a_name_leads_there() -> None:
    project = link(
        f"{APP}## shop/names.py\nfrom .app import app as it\n{MAIN}{FLASK}from shop.names import it"
    )
    assert "shop.names" not in [file.module for file in project.files]
    assert Asking(project, "main.py").resolve("it") == "shop.app.app"


# What it is

FACTORY = f"{INIT}{FLASK}def create_app():\n    app = Flask('x')\n    return app\n"


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("x = Flask('x')", "app"),
        ("x = Blueprint('x', 'y')", "blueprint"),
        ("x = current_app", "app"),
        ("x = current_app._get_current_object()", "app"),
        ("class A(Flask): pass\nx = A()", "app"),
        ("class A(Flask): pass\nclass B(A): pass\nx = B()", "app"),
        ("class A(Mixin, Flask): pass\nx = A()", "app"),
        ("class A(Blueprint): pass\nx = A('x', 'y')", "blueprint"),
        ("class A: pass\nx = A()", "other"),
        ("from fastapi import FastAPI\nx = FastAPI()", "other"),
        ("from o import A\nx = A()", "unknown"),
        ("x = 1", "unknown"),
        ("x = Flask", "unknown"),
        ("def f(): return Flask('x')\nx = f()", "app"),
        ("def f(): return g()\ndef g(): return Flask('x')\nx = f()", "app"),
        ("def f(a=None): return Flask('x') if a else None\nx = f()", "unknown"),
        ("def f():\n if y: return Flask('x')\n return Blueprint('x', 'y')\nx = f()", "unknown"),
        ("def f(): yield Flask('x')\nx = f()", "unknown"),
        ("async def f(): return Flask('x')\nx = f()", "unknown"),
        ("def f(): return f()\nx = f()", "unknown"),
        ("class A(B): pass\nclass B(A): pass\nx = A()", "other"),
        ("from shop import create_app\nx = create_app()", "app"),
        ("import shop\nx = shop.create_app()", "app"),
        ("from shop import create_app as make\nx = y = make('config')", "app"),
        ("from shop import Site\nx = Site()", "app"),
        ("from shop import Site\nclass Mine(Site): pass\nx = Mine()", "app"),
        ("from shop import site as x", "app"),
        ("from shop import area as x", "blueprint"),
        ("from shop import *\nx = site", "app"),
        ("def f(): pass\ndef f(): return Flask('x')\nx = f()", "unknown"),
        ("import flask_smorest\nx = flask_smorest.Blueprint('x', 'y')", "blueprint"),
        ("from apiflask import APIFlask as F\nx = F('x')", "app"),
    ],
)  # fmt: skip
def test_what_kind_of_object_a_name_stands_for(source: str, kind: str) -> None:
    rest = "class Site(Flask): pass\nsite = create_app()\narea = Blueprint('x', 'y')\n"
    assert ask(f"{FACTORY}{rest}{MAIN}{FLASK}{source}\n").kind("x") == kind


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def f(app: Flask): app.run()", True),
        ("def f(app): app.run()", True),
        ("def f(application): application.run()", True),
        ("def f(other): other.run()", False),
        ("import fastapi\ndef f(app): app.run()", False),
        ("app.run()", False),
        ("app = Flask('x')\napp.run()", True),
        ("bp = Blueprint('x', 'y')\nbp.run()", False),
    ],
)
def test_a_parameter_called_app_is_one_where_flask_is_the_only_framework(
    source: str, expected: bool
) -> None:
    project = link(f"{MAIN}{FLASK}{source}\n")
    (file,) = project.files
    found = [project.is_app(run.receiver, file) for run in file.runs]
    assert found == [expected] or (not found and not expected)


# Files


@pytest.mark.parametrize(
    ("path", "is_test"),
    [
        ("tests/a.py", True),
        ("shop/test/a.py", True),
        ("test_a.py", True),
        ("shop/a_test.py", True),
        ("shop/conftest.py", True),
        ("shop/testing/a.py", True),
        ("shop/a.py", False),
        ("contests/a.py", False),
        ("shop/latest.py", False),
        ("attest_a.py", False),
    ],
)
def test_tests_are_told_by_their_path(path: str, is_test: bool) -> None:
    project = link(f"## {path}\n{FLASK}")
    assert project.is_test(project.files[0]) == is_test


@pytest.mark.parametrize(
    ("path", "owner", "expected"),
    [
        ("dev.py", "", True),
        ("examples/app.py", "", True),
        ("run_debug.py", "", True),
        ("app.py", "app.DevelopmentConfig", True),
        ("app.py", "app.LocalSettings", True),
        ("app.py", "app.run_dev", True),
        ("app.py", "app.Config", False),
        ("device.py", "device.Device", False),
        ("debugger.py", "", False),
    ],
)
def test_development_code_is_told_by_names(path: str, owner: str, expected: bool) -> None:
    project = link(f"## {path}\n{FLASK}")
    assert project.is_development(project.files[0], owner) == expected


@pytest.mark.parametrize(
    "statement",
    [
        "import shop.views",
        "import shop.views as v",
        "from shop import views",
        "from shop import other, views as v",
        "from shop.views import anything",
        "from shop.views import *",
        "def f():\n    from shop.views import anything",
        "if x:\n    import shop.views",
    ],
)
def test_importers_are_found_by_any_way_of_importing(statement: str) -> None:
    project = link(f"{INIT}{FLASK}## shop/views.py\n{FLASK}{MAIN}{FLASK}{statement}\n")
    views = Asking(project, "shop/views.py").file
    assert [file.path for file, _ in project.importers(views)] == ["main.py"]
    assert project.is_imported(views)
    assert not project.is_imported(Asking(project, "main.py").file)


# Routing

VIEWS = """\
## shop/views.py
from flask import Blueprint, request
from flask.views import MethodView, View
bp = Blueprint("bp", __name__)
@bp.route("/a")
@bp.route("/b", methods=["POST"])
def both(): pass
@bp.route("/c", methods=METHODS)
def unclear(): pass
def by_call(): pass
def nowhere(): pass
@bp.get("/d")
def passed_on(): pass
keep(passed_on)
class Item(MethodView):
    def get(self): pass
    def put(self): pass
    def helper(self): pass
class Plain(View):
    methods = ["GET", "POST"]
    def dispatch_request(self): pass
class Unused(MethodView):
    def get(self): pass
"""
APP_WITH_VIEWS = """\
## app.py
from flask import Flask
from shop import views
from shop.views import Item, Plain, by_call as view, bp as area
app = Flask(__name__)
app.add_url_rule("/e", view_func=view, methods=["PUT"])
app.add_url_rule("/f", view_func=Item.as_view("item"))
app.add_url_rule("/g", view_func=views.Plain.as_view("plain"))
app.register_blueprint(area)
"""


@pytest.mark.parametrize(
    ("function", "methods", "answered"),
    [
        ("both", {"GET", "POST"}, {"GET", "POST", "HEAD", "OPTIONS"}),
        ("by_call", {"PUT"}, {"PUT", "OPTIONS"}),
        ("unclear", None, None),
        ("passed_on", None, None),
        ("Item.put", {"PUT"}, {"PUT", "OPTIONS"}),
        ("Plain.dispatch_request", {"GET", "POST"}, {"GET", "POST", "HEAD", "OPTIONS"}),
    ],
)
def test_methods_by_which_a_view_is_reached(
    function: str, methods: set[str] | None, answered: set[str] | None
) -> None:
    project = link(VIEWS + APP_WITH_VIEWS)
    file = Asking(project, "shop/views.py").file
    view = project.routing.view(f"shop.views.{function}", file)
    assert view is not None
    assert view.methods == methods
    if answered is not None:
        assert view.answered == answered


@pytest.mark.parametrize("function", ["nowhere", "Item.helper", "Unused.get", "missing"])
def test_what_no_route_leads_to_is_no_view(function: str) -> None:
    project = link(VIEWS + APP_WITH_VIEWS)
    file = Asking(project, "shop/views.py").file
    assert project.routing.view(f"shop.views.{function}", file) is None


@pytest.mark.parametrize(
    ("source", "is_route"),
    [
        ("app = Flask('x')\n@app.route('/x')", True),
        ("from shop import area\n@area.get('/x')", True),
        ("@current_app.route('/x')", True),
        ("def f(app):\n  @app.route('/x')", True),
        ("from elsewhere import bp\n@bp.route('/x')", True),
        ("from elsewhere import bp\n@bp.route('')", True),
        ("from elsewhere import bp\n@bp.get('/x')", False),
        ("from elsewhere import bp\n@bp.route(x)", False),
        ("from elsewhere import bp\n@bp.route('x')", False),
        ("from elsewhere import route\n@route('/x')", False),
        ("import quart\nfrom elsewhere import bp\n@bp.route('/x')", False),
        ("from fastapi import FastAPI\napp = FastAPI()\n@app.get('/x')", False),
        ("class A:\n  def route(self, x): pass\na = A()\n@a.route('/x')", False),
    ],
)
def test_routes_of_flask_are_told_from_others(source: str, is_route: bool) -> None:
    indent = "  " if source.startswith("def") else ""
    source += f"\n{indent}def view(): pass\n"
    project = link(f"{INIT}{FLASK}area = Blueprint('x', 'y')\n{MAIN}{FLASK}{source}")
    assert len(list(project.routing.routes())) == is_route


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("@app.route('/x')", ("/x", ("GET",), "f")),
        ("@app.delete('/x')", ("/x", ("DELETE",), "f")),
        ("@app.route('/x', methods=['get', 'POST'])", ("/x", ("GET", "POST"), "f")),
        ("@app.route(methods=('PUT',), endpoint='e', rule='/x')", ("/x", ("PUT",), "e")),
        ("M = {'GET'}\nR = '/' 'x'\n@app.route(R, methods=M)", ("/x", ("GET",), "f")),
        ("@app.route('/x', methods=None)", ("/x", ("GET",), "f")),
        ("@app.route('/x', methods=all())", ("/x", None, "f")),
        ("@app.route('/x', methods=['GET', other])", ("/x", None, "f")),
        ("@app.route('/x', **options)", ("/x", None, None)),
        ("@app.route(*args)", (None, None, None)),
        ("@app.route(PREFIX + '/x')", (None, ("GET",), "f")),
        ("route = app.route\n@route('/x')", ("/x", ("GET",), "f")),
    ],
)
def test_routes_on_views(source: str, expected: tuple[Any, ...]) -> None:
    project = link(f"{MAIN}{FLASK}app = Flask('x')\n{source}\ndef f(): pass\n")
    assert [as_known(own)[:3] for own in project.routing.routes()] == [expected]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("app.add_url_rule('/x', 'e', f)", ("/x", ("GET",), "e", "main.f")),
        ("app.add_url_rule('/x', view_func=f)", ("/x", ("GET",), "f", "main.f")),
        ("app.add_url_rule('/x', 'e')", ("/x", ("GET",), "e", None)),
        (
            "app.add_url_rule(rule='/x', view_func=V.as_view('v'), methods=['GET'])",
            ("/x", ("GET",), "v", "main.V"),
        ),
        (
            "view = V.as_view('v')\napp.add_url_rule('/x', view_func=view)",
            ("/x", ("PUT",), "v", "main.V"),
        ),
        ("x = f\napp.add_url_rule('/x', 'e', x)", ("/x", ("GET",), "e", "main.f")),
        ("app.add_url_rule('/x', 'e', lambda: '')", ("/x", ("GET",), "e", None)),
        ("app.add_url_rule('/x', 'e', f, **kw)", ("/x", None, "e", "main.f")),
        ("app.route('/x')(f)", ("/x", ("GET",), "f", "main.f")),
        ("app.post('/x')(f)", ("/x", ("POST",), "f", "main.f")),
        ("app.get('/x')", None),
        (
            "app.url_map.add(Rule('/x', endpoint='e', methods=['PUT']))",
            ("/x", ("PUT",), "e", None),
        ),
        ("app.url_map.add(app.url_rule_class('/x', endpoint='e'))", ("/x", None, "e", None)),
        ("app.url_map.add(Submount('/x', []))", (None, None, None, None)),
    ],
)
def test_routes_by_calls(source: str, expected: tuple[Any, ...] | None) -> None:
    head = (
        f"{FLASK}from flask.views import MethodView\nfrom werkzeug.routing import Rule, Submount\n"
    )
    project = link(
        f"{MAIN}{head}app = Flask('x')\ndef f(): pass\n"
        f"class V(MethodView):\n  def put(self): pass\n{source}\n"
    )
    wanted = [] if expected is None else [expected]
    assert [as_known(own) for own in project.routing.routes()] == wanted


def as_known(own: Any) -> tuple[Any, ...]:
    parts = (own.rule, own.methods, own.endpoint, own.view)
    return tuple(None if isinstance(part, Unknown) else part for part in parts)


BLUEPRINTS = f"## views.py\n{FLASK}one = Blueprint('1', 'y')\ntwo = Blueprint('2', 'y')\n"


def test_many_routes_on_one_view_are_not_each_compared_with_all_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def count_calls(owner: object, name: str) -> None:
        wanted = getattr(owner, name)

        def counted(*arguments: object) -> object:
            asked.append(name)
            return wanted(*arguments)

        monkeypatch.setattr(owner, name, counted)

    count_calls(Routing, "replacement")
    count_calls(registrations, "_in_order")
    count = 400
    for decorator in ("@app.get('/')", "@app.get('/', endpoint='e{}')"):
        routes = "\n".join(decorator.format(number) for number in range(count))
        text = f"from flask import Flask\napp = Flask(__name__)\n{routes}\ndef page(): return ''\n"
        assert not check_sources({"a.py": text}, rules=frozenset(all_rules())).internal_error
    assert len(asked) < 10 * count


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("from views import one\napp.register_blueprint(one)", {"views.one"}),
        ("import views\napp.register_blueprint(views.two)", {"views.two"}),
        (
            "from views import one, two as x\nfor bp in (one, x): app.register_blueprint(bp)",
            {"views.one", "views.two"},
        ),
        ("import views\ndef f(app): app.register_blueprint(views.one)", {"views.one"}),
        ("from elsewhere import bp\napp.register_blueprint(bp)", {"elsewhere.bp"}),
        ("from views import one\nx = one\napp.register_blueprint(blueprint=x)", {"views.one"}),
        (
            "from views import one\n[app.register_blueprint(x) for x in {one}]",
            {"views.one"},
        ),
        (
            "from views import one\nA = [one]\nA = []\nfor x in A: app.register_blueprint(x)",
            None,
        ),
        ("", set()),
        ("app.register_blueprint(unknown)", None),
        ("from views import make\napp.register_blueprint(make())", None),
        ("import views\napp.register_blueprint(getattr(views, 'one'))", None),
        ("import importlib\napp.register_blueprint(importlib.import_module('x').bp)", None),
        ("import sys\napp.register_blueprint(sys.modules['views'].one)", None),
        ("from elsewhere import ext\napp.register_blueprint(ext.make())", None),
    ],
)
def test_registered_blueprints_are_known_or_it_is_said_that_they_are_not(
    source: str, expected: set[str] | None
) -> None:
    project = link(f"{BLUEPRINTS}{MAIN}{FLASK}app = Flask('x')\n{source}\n")
    registered = project.routing.registered()
    assert (None if registered is None else set(registered)) == expected


def test_registered_blueprints_are_not_known_without_an_app_or_of_a_part() -> None:
    registers = f"{BLUEPRINTS}{MAIN}{FLASK}import views\napp.register_blueprint(views.one)\n"
    assert link(registers).routing.registered() is None
    complete = registers.replace("import views", "import views\napp = Flask('x')")
    assert link(complete).routing.registered() == frozenset({"views.one"})
    assert link(complete, complete=False).routing.registered() is None


def test_blueprints_are_those_of_subclasses_too() -> None:
    project = link(
        f"{INIT}{FLASK}class Area(Blueprint): pass\n{MAIN}{FLASK}from shop import Area\n"
        "one = Area('1', __name__)\nclass Other: pass\ntwo = Other('2', __name__)\n"
    )
    assert [bp.reference for _, bp, _ in project.routing.blueprints()] == ["main.one"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a: Blueprint = Blueprint('x', 'y')", ["main.a"]),
        ("a = b = Blueprint('x', 'y')", ["main.b"]),
        ("class A:\n  a = Blueprint('x', 'y')", ["main.A.a"]),
        ("from flask_smorest import Blueprint as B\na = B('x', 'y')", ["main.a"]),
        ("from elsewhere import B\na = B('x', __name__)", []),
        ("a = [Blueprint('x', 'y')]", []),
    ],
)
def test_blueprints_go_by_their_variables(source: str, expected: list[str]) -> None:
    project = link(f"{MAIN}{FLASK}{source}\n")
    assert [bp.reference for _, bp, _ in project.routing.blueprints()] == expected


# Runtime


def loads_without_context(text: str, path: str, *, complete: bool = True) -> bool:
    asking = ask(text, path, complete=complete)
    return asking.project.runtime.loads_without_context(asking.file)


CREATE = f"## app.py\n{FLASK}def create_app():\n    app = Flask('x')\n"
WITHIN = f"{CREATE}    with app.app_context(): "
END = "\n    return app\n"
HERE = f"## app.py\n{FLASK}"
VIEW = f"## views.py\n{FLASK}"
BETWEEN = f"## between.py\n{FLASK}import views\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (VIEW, True),
        (f"{VIEW}app = Flask('x')\n", True),
        (f"{CREATE}    import views{END}{VIEW}", True),
        (f"{WITHIN}import views{END}{VIEW}", False),
        (f"{CREATE}    app.app_context().push()\n    import views{END}{VIEW}", False),
        (f"{HERE}import views\napp = Flask('x')\n{VIEW}", True),
        (f"{HERE}app = Flask('x')\nwith app.app_context(): import views\n{VIEW}", False),
        (f"{HERE}@x.route('/')\ndef f(): import views\n{VIEW}", False),
        (f"{HERE}@x.before_request\ndef f(): import views\n{VIEW}", False),
        (f"{HERE}@x.cli.command()\ndef f(): import views\n{VIEW}", False),
        (f"{HERE}def f(): import views\n{VIEW}", False),
        (f"{HERE}def load(): import views\nwith x.app_context(): load()\n{VIEW}", False),
        # It is enough that one of several imports may come first.
        (
            f"{HERE}import views\n## other.py\n{FLASK}with x.app_context(): import views\n{VIEW}",
            False,
        ),
        # Through another module.
        (f"{CREATE}    import between{END}{BETWEEN}{VIEW}", True),
        (f"{WITHIN}import between{END}{BETWEEN}{VIEW}", False),
        (f"{HERE}import views\n{VIEW}import app\n", False),
        (f"## tests/test_it.py\n{FLASK}import views\n{VIEW}", True),
        (f"{HERE}__import__(name)\n{VIEW}", False),
        (f"{VIEW}if __name__ == '__main__': app.run()\n", True),
    ],
)
def test_whether_a_module_is_loaded_while_there_is_no_context(text: str, expected: bool) -> None:
    assert loads_without_context(text, "views.py") == expected


@pytest.mark.parametrize(
    "path", ["migrations/env.py", "env.py", "migrations/versions/1_a.py", "tests/test_a.py"]
)
def test_migrations_and_tests_are_loaded_by_what_makes_a_context(path: str) -> None:
    assert not loads_without_context(f"## {path}\n{FLASK}", path)


def test_a_long_chain_of_imports_is_followed() -> None:
    chain = "".join(f"## m{i}.py\n{FLASK}import m{i + 1}\n" for i in range(600))
    end = f"## m600.py\n{FLASK}"
    assert loads_without_context(f"{CREATE}    import m0{END}{chain}{end}", "m600.py")
    assert not loads_without_context(f"{WITHIN}import m0{END}{chain}{end}", "m600.py")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("current_app.x", [("flask.current_app", "")]),
        ("url_for('x')", [("flask.url_for", "")]),
        ("def f(): current_app.x", []),
        ("def f(): current_app.x\nf()", [("flask.current_app", "f")]),
        ("def f(): h()\ndef h(): current_app.x\nf()", [("flask.current_app", "f")]),
        ("class A:\n    def __init__(self): g.x\nA()", [("flask.g", "A")]),
        ("class A:\n    def m(self): g.x\na = A()\na.m()", [("flask.g", "m")]),
        ("from helpers import help\nhelp()", [("flask.request", "help")]),
        ("import helpers as h\nh.help()", [("flask.request", "help")]),
        ("def f():\n    if x: g.x\nf()", []),
        ("def f():\n    if x: return\n    g.x\nf()", []),
        ("def f(): g.x\nif x: pass\nelse: f()", [("flask.g", "f")]),
        ("def f(): g.x\nwith app.app_context(): f()", []),
        ("def f(): request.x\nwith app.app_context(): f()", [("flask.request", "f")]),
        ("def f():\n    with app.app_context(): g.x\nf()", []),
        ("def f():\n    with app.app_context(): h()\ndef h(): g.x\nf()", []),
        ("def f():\n    if has_app_context(): g.x\nf()", []),
        ("def f(): yield g.x\nf()", []),
        ("async def f(): g.x\nf()", []),
        ("@deco\ndef f(): g.x\nf()", []),
        ("def f(): f(); g.x\nf()", [("flask.g", "f")]),
        ("def f(): h()\ndef h(): f(); g.x\nf()", [("flask.g", "f")]),
        ("x = lambda: g.x", []),
    ],
)
def test_what_loading_a_module_touches(source: str, expected: list[tuple[str, str]]) -> None:
    helpers = f"## helpers.py\n{FLASK}def help(): request.x\n"
    project = link(f"{helpers}{MAIN}{FLASK}app = Flask('x')\n{source}\n")
    touched = project.runtime.touched_at_import(PROXIES | CONTEXT_FUNCTIONS)
    assert [(touch.what, touch.through.rpartition(".")[2]) for touch in touched] == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def f():\n    app = Flask('x')\n    return app", True),
        ("def f(): return Flask('x')", True),
        ("def f(): return make()\ndef make(): return Flask('x')", True),
        ("class A(Flask): pass\ndef f(): return A('x')", True),
        ("def f(): return current_app", False),
        ("app = Flask('x')\ndef f(): app.x", False),
        ("def f(): return Blueprint('x', 'y')", False),
    ],
)
def test_factories_are_functions_that_return_an_app(source: str, expected: bool) -> None:
    assert link(f"{MAIN}{FLASK}{source}\n").runtime.is_app_factory("main.f") == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("if __name__ == '__main__': f()", True),
        ("def main(): f()\nif __name__ == '__main__': main()", True),
        ("def a(): f()\ndef b(): f()\nif __name__ == '__main__':\n    a()\n    b()", True),
        ("def a(): f()\ndef b(): f()\nif __name__ == '__main__': a()\nb()", False),
        ("def main(): main() or f()\nif __name__ == '__main__': main()", True),
        ("@click.command()\ndef main(): f()", True),
        ("def main(): f()", False),
        ("def a(): b()\ndef b(): a(); f()", False),
        ("f()", False),
        ("", False),
        ("if __name__ == '__main__': f()\nf()", False),
    ],
)
def test_code_that_only_runs_as_a_script(source: str, expected: bool) -> None:
    project = link(f"{MAIN}{FLASK}def f(): pass\n{source}\n")
    assert project.runtime.runs_as_script("main.f", 0) == expected


def test_scripts_are_told_through_tangled_calls_in_time() -> None:
    layers = "".join(
        f"def {name}{i}():\n    a{i + 1}()\n    b{i + 1}()\n" for i in range(400) for name in "ab"
    )
    start = "if __name__ == '__main__':\n    a0()\n    b0()\n"
    project = link(f"{MAIN}{FLASK}{layers}def a400(): pass\ndef b400(): pass\n{start}")
    assert project.runtime.runs_as_script("main.a400", 0)


# Settings


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("app = Flask('x')\napp.config['A'] = 1", {"A": "1"}),
        ("from shop import create_app\napp = create_app()\napp.config['A'] = 1", {"A": "1"}),
        ("current_app.config.update(A='x')", {"A": "x"}),
        ("other.config['A'] = 1", {}),
        ("app = Flask('x')\napp.config.from_object('settings')", {"TOP": "1"}),
        ("app = Flask('x')\nimport settings\napp.config.from_object(settings)", {"TOP": "1"}),
        (
            "app = Flask('x')\napp.config.from_object('settings.Mine')",
            {"OWN": "2", "SAME": "mine", "BASE": "3"},
        ),
        (
            "app = Flask('x')\nfrom settings import Mine\napp.config.from_object(Mine())",
            {"OWN": "2", "SAME": "mine", "BASE": "3"},
        ),
        ("app = Flask('x')\napp.config.from_pyfile('settings.py')", {"TOP": "1"}),
        ("app = Flask('x')\napp.config.from_pyfile('settings.cfg')", {}),
        ("import settings", {}),
    ],
)
def test_settings_are_those_of_apps_and_of_what_they_load(
    source: str, expected: dict[str, str]
) -> None:
    project = link(
        f"{FACTORY}{MAIN}{FLASK}{source}\n## settings.py\n# Flask\nTOP = 1\n"
        "class Base:\n    BASE = 3\n    SAME = 'base'\n"
        "class Mine(Base):\n    OWN = 2\n    SAME = 'mine'\n"
        "class Other(Base):\n    ELSE = 4\n"
    )
    found = [(setting.key, setting.value.text) for _, setting in project.configuration.settings()]
    assert dict(found) == expected
    assert len(found) == len(expected)


def test_starts_of_the_server_are_those_of_apps() -> None:
    project = link(
        f"{FACTORY}{MAIN}{FLASK}from shop import create_app\nimport uvicorn\n"
        "create_app().run(port=1)\napp = create_app()\napp.run()\nuvicorn.run(app)\n"
        "from flask_socketio import SocketIO\nio = SocketIO(app)\nio.run(app)\n"
        "class Job:\n    def run(self): pass\nJob().run()\n"
    )
    assert [run.spelling for _, run in project.configuration.app_runs()] == [
        "create_app().run",
        "app.run",
        "io.run",
    ]
