"""State that outlives a statement: values in the session, and variables of the module."""

from __future__ import annotations

from typing import Any

import libcst as cst

from flask_gotchas.facts.collector import Collector
from flask_gotchas.facts.model import GlobalWriteFact, NestedChangeFact
from flask_gotchas.literals import dotted_name, source_of
from flask_gotchas.nodes import children

_SESSION = "flask.session"
# Methods that change a list, a dictionary or a set in place.
_CHANGING = frozenset(
    {
        "add", "append", "clear", "discard", "extend", "insert", "pop", "popitem", "remove",
        "reverse", "setdefault", "sort", "update",
    }
)  # fmt: skip
_SAVING = frozenset({"modified", "permanent"})
_READING = frozenset({"get", "setdefault"})


class StateCollector(Collector):
    """Writes down changes of what the session holds, and functions that bind global variables."""

    calls_named = _CHANGING

    def __init__(self, file: Any) -> None:
        super().__init__(file)
        self.nested: list[NestedChangeFact] = []
        self.writers: set[str] = set()
        self.saves = False
        self.global_writes: list[GlobalWriteFact] = []
        self._tested: list[set[str]] = []
        self._globals: list[set[str]] = []

    def facts(self) -> dict[str, Any]:
        return {
            "nested_changes": tuple(self.nested),
            "session_writers": frozenset(self.writers),
            "saves_sessions": self.saves,
            "global_writes": tuple(self.global_writes),
        }

    # -- imports of what saves sessions in any case

    def visit_ImportFrom(self, node: cst.ImportFrom) -> None:
        if (self.names.absolute(node) or "").partition(".")[0] == "flask_session":
            self.saves = True

    def visit_Import(self, node: cst.Import) -> None:
        for alias in node.names:
            if dotted_name(alias.name).partition(".")[0] == "flask_session":
                self.saves = True

    # -- changes

    def visit_Assign(self, node: cst.Assign) -> None:
        for target in node.targets:
            self._target(target.target, node)

    def visit_AnnAssign(self, node: cst.AnnAssign) -> None:
        self._target(node.target, node)

    def visit_AugAssign(self, node: cst.AugAssign) -> None:
        self._target(node.target, node)

    def visit_Del(self, node: cst.Del) -> None:
        self._target(node.target, node)

    def _target(self, target: Any, node: cst.CSTNode) -> None:
        kind = type(target)
        if kind is cst.Name:
            if target.value == "session_interface":
                self.saves = True
            if self._globals and target.value in self._globals[-1]:
                self._global(target.value, node)
        elif kind is cst.Subscript:
            holder = target.value
            if self._is_session(holder):
                self.writers.add(self.file.runs)
            else:
                self._nested(holder, node)
        elif kind is cst.Attribute:
            name = target.attr.value
            if name == "session_interface":
                self.saves = True
            elif name in _SAVING and self._is_session(target.value):
                self.writers.add(self.file.runs)
                self.saves |= name == "permanent"
        elif kind is cst.Tuple or kind is cst.List:
            for element in target.elements:
                self._target(element.value, node)

    def visit_named_call(self, node: cst.Call) -> None:
        func = node.func
        if type(func) is not cst.Attribute or func.attr.value not in _CHANGING:
            return
        if not self._is_session(func.value):
            self._nested(func.value, node)
        elif func.attr.value != "setdefault":
            self.writers.add(self.file.runs)

    def _is_session(self, node: cst.BaseExpression) -> bool:
        kind = type(node)
        if kind is not cst.Name and kind is not cst.Attribute:
            return False
        return self.names.reference(node) == _SESSION

    def _nested(self, node: cst.BaseExpression, at: cst.CSTNode) -> None:
        """Note a change of something that the session holds, at any depth."""
        if self.file.scope.kind not in {"function", "lambda"}:
            return
        held = self.names.value_of(node)
        inner: Any = held
        for _ in range(8):
            if type(inner) is cst.Subscript:
                outer = inner.value
            elif (
                type(inner) is cst.Call
                and type(inner.func) is cst.Attribute
                and inner.func.attr.value in _READING
            ):
                outer = inner.func.value
            else:
                return
            if self._is_session(outer):
                file = self.file
                value = source_of(inner)
                change = NestedChangeFact(value, file.runs, file.anchor(at), file.guards)
                self.nested.append(change)
                return
            inner = self.names.value_of(outer)

    # -- global variables

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        self._globals.append(set())
        self._tested.append(set())

    def leave_FunctionDef(self, original_node: cst.FunctionDef) -> None:
        self._globals.pop()
        self._tested.pop()

    def visit_Global(self, node: cst.Global) -> None:
        if self._globals:
            self._globals[-1] |= {item.name.value for item in node.names}

    def visit_If(self, node: cst.If) -> None:
        # A variable that is looked at first is mostly one that is made once, or kept for later.
        if self._globals and self._globals[-1]:
            self._tested[-1] |= self._globals[-1] & _names(node.test)

    def _global(self, name: str, node: cst.CSTNode) -> None:
        if name not in self._tested[-1]:
            file = self.file
            self.global_writes.append(GlobalWriteFact(name, file.runs, file.anchor(node)))


def _names(node: Any) -> set[str]:
    """List the names in an expression."""
    found: set[str] = set()
    todo = [node]
    while todo:
        part = todo.pop()
        if type(part) is cst.Name:
            found.add(part.value)
        todo += children(part)
    return found
