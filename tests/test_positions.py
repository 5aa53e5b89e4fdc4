"""Positions agree with LibCST's own provider, node by node, whatever way they are found."""

from __future__ import annotations

import ast
import importlib.util
import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import libcst as cst
import pytest
from libcst.metadata import MetadataWrapper, PositionProvider

from flask_gotchas import positions
from flask_gotchas.positions import Span, locate

if TYPE_CHECKING:
    from collections.abc import Iterable

PROJECT = Path(__file__).resolve().parent.parent
FIXTURES = sorted((PROJECT / "fixtures").rglob("*.py"))
OWN = sorted(p for folder in ("flask_gotchas", "tests") for p in (PROJECT / folder).rglob("*.py"))
# LibCST's own positions cost three parses, and our files are all written alike.
FILES = [*FIXTURES[::3], *OWN[::10]]
SAMPLES = {
    "empty": "",
    "only a newline": "\n",
    "only a comment without newline": "# nothing here",
    "header and footer": "#!/bin/python\n# head\n\nx = 1  # one\n\n# foot\n  # deeper\n",
    "no newline at the end": "def f():\n    return g(1)",
    "semicolons": "a = f(1); b = f(\n  2\n) ; c\nif a: b; c = d(e);\nelse: f(g); h\n",
    "decorators": """\
import flask
@ app.route("/")  # why

# between
@(
    other
)
@ \\
third(
    a=1,
)
# last
async  def view(a, /, b: int = 2, *c, d=lambda x: x, **e) -> "str" : # end
    # first

    @inner
    class A(B, metaclass=M) :

        x: int
        y: int = 3
        def method(self): return self.x
      # low comment
    return flask.jsonify(  # open
        a, *b, key = 1, **c
    )

@last
class C: pass
""",
    "strings over lines": '''\
"""Doc

string."""
x = """a
b""" + f(1); y = g("""
  c""", "d" 'e'
  "f")
z = f"""{a!r:>{width}}
{b:%Y
}""" % h(2)
t = "\\
continued" + k(3)
''',
    "line continuations": """\
from a import b, \\
    c as d
if a and \\
        b(1):
    with x() as y, \\
         z(2):
        return_ = \\
            call(3) + \\
            call(4)
assert \\
    a, b(5)
else_ = 1
for x \\
  in y : \\
  z(6)
""",
    "crlf": (
        'def f(a):\r\n    """x\r\n    y"""\r\n    return g(\r\n        a,\r\n    )\r\n'
        "\r\nx = f(1)\r\n"
    ),
    "mixed newlines": "def f(a):\r\n    return g(\n        a)\n\r\nx = f(1)\r\ny = 2\n",
    "carriage returns": "a = f(1)\rdef g():\r    return h(\r        2)\rb = '''c\rd''' + i(3)\r",
    "form feeds": "import a\n\x0c\ndef f():\n    x = g(1)\n\x0c\n    return x\n\x0c\n# end\nf()\n",
    "tabs": (
        "class A:\n\tdef f(self):\n\t\tif self:\n\t\t  return\tg(1,\t2)\n\t\telse :\n\t\t\t\th(3)\n"
    ),
    "uneven indents": (
        "if a:\n  if b:\n       c(1)\n       d\n  # x\n  else:\n   e(2)\nelif f:\n g(3)\n"
    ),
    "unusual characters": (
        "größe = f('日本', é=1) ; ø = g('😀', x)\n"
        "def naïve(ü): return ü['ß'].ç(1)\n# \u2028 \x85 \x1c\nx = 'a\u2028b' + f(2)\n"
    ),
    "nesting": """\
class A:
    class B:
        def f(self):
            def g():
                async def h():
                    return await i(1)
                return h
            return g

        z = 1
    def j(self):
        pass
def k():
    yield from [x for x in y(2) if x for z in x]
""",
    "elif chain": """\
if a(1):
    b(2)
# before elif
elif c(3) :
    d(4)
elif (
    e(5)
):
    # in
    f(6)
else :  # end

    # lead
    @g(7)
    def h(): pass
    i
if j: k
elif l: m
elif n:
    o
""",
    "try": """\
try:
    a(1)
except (B, C) as d :
    e(2)
# before
except F: g(3)
except:
    raise
else:
    h(4)
finally:  # f

    i(5)
try: j(6)
finally: k(7); l(8)
try :
    try:
        m(9)
    finally:
        n(10)
        # low
except O:
    if p:
        q(11)
    else: r(12)
""",
    "loops": """\
for a, (b, *c) in d(1):
    continue
else:
    e(2)
while (f := g(3)):
    break
else: h(4)
async def i():
    async for j in k(5):
        async with l(6) as m, n(7) as (o, p):
            await q(8)
        # low
    else:
        r = [s async for s in t(9)]
    with (
        u(10) as v,
        w(11),
    ):
        x(12)
""",
    "match": """\
match a(1):
    # first
    case 1 | 2 if b(3):
        c(4)
    case (
        [d, *e]
    ): f(5)
    case {"g": h, **i} :
        # in

        j(6)
    # between
    case K(l, m=N.O) as p: q(7); r(8)
    case -1.5 | "x" "y" | None:
        match s:
          case _:
              t(9)
  # low
match = case = u(10)
""",
    "small statements": """\
from . import a as b, c
from .. d import (
    e,
    f as g,
)
from h import *
import i.j as k, l
global m, n
del o[1], p.q
assert r(1), s(2)
raise t(3) from u(4)
v += w(5)
x: y = z(6)
(
    a
).b(7)
(
  c
) = d = e(8)
f = lambda g, *h: i(9) if not j else k[1:2, ::3]
print(*l, ** m, n = o)
p < q(10) not in r is not s
t = {**u, 'v': w(11)}, {x}, {y: z for y in a}, -b ** ~c, (yield)
d = 1 if e else 2, ..., 1.5, 2j
""",
    "type parameters": """\
type A [ T , * U ] = dict [ T , B(1) ]
def f [ T : int , * U , ** P ] ( a : T ) -> g(2):
    return h(3)
class C [ T ] ( D[T] ) :
    x = i(4)
""",
    "type parameter defaults": "class A[T = f(1), *U = *g(2)]:\n    x = h(3)\n",
    "except groups": """\
try:
    a(1)
except * B as c :
    d(2)
except *(E, F): g(3)
else: h(4)
finally:
    i(5)
""",
    "template strings": "x = t'a{b(1)!r:>{c}}d'\ny = f(2)\n",
    "nested quotes in an f-string": "x = f'{a['b']}{\n  c(1)\n}'\ny = f(2)\n",
}


