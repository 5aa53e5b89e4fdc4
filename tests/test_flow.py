"""Paths through the statements of a function: where it ends, and what lies on the way."""

from __future__ import annotations

import textwrap

import libcst as cst
import pytest

from flask_gotchas.flow import Endings, TooDeepError, endings, may_happen
from flask_gotchas.literals import dotted_name

KNOWN = {
    "abort": "flask.abort",
    "count": "itertools.count",
    "range": "builtins.range",
    "request.method": "flask.request.method",
    "suppress": "contextlib.suppress",
}


def meaning(node: cst.CSTNode) -> str | None:
    name = dotted_name(node)
    return KNOWN.get(name, f"shop.{name}") if name else None


def followed(body: str) -> Endings:
    source = "def f():\n" + textwrap.indent(textwrap.dedent(body).strip(), "    ") + "\n"
    (function,) = cst.parse_module(source).body
    assert isinstance(function, cst.FunctionDef)
    return endings(function, meaning)


def falls(body: str) -> bool:
    return any(may_happen(path) for path in followed(body).falls)


FALLS = [
    "pass",
    "x = 1",
    "if x: return 1",
    "if x: return 1\nelif y: return 2",
    "for x in y: return x",
    "while x: return 1",
    "while True: break",
    "while True:\n    if x: break\n    return 1",
    "while True:\n    try: break\n    finally: x()",
    "while True:\n    for x in y: return 1\n    else: break",
    "for x in count():\n    if x: break",
    "try: return 1\nexcept E: pass",
    "try: x()\nexcept E: return 1",
    "try: x()\nfinally: y()",
    "try: return 1\nexcept E: raise\nexcept F: x = 1",
    "with suppress(E): return 1",
    "with x: y()",
    "match x:\n    case 1: return 1",
    "match x:\n    case 1: return 1\n    case _ if y: return 2",
    "match x:\n    case _: pass",
    "def g(): return 1",
    "class C:\n    def g(self): return 1",
    "lambda: abort()",
    "x = [abort() for _ in y]",
    "assert x",
    "if abort: return 1",
    "abort and abort()",
    "if x:\n    x = 1\nif not x: return 1",
    "if x: return 1\nx = 2\nif not x: return 1",
    "for x in y:\n    if x: continue\n    return 1",
    "if True: pass",
    "if x > 0: return 1\nelif x < 0: return 2",
    "if x == 1: return 1\nif x == 2: return 2",
    "if x > y: return 1\nif x <= y: return 2",
    "if 0: return 1",
    "if x: pass; y = 1",
]
ENDS = [
    "return",
    "return 1",
    "raise E",
    "abort()",
    "abort(404); x = 1",
    "x = abort(404)",
    "await abort()",
    "if x: return 1\nelse: return 2",
    "if x: return 1\nelif y: abort()\nelse: raise E",
    "while True: x()",
    "while 1: pass",
    "while True:\n    if x: return 1",
    "while True:\n    while True: break",
    "while True:\n    for x in y: break",
    "for x in count(): y()",
    "for x in y: break\nelse: return 1\nreturn 2",
    "for x in y: pass\nelse: return 1",
    "try: return 1\nexcept E: return 2",
    "try: x()\nexcept E: return 2\nelse: return 3",
    "try: x()\nfinally: return 1",
    "try: x()\nfinally: abort()",
    "while True:\n    try: break\n    finally: return 1",
    "while True:\n    try: break\n    finally: continue",
    "try: return 1\nfinally: x()",
    "with x: return 1",
    "async with x: return 1",
    "match x:\n    case 1: return 1\n    case _: return 2",
    "match x:\n    case 1: return 1\n    case other: abort()",
    "assert False",
    "assert 0, 'never'",
    "if True: return 1",
    "if False: pass\nelse: return 1",
    "if x: return 1\nif not x: return 2",
    "if not x: return 1\nif x: return 2",
    "if x is None: return 1\nif x is not None: return 2",
    "if x.y: return 1\nif not x.y: return 2",
    "if x > 0: return 1\nelif x <= 0: return 2",
    "if x == 'a': return 1\nif x != 'a': return 2",
    "if x is True: return 1\nif x == False: return 2",
    "if x >= 1: return 1\nelse: y = 1\nif x < 1: return 2",
    "if x and y: pass\nelse: return 1\nif not x: pass\nelse: return 1",
    "if x: y = 1\nelse: return 2\nif x: return 1",
    "if x or y: return 1\nif not x: return 2",
    "if request.method == 'GET': return 1\nif request.method != 'GET': return 2",
    "if request.method in ('A', 'B'): return 1\nif request.method not in ('A', 'B'): raise E",
]


@pytest.mark.parametrize("body", FALLS)
def test_a_function_may_run_off_its_end(body: str) -> None:
    assert falls(body)


