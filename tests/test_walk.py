"""The walk visits what LibCST visits, in the same order, and calls its listeners in order."""

from __future__ import annotations

import importlib.metadata
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING, Any

import derive_node_table
import libcst as cst
import pytest
from support import FIXTURES, ROOT

from flask_gotchas.node_table import CHILDREN
from flask_gotchas.nodes import children
from flask_gotchas.walk import Walk

if TYPE_CHECKING:
    from collections.abc import Callable

# The LibCST from which `flask_gotchas/node_table.py` was derived.
TABLE_IS_FROM = "1.9.0"

STANDARD_LIBRARY = Path(sysconfig.get_path("stdlib"))
MODULES = [
    "abc", "asyncio/queues", "asyncio/taskgroups", "asyncio/timeouts", "bisect", "colorsys",
    "contextlib", "copy", "dataclasses", "functools", "graphlib", "heapq", "keyword", "operator",
    "queue", "reprlib", "textwrap", "types",
]  # fmt: skip
REAL = [
    *sorted(FIXTURES.glob("*.py")),
    *sorted((ROOT / "flask_gotchas").glob("*.py")),
    *(path for name in MODULES if (path := STANDARD_LIBRARY / f"{name}.py").exists()),
]

SYNTAX = {
    "match": (
        "match point:\n"
        "    case {'x': int(real=x) | 0, **rest} if x > y: pass\n"
        "    case [1, *others] | (None as nothing): pass\n"
        "    case Point(0, y=-1) | a.b: pass\n"
        "    case (0, *_): pass\n"
        "    case _: pass\n"
    ),
    "async": (
        "async def f():\n"
        "    async with a as b, c: await d\n"
        "    async for x in y: yield x\n"
        "    else: return [z async for z in y if z]\n"
    ),
    "type parameters": (
        "type A[T: int, *Ts, **P] = dict[T, Ts]\n"
        "def f[T](x: T) -> T: ...\n"
        "class C[T: (int, str) = int](B[T], metaclass=M): pass\n"
    ),
    "decorators": "@a\n@b.c(d, *e, f=g, **h)\nclass C(D):\n    @property\n    def f(self): pass\n",
    "lambda": "f = lambda a, /, b=1, *c, d, e=2, **g: (a, b)\nh = lambda *, x: x\ni = lambda: 0\n",
    "comprehension": (
        "{a: b for a, b in c if a if b}\n[x for y in z for x in y]\n{s for s in t}\n"
        "list(g for g in h)\n"
    ),
    "parameters": "def f(a: b, /, c=1, *, d, e: f = '') -> None: ...\ndef g(*args, **kw): ...\n",
    "try": (
        "try: a\nexcept (B, C) as d: e\nexcept F: g\nelse: h\nfinally: i\n"
        "try: a\nexcept* B as c: d\n"
    ),
    "strings": "f'{a!r:>{b}} {c=}' 'd' f''\nx = b'' rb''\n",
    "subscripts": "a[b:c:d, ..., *e]\na[:]\nx: list[int] = a[0]\ny: int\n",
    "statements": (
        "global a\nimport b.c as d, e\nfrom . import f\nfrom ..g import (h as i, j,)\n"
        "from k import *\nassert l, m\nraise N from o\ndel p, q\nr = s = 1; t += u\nv: w\n"
        "while x: break\nelse: continue\nwith (y as z, a): pass\n"
        "if b: pass\nelif c: d\nelse: pass\n"
        "def f():\n    nonlocal g\n    yield\n    x = yield from y\n    return\n"
    ),
    "expressions": (
        "a if b else c\na and b or not c\na < b <= c is not d not in e\n-a ** ~b @ c\n(d := e)\n"
        "{**f, 'g': h, i: j}\n{k, *l}\n[k, *l]\n(m,)\n()\n1.5, 2j, 0x3, ...\nprint(*n, o=p, **q)\n"
    ),
    "lazy imports": "lazy import a.b\nlazy from c import d as e\n",
    "unpacking in comprehensions": "{**a for a in b}\n[*a for a in b]\n",
    "template strings": "t'{a!r:>{b}} {c=}'\n",
    "except without parentheses": "try: a\nexcept B, C: d\n",
    "whitespace": "\n# comment\nif a :  # b\n\n    # c\n    b\\\n  = ( c , # d\n )\n\n# end",
    "nothing": "",
}  # fmt: skip


