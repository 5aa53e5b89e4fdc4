"""Touches of `current_app`, `g`, `request` and `session`, and calls which need a context."""

from __future__ import annotations

from typing import Any

import libcst as cst

from flask_gotchas.facts.collector import Collector
from flask_gotchas.facts.flask_api import CONTEXT_FUNCTIONS, PROXIES
from flask_gotchas.facts.model import Guard, TouchFact

# Calls of builtins which look at the object behind a proxy, and what they raise when there is none:
# `repr`, `bool` and `dir` nothing, and iterating says that a proxy cannot be iterated.
_LOOKING = {
    f"builtins.{name}": error
    for error, names in {
        "RuntimeError": ("dict", "getattr", "hasattr", "len", "print", "setattr", "str", "vars"),
        "TypeError": ("enumerate", "frozenset", "iter", "list", "set", "sorted", "tuple"),
    }.items()
    for name in names
}
# Calls which run a generator expression at once.
_CONSUMING = frozenset(
    f"builtins.{name}"
    for name in ("all", "any", "dict", "frozenset", "list", "max", "min", "next", "set", "sorted",
                 "sum", "tuple")
)  # fmt: skip


class ContextCollector(Collector):
    """Writes down what needs a context when it runs."""

    def __init__(self, file: Any) -> None:
        super().__init__(file)
        self.touches: list[TouchFact] = []
        self._consumed: set[int] = set()
        self._lazy = 0

    def facts(self) -> dict[str, Any]:
        return {"touches": tuple(self.touches)}

    def visit_Attribute(self, node: cst.Attribute) -> None:
        if not node.attr.value.startswith("__"):
            self._look_at(node.value, node)

    def visit_Subscript(self, node: cst.Subscript) -> None:
        self._look_at(node.value, node)

    def visit_FormattedStringExpression(self, node: cst.FormattedStringExpression) -> None:
        if node.conversion not in {"a", "r"} and (node.equal is None or node.conversion == "s"):
            self._look_at(node.expression, node.expression)

    def visit_For(self, node: cst.For) -> None:
        self._look_at(node.iter, node.iter, "TypeError")

    def visit_CompFor(self, node: cst.CompFor) -> None:
        self._look_at(node.iter, node.iter, "TypeError")

    def visit_GeneratorExp(self, node: cst.GeneratorExp) -> None:
        # What it holds runs when something goes through it, which may be much later.
        self._lazy += id(node) not in self._consumed

    def leave_GeneratorExp(self, original_node: cst.GeneratorExp) -> None:
        self._lazy -= id(original_node) not in self._consumed

    def visit_Decorator(self, node: cst.Decorator) -> None:
        if type(node.decorator) is cst.Name or type(node.decorator) is cst.Attribute:
            reference = self.names.reference(node.decorator)
            if reference in CONTEXT_FUNCTIONS:
                self._add(reference, node.decorator)

    def visit_ComparisonTarget(self, node: cst.ComparisonTarget) -> None:
        if type(node.operator) is cst.In or type(node.operator) is cst.NotIn:
            self._look_at(node.comparator, node.comparator)

    def visit_Call(self, node: cst.Call) -> None:
        func = node.func
        if type(func) is not cst.Name and type(func) is not cst.Attribute:
            return
        reference = self.names.reference(func)
        if reference in CONTEXT_FUNCTIONS:
            self._add(reference, node)
        elif reference in _LOOKING:
            for arg in node.args:
                self._look_at(arg.value, arg.value, _LOOKING[reference])
        joins = type(func) is cst.Attribute and func.attr.value == "join"
        if joins or reference in _CONSUMING:
            self._consumed.update(id(arg.value) for arg in node.args)

    def _look_at(
        self, node: cst.BaseExpression, whole: cst.CSTNode, raises: str = "RuntimeError"
    ) -> None:
        if type(node) is cst.Name or (type(node) is cst.Attribute and type(node.value) is cst.Name):
            meaning = self.names.reference(node)
            if meaning in PROXIES:
                self._add(meaning, whole, raises)

    def _add(self, what: str, node: cst.CSTNode, raises: str = "RuntimeError") -> None:
        file = self.file
        if not file.guards & Guard.TYPING and not self._lazy:
            self.touches.append(TouchFact(what, file.runs, file.guards, file.anchor(node), raises))