def parse(text: str | bytes) -> cst.Module:
    """Parse, or skip the test if this LibCST does not know the syntax."""
    try:
        return cst.parse_module(text)
    except cst.ParserSyntaxError:
        pytest.skip("LibCST cannot parse this")


def provided(module: cst.Module) -> dict[cst.CSTNode, Span]:
    """Ask LibCST for the position of every node."""
    ranges = MetadataWrapper(module, unsafe_skip_copy=True).resolve(PositionProvider)
    return {
        node: Span(at.start.line, at.start.column, at.end.line, at.end.column)
        for node, at in ranges.items()
    }


def differences(
    spans: dict[int, Span], nodes: Iterable[cst.CSTNode], expected: dict[cst.CSTNode, Span]
) -> list[tuple[str, Span, Span]]:
    return [
        (type(node).__name__, spans[id(node)], expected[node])
        for node in nodes
        if spans[id(node)] != expected[node]
    ]


def in_statements(module: cst.Module, expected: dict[cst.CSTNode, Span]) -> list[cst.CSTNode]:
    """List the nodes that belong to a statement, rather than to the module alone."""
    outside = positions._within([*module.header, *module.footer], positions._ALL)
    left_out = {id(module), *map(id, outside)}
    return [node for node in expected if id(node) not in left_out]


def fail(*args: object, **options: object) -> Any:
    raise AssertionError("not this way")


def bar_all_but_pairing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(positions, "_by_writing", fail)
    monkeypatch.setattr(positions, "_by_asking", fail)


@pytest.fixture
def only_pairing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing be located except by pairing statements with those of ast."""
    bar_all_but_pairing(monkeypatch)


@pytest.fixture
def only_writing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let ast fail, as for syntax newer than the running Python, and LibCST's provider too."""

    def refuse(*args: object, **options: object) -> Any:
        raise SyntaxError("invalid syntax")

    monkeypatch.setattr(ast, "parse", refuse)
    monkeypatch.setattr(positions, "_by_asking", fail)


# -- agreement with LibCST


