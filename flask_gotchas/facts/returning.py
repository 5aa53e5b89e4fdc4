"""How functions end, and what they return."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import libcst as cst

from flask_gotchas.facts.collector import Collector
from flask_gotchas.facts.flask_api import HANDLER_METHODS
from flask_gotchas.facts.model import EndingFact, ReturnFact, Shape
from flask_gotchas.facts.structure import is_foreign, is_of_unknown_local
from flask_gotchas.flow import TooDeepError, endings
from flask_gotchas.literals import string_value

if TYPE_CHECKING:
    from flask_gotchas.flow import Paths
    from flask_gotchas.names import Names

_MAX_DEPTH = 4
_ONE_PLAIN = frozenset({frozenset[str]()})
_MAX_ITEMS = 8
_MAX_TEXT = 200
_UNKNOWN = EndingFact((), (), followed=False)
_NOTHING = Shape("none")
_KINDS: dict[type, str] = {
    cst.Call: "call",
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
_VIEW_METHODS = frozenset(method.lower() for method in HANDLER_METHODS) | {"dispatch_request"}
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

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:  # noqa: ARG002
        self._returns.append(False)
        self._leaves.append(False)

    def visit_Return(self, node: cst.Return) -> None:
        if node.value is not None and self._returns:
            self._returns[-1] = True

    def visit_Raise(self, node: cst.Raise) -> None:  # noqa: ARG002
        if self._leaves:
            self._leaves[-1] = True

    def visit_While(self, node: cst.While) -> None:  # noqa: ARG002
        if self._leaves:
            self._leaves[-1] = True

    def leave_FunctionDef(self, original_node: cst.FunctionDef) -> None:  # noqa: ARG002
        self._returns.pop()
        self._leaves.pop()

    def leave_scope(self, node: cst.CSTNode) -> None:
        if type(node) is not cst.FunctionDef:
            return
        scope = self.file.scope
        is_method = scope.parent is not None and scope.parent.kind == "class"
        if is_method and node.name.value not in _VIEW_METHODS and self._returns[-1]:
            return
        if not self._returns[-1] and not self._leaves[-1] and not _ends_in_call(node):
            return
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
            return meaning if meaning in {"builtins.exit", "builtins.quit"} else None
        return meaning


def _ends_in_call(node: cst.FunctionDef) -> bool:
    """Tell a function whose last statement is a call, which may be of one that never returns."""
    last = node.body.body[-1] if node.body.body else None
    if type(last) is cst.SimpleStatementLine and last.body:
        last = last.body[-1]
    if type(last) is not cst.Expr:
        return False
    value = last.value.expression if type(last.value) is cst.Await else last.value
    return type(value) is cst.Call


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
        return Shape("call", names.meaning(found.func))
    if kind is cst.Tuple or kind is cst.List:
        items = tuple(
            shape(element.value, names, depth + 1)
            if type(element) is cst.Element
            else Shape("other", value="*")
            for element in found.elements[:_MAX_ITEMS]
        )
        return Shape(_KINDS[kind], items=items)
    if kind is cst.IfExp:
        return _either((found.body, found.orelse), names, depth)
    if kind is cst.BooleanOperation:
        return _either((found.left, found.right), names, depth)
    if kind is cst.Await:
        return Shape("await", items=(shape(found.expression, names, depth + 1),))
    if kind is cst.NamedExpr:
        return shape(found.value, names, depth)
    if kind is cst.BinaryOperation:
        left = shape(found.left, names, depth + 1)
        return Shape("str") if left.kind == "str" else Shape("other")
    if kind is cst.Name or kind is cst.Attribute:
        return Shape("name", names.meaning(found))
    return Shape(_KINDS.get(kind, "other"))


def _either(nodes: tuple[cst.BaseExpression, ...], names: Names, depth: int) -> Shape:
    return Shape("either", items=tuple(shape(node, names, depth + 1) for node in nodes))