def parsed(source: str) -> cst.Module:
    try:
        return cst.parse_module(source)
    except cst.ParserSyntaxError:
        pytest.skip(f"LibCST {importlib.metadata.version('libcst')} does not parse this")


def events_of_libcst(module: cst.Module) -> list[tuple[str, int]]:
    """Note every visit and leave of `Module.visit`, but for trivia."""
    events: list[tuple[str, int]] = []

    class Noting(cst.CSTVisitor):
        def on_visit(self, node: cst.CSTNode) -> bool:
            if type(node).__name__ in CHILDREN:
                events.append((f"visit_{type(node).__name__}", id(node)))
            return True

        def on_leave(self, original_node: cst.CSTNode) -> None:
            if type(original_node).__name__ in CHILDREN:
                events.append((f"leave_{type(original_node).__name__}", id(original_node)))

    module.visit(Noting())
    return events


def noting(name: str, events: list[Any]) -> Callable[[object, cst.CSTNode], None]:
    return lambda _, node: events.append((name, id(node)))


def events_of_walk(module: cst.Module, way: str) -> list[tuple[str, int]]:
    events: list[tuple[str, int]] = []
    names = [
        f"{event}_{node}" for node in CHILDREN if hasattr(cst, node) for event in ("visit", "leave")
    ]
    listener = type("Noting", (), {name: noting(name, events) for name in names})
    getattr(Walk([listener]), way)(module, [listener()])
    return events


class Diary:
    """A base for listeners which write down what they are called with."""

    def __init__(self, pages: list[str] | None = None) -> None:
        self.pages: list[str] = [] if pages is None else pages

    def note(self, event: str, node: cst.CSTNode) -> None:
        code = cst.Module([]).code_for_node(node).strip()
        self.pages.append(f"{event} {code}")


class Scopes(Diary):
    """Writes down names, and where scopes and branches begin and end."""

    def visit_Name(self, node: cst.Name) -> None:
        self.pages.append(node.value)

    def enter_scope(self, node: cst.CSTNode) -> None:
        self.pages.append("(")

    def leave_scope(self, node: cst.CSTNode) -> None:
        self.pages.append(")")

    def enter_branch(self, node: cst.CSTNode) -> None:
        self.pages.append("<")

    def leave_branch(self, node: cst.CSTNode) -> None:
        self.pages.append(">")


BOTH_WAYS = pytest.mark.parametrize("way", ["run", "run_deep"])


def walked(listener: type[Diary], source: str, way: str = "run") -> str:
    diary = listener()
    getattr(Walk([listener]), way)(cst.parse_module(source), [diary])
    return " ".join(diary.pages)


# What is visited


def test_the_table_is_what_libcst_does() -> None:
    derived = derive_node_table.derive()
    installed = importlib.metadata.version("libcst")
    if installed != TABLE_IS_FROM and derived.keys() != CHILDREN.keys():
        pytest.skip(f"LibCST {installed} has other nodes than {TABLE_IS_FROM}")
    assert derived == CHILDREN
    assert {name: list(fields) for name, fields in derived.items()} == {
        name: list(fields) for name, fields in CHILDREN.items()
    }


