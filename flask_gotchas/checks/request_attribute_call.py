"""FLG310 request-attribute-call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flask_gotchas.editing import NoFix
from flask_gotchas.facts.flask_api import (
    REQUEST_DATA,
    REQUEST_MAPPINGS,
    REQUEST_METHODS,
    REQUESTS,
)
from flask_gotchas.rule import FileRule, Fixing

if TYPE_CHECKING:
    from flask_gotchas.context import FileContext
    from flask_gotchas.editing import FileEditor
    from flask_gotchas.model import Diagnostic

_METHODS = frozenset(f"{request}.{name}" for request in REQUESTS for name in REQUEST_METHODS)

_ASKED_BY_GET = frozenset({*REQUEST_MAPPINGS, "files"})


class RequestAttributeCall(FileRule):
    """Data of the request is called, or a method of it is used without calling it."""

    code = "FLG310"
    name = "request-attribute-call"
    message = "`request.{name}` is {what}, so {consequence}"
    fixing = Fixing.SAFE
    help = "Call methods like `request.get_json()`, and read data like `request.args` without."
    calls = frozenset(f"{request}.{name}" for request in REQUESTS for name in REQUEST_DATA)

    def __init__(self, file: FileContext) -> None:
        super().__init__(file)
        self._kept: dict[str, cst.Attribute] = {}  # methods in variables that nothing was asked of

    def visit_called(self, node: cst.Call, target: str) -> None:
        self.report(
            node,
            name=target.rpartition(".")[2],
            what="data and no method",
            consequence="calling it raises TypeError",
        )

    def visit_Assign(self, node: cst.Assign) -> None:
        value = node.value
        if type(value) is cst.Attribute and value.attr.value in REQUEST_METHODS:
            for one in node.targets:
                if type(one.target) is cst.Name:
                    self._kept[one.target.value] = value

    def visit_Subscript(self, node: cst.Subscript) -> None:
        if type(node.value) is cst.Name:
            self._look_at_variable(node.value, "the subscript of `{}` raises TypeError")
        self._look_at(node.value, node, "the subscript raises TypeError")

    def visit_Attribute(self, node: cst.Attribute) -> None:
        value, name = node.value, node.attr.value
        if type(value) is cst.Name:
            if value.value in self._kept and not name.startswith("__"):
                self._look_at_variable(value, f"`{{}}.{name}` raises AttributeError")
        elif (
            type(value) is cst.Attribute
            and value.attr.value in REQUEST_METHODS
            and not name.startswith("__")
        ):
            self._look_at(value, node, f"`.{name}` raises AttributeError")

    def visit_If(self, node: cst.If) -> None:
        self._test(node.test)

    def visit_While(self, node: cst.While) -> None:
        self._test(node.test)

    def visit_IfExp(self, node: cst.IfExp) -> None:
        self._test(node.test)

    def visit_UnaryOperation(self, node: cst.UnaryOperation) -> None:
        if type(node.operator) is cst.Not:
            self._test(node.expression)

    def _test(self, node: cst.BaseExpression) -> None:
        self._look_at(node, node, "this test is always the same")

    def _look_at_variable(self, node: cst.Name, consequence: str) -> None:
        value = self._kept.get(node.value)
        if value is not None and self.file.names.meaning(node) in _METHODS:
            del self._kept[node.value]
            self.report(
                value,
                name=value.attr.value,
                what="a method that is not called here",
                consequence=consequence.format(node.value),
            )

    def _look_at(self, node: cst.BaseExpression, whole: cst.CSTNode, consequence: str) -> None:
        if type(node) is not cst.Attribute or node.attr.value not in REQUEST_METHODS:
            return
        if self.file.names.meaning(node) in _METHODS:
            self.report(
                whole,
                name=node.attr.value,
                what="a method that is not called here",
                consequence=consequence,
            )

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        node = file.at(found.location, cst.Call, cst.Subscript, cst.Attribute)
        if isinstance(node, cst.Call):
            return _fix_call(node, file)
        outer = next(file.above(node))
        if isinstance(outer, cst.Assign):
            if not _is_result(outer, file):
                raise NoFix
            method = node
        elif isinstance(node.value, cst.Attribute) and node.value.attr.value in REQUEST_METHODS:
            method = node.value
        else:
            raise NoFix  # a test that is always the same: who knows what it shall ask
        file.write(file.end(method), file.end(method), "()")
        return f"Call `{method.attr.value}`"


def _fix_call(call: cst.Call, file: FileEditor) -> str:
    """Ask data for what it was called with, or take the call away."""
    data = file.reference(call.func).rpartition(".")[2]
    if data == "json" and isinstance(call.func, cst.Attribute):
        file.replace(call.func.attr, "get_json")
        return "Call `get_json`"
    if data in _ASKED_BY_GET and call.args:
        file.write(file.end(call.func), file.end(call.func), ".get")
        return f"Ask `{data}` by `get`"
    if call.args:
        raise NoFix
    file.write(file.end(call.func), file.end(call), "")
    return "Read it without a call"


def _is_result(assign: cst.Assign, file: FileEditor) -> bool:
    """Tell whether a variable is used as if it held the result of the method, not the method."""
    names = {one.target.value for one in assign.targets if isinstance(one.target, cst.Name)}
    return len(names) == len(assign.targets) == 1 and not any(
        isinstance(call.func, cst.Name) and call.func.value in names
        for call in file.inside(file.function(assign).body, cst.Call)
    )
