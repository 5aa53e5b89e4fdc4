"""What expressions refer to and what they mean, in the scope where they stand."""

from __future__ import annotations

import ast
from typing import Any

import libcst as cst
import pytest

from flask_gotchas.analysis import analyse
from flask_gotchas.rule import FileRule
from flask_gotchas.source import parse


class Probe(FileRule):
    """Reports what `probe(EXPRESSION)` is called with."""

    code = "FLG999"
    name = "probe"
    message = "{answer!r}"
    help = "Look."

    def answer(self, node: cst.BaseExpression) -> Any:
        return self.file.names.reference(node), self.file.names.meaning(node)

    def visit_Call(self, node: cst.Call) -> None:
        if isinstance(node.func, cst.Name) and node.func.value == "probe":
            self.report(node, answer=self.answer(node.args[0].value))


def probed(source: str, path: str = "m.py", rule: type[Probe] = Probe) -> Any:
    """Answer for the one `probe(...)` of a source; a nested one is on a line of its own."""
    module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    (finding,) = analyse(parse(path, source), module, (rule,)).findings
    return ast.literal_eval(finding.message)


def table(text: str) -> list[Any]:
    """Read rows of `source => reference => meaning`; without a meaning it is the reference.

    A backslash and n stand for the end of a line.
    """
    rows = []
    for line in text.strip().splitlines():
        source, *answers = (part.strip() for part in line.split("=>"))
        reference, meaning = answers if len(answers) == 2 else answers * 2
        expected = (reference, meaning) if reference != "-" else (None, None)
        rows.append(pytest.param(source.replace("\\n", "\n"), expected, id=source))
    return rows


IMPORTS = r"""
import flask\nprobe(flask.Flask) => flask.Flask
import flask as f\nprobe(f.request.form) => flask.request.form
import flask.views\nprobe(flask.views.View) => flask.views.View
import flask.views as v\nprobe(v.View) => flask.views.View
import a.b, a.c\nprobe(a.c.d) => a.c.d
import os.path\nprobe(os.getcwd) => os.getcwd
import os.path as p\nprobe(p.join) => os.path.join
from flask import request\nprobe(request) => flask.request
from flask import request as r\nprobe(r.form) => flask.request.form
from flask import (Flask, request,)\nprobe(request) => flask.request
import flask; probe(flask.g) => flask.g
def f():\n import flask\n probe(flask.g) => flask.g
while x:\n import flask as f\nprobe(f) => flask
probe(print) => builtins.print
probe(__name__) => builtins.__name__
probe(nothing) => -
"""

FLASK_ITSELF = r"""
from flask.globals import request\nprobe(request.form) => flask.request.form
import flask.globals\nprobe(flask.globals.request) => flask.request
from flask import globals as g\nprobe(g.request.form) => flask.request.form
import flask\ng = flask.globals\nprobe(g.session) => flask.session
from flask.app import Flask\nprobe(Flask) => flask.Flask
from flask.json import jsonify\nprobe(jsonify) => flask.jsonify
from flask.helpers import url_for\nprobe(url_for) => flask.url_for
from flask.blueprints import Blueprint\nbp = Blueprint()\nprobe(bp) => m.bp => flask.Blueprint()
from flask.views import MethodView\nprobe(MethodView) => flask.views.MethodView
from flask.sansio.app import App\nprobe(App) => flask.sansio.app.App
from flask.globals import request_ctx\nprobe(request_ctx) => flask.globals.request_ctx
"""

STARS = r"""
from flask import *\nprobe(request) => flask.request
from flask import *\nfrom x import *\nprobe(request) => flask.request
from x import *\nprobe(thing) => x.thing
from x import *\nfrom y import *\nprobe(thing) => -
from x import *\nprobe(print) => builtins.print
from x import *\nthing = 1\nprobe(thing) => m.thing
"""

