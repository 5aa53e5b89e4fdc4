"""What the collectors write down of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from flask_gotchas.analysis import Analysis, analyse
from flask_gotchas.facts.model import Guard
from flask_gotchas.source import parse

if TYPE_CHECKING:
    from flask_gotchas.facts.model import FileFacts, Value

HEAD = """\
import flask, os
from flask import Blueprint, Flask, current_app, g, has_app_context, request, session, url_for
app = Flask(__name__)
bp = Blueprint("bp", __name__)
"""
GUARDS = sorted(name for name in vars(Guard) if name.isupper() and not name.startswith("_"))


def analysis(source: str, path: str = "m.py") -> Analysis:
    module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    return analyse(parse(path, HEAD + source + "\n"), module)


def facts(source: str, path: str = "m.py") -> FileFacts:
    return analysis(source, path).facts


def fields(things: Any, *names: str) -> list[Any]:
    """List the fields of facts: tuples, or the values alone if just one is asked for."""
    rows = [tuple(getattr(thing, name) for name in names) for thing in things]
    return [row[0] for row in rows] if len(names) == 1 else rows


def value(known: Value) -> str:
    return f"{known.kind} {known.text}".strip()


def guards(number: int) -> str:
    """Write guards as words, in alphabetical order."""
    return " ".join(name for name in GUARDS if number & getattr(Guard, name))


def by_source(*rows: Any) -> Any:
    """Parametrise by rows whose first column is source, and show only that."""
    return [pytest.param(*row, id=row[0]) for row in rows]


# Settings

ONE_SETTING = [
    ("app.config['A'] = True", ("m.app", "A", "true", "item")),
    ("app.config['A']: bool = False", ("m.app", "A", "false", "item")),
    ("app.config['A'] = x = None", ("m.app", "A", "none", "item")),
    ("app.config.update(A='t')", ("m.app", "A", "string t", "mapping")),
    ("app.config.update({'A': 1})", ("m.app", "A", "number 1", "mapping")),
    ("app.config.update(dict(A=1))", ("m.app", "A", "number 1", "mapping")),
    ("app.config.from_mapping(A=1.5)", ("m.app", "A", "number 1.5", "mapping")),
    ("app.config.setdefault('A', other)", ("m.app", "A", "unknown", "default")),
    ("app.debug = True", ("m.app", "DEBUG", "true", "attribute")),
    ("app.testing = 1", ("m.app", "TESTING", "number 1", "attribute")),
    ("c = app.config\nc['A'] = 1", ("m.app", "A", "number 1", "item")),
    ("current_app.config['A'] = 1", ("flask.current_app", "A", "number 1", "item")),
    ("unknown.config['A'] = 1", (None, "A", "number 1", "item")),
    ("def f(app):\n    app.config['A'] = 1", ("m.f.<locals>.app", "A", "number 1", "item")),
]


@pytest.mark.parametrize(("source", "expected"), by_source(*ONE_SETTING))
def test_config_writes(source: str, expected: tuple[Any, ...]) -> None:
    (found,) = facts(source).config_writes
    assert (found.receiver, found.key, value(found.value), found.way) == expected


@pytest.mark.parametrize(
    "source",
    [
        "app.config[KEY] = 1",
        "app.config[:] = 1",
        "app.config.update(other)",
        "app.config.update(**other)",
        "app.config.update({KEY: 1, **other})",
        "app.config.get('A')",
        "app.other['A'] = 1",
        "config['A'] = 1",
        "del app.config['A']",
        "app.config.setdefault('A')",
        "app.debugger = True",
    ],
)
def test_what_writes_no_setting_that_can_be_named(source: str) -> None:
    assert facts(source).config_writes == ()


VALUES = [
    ("True", "true"),
    ("'a' \"b\"", "string ab"),
    ("''", "string"),
    ("b'a'", "bytes b'a'"),
    ("f'a'", "unknown"),
    ("0x10", "number 0x10"),
    ("-1", "unknown"),
    ("[]", "unknown"),
    ("not x", "unknown"),
    ("os.environ['E']", "environment E"),
    ("os.environ.get('E')", "environment E"),
    ("os.environ.get('E', 'x')", "environment E"),
    ("os.getenv('E')", "environment E"),
    ("os.getenv(name)", "environment"),
    ("os.getenv('E') or 'x'", "environment E"),
    ("os.getenv('E') or os.getenv('F') or False", "environment E"),
    ("bool(os.getenv('E'))", "environment E"),
    ("bool(os.getenv('E') or '')", "environment E"),
    ("os.getenv('E') and 'x'", "unknown"),
    ("os.getenv('E') == '1'", "unknown"),
    ("int(os.getenv('E'))", "unknown"),
    ("bool(1)", "unknown"),
    ("False or os.getenv('E')", "unknown"),
    ("ONCE", "number 1"),
    ("READ or 'x'", "environment E"),
    ("TWICE", "reference m.TWICE"),
    ("CIRCLE or 1", "unknown"),
    ("bool(CIRCLE)", "unknown"),
    ("os.urandom(24)", "random os.urandom"),
    ("os.urandom(24).hex()", "random os.urandom"),
    ("str(os.urandom(24))", "random os.urandom"),
    ("RANDOM", "random os.urandom"),
    ("stored", "unknown"),
    ("str(stored)", "unknown"),
    ("os.getenv('E') or os.urandom(24)", "environment E"),
    ("os.urandom", "reference os.urandom"),
]


@pytest.mark.parametrize(("expression", "expected"), by_source(*VALUES))
def test_values(expression: str, expected: str) -> None:
    rest = "ONCE = 1\nREAD = os.getenv('E')\nTWICE = 1\nTWICE = 2\nCIRCLE = CIRCLE or bool(CIRCLE)"
    rest += "\nRANDOM = os.urandom(8)\nstored = os.urandom(8)"
    (found,) = facts(f"app.config['A'] = {expression}\n{rest}").config_writes
    assert value(found.value) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    by_source(
        ("os.environ.get('E', 'x')", "x"),
        ("os.environ.get('E', DEFAULT)", "y"),
        ("os.environ.get('E', call())", ""),
        ("os.environ.get('E')", ""),
        ("os.environ['E']", ""),
        ("os.getenv('E') or 'x'", "x"),
        ("os.getenv('E') or os.getenv('F') or 'x'", "x"),
        ("os.getenv('E', 'x') or call()", "x"),
        ("str(os.getenv('E', 'x')).strip()", "x"),
    ),
)
def test_what_stands_in_for_a_missing_variable(expression: str, expected: str) -> None:
    (found,) = facts(f"DEFAULT = 'y'\napp.config['A'] = {expression}").config_writes
    assert found.value.fallback == expected


@pytest.mark.parametrize("operator", ["or", "and"])
@pytest.mark.parametrize("first", ["x", "os.getenv('E')"])
def test_the_value_of_a_long_chain_of_operators_is_found_in_time(operator: str, first: str) -> None:
    (found,) = facts(f"A = {first}" + f" {operator} y" * 1000).constants
    known = operator == "or" and first != "x"
    assert value(found.value) == ("environment E" if known else "unknown")


@pytest.mark.parametrize(
    ("source", "expected"),
    by_source(
        ("A = 1", [("m.A", "number 1")]),
        ("A_B2: int = 1", [("m.A_B2", "number 1")]),
        ("A = B = 'x'", [("m.A", "string x"), ("m.B", "string x")]),
        ("class C:\n    A = True", [("m.C.A", "true")]),
        ("class C:\n    class D(C):\n        A = True", [("m.C.D.A", "true")]),
        ("if x:\n    A = 1", [("m.A", "number 1")]),
        ("a = 1\nAb = 2\nA: int", []),
        ("def f():\n    A = 1", []),
        ("A, B = 1, 2", []),
    ),
)
def test_constants(source: str, expected: list[Any]) -> None:
    assert [(c.reference, value(c.value)) for c in facts(source).constants] == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    by_source(
        ("app.config.from_object('a.B')", ("m.app", "a.B", "from_object")),
        ("from a import B\napp.config.from_object(B)", ("m.app", "a.B", "from_object")),
        ("from a import B\napp.config.from_object(B())", ("m.app", "a.B()", "from_object")),
        ("import a\napp.config.from_object(a)", ("m.app", "a", "from_object")),
        ("app.config.from_object(__name__)", ("m.app", "m", "from_object")),
        ("X = 'a.B'\napp.config.from_object(X)", ("m.app", "a.B", "from_object")),
        ("app.config.from_object(f'{x}.B')", ("m.app", None, "from_object")),
        ("app.config.from_pyfile('a.cfg')", ("m.app", "a.cfg", "from_pyfile")),
        ("app.config.from_pyfile(*a)", ("m.app", None, "from_pyfile")),
        ("app.config.from_envvar('SHOP')", ("m.app", None, "from_envvar")),
        ("app.config.from_prefixed_env()", ("m.app", None, "from_prefixed_env")),
        ("app.config.from_file('a.json', load)", ("m.app", None, "from_file")),
        ("app.config.update(more)", ("m.app", None, "update")),
        ("app.config.update(**more)", ("m.app", None, "update")),
        ("app.config.from_mapping({'A': 1, **more})", ("m.app", None, "update")),
    ),
)
def test_config_sources(source: str, expected: tuple[Any, ...]) -> None:
    assert fields(facts(source).config_sources, "receiver", "source", "way") == [expected]


@pytest.mark.parametrize(
    ("source", "expected"),
    by_source(
        ("app.run()", ("m.app", "app.run", {})),
        ("app.run(debug=True)", ("m.app", "app.run", {"debug": "true"})),
        ("app.run('h', 80, True)", ("m.app", "app.run", {"host": "string h", "debug": "true"})),
        ("app.run(*args, debug=True)", ("m.app", "app.run", {"debug": "true"})),
        ("app.run(**options)", ("m.app", "app.run", {})),
        ("app.run(port=1, use_reloader=x)", ("m.app", "app.run", {"use_reloader": "unknown"})),
        ("D = True\napp.run(debug=D)", ("m.app", "app.run", {"debug": "true"})),
        (
            "flask.Flask('x').run(host='h')",
            ("flask.Flask()", "flask.Flask('x').run", {"host": "string h"}),
        ),
        ("import o\no.run(1)", ("o", "o.run", {"host": "number 1"})),
        (
            "from flask_socketio import SocketIO\ns = SocketIO(app)\ns.run(app, 'h', debug=True)",
            ("m.s", "s.run", {"host": "string h", "debug": "true"}),
        ),
    ),
)
def test_starts_of_the_server(source: str, expected: tuple[Any, ...]) -> None:
    (found,) = facts(source).runs
    arguments = {argument.name: value(argument.value) for argument in found.arguments}
    assert (found.receiver, found.spelling, arguments) == expected


@pytest.mark.parametrize("source", ["unknown.run()", "run()", "app.running()", "app.run"])
def test_what_starts_no_server(source: str) -> None:
    assert facts(source).runs == ()


# Contexts


@pytest.mark.parametrize(
    ("source", "expected"),
    by_source(
        ("request.form", ["flask.request"]),
        ("flask.request.form['x']", ["flask.request"]),
        ("g.x = 1", ["flask.g"]),
        ("session['x']", ["flask.session"]),
        ("current_app.config['X']", ["flask.current_app"]),
        ("a = current_app\na.x", ["flask.current_app"]),
        ("url_for('x')", ["flask.url_for"]),
        ("flask.url_for('x')", ["flask.url_for"]),
        ("from flask import flash as f\nf('x')", ["flask.flash"]),
        ("len(session)", ["flask.session"]),
        ("print(g, request)", ["flask.g", "flask.request"]),
        ("'x' in session", ["flask.session"]),
        ("'x' not in session", ["flask.session"]),
        ("for x in session: pass", ["flask.session"]),
        ("[x for x in session]", ["flask.session"]),
        ("f'{request}'", ["flask.request"]),
        ("f'{request!r}'", []),
        ("repr(request)", []),
        ("bool(g)", []),
        ("if request: pass", []),
        ("x = request", []),
        ("call(request)", []),
        ("url_for", []),
        ("request.__class__", []),
        ("from other import request\nrequest.form", []),
        ("def f(request): request.form", []),
        ("request = object()\nrequest.form", []),
        ("if TYPE_CHECKING: request.form", []),
        ("import typing as t\nif t.TYPE_CHECKING:\n    request.form", []),
    ),
)
def test_touches_of_what_needs_a_context(source: str, expected: list[str]) -> None:
    assert fields(facts(source).touches, "what") == expected


@pytest.mark.parametrize(
    ("source", "runs"),
    by_source(
        ("g.x", ""),
        ("class A: g.x", ""),
        ("def f(): g.x", "m.f"),
        ("def f(x=g.x): pass", ""),
        ("@g.x\ndef f(): pass", ""),
        ("def f() -> g.x: pass", ""),
        ("class A:\n    def f(self): g.x", "m.A.f"),
        ("def f():\n    def h(): g.x", "m.f.<locals>.h"),
        ("def f():\n    class A: g.x", "m.f"),
        ("x = lambda: g.x", "m.<lambda>"),
        ("x = lambda y=g.x: y", ""),
        ("[g.x for y in z]", ""),
        ("async def f(): g.x", "m.f"),
    ),
)
def test_what_runs_the_code(source: str, runs: str) -> None:
    assert fields(facts(source).touches, "runs") == [runs]


GUARDED = [
    ("g.x", ""),
    ("with app.app_context(): g.x", "APP_CONTEXT"),
    ("with app.test_request_context('/'): g.x", "APP_CONTEXT REQUEST_CONTEXT"),
    ("with app.test_client() as c: g.x", "APP_CONTEXT REQUEST_CONTEXT"),
    ("with open('x') as f, app.app_context(): g.x", "APP_CONTEXT"),
    ("with app.app_context(): pass\ng.x", ""),
    ("with app.app_context():\n    if x:\n        g.x", "APP_CONTEXT CONDITIONAL"),
    ("async def f():\n    async with app.app_context(): g.x", "APP_CONTEXT"),
    ("c = app.app_context()\nwith c: g.x", "APP_CONTEXT"),
    ("with app_context_of_mine(): g.x", "APP_CONTEXT REQUEST_CONTEXT"),
    ("with ctx: g.x", "APP_CONTEXT REQUEST_CONTEXT"),
    ("with open('x'): g.x", ""),
    ("app.app_context().push()\ng.x", "APP_CONTEXT"),
    ("c = app.app_context()\nc.push()\ng.x", "APP_CONTEXT"),
    ("g.x\napp.app_context().push()", ""),
    ("stack.enter_context(app.app_context())\ng.x", "APP_CONTEXT"),
    ("if has_app_context(): g.x", "CHECKED CONDITIONAL"),
    ("if not has_app_context(): raise E\ng.x", "AFTER_EXIT CHECKED"),
    ("has_app_context() and g.x", "CHECKED CONDITIONAL"),
    ("g.x if has_app_context() else 1", "CHECKED CONDITIONAL"),
    ("if g: g.x", "CHECKED CONDITIONAL"),
    ("if y and not g: pass\ng.x", "CHECKED"),
    ("while current_app: g.x", "CHECKED CONDITIONAL"),
    ("assert request\ng.x", "CHECKED"),
    ("y and z and request and g.x", "CHECKED CONDITIONAL"),
    ("try: g.x\nexcept RuntimeError: pass", "CHECKED"),
    ("try: g.x\nexcept (KeyError, Exception): pass", "CHECKED"),
    ("try: g.x\nexcept: pass", "CHECKED"),
    ("try: g.x\nexcept KeyError: pass", ""),
    ("try: pass\nexcept RuntimeError: g.x", "CONDITIONAL"),
    ("try: pass\nfinally: g.x", ""),
    ("import contextlib\nwith contextlib.suppress(RuntimeError): g.x", "CHECKED"),
    ("import pytest\nwith pytest.raises(RuntimeError): g.x", "CHECKED"),
    ("if __name__ == '__main__': g.x", "MAIN"),
    ("if '__main__' == __name__: g.x", "MAIN"),
    ("if __name__ == '__main__' and x: g.x", "MAIN"),
    ("if __name__ in ('__main__', 'x'): g.x", "MAIN"),
    ("if __name__ != '__main__': g.x", "CONDITIONAL"),
    ("if __name__ == '__main__': pass\nelse: g.x", "CONDITIONAL"),
    ("if __name__ == '__main__': pass\ng.x", ""),
    ("if y: g.x", "CONDITIONAL"),
    ("if y: pass\nelif z: g.x", "CONDITIONAL"),
    ("if y: pass\nelse: g.x", "CONDITIONAL"),
    ("for y in z: g.x", "CONDITIONAL"),
    ("while y: g.x", "CONDITIONAL"),
    ("match y:\n    case 1: g.x", "CONDITIONAL"),
    ("y or g.x", "CONDITIONAL"),
    ("g.x or y", ""),
    ("y if g.x else z", ""),
    ("g.x if y else z", "CONDITIONAL"),
    ("def f():\n    if y: return\n    g.x", "AFTER_EXIT"),
    ("def f():\n    if y: raise E\n    g.x", "AFTER_EXIT"),
    ("def f():\n    def h():\n        if y: return\n    g.x", ""),
    ("def f():\n    if y: return\ng.x", ""),
    ("if y:\n    def f(): g.x", ""),
    ("with app.app_context():\n    def f(): g.x", ""),
    ("with app.app_context():\n    x = lambda: g.x", ""),
    ("with app.app_context():\n    class A: g.x", "APP_CONTEXT"),
    ("with app.app_context():\n    [g.x for y in z]", "APP_CONTEXT"),
    ("if __name__ == '__main__':\n    def f(): g.x", ""),
]


@pytest.mark.parametrize(("source", "expected"), by_source(*GUARDED))
def test_guards(source: str, expected: str) -> None:
    (touch,) = facts(source).touches
    assert guards(touch.guards) == expected


def test_a_long_condition_is_read_in_time() -> None:
    found = facts("if " + " and ".join(["y"] * 1000) + " and has_app_context(): g.x")
    assert [guards(touch.guards) for touch in found.touches] == ["CHECKED CONDITIONAL"]


# What views ask of the request


@pytest.mark.parametrize(
    ("source", "expected"),
    by_source(
        ("request.method == 'POST'", [("POST",)]),
        ("'POST' == request.method", [("POST",)]),
        ("request.method != 'GET'", [("GET",)]),
        ("flask.request.method in ('PUT', 'PATCH')", [("PUT", "PATCH")]),
        ("M = ['PUT']\nrequest.method not in M", [("PUT",)]),
        ("m = request.method\nm == 'PUT'", [("PUT",)]),
        ("match request.method:\n    case 'A' | 'B': pass\n    case _: pass", [("A", "B")]),
        ("request.method == other", []),
        ("request.method.lower() == 'post'", []),
        ("request.path == 'POST'", []),
        ("request.method == 'A' == x", []),
    ),
)
def test_tests_of_the_method(source: str, expected: list[Any]) -> None:
    assert fields(facts(source).method_tests, "methods") == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    by_source(
        ("request.form['x']", ["form"]),
        ("request.form.get('x')", ["form"]),
        ("request.files['x']", ["files"]),
        ("request.json", ["json"]),
        ("request.json['x']", ["json"]),
        ("request.get_json()", ["get_json()"]),
        ("request.get_json(silent=True)", []),
        ("request.get_data()", ["get_data()"]),
        ("Form(request.form)", []),
        ("request.args['x']", []),
        ("response.json", []),
    ),
)
def test_reads_of_the_body(source: str, expected: list[str]) -> None:
    assert fields(facts(f"def f(): {source}").body_reads, "attribute") == expected


# Structure


@pytest.mark.parametrize(
    ("source", "expected"),
    by_source(
        ("def f(a, b=1, /, c=2, *d, e, **h): pass", "a b= c= e! *d **h"),
        ("def f(): pass", ""),
        ("def f(*, a=1): pass", "a!="),
    ),
)
def test_parameters(source: str, expected: str) -> None:
    marks = {"positional": "{}", "keyword": "{}!", "star": "*{}", "double_star": "**{}"}
    (function,) = facts(source).functions
    shown = [
        marks[one.kind].format(one.name) + "=" * one.has_default for one in function.parameters
    ]
    assert " ".join(shown) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    by_source(
        ("def f(): return app", ("m.app",)),
        ("def f(): return Flask('x')", ("flask.Flask()",)),
        ("def f():\n    a = Flask('x')\n    return a", ("flask.Flask()",)),
        ("def f():\n    if x: return app\n    return 1", ("m.app", None)),
        ("def f():\n    def g(): return 1\n    return g", ("m.f.<locals>.g",)),
        ("def f(): return", ()),
        ("def f(): pass", ()),
    ),
)
def test_returns(source: str, expected: tuple[Any, ...]) -> None:
    (found,) = [function for function in facts(source).functions if function.name == "f"]
    assert found.returns == tuple({"m.app": "flask.Flask()"}.get(r or "", r) for r in expected)


@pytest.mark.parametrize(
    ("source", "is_async", "is_generator"),
    by_source(
        ("def f(): pass", False, False),
        ("async def f(): pass", True, False),
        ("def f(): yield", False, True),
        ("def f(): yield from x", False, True),
        ("def f():\n    def g(): yield", False, False),
    ),
)
def test_kinds_of_functions(source: str, is_async: bool, is_generator: bool) -> None:
    (found,) = [function for function in facts(source).functions if function.name == "f"]
    assert (found.is_async, found.is_generator) == (is_async, is_generator)


def test_functions_and_classes_go_by_where_they_are_defined() -> None:
    found = facts(
        "def a():\n    class B:\n        def c(self):\n            def d(): pass\n"
        "class E:\n    class F:\n        def g(self): pass\n"
    )
    assert set(fields(found.functions, "reference", "owner", "runs")) == {
        ("m.a", None, ""),
        ("m.a.<locals>.B.c", "m.a.<locals>.B", "m.a"),
        ("m.a.<locals>.B.c.<locals>.d", None, "m.a.<locals>.B.c"),
        ("m.E.F.g", "m.E.F", ""),
    }
    assert set(fields(found.classes, "reference", "runs")) == {
        ("m.a.<locals>.B", "m.a"),
        ("m.E", ""),
        ("m.E.F", ""),
    }


@pytest.mark.parametrize(
    ("source", "expected"),
    by_source(
        ("@app.route('/x')", ("flask.Flask().route", "app.route", True, True)),
        ("@x.expose(methods=['GET'])", (None, "x.expose", True, True)),
        ("@wrap", ("m.wrap", "wrap", False, False)),
        ("@wrap()", ("m.wrap", "wrap", True, False)),
        ("@wrap('text')(1)", ("m.wrap", "wrap", True, False)),
        ("@unknown", (None, "unknown", False, False)),
    ),
)
def test_decorators(source: str, expected: tuple[Any, ...]) -> None:
    for definition in ("def f(): pass", "class f: pass"):
        found = facts(f"{source}\n{definition}\ndef wrap(): pass")
        things: list[Any] = [*found.functions, *found.classes]
        (thing,) = [one for one in things if one.name == "f"]
        names = ("meaning", "spelling", "called", "gives_rule")
        assert fields(thing.decorators, *names) == [expected]


def test_classes_list_their_bases_methods_and_http_methods() -> None:
    found = facts(
        "from flask.views import View\nclass A(View, metaclass=M):\n    methods = ['get', 'POST']\n"
        "    def a(self): pass\n    if x:\n        def b(self): pass\n    c = lambda self: 0\n"
        "class B(A, other()): methods: list = all()\nclass C: pass\n"
    )
    assert fields(found.classes, "name", "bases", "methods", "http_methods") == [
        ("A", ("flask.views.View",), ("a", "b"), ("GET", "POST")),
        ("B", ("m.A", None), (), ()),
        ("C", (), (), None),
    ]


@pytest.mark.parametrize(
    ("source", "expected"),
    by_source(
        ("import a", [("a", None)]),
        ("import a.b as c, d", [("a.b", None), ("d", None)]),
        ("from a import b as c, d", [("a", "b"), ("a", "d")]),
        ("from a import *", [("a", "*")]),
        ("from . import b", [("shop.views", "b")]),
        ("from .a import b", [("shop.views.a", "b")]),
        ("from ..a import b", [("shop.a", "b")]),
        ("from ....a import b", []),
        ("import os.path, flask\nfrom flask.views import View\nfrom werkzeug import x", []),
        ("def f():\n    import a", [("a", None)]),
    ),
)
def test_imports(source: str, expected: list[Any]) -> None:
    found = facts(source, "shop/views/__init__.py").imports
    assert fields(found, "module", "name") == expected


def test_frameworks_are_noted_by_what_is_imported() -> None:
    source = "import fastapi.x as y\nfrom quart import Quart\nimport other, sanic"
    assert facts(source).frameworks == {"flask", "fastapi", "quart", "sanic"}


@pytest.mark.parametrize(
    "source",
    [
        "import importlib\nimportlib.import_module(x)",
        "from importlib import import_module as load\nload(x)",
        "__import__(x)",
        "import pkgutil\nfor m in pkgutil.iter_modules(p): pass",
        "from werkzeug.utils import find_modules\nfind_modules('x')",
    ],
)
def test_loading_modules_by_computed_names_is_noted(source: str) -> None:
    assert facts(source).imports_dynamically
    assert not facts(source.rpartition("\n")[0]).imports_dynamically


@pytest.mark.parametrize(
    ("source", "expected"),
    by_source(
        ("f()", [("m.f", "")]),
        ("from a import b\nb.c()", [("a.b.c", "")]),
        ("def g(): f()", [("m.f", "m.g")]),
        ("@f\ndef g(): pass", [("m.f", "")]),
        ("@f()\ndef g(): pass", [("m.f", "")]),
        ("x = C()\nx.m()", [("m.C", ""), ("m.C().m", "")]),
        ("print()\nos.getcwd()\nurl_for('x')\nunknown()", []),
    ),
)
def test_calls_of_what_may_be_of_the_project(source: str, expected: list[Any]) -> None:
    found = facts(f"{source}\ndef f(): pass\nclass C:\n    def m(self): pass")
    assert fields(found.calls, "target", "runs") == expected


@pytest.mark.parametrize(
    ("source", "is_mentioned"),
    by_source(
        ("f(bp)", True),
        ("f(x=bp)", True),
        ("f(*bp)", True),
        ("[bp]", True),
        ("{'x': bp}", True),
        ("(bp, 1)", True),
        ("def f(): return bp", True),
        ("def f(): yield bp", True),
        ("x.y = bp", True),
        ("x['y'] = bp", True),
        ("x, y = bp, 1", True),
        ("bp if x else y", True),
        ("x or bp", True),
        ("for x in bp: pass", True),
        ("same = bp\nf(same)", True),
        ("x = bp", False),
        ("bp", False),
        ("bp.name", False),
        ("bp.before_request(f)", False),
        ("app.register_blueprint(bp)", False),
        ("app.add_url_rule('/', 'x', bp)", False),
        ("app.route('/')(bp)", False),
        ("@bp.route('/')\ndef f(): pass", False),
    ),
)
def test_mentions_by_which_an_object_gets_out_of_view(source: str, is_mentioned: bool) -> None:
    assert ("m.bp" in facts(source).mentions) == is_mentioned


def test_names_and_meanings_of_a_module() -> None:
    found = facts("from a import b as c\nfrom d import *\nx = app\ndef f(): pass\nclass C: pass")
    assert found.names == {
        "flask": "flask",
        "os": "os",
        **{
            name: f"flask.{name}"
            for name in (
                "Blueprint", "Flask", "current_app", "g", "has_app_context", "request", "session",
                "url_for",
            )
        },
        "app": "m.app",
        "bp": "m.bp",
        "c": "a.b",
        "x": "m.app",
        "f": "m.f",
        "C": "m.C",
    }  # fmt: skip
    assert found.meanings == {"m.app": "flask.Flask()", "m.bp": "flask.Blueprint()"}
    assert found.stars == ("d",)


def test_the_same_source_gives_the_same_anchors() -> None:
    source = "\n".join(row[0] for row in (*ONE_SETTING, *GUARDED[:20]))
    first, second = analysis(source), analysis(source)
    assert first.facts == second.facts
    assert [type(node) for node in first.nodes] == [type(node) for node in second.nodes]
    assert len(first.nodes) > 30


def test_an_expression_too_deep_to_be_written_out_is_shown_as_dots() -> None:
    deep = "(" + "0 + " * 1500 + "app)"
    (function,) = facts(f"@{deep}.route('/x')\ndef f(): pass").functions
    assert [decorator.spelling for decorator in function.decorators] == ["..."]


def test_deep_code_gives_the_same_facts_as_the_same_code_in_short() -> None:
    deep = facts("0" + " + 0" * 1500 + "\n@app.get('/x')\ndef f(): return g.x")
    short = facts("0 + 0\n@app.get('/x')\ndef f(): return g.x")
    assert deep == short