@pytest.mark.parametrize("path", REAL, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_real_files_are_visited_as_libcst_does(path: Path) -> None:
    module = cst.parse_module(path.read_bytes())
    expected = events_of_libcst(module)
    assert events_of_walk(module, "run") == expected
    assert events_of_walk(module, "run_deep") == expected


@BOTH_WAYS
@pytest.mark.parametrize("source", SYNTAX.values(), ids=SYNTAX)
def test_all_syntax_is_visited_as_libcst_does(source: str, way: str) -> None:
    module = parsed(source)
    events = events_of_walk(module, way)
    assert events == events_of_libcst(module)
    assert events[:1] == [("visit_Module", id(module))]


def test_every_kind_of_node_is_tried() -> None:
    seen = set()
    for source in SYNTAX.values():
        try:
            module = cst.parse_module(source)
        except cst.ParserSyntaxError:
            continue
        seen |= {event.partition("_")[2] for event, _ in events_of_libcst(module)}
    known = {name for name in CHILDREN if hasattr(cst, name)}
    assert known - seen == set()


# Which handlers there are


@pytest.mark.parametrize(
    "name",
    [
        "visit_Cal",
        "visit_call",
        "leave_Calls",
        "visit_Comma",
        "leave_SimpleWhitespace",
        "visit_Comment",
        "visit_Equal",
        "visit_FunctionDef_body",
        "leave_FunctionDef_body",
        "visit_",
        "visit",
        "leave_the_house",
    ],
)
def test_a_handler_that_would_never_be_called_is_refused(name: str) -> None:
    listener = type("Listener", (), {name: lambda self, node: None})
    with pytest.raises(TypeError, match=rf"Listener\.{name} would never be called"):
        Walk([listener])


def test_a_handler_that_would_never_be_called_is_refused_in_a_base_class() -> None:
    base = type("Base", (), {"visit_Cal": lambda self, node: None})
    with pytest.raises(TypeError):
        Walk([type("Listener", (base,), {})])


def test_the_handlers_of_libcst_itself_are_not_called() -> None:
    class Visitor(Diary, cst.CSTVisitor):
        def visit_Pass(self, node: cst.Pass) -> None:
            self.note("visit", node)

    assert walked(Visitor, "if x: pass\n") == "visit pass"


@BOTH_WAYS
def test_handlers_are_inherited_and_overridden(way: str) -> None:
    class Base(Diary):
        def visit_Name(self, node: cst.Name) -> None:
            self.note("base", node)

        def visit_Pass(self, node: cst.Pass) -> None:
            self.note("base", node)

    class Listener(Base):
        def visit_Name(self, node: cst.Name) -> None:
            self.note("own", node)

    assert walked(Listener, "x\npass\n", way) == "own x base pass"


@BOTH_WAYS
def test_what_a_handler_returns_does_not_stop_the_walk(way: str) -> None:
    class Listener(Diary):
        def visit_Call(self, node: cst.Call) -> bool:
            self.note("visit", node)
            return False

    assert walked(Listener, "f(g())\n", way) == "visit f(g()) visit g()"


@BOTH_WAYS
def test_listeners_are_called_in_order_on_visit_and_in_reverse_on_leave(way: str) -> None:
    pages: list[str] = []

    def listener(name: str) -> type[Diary]:
        def note(event: str) -> Callable[[Diary, cst.CSTNode], None]:
            return lambda self, node: self.note(f"{event}:{name}", node)

        events = ("visit_Lambda", "leave_Lambda", "enter_scope", "leave_scope")
        return type(name, (Diary,), {event: note(event) for event in events})

    classes = [listener("one"), listener("two")]
    getattr(Walk(classes), way)(cst.parse_module("lambda: 0\n"), [cls(pages) for cls in classes])
    assert [page.removesuffix(" lambda: 0") for page in pages] == [
        "visit_Lambda:one",
        "visit_Lambda:two",
        "enter_scope:one",
        "enter_scope:two",
        "leave_scope:two",
        "leave_scope:one",
        "leave_Lambda:two",
        "leave_Lambda:one",
    ]


@BOTH_WAYS
def test_a_walk_can_be_used_again_with_new_listeners(way: str) -> None:
    walk = Walk([Scopes])
    diaries = [Scopes(), Scopes()]
    for diary, source in zip(diaries, ("a", "b"), strict=True):
        getattr(walk, way)(cst.parse_module(source), [diary])
    assert [diary.pages for diary in diaries] == [["a"], ["b"]]


@BOTH_WAYS
def test_a_walk_goes_on_after_a_handler_that_failed(way: str) -> None:
    class Failing(Scopes):
        def visit_Pass(self, node: cst.Pass) -> None:
            raise ValueError

    walk = Walk([Failing])
    with pytest.raises(ValueError):  # noqa: PT011 - there is nothing else to tell it by
        getattr(walk, way)(cst.parse_module("pass\n"), [Failing()])
    diary = Failing()
    getattr(walk, way)(cst.parse_module("a\n"), [diary])
    assert diary.pages == ["a"]


# Scopes and branches


@BOTH_WAYS
@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("@a\ndef f(b: c = d) -> e:\n    g", "a f b c d e ( g )"),
        ("@a\nclass B(c, d=e):\n    f", "a B c d e ( f )"),
        ("@a\nclass B:\n    @c\n    def d(self): e", "a B ( c d self ( e ) )"),
        ("f = lambda a=b: c", "f a b ( c )"),
        ("[a for a in b if c]", "( a a b c )"),
        ("{a for a in b}", "( a a b )"),
        ("{a: b for a in c}", "( a b a c )"),
        ("f(a for a in b)", "f ( a a b )"),
        ("[[a for a in b] for b in c]", "( ( a a b ) b c )"),
        ("async def f():\n    a", "f ( a )"),
        ("a and b", "a < b >"),
        ("a and b and c", "a < b > < c >"),
        ("a or (b and c)", "a < b < c > >"),
        ("a if b else c", "< a > b < c >"),
        ("a + b", "a b"),
        ("a < b < c", "a b c"),
    ],
)
def test_scopes_and_branches_hold_what_runs_in_them(source: str, expected: str, way: str) -> None:
    assert walked(Scopes, source, way) == expected


