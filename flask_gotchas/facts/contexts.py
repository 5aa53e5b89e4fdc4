"""Touches of `current_app`, `g`, `request` and `session`, and calls which need a context."""

from __future__ import annotations

from typing import Any

import libcst as cst

from flask_gotchas.facts.collector import Collector
from flask_gotchas.facts.flask_api import CONTEXT_FUNCTIONS, PROXIES
from flask_gotchas.facts.model import Guard, TouchFact

# Calls of builtins which look at the object behind a proxy. `repr` and `bool` do not raise.
_LOOKING = frozenset(
    f"builtins.{name}"
    for name in ("dict", "dir", "getattr", "iter", "len", "list", "print", "setattr", "sorted",
                 "str", "tuple", "vars")
)  # fmt: skip


class ContextCollector(Collector):
    """Writes down what needs a context when it runs."""

    def __init__(self, file: Any) -> None:
        super().__init__(file)
        self.touches: list[TouchFact] = []

    def facts(self) -> dict[str, Any]:
        return {"touches": tuple(self.touches)}

    def visit_Attribute(self, node: cst.Attribute) -> None:
        if not node.attr.value.startswith("__"):
            self._look_at(node.value, node)

    def visit_Subscript(self, node: cst.Subscript) -> None:
        self._look_at(node.value, node)

    def visit_FormattedStringExpression(self, node: cst.FormattedStringExpression) -> None:
        if node.conversion != "r":
            self._look_at(node.expression, node.expression)

    def visit_For(self, node: cst.For) -> None:
        self._look_at(node.iter, node.iter)

    def visit_CompFor(self, node: cst.CompFor) -> None:
        self._look_at(node.iter, node.iter)

    def visit_ComparisonTarget(self, node: cst.ComparisonTarget) -> None:
        if isinstance(node.operator, (cst.In, cst.NotIn)):
            self._look_at(node.comparator, node.comparator)

    def visit_Call(self, node: cst.Call) -> None:
        func = node.func
        if not isinstance(func, (cst.Name, cst.Attribute)):
            return
        reference = self.names.reference(func)
        if reference in CONTEXT_FUNCTIONS:
            self._add(reference, node)
        elif reference in _LOOKING:
            for arg in node.args:
                self._look_at(arg.value, arg.value)

    def _look_at(self, node: cst.BaseExpression, whole: cst.CSTNode) -> None:
        if isinstance(node, cst.Name) or (
            isinstance(node, cst.Attribute) and isinstance(node.value, cst.Name)
        ):
            meaning = self.names.reference(node)
            if meaning in PROXIES:
                self._add(meaning, whole)

    def _add(self, what: str, node: cst.CSTNode) -> None:
        file = self.file
        if not file.guards & Guard.TYPING:
            self.touches.append(TouchFact(what, file.runs, file.guards, file.anchor(node)))