@pytest.mark.parametrize("name", SAMPLES)
def test_every_node_is_where_libcst_says(name: str) -> None:
    module = parse(SAMPLES[name])
    expected = provided(module)
    spans = locate(module, expected, text=SAMPLES[name])
    assert spans.keys() == {id(node) for node in expected}
    assert differences(spans, expected, expected) == []


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.usefixtures("only_pairing")
def test_each_node_alone_is_found_by_pairing(name: str) -> None:
    module = parse(SAMPLES[name])
    try:
        tree = ast.parse(SAMPLES[name])
    except SyntaxError:
        pytest.skip("this Python cannot parse it")
    expected = provided(module)
    for node in in_statements(module, expected):
        assert differences(locate(module, [node], tree), [node], expected) == []


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.usefixtures("only_writing")
def test_every_node_is_found_without_ast(name: str) -> None:
    module = parse(SAMPLES[name])
    expected = provided(module)
    assert differences(locate(module, expected), expected, expected) == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PROJECT).as_posix())
def test_nodes_of_real_files_are_where_libcst_says(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = parse(path.read_bytes())
    expected = provided(module)
    assert differences(locate(module, expected), expected, expected) == []
    try:
        tree = ast.parse(module.code)
    except SyntaxError:
        return
    # A few nodes at once take other ways than all of them: statements are written in part.
    bar_all_but_pairing(monkeypatch)
    nodes = in_statements(module, expected)
    choice = random.Random(path.name)
    for _ in range(min(20, len(nodes))):
        few = choice.sample(nodes, min(3, len(nodes)))
        assert differences(locate(module, few, tree), few, expected) == []


# -- what is given besides the module


def test_the_tree_is_only_read() -> None:
    for text in SAMPLES.values():
        try:
            module, tree = cst.parse_module(text), ast.parse(text)
        except (cst.ParserSyntaxError, SyntaxError):
            continue
        before = ast.dump(tree, include_attributes=True)
        for node in provided(module):
            locate(module, [node], tree)
        assert ast.dump(tree, include_attributes=True) == before


@pytest.mark.usefixtures("only_pairing")
def test_a_tree_of_the_text_with_other_line_ends_serves_as_well() -> None:
    module = cst.parse_module(SAMPLES["crlf"])
    expected = provided(module)
    nodes = in_statements(module, expected)
    tree = ast.parse(SAMPLES["crlf"].replace("\r\n", "\n"))
    assert differences(locate(module, nodes, tree), nodes, expected) == []


@pytest.mark.usefixtures("only_pairing")
def test_a_byte_order_mark_does_not_matter() -> None:
    text = "\ufeffx = f(1)\n"
    module = cst.parse_module(text.encode())
    call = cst.ensure_type(
        cst.ensure_type(module.body[0], cst.SimpleStatementLine).body[0], cst.Assign
    ).value
    assert locate(module, [call], text=text) == {id(call): Span(1, 4, 1, 8)}


@pytest.mark.usefixtures("only_pairing")
def test_odd_literals_bring_no_warning() -> None:
    # pytest turns warnings into errors here, and with them Python would not parse this.
    text = "x = f('\\d')\ny = 1if x else 2\n"
    module = cst.parse_module(text)
    expected = provided(module)
    nodes = in_statements(module, expected)
    assert differences(locate(module, nodes, text=text), nodes, expected) == []


@pytest.mark.usefixtures("only_pairing")
def test_a_line_that_libcst_loses_still_counts() -> None:
    text = "\\\nx = f(1)\n"
    module = cst.parse_module(text)
    line = module.body[0]
    assert provided(module)[line] == Span(1, 0, 1, 8)
    assert locate(module, [line], text=text) == {id(line): Span(2, 0, 2, 8)}


@pytest.mark.parametrize(
    "other",
    [
        "",
        "a",
        "\na\nif b:\n    c\nelse:\n    d\nlast",
        "\na\nif b:\n    c; d\nelse:\n    e",
        "\na\nimport b",
        "\na\n\nclass B:\n    c",
    ],
)
def test_a_tree_of_another_shape_is_not_believed(other: str) -> None:
    module = cst.parse_module("x = f(1)\nif x:\n    y\nelse:\n    z\n")
    expected = provided(module)
    assert differences(locate(module, expected, ast.parse(other)), expected, expected) == []


# -- when a way is barred


def without_private_names(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Import the module anew as if LibCST had moved what is private."""
    monkeypatch.setitem(sys.modules, "libcst._nodes.internal", None)
    spec = importlib.util.spec_from_file_location("positions_again", positions.__file__)
    assert spec is not None
    assert spec.loader is not None
    again = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(again)
    return again


def test_without_private_names_libcst_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    again = without_private_names(monkeypatch)
    assert again.CodegenState is object
    module = cst.parse_module(SAMPLES["decorators"])
    expected = provided(module)
    assert differences(again.locate(module, expected), expected, expected) == []


def test_when_private_names_behave_otherwise_libcst_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(positions._Writer, "write", fail)
    module = cst.parse_module(SAMPLES["decorators"])
    expected = provided(module)
    assert differences(locate(module, expected), expected, expected) == []


def test_when_nothing_works_the_first_line_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(positions._Writer, "write", fail)
    monkeypatch.setattr(positions, "MetadataWrapper", fail)
    module = cst.parse_module("\n\nx = 1\n")
    assert locate(module, [module.body[0]]) == {id(module.body[0]): Span(1, 0, 1, 0)}


def test_a_node_from_elsewhere_gets_the_first_line() -> None:
    stranger = cst.parse_expression("f(1)")
    module = cst.parse_module("\nx = f(1)\n")
    line = module.body[0]
    assert locate(module, [stranger, line], text="\nx = f(1)\n") == {
        id(stranger): Span(1, 0, 1, 0),
        id(line): Span(2, 0, 2, 8),
    }


def test_no_nodes_give_no_spans() -> None:
    assert locate(cst.parse_module("x = 1\n"), []) == {}


def deep(
    terms: int, newline: str = "\n", other_newline: str = "\n"
) -> tuple[str, cst.Module, cst.CSTNode, cst.CSTNode, cst.CSTNode]:
    """Make a sum too deep for LibCST to write, and give the nodes before it, in it and after it."""
    text = newline.join(
        [
            "before = f(1)",
            "",
            "# here",
            "def view():",
            '    """Doc',
            '    string."""',
            "    total = (",
            *(f"        {'+' if term else ' '} x" for term in range(terms)),
            "    )",
            "    return total",
            "",
            "",
            "after = f(2)",
            "",
        ]
    )
    text = text.replace(f"({newline}", f"({other_newline}")
    module = cst.parse_module(text)
    function = cst.ensure_type(module.body[1], cst.FunctionDef)
    total = cst.ensure_type(function.body.body[1], cst.SimpleStatementLine).body[0]
    node: cst.CSTNode = cst.ensure_type(total, cst.Assign).value
    while isinstance(node, cst.BinaryOperation):
        node = node.left
    return text, module, module.body[0], node, module.body[2]