@BOTH_WAYS
def test_a_scope_is_entered_after_the_visit_and_left_before_the_leave(way: str) -> None:
    class Listener(Scopes):
        def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
            self.pages.append("visit")

        def leave_FunctionDef(self, original_node: cst.FunctionDef) -> None:
            self.pages.append("leave")

        def visit_GeneratorExp(self, node: cst.GeneratorExp) -> None:
            self.pages.append("visit")

        def leave_GeneratorExp(self, original_node: cst.GeneratorExp) -> None:
            self.pages.append("leave")

    assert walked(Listener, "def f(): (x for x in y)\n", way) == (
        "visit f ( visit ( x x y ) leave ) leave"
    )


# Deep nesting


def test_a_sum_of_3000_terms_is_too_deep_for_the_recursive_walk_only() -> None:
    module = cst.parse_module("x = " + " + ".join(["y"] * 3000) + "\n")
    with pytest.raises(RecursionError):
        Walk([Scopes]).run(module, [Scopes()])
    diary = Scopes()
    Walk([Scopes]).run_deep(module, [diary])
    assert diary.pages == ["x", *["y"] * 3000]


@pytest.mark.parametrize("path", REAL[::9], ids=lambda path: path.stem)
def test_children_are_what_the_walk_goes_through(path: Path) -> None:
    compare_children(cst.parse_module(path.read_bytes()))


@pytest.mark.parametrize("source", SYNTAX.values(), ids=SYNTAX)
def test_children_of_rare_syntax_are_found(source: str) -> None:
    compare_children(cst.parse_module(source))


def compare_children(module: cst.Module) -> None:
    todo: list[cst.CSTNode] = [module]
    while todo:
        node = todo.pop()
        found = children(node)
        # LibCST makes copies of some, so they are compared by what they are.
        expected = [child for child in node.children if type(child).__name__ in CHILDREN]
        assert list(map(type, found)) == list(map(type, expected)), type(node)
        assert all(one.deep_equals(other) for one, other in zip(found, expected, strict=True))
        todo += found
