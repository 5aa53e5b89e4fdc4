"""The quick way to LibCST's trees: equal trees, and the parser left as it was."""

from __future__ import annotations

import dataclasses
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import libcst as cst
import pytest

from flask_gotchas.lean_parse import lean_parse
from flask_gotchas.source import parse

ROOT = Path(__file__).parents[1]
SOURCES = sorted(
    path for folder in ("flask_gotchas", "fixtures") for path in (ROOT / folder).rglob("*.py")
)
ODD = {
    "empty": "",
    "a comment alone": "# x",
    "no newline at the end": "x = 1",
    "windows": "if x:\r\n    y = 1 # c\r\n\r\n",
    "continuation": "x = 1 + \\\n    2\n",
    "form feed": "\x0cx = 1\n\x0c\n",
    "whitespace in brackets": "f(  # a\n\n    # b\n    x , y\n)\n",
    "spaces around dots": "a . b . c [ 0 ] ( 1 )\n",
    "parentheses": "((x)) = (((1)))\n",
    "stars": "f(*a, b, *c, d=1, **e, **g)\n",
    "strings": "'a' \"b\" f'{x!r:>{y}}' u'd'\nrb'''c'''\n",
    "imports": "from . import (a as b, c,)\nfrom ... x import *\nimport a.b as c\n",
    "parameters": "def f(a: int = 1, /, *, b=2, **c) -> None: ...\n",
    "a letter of another kind": "naïve = Ⅷ = 1\n",
    "tabs": "if x:\n\ty\n\tz\n",
}


def difference(ours: Any, theirs: Any) -> str:
    """Find where two trees differ; empty if they do not."""
    todo = [(ours, theirs, "tree")]
    while todo:
        one, other, where = todo.pop()
        if type(one) is not type(other):
            return f"{where}: {type(one)} is not {type(other)}"
        if isinstance(one, cst.CSTNode):
            todo += [
                (getattr(one, field.name), getattr(other, field.name), f"{where}.{field.name}")
                for field in dataclasses.fields(one)
            ]
        elif isinstance(one, (list, tuple)):
            if len(one) != len(other):
                return f"{where}: {len(one)} is not {len(other)}"
            todo += [(a, b, f"{where}[{i}]") for i, (a, b) in enumerate(zip(one, other))]  # noqa: B905
        elif one != other:
            return f"{where}: {one!r} is not {other!r}"
    return ""


@pytest.mark.parametrize("path", SOURCES[::3], ids=lambda path: str(path.relative_to(ROOT)))
def test_trees_are_those_of_libcst(path: Path) -> None:
    text = path.read_bytes().decode("utf-8", "replace")
    try:
        expected = cst.parse_module(text)
    except cst.ParserSyntaxError:
        with pytest.raises(cst.ParserSyntaxError):
            lean_parse(text)
    else:
        tree = lean_parse(text)
        assert not difference(tree, expected)
        assert tree.code == text


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_odd_layout_is_kept(text: str) -> None:
    try:
        expected = cst.parse_module(text)
    except cst.ParserSyntaxError:
        pytest.skip("LibCST does not accept this")
    assert not difference(lean_parse(text), expected)


@pytest.mark.parametrize(
    "text", ["x = = 1\n", "f(**a, *b)\n", "f(a=1, b)\n", "x = (1\n", "x = 01\n"]
)
def test_what_libcst_refuses_is_refused_in_its_words(text: str) -> None:
    said = []
    for parser in (cst.parse_module, lean_parse):
        with pytest.raises((cst.ParserSyntaxError, cst.CSTValidationError)) as refusal:
            parser(text)
        said.append(str(refusal.value))
    assert said[0] == said[1]


def test_the_module_of_libcst_is_back_afterwards() -> None:
    lean_parse("x = 1\n")
    assert sys.modules["libcst"] is cst
    with pytest.raises(cst.ParserSyntaxError):
        lean_parse("x = = 1\n")
    assert sys.modules["libcst"] is cst


def values(tree: cst.Module) -> list[Any]:
    return [line.body[0].value for line in tree.body]  # type: ignore[union-attr, index]


def test_equal_punctuation_is_one_node() -> None:
    first, second = values(lean_parse("a = b.c\nd = b.c\n"))
    assert first.dot is second.dot
    assert first.dot.whitespace_before is second.dot.whitespace_after
    assert first is not second


def test_nodes_are_not_checked_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[object] = []

    def note(node: cst.Name) -> None:
        checked.append(node)

    monkeypatch.setattr(cst.Name, "_validate", note)
    lean_parse("a = b\n")
    assert not checked
    cst.parse_module("a = b\n")
    assert len(checked) == 2


def test_an_editor_gets_a_tree_of_which_every_node_is_its_own() -> None:
    first, second = values(parse("a.py", "a = b.c\nd = b.c\n", lean=False).tree)
    assert first.dot is not second.dot


MANY = [True, False, True] * 300


def test_threads_get_the_trees_that_they_want() -> None:
    text = "a = b.c\nd = b.c\n"
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(3) as threads:
            jobs = [(lean, threads.submit(parse, "a.py", text, lean=lean)) for lean in MANY]
            trees = [(lean, job.result().tree) for lean, job in jobs]
    finally:
        sys.setswitchinterval(usual)
    for lean, tree in trees:
        first, second = values(tree)
        assert (first.dot is second.dot) == lean
    assert sys.modules["libcst"] is cst
