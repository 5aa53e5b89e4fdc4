"""Touches of `current_app`, `g`, `request` and `session`, and calls which need a context."""

from __future__ import annotations

from typing import Any

import libcst as cst

from flask_gotchas.facts.collector import Collector
from flask_gotchas.facts.flask_api import (
    CONTEXT_FUNCTIONS,
    DATABASE_ATTRIBUTES,
    DATABASE_CALLS,
    PROXIES,
    SESSION_WITHOUT_CONTEXT,
)
from flask_gotchas.facts.model import Guard, TouchFact
from flask_gotchas.facts.structure import may_lead_into_project

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
        name = node.attr.value
        if not name.startswith("__"):
            self._look_at(node.value, node)
        if name in DATABASE_ATTRIBUTES or (name == "query" and _is_class_name(node.value)):
            self._database(node.value, f".{name}", node)

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
        if type(func) is cst.Attribute:
            self._database_call(func, node)
        if reference in CONTEXT_FUNCTIONS:
            self._add(reference, node)
        elif reference in _LOOKING:
            for arg in node.args:
                self._look_at(arg.value, arg.value, _LOOKING[reference])
        joins = type(func) is cst.Attribute and func.attr.value == "join"
        if joins or reference in _CONSUMING:
            self._consumed.update(id(arg.value) for arg in node.args)

    def _database_call(self, func: cst.Attribute, node: cst.Call) -> None:
        """Look at a call which may need the session of an application's database."""
        name, owner = func.attr.value, func.value
        if name in DATABASE_CALLS:
            self._database(owner, f".{name}()", node)
        elif name == "session":
            self._database(func, "", node)
        elif name not in SESSION_WITHOUT_CONTEXT and (
            (type(owner) is cst.Attribute and owner.attr.value == "session")
            or (type(owner) is cst.Name and owner.value == "session")
        ):
            self._database(owner, "", node)

    def _database(self, node: cst.BaseExpression, attribute: str, whole: cst.CSTNode) -> None:
        """Write a touch down which only the project can tell to be one of a database."""
        if type(node) is cst.Name or type(node) is cst.Attribute:
            reference = self.names.reference(node)
            if reference is not None and may_lead_into_project(reference):
                self._add(f"{reference}{attribute}", whole)

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


def _is_class_name(node: cst.BaseExpression) -> bool:
    name = node.attr if type(node) is cst.Attribute else node
    return type(name) is cst.Name and name.value[:1].isupper()