MODULES = [
    ("shop/views/api.py", "from . import x", "shop.views.x"),
    ("shop/views/api.py", "from .users import x", "shop.views.users.x"),
    ("shop/views/api.py", "from ..models import x", "shop.models.x"),
    ("shop/views/api.py", "from ..models import y as x", "shop.models.y"),
    ("shop/views/api.py", "from ... import x", "x"),
    ("shop/views/api.py", "from ....up import x", None),
    ("shop/views/__init__.py", "from . import x", "shop.views.x"),
    ("shop/views/__init__.py", "from .users import x", "shop.views.users.x"),
    ("shop/views/__init__.py", "from ..models import x", "shop.models.x"),
    ("shop/__init__.py", "from .models import *", "shop.models.x"),
    ("shop/__init__.py", "from . import *", "shop.x"),
    ("app.py", "from .models import x", "models.x"),
]

VARIABLES = r"""
app = Flask()\nprobe(app) => m.app => flask.Flask()
app = Flask()\nprobe(app.config["X"].y) => m.app.config[].y => flask.Flask().config[].y
probe(Flask().run) => flask.Flask().run
probe((await Flask()).run) => flask.Flask().run
probe((x := request).form) => flask.request.form
app = Flask()\napp = Flask()\nprobe(app) => m.app => flask.Flask()
app = Flask()\napp = Blueprint()\nprobe(app) => m.app
app = None\napp = Flask()\nprobe(app) => m.app => flask.Flask()
same = app = Flask()\nprobe(same) => m.same => flask.Flask()
a, b = Flask(), Blueprint()\nprobe(b) => m.b => flask.Blueprint()
[a, (b, c)] = [1, (Flask(), 2)]\nprobe(b) => m.b => flask.Flask()
a, *b = Flask(), Flask()\nprobe(a) => m.a
a, b = both\nprobe(a) => m.a
x = 1\nx += 1\nprobe(x) => m.x
app: Flask\nprobe(app) => m.app => flask.Flask()
app: Flask | None = None\napp = Flask()\nprobe(app) => m.app => flask.Flask()
app: Any = Flask()\nprobe(app) => m.app => flask.Flask()
if x:\n app = Flask()\nelse:\n app = Flask()\nprobe(app) => m.app => flask.Flask()
if x:\n app = Flask()\nelif y:\n app = Blueprint()\nprobe(app) => m.app
if x:\n from a import b\nelse:\n from c import b\nprobe(b) => m.b
if x:\n from a import b\nelse:\n from a import b\nprobe(b) => a.b
try:\n import x\nexcept ImportError:\n x = None\nprobe(x.y) => x.y
try:\n import simplejson as json\nexcept ImportError:\n import json\nprobe(json) => m.json
try: pass\nexcept E as request: pass\nprobe(request) => m.request
try: pass\nexcept* E as request: pass\nprobe(request) => m.request
try: pass\nfinally: app = Flask()\nprobe(app) => m.app => flask.Flask()
with Flask() as app: probe(app) => m.app
with x as (a, request): probe(request) => m.request
for request in x: probe(request) => m.request
for x in y:\n app = Flask()\nelse: probe(app) => m.app => flask.Flask()
while x: app = Flask()\nelse: probe(app) => m.app => flask.Flask()
match x:\n case {"a": request}: probe(request) => m.request
match x:\n case {**request}: probe(request) => m.request
match x:\n case [a, *request]: probe(request) => m.request
match x:\n case A() as request: probe(request) => m.request
match x:\n case A(request=1): probe(request) => flask.request
del request\nprobe(request) => flask.request
def request(): pass\nprobe(request) => m.request
class request: pass\nprobe(request()) => m.request()
class A: pass\na = A()\nprobe(a.b) => m.a.b => m.A().b
type request = int\nprobe(request) => m.request
probe(1) => -
probe(a + b) => -
probe("text") => -
probe([]) => -
probe(lambda: 0) => -
"""