@pytest.mark.parametrize("body", ENDS)
def test_a_function_never_runs_off_its_end(body: str) -> None:
    assert not falls(body)


@pytest.mark.parametrize(
    ("body", "reached"),
    [
        ("return 1\nreturn 2", ["1"]),
        ("abort()\nreturn 2", []),
        ("if x: return 1\nreturn 2", ["1", "2"]),
        ("while True:\n    return 1\nreturn 2", ["1"]),
        ("try: return 1\nfinally: return 2", ["2"]),
        ("try: return 1\nfinally: x()", ["1"]),
        ("try: x()\nfinally:\n    if y: return 1\nreturn 2", ["1", "2"]),
        ("def g(): return 1\nreturn 2", ["2"]),
        ("if x: return 1\nif x: return 2", ["1"]),
        ("for x in y: return 1\nelse: return 2", ["1", "2"]),
    ],
)
def test_only_returns_that_are_reached_are_listed(body: str, reached: list[str]) -> None:
    found = [node.value for node, _ in followed(body).returns]
    assert [value.value for value in found if isinstance(value, cst.Integer)] == reached
    assert len(found) == len(reached)


@pytest.mark.parametrize(
    ("body", "answered", "open_to"),
    [
        ("if request.method == 'POST': return 1", "GET PUT", "GET PUT"),
        ("if request.method == 'POST': return 1", "POST", ""),
        ("if 'GET' != request.method: return 1", "GET", "GET"),
        ("if request.method == 'GET': return 1\nelif request.method == 'POST': return 2",
         "GET POST HEAD", "HEAD"),
        ("if request.method in {'GET', 'HEAD'}: return 1\nif request.method == 'POST': return 2",
         "GET POST HEAD", ""),
        ("if request.method == 'POST' and x: return 1", "POST", "POST"),
        ("if request.method == 'GET':\n    if x: return 1\nelse: return 2", "GET POST", "GET"),
    ],
)  # fmt: skip
def test_tests_of_the_method_lie_on_the_paths(body: str, answered: str, open_to: str) -> None:
    paths = followed(body).falls
    found = [
        method
        for method in answered.split()
        if any(may_happen(path, methods=frozenset({method})) for path in paths)
    ]
    assert found == open_to.split()


def test_a_path_with_a_test_of_the_method_is_uncertain_where_the_methods_are_unknown() -> None:
    (path,) = followed("if request.method == 'POST': return 1").falls
    assert not may_happen(path)


@pytest.mark.parametrize(
    ("body", "happens"),
    [
        ("fail()", False),
        ("x = fail()", False),
        ("if x: fail()\nelse: return 1", False),
        ("if x: fail()", True),
        ("good()", True),
        ("if x: fail()\nelse: good()", True),
        ("try: fail()\nexcept E: pass", True),
        ("try: x()\nfinally: fail()", False),
        ("x(fail())", True),
    ],
)
def test_calls_that_may_never_return_lie_on_the_paths(body: str, happens: bool) -> None:
    def never_returns(target: str) -> bool:
        return target == "shop.fail"

    assert any(may_happen(p, never_returns=never_returns) for p in followed(body).falls) is happens


def test_a_loop_that_tries_again_is_in_doubt() -> None:
    assert followed("for x in range(3): return x").falls == {frozenset({"doubt"})}
    assert followed("while x: return x").falls == {frozenset({"doubt"})}
    assert followed("for x in y: return x").falls == {frozenset()}


def test_a_match_all_cases_of_which_leave_is_in_doubt() -> None:
    two = "match x:\n    case A.B: return 1\n    case A.C: raise E"
    assert followed(two).falls == {frozenset({"doubt"})}
    assert followed("match x:\n    case A.B: return 1").falls == {frozenset()}
    assert followed(f"{two}\n    case A.D: pass").falls == {frozenset()}
    assert followed("while x:\n    if y: raise E\n    z = 1").falls == {frozenset()}
    assert followed("for x in y: print = 1").falls == {frozenset()}


def test_many_paths_are_joined_to_one_with_the_marks_of_all() -> None:
    body = "\n".join(f"if x[{number}]: call{number}()" for number in range(5))
    (path,) = followed(body).falls
    assert path == {f"call shop.call{number}" for number in range(5)}


def test_statements_nested_too_deeply_are_refused() -> None:
    body = "".join(f"{'    ' * depth}if x:\n" for depth in range(70)) + "    " * 70 + "pass"
    with pytest.raises(TooDeepError):
        followed(body)


def test_a_long_chain_of_elif_is_no_depth() -> None:
    body = "if x[0]: return 0\n" + "\n".join(f"elif x[{n}]: return {n}" for n in range(1, 90))
    assert len(followed(body).returns) == 90