@pytest.mark.usefixtures("only_pairing")
def test_a_node_too_deep_to_write_gets_the_lines_of_its_statement() -> None:
    text, module, before, innermost, after = deep(700)
    function = module.body[1]
    assert locate(module, [before, innermost, after, function], text=text) == {
        id(before): Span(1, 0, 1, 13),
        id(innermost): Span(7, 0, 708, 0),
        id(function): Span(4, 0, 709, 16),
        id(after): Span(712, 0, 712, 12),
    }


@pytest.mark.usefixtures("only_writing")
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("other_newline", ["\n", "\r\n"])
def test_without_ast_it_gets_the_lines_of_its_top_level_statement(
    newline: str, other_newline: str
) -> None:
    text, module, before, innermost, after = deep(700, newline, other_newline)
    assert locate(module, [before, innermost, after], text=text) == {
        id(before): Span(1, 0, 1, 13),
        id(innermost): Span(4, 0, 709, 0),
        id(after): Span(712, 0, 712, 12),
    }


def test_a_sum_of_3000_terms_is_no_obstacle() -> None:
    # Whether ast can parse it depends on the version of Python.
    text, module, before, innermost, after = deep(3000)
    spans = locate(module, [before, innermost, after, module], text=text)
    assert spans[id(before)] == Span(1, 0, 1, 13)
    assert spans[id(after)] == Span(3012, 0, 3012, 12)
    assert 4 <= spans[id(innermost)].line <= spans[id(innermost)].end_line <= 3009
    assert spans[id(module)] == Span(1, 0, 3013, 0)