WALRUS = r"""
if (app := Flask()): probe(app) => m.app => flask.Flask()
while (app := Flask()): probe(app) => m.app => flask.Flask()
for x in (app := Flask()): probe(app) => m.app => flask.Flask()
with (app := Flask()).app_context(): probe(app) => m.app => flask.Flask()
match (app := Flask()):\n case _: probe(app) => m.app => flask.Flask()
match x:\n case 1 if (app := Flask()): probe(app) => m.app => flask.Flask()
f(app := Flask())\nprobe(app) => m.app => flask.Flask()
[app := Flask() for x in y]\nprobe(app) => m.app => flask.Flask()
lambda: (app := Flask(), probe(app)) => m.<lambda>.<locals>.app => flask.Flask()
def f():\n x = (app := Flask())\nprobe(app) => -
lambda: (app := Flask())\nprobe(app) => -
"""

ALIASES = r"""
make = Flask\napp = make()\nprobe(app) => m.app => flask.Flask()
app = Flask()\nsame = app\nprobe(same.run) => m.app.run => flask.Flask().run
app = Flask()\na = app\nb = a\nc = b\nprobe(c) => m.app => flask.Flask()
app = Flask()\nroute = app.route\nprobe(route) => m.app.route => flask.Flask().route
f = request.form\nprobe(f["x"]) => flask.request.form[]
app: "Any" = other\nother = Flask()\nprobe(app) => m.other => flask.Flask()
a = a\nprobe(a.x) => m.a.x
request = request\nprobe(request) => m.request
"""

SCOPES = r"""
def f(request): probe(request) => m.f.<locals>.request
def f(request, /): probe(request) => m.f.<locals>.request
def f(*, request): probe(request) => m.f.<locals>.request
def f(*request): probe(request) => m.f.<locals>.request
def f(**request): probe(request) => m.f.<locals>.request
def f(x): probe(request) => flask.request
def f():\n probe(request)\n request = 1 => m.f.<locals>.request
def f():\n if x:\n  for request in y: pass\n probe(request) => m.f.<locals>.request
def f():\n import request\n probe(request) => request
def f():\n def request(): pass\n probe(request) => m.f.<locals>.request
def f():\n global request\n probe(request) => flask.request
def f():\n app = Flask()\n def g(): probe(app) => m.f.<locals>.app => flask.Flask()
def f():\n app = Flask()\n def g():\n  app = 1\n  probe(app) => m.f.<locals>.g.<locals>.app
def f():\n a = Flask()\n def g():\n  nonlocal a\n  probe(a) => m.f.<locals>.a => flask.Flask()
def f():\n app = Flask()\nprobe(app) => -
async def f():\n app = Flask()\n probe(app) => m.f.<locals>.app => flask.Flask()
async def f():\n async with a as request: probe(request) => m.f.<locals>.request
app = None\ndef f():\n global app\n app = Flask()\nprobe(app) => m.app => flask.Flask()
def f():\n global app\n app = Flask()\ndef g(): probe(app) => m.app => flask.Flask()
app = Flask()\ndef f():\n global app\n app = make\nprobe(app) => m.app
def f(request=1, x=probe(request)): pass => flask.request
@probe(request)\ndef f(request): request = 1 => flask.request
class request(probe(request)): pass => m.request
class A(probe(request)):\n request = 1 => flask.request
lambda request: probe(request) => m.<lambda>.<locals>.request
lambda: probe(request) => flask.request
lambda x=probe(request), request=1: x => flask.request
[probe(request) for request in x] => m.<comp>.request
{probe(request): 1 for a, request in x} => m.<comp>.request
[probe(request) for a in x for request in a] => m.<comp>.request
[1 for request in x]\nprobe(request) => flask.request
class A:\n request = 1\n probe(request) => m.A.request
class A:\n request = 1\n def f(self): probe(request) => flask.request
class A:\n request = 1\n class B: probe(request) => flask.request
class A:\n request = 1\n x = [probe(request) for a in b] => flask.request
def f():\n class A:\n  x = 1\n  probe(x) => m.f.<locals>.A.x
"""

