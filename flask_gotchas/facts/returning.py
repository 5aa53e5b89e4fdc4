"""How functions end, and what they return."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import libcst as cst
import msgspec

from flask_gotchas.facts.collector import Collector
from flask_gotchas.facts.flask_api import VIEW_METHODS
from flask_gotchas.facts.model import EndingFact, ReturnFact, Shape
from flask_gotchas.facts.structure import is_foreign, is_of_unknown_local
from flask_gotchas.flow import TooDeepError, endings
from flask_gotchas.literals import string_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.flow import Paths
    from flask_gotchas.names import Names

_MAX_DEPTH = 4
_ONE_PLAIN = frozenset({frozenset[str]()})
_MAX_ITEMS = 8
_MAX_TEXT = 200
_UNKNOWN = EndingFact((), (), followed=False)
_STUB = EndingFact(((),), (), is_stub=True)
_NOTHING = Shape("none")
_KINDS: dict[type, str] = {
    cst.Call: "call",
    cst.Comparison: "bool",
    cst.ConcatenatedString: "str",
    cst.Dict: "dict",
    cst.DictComp: "dict",
    cst.Float: "float",
    cst.FormattedString: "str",
    cst.GeneratorExp: "generator",
    cst.Integer: "int",
    cst.Lambda: "lambda",
    cst.List: "list",
    cst.ListComp: "list",
    cst.Set: "set",
    cst.SetComp: "set",
    cst.SimpleString: "str",
    cst.Tuple: "tuple",
}
_BUILTINS = frozenset({"builtins.exit", "builtins.quit", "builtins.range"})
# What a variable is often given first, until an inner function or another module changes it.
_STARTING = frozenset({"bool", "float", "int", "none"})
_COMPOUND = frozenset({cst.For, cst.If, cst.Match, cst.Try, cst.TryStar, cst.While, cst.With})
_IDLE = frozenset({cst.ConcatenatedString, cst.Ellipsis, cst.SimpleString})
_MAX_STUB = 3
_WORDS = {"None": _NOTHING, "True": Shape("bool"), "False": Shape("bool")}


class ReturningCollector(Collector):
    """Writes down the ends of the functions that return something to Flask, or never return.

    What just runs off its end, as most procedures do, is not worth a fact, and neither is what the
    methods of a class return that is no view.
    """

    def __init__(self, file: Any) -> None:
        super().__init__(file)
        self.endings: dict[str, EndingFact] = {}
        self._returns: list[bool] = []  # of the functions around: whether they return a value
        self._leaves: list[bool] = []  # and whether they may raise or go on without end

    def facts(self) -> dict[str, Any]:
        return {"endings": self.endings}

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        self._returns.append(False)
        self._leaves.append(False)

    def visit_Return(self, node: cst.Return) -> None:
        if node.value is not None and self._returns:
            self._returns[-1] = True

    def visit_Raise(self, node: cst.Raise) -> None:
        if self._leaves:
            self._leaves[-1] = True

    def visit_While(self, node: cst.While) -> None:
        if self._leaves:
            self._leaves[-1] = True

    def leave_FunctionDef(self, original_node: cst.FunctionDef) -> None:
        self._returns.pop()
        self._leaves.pop()

    def leave_scope(self, node: cst.CSTNode) -> None:
        if type(node) is not cst.FunctionDef:
            return
        scope = self.file.scope
        is_method = scope.parent is not None and scope.parent.kind == "class"
        if is_method and node.name.value not in VIEW_METHODS and self._returns[-1]:
            return
        if _is_stub(node.body):
            self.endings[scope.runs] = _STUB
        elif not self._returns[-1] and not self._leaves[-1] and not _ends_in_call(node.body):
            return
        else:
            self._follow(scope.runs, node)

    def _follow(self, reference: str, node: cst.FunctionDef) -> None:
        if reference in self.endings:
            self.endings[reference] = _UNKNOWN  # defined twice
            return
        try:
            found = endings(node, self._meaning)
        except TooDeepError:
            self.endings[reference] = _UNKNOWN
            return
        falls = _written(found.falls)
        if falls == ((),) and not found.returns:
            return
        returns = tuple(
            ReturnFact(
                _NOTHING if end.value is None else shape(end.value, self.names),
                _written(paths),
                self.file.anchor(end),
            )
            for end, paths in found.returns
        )
        self.endings[reference] = EndingFact(falls, returns)

    def _meaning(self, node: cst.CSTNode) -> str | None:
        """Say what is called, unless it leads nowhere."""
        meaning = self.names.meaning(node)
        if meaning is None or meaning.startswith("builtins.") or is_of_unknown_local(meaning):
            return meaning if meaning in _BUILTINS else None
        return meaning


def _is_stub(block: Any) -> bool:
    """Tell a body that does nothing: `pass`, `...`, a docstring."""
    return len(block.body) <= _MAX_STUB and all(
        type(part) is cst.Pass or (type(part) is cst.Expr and type(part.value) in _IDLE)
        for statement in block.body
        for part in (statement.body if type(statement) is cst.SimpleStatementLine else (statement,))
    )


def _ends_in_call(block: Any) -> bool:
    """Tell a body that may end in a call as its last statement, perhaps one that never returns."""
    todo = [block]
    while todo:
        block = todo.pop()
        last = block.body[-1] if block.body else None
        if type(last) is cst.SimpleStatementLine:
            last = last.body[-1]
        if type(last) is cst.Expr:
            value = last.value.expression if type(last.value) is cst.Await else last.value
            if type(value) is cst.Call:
                return True
        elif type(last) in _COMPOUND:
            todo += _blocks(last)
    return False


def _blocks(node: Any) -> Iterator[Any]:
    """Go through the blocks of a statement, one of which may be the last to run."""
    if type(node) is cst.Match:
        yield from (case.body for case in node.cases)
        return
    yield node.body
    if type(node) in {cst.Try, cst.TryStar}:
        yield from (handler.body for handler in node.handlers)
        if node.finalbody is not None:
            yield node.finalbody.body
    after = getattr(node, "orelse", None)
    if type(after) is cst.If:
        yield from _blocks(after)
    elif after is not None:
        yield after.body


def _written(paths: Paths) -> tuple[tuple[str, ...], ...]:
    """Write paths down in an order, without calls that always return."""
    if paths == _ONE_PLAIN:
        return ((),)
    kept = {
        tuple(
            sorted(
                mark
                for mark in path
                if not (mark.startswith("call ") and is_foreign(mark.removeprefix("call ")))
            )
        )
        for path in paths
    }
    return tuple(sorted(kept))


def shape(node: cst.BaseExpression, names: Names, depth: int = 0) -> Shape:
    """Say what an expression gives, following variables that are assigned once."""
    found: Any = names.value_of(node) if type(node) is cst.Name else node
    value = _shape(found, names, depth)
    if found is node or type(node) is not cst.Name:
        return value
    if value.kind in _STARTING and not node.value.isupper():
        return Shape("name", names.meaning(node))
    return msgspec.structs.replace(value, named=True) if value.kind == "call" else value


def _shape(found: Any, names: Names, depth: int) -> Shape:
    kind = type(found)
    if kind is cst.Name and found.value in _WORDS:
        return _WORDS[found.value]
    if depth >= _MAX_DEPTH:
        return Shape("other")
    if kind is cst.SimpleString and "b" in found.prefix.lower():
        return Shape("bytes")
    text = string_value(found)
    if text is not None:
        return Shape("str", value=text if len(text) <= _MAX_TEXT else None)
    if kind is cst.Integer:
        return Shape("int", value=int(found.value, 0) if len(found.value) < 9 else None)
    if kind is cst.Call:
        return _call(found, names, depth)
    if kind is cst.Tuple or kind is cst.List:
        return Shape(_KINDS[kind], items=_items(found.elements, names, depth))
    if kind is cst.IfExp:
        items = (shape(part, names, depth + 1) for part in (found.body, found.orelse))
        return Shape("either", items=tuple(items))
    if kind is cst.BooleanOperation:
        return _chosen(found, names, depth)
    if kind is cst.Await:
        return Shape("await", items=(shape(found.expression, names, depth + 1),))
    if kind is cst.NamedExpr:
        return shape(found.value, names, depth)
    if kind is cst.BinaryOperation:
        left = shape(found.left, names, depth + 1)
        return Shape("str") if left.kind == "str" else Shape("other")
    if kind is cst.UnaryOperation:
        return Shape("bool" if type(found.operator) is cst.Not else "other")
    if kind is cst.Name or kind is cst.Attribute:
        return Shape("name", names.meaning(found))
    return Shape(_KINDS.get(kind, "other"))


def _call(node: cst.Call, names: Names, depth: int) -> Shape:
    """Say what is called; the arguments only count for what Flask has itself."""
    meaning = names.meaning(node.func)
    if meaning is None or not meaning.startswith("flask."):
        return Shape("call", meaning)
    return Shape("call", meaning, items=_items(node.args, names, depth))


def _items(nodes: Any, names: Names, depth: int) -> tuple[Shape, ...]:
    """Say what elements or arguments are; one that is unpacked may be several."""
    return tuple(
        Shape("other", value="*")
        if type(node) is cst.StarredElement or (type(node) is cst.Arg and node.star)
        else Shape("other", value="=")
        if type(node) is cst.Arg and node.keyword is not None
        else shape(node.value, names, depth + 1)
        for node in nodes[:_MAX_ITEMS]
    )


def _chosen(node: cst.BooleanOperation, names: Names, depth: int) -> Shape:
    """Say what `and` or `or` gives: of the left side only what the operator stops at."""
    left, right = (shape(part, names, depth + 1) for part in (node.left, node.right))
    if type(node.operator) is cst.Or:
        return right if left.kind == "none" else Shape("either", items=(left, right))
    return Shape("either", items=(left if left.kind == "bool" else Shape("other"), right))