METHODS = r"""
class A:\n def f(self): probe(self.x) => m.A.f.<locals>.self.x => m.A().x
class A:\n def f(this, /): probe(this) => m.A.f.<locals>.this => m.A()
class A:\n def f(self):\n  def g(): probe(self) => m.A.f.<locals>.self => m.A()
class A:\n def f(self, other): probe(other) => m.A.f.<locals>.other
class A:\n @classmethod\n def f(cls): probe(cls.x) => m.A.f.<locals>.cls.x => m.A.x
class A:\n @staticmethod\n def f(x): probe(x) => m.A.f.<locals>.x
class A:\n def f():\n  def g(self): probe(self) => m.A.f.<locals>.g.<locals>.self
class A:\n def f(self):\n  self = 1\n  probe(self) => m.A.f.<locals>.self
def f(self): probe(self) => m.f.<locals>.self
def f():\n class A:\n  def g(x): probe(x) => m.f.<locals>.A.g.<locals>.x => m.f.<locals>.A()
"""

ANNOTATIONS = [
    ("Flask", "flask.Flask()"),
    ("flask.Flask", "flask.Flask()"),
    ('"Flask"', "flask.Flask()"),
    ('"flask.Flask"', "flask.Flask()"),
    ('"flask.app.Flask"', "flask.Flask()"),
    ("Flask | None", "flask.Flask()"),
    ("None | Flask", "flask.Flask()"),
    ('"Flask | None"', "flask.Flask()"),
    ('"Flask" | None', "flask.Flask()"),
    ("Optional[Flask]", "flask.Flask()"),
    ('t.Optional["Flask"]', "flask.Flask()"),
    ("t.Union[None, Flask]", "flask.Flask()"),
    ('t.Annotated[Flask, "the app"]', "flask.Flask()"),
    ("Later", "m.Later()"),
    ("App", "flask.Flask()"),
    ("Flask | Blueprint", None),
    ("t.Union[Flask, Blueprint]", None),
    ("list[Flask]", None),
    ("type[Flask]", None),
    ('"no type"', None),
    ("unknown", None),
    ("f()", "m.f()()"),
]

FLASK = "import flask\nimport typing as t\nfrom flask import Blueprint, Flask, request\n"


def check(source: str, expected: tuple[str | None, str | None]) -> None:
    assert probed(source) == expected


@pytest.mark.parametrize(("source", "expected"), table(IMPORTS))
def test_imports(source: str, expected: tuple[str | None, str | None]) -> None:
    check(source, expected)


@pytest.mark.parametrize(("source", "expected"), table(FLASK_ITSELF))
def test_what_flask_defines_in_inner_modules_goes_by_its_public_name(
    source: str, expected: tuple[str | None, str | None]
) -> None:
    check(source, expected)


@pytest.mark.parametrize(("source", "expected"), table(STARS))
def test_star_imports(source: str, expected: tuple[str | None, str | None]) -> None:
    check(source, expected)


@pytest.mark.parametrize(("path", "statement", "expected"), MODULES)
def test_relative_imports(path: str, statement: str, expected: str | None) -> None:
    assert probed(f"{statement}\nprobe(x)\n", path) == (expected, expected)


@pytest.mark.parametrize(("source", "expected"), table(VARIABLES))
def test_variables(source: str, expected: tuple[str | None, str | None]) -> None:
    check(FLASK + source, expected)


@pytest.mark.parametrize(("source", "expected"), table(WALRUS))
def test_assignment_expressions(source: str, expected: tuple[str | None, str | None]) -> None:
    check(FLASK + source, expected)


@pytest.mark.parametrize(("source", "expected"), table(ALIASES))
def test_aliases(source: str, expected: tuple[str | None, str | None]) -> None:
    check(FLASK + source, expected)


@pytest.mark.parametrize(("source", "expected"), table(SCOPES))
def test_scopes(source: str, expected: tuple[str | None, str | None]) -> None:
    check(FLASK + source, expected)


@pytest.mark.parametrize(("source", "expected"), table(METHODS))
def test_self_and_cls(source: str, expected: tuple[str | None, str | None]) -> None:
    check(source, expected)


@pytest.mark.parametrize(("annotation", "meaning"), ANNOTATIONS)
@pytest.mark.parametrize("place", ["parameter", "variable"])
def test_annotations(annotation: str, meaning: str | None, place: str) -> None:
    head = f"{FLASK}from typing import Optional\nApp = Flask\n"
    tail = "class Later: pass\ndef f(): pass\n"
    if place == "parameter":
        found = probed(f"{head}def g(app: {annotation}): probe(app)\n{tail}")
        variable = "m.g.<locals>.app"
    else:
        found = probed(f"{head}app: {annotation}\nprobe(app)\n{tail}")
        variable = "m.app"
    assert found == (variable, meaning or variable)


@pytest.mark.parametrize(
    "source",
    [
        "\n".join(f"a{i + 1} = a{i}" for i in range(1000)),
        "\n".join(f"a{i + 1} = a{i}.b()" for i in range(1000)),
        "\n".join(f"if x: a{i + 1} = a{i}\nelse: a{i + 1} = a{i}.b" for i in range(1000)),
        "\n".join(f"if x: a{i + 1} = a{i}.c()\nelse: a{i + 1} = a{i}.b()" for i in range(1000)),
        "\n".join(f"a{i} = a{j}.b{i}" for i in range(40) for j in range(40)) + "\na1000 = a0",
        "a1000 = a0\na0 = a1000",
        "a1000 = a1000.b",
        "a1000 = a1.b\na1 = a2.c()\na2 = a1000",
        "a1000 = 1\n" * 1000,
        "a1000 = b" + ".c()" * 300,
        "a1000: " + " | ".join(["None"] * 1000),
        "def f(a1000: " + " | ".join(["None"] * 1000) + "): pass\na1000 = 1",
    ],
    ids=[
        "aliases",
        "results",
        "either",
        "either result",
        "web",
        "circle",
        "itself",
        "result of itself",
        "again",
        "calls",
        "or",
        "none",
    ],
)
def test_long_and_tangled_assignments_come_to_an_end(source: str) -> None:
    # Where to stop following is no promise; that it ends, and soon, is.
    reference, _ = probed(f"def g():\n    probe(a1000)\n{source}\n")
    assert reference.startswith("m.")


class ValueProbe(Probe):
    """Reports the source of what a name was assigned."""

    def answer(self, node: cst.BaseExpression) -> Any:
        return cst.Module([]).code_for_node(self.file.names.value_of(node))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a = 1\nprobe(a)", "1"),
        ("a = 1\nb = a\nprobe(b)", "1"),
        ("a = 1\ndef f(): probe(a)", "1"),
        ("a, b = 1, 2\nprobe(b)", "2"),
        ("a = 1\na = 2\nprobe(a)", "a"),
        ("a = 1\na += 2\nprobe(a)", "a"),
        ("a = 1\ndef f():\n    global a\n    a = 2\nprobe(a)", "a"),
        ("def f(a): probe(a)", "a"),
        ("for a in b: probe(a)", "a"),
        ("import a\nprobe(a)", "a"),
        ("probe(1 + 2)", "1 + 2"),
    ],
)
def test_value_of_follows_a_name_to_its_only_assignment(source: str, expected: str) -> None:
    assert probed(source, rule=ValueProbe) == expected


def test_value_of_comes_to_an_end_in_a_circle() -> None:
    assert probed("a = b\nb = a\nprobe(a)", rule=ValueProbe) in {"a", "b"}
