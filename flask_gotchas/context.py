"""Where the walk is in a file, and what listeners ask and report there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import libcst as cst

from flask_gotchas.facts import flask_api
from flask_gotchas.facts.model import Guard
from flask_gotchas.facts.structure import is_foreign
from flask_gotchas.literals import is_name, string_value
from flask_gotchas.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from flask_gotchas.model import Severity
    from flask_gotchas.names import Names, Scope
    from flask_gotchas.rule import FileRule

_BOTH = Guard.APP_CONTEXT | Guard.REQUEST_CONTEXT
_CONTEXT_MAKERS = {
    "app_context": Guard.APP_CONTEXT,
    "test_request_context": _BOTH,
    "request_context": _BOTH,
    "test_client": _BOTH,
}
_CONTEXT_METHODS = frozenset(
    {"__enter__", "enter_context", "has_app_context", "has_request_context", "push"}
)
_CATCHES_ALL = frozenset({"builtins.RuntimeError", "builtins.Exception", "builtins.BaseException"})


class FileFinding(NamedTuple):
    """A report of a file rule before its node is located."""

    rule: FileRule
    node: cst.CSTNode
    message: str
    severity: Severity
    related: tuple[tuple[cst.CSTNode, str], ...]


class FileContext:
    """The first listener of the walk: it keeps scope and guards for all others.

    `names` answers what a name means here, `guards` is what is known of this place (see `Guard`),
    `anchor` numbers a node for the facts.
    """

    def __init__(self, path: str, names: Names) -> None:
        self.path = path
        self.names = names
        self.nodes: list[cst.CSTNode] = []
        self._anchors: dict[int, int] = {}
        self.findings: list[FileFinding] = []
        self.pushes: set[str] = set()
        self._block = 0
        self._sticky = 0
        self._outer: list[tuple[int, int]] = []
        self._blocks: list[int] = []
        self._pending: dict[int, int] = {}

    # -- for listeners

    @property
    def scope(self) -> Scope:
        """The scope that the walk is in."""
        return self.names.scope

    @property
    def runs(self) -> str:
        """The function whose call runs this place; empty for what importing the module runs."""
        return self.names.scope.runs

    @property
    def guards(self) -> int:
        """The sum of the `Guard` values around this place."""
        return self._block | self._sticky

    def anchor(self, node: cst.CSTNode) -> int:
        """Write a node down for the facts and give its number, the same one every time."""
        number = self._anchors.setdefault(id(node), len(self.nodes))
        if number == len(self.nodes):
            self.nodes.append(node)
        return number

    def report(
        self,
        rule: FileRule,
        node: cst.CSTNode,
        *,
        severity: Severity | None,
        related: Iterable[tuple[cst.CSTNode, str]],
        fields: Mapping[str, object],
    ) -> None:
        """Keep a report of a file rule."""
        message = rule.message.format(**fields)
        self.findings.append(
            FileFinding(rule, node, message, severity or rule.severity, tuple(related))
        )

    # -- scopes

    def enter_scope(self, node: cst.CSTNode) -> None:
        scope = self.names.enter(node)
        self._outer.append((self._block, self._sticky))
        if scope.kind in {"function", "lambda"}:
            # A function runs later: what guards its definition does not guard its call.
            self._block &= Guard.TYPING
            self._sticky = 0

    def leave_scope(self, node: cst.CSTNode) -> None:
        kind = self.names.scope.kind
        self.names.leave()
        block, sticky = self._outer.pop()
        if kind in {"function", "lambda"}:
            self._block, self._sticky = block, sticky

    # -- blocks which run only under a condition or in a context

    def visit_IndentedBlock(self, node: cst.IndentedBlock) -> None:
        self._enter_block(node)

    def leave_IndentedBlock(self, original_node: cst.IndentedBlock) -> None:
        self._block = self._blocks.pop()

    def visit_SimpleStatementSuite(self, node: cst.SimpleStatementSuite) -> None:
        self._enter_block(node)

    def leave_SimpleStatementSuite(self, original_node: cst.SimpleStatementSuite) -> None:
        self._block = self._blocks.pop()

    def _enter_block(self, node: cst.BaseSuite) -> None:
        self._blocks.append(self._block)
        if self._pending:
            self._block |= self._pending.pop(id(node), 0)

    def visit_If(self, node: cst.If) -> None:
        test = node.test
        if self._is_type_checking(test):
            self._pending[id(node.body)] = Guard.TYPING
        elif self._is_main_test(test):
            self._pending[id(node.body)] = Guard.MAIN
        else:
            self._check(test)
            self._pending[id(node.body)] = Guard.CONDITIONAL
        if type(node.orelse) is cst.Else:
            self._pending[id(node.orelse.body)] = Guard.CONDITIONAL

    def visit_While(self, node: cst.While) -> None:
        if not is_name(node.test, "True"):
            self._check(node.test)
            self._pending[id(node.body)] = Guard.CONDITIONAL

    def visit_For(self, node: cst.For) -> None:
        self._pending[id(node.body)] = Guard.CONDITIONAL

    def visit_ExceptHandler(self, node: cst.ExceptHandler) -> None:
        self._pending[id(node.body)] = Guard.CONDITIONAL

    def visit_MatchCase(self, node: cst.MatchCase) -> None:
        self._pending[id(node.body)] = Guard.CONDITIONAL

    def enter_branch(self, node: cst.CSTNode) -> None:
        self._blocks.append(self._block)
        self._block |= Guard.CONDITIONAL

    def leave_branch(self, node: cst.CSTNode) -> None:
        self._block = self._blocks.pop()

    def leave_Return(self, original_node: cst.Return) -> None:
        if self._block & Guard.CONDITIONAL:
            self._sticky |= Guard.AFTER_EXIT

    def leave_Raise(self, original_node: cst.Raise) -> None:
        if self._block & Guard.CONDITIONAL:
            self._sticky |= Guard.AFTER_EXIT

    def visit_Assert(self, node: cst.Assert) -> None:
        self._check(node.test)

    def visit_IfExp(self, node: cst.IfExp) -> None:
        self._check(node.test)

    def visit_BooleanOperation(self, node: cst.BooleanOperation) -> None:
        # The left side's own left side is checked when the walk gets there.
        left = node.left
        self._check(left.right if type(left) is cst.BooleanOperation else left)

    def visit_Try(self, node: cst.Try) -> None:
        for handler in node.handlers:
            if handler.type is None or self._catches_runtime_error(handler.type):
                self._pending[id(node.body)] = Guard.CHECKED

    visit_TryStar = visit_Try

    def visit_With(self, node: cst.With) -> None:
        guards = 0
        for item in node.items:
            guards |= self._context_of(item.item) or self._context_perhaps(item.item)
        if guards:
            self._pending[id(node.body)] = guards

    def visit_Call(self, node: cst.Call) -> None:
        func = node.func
        if type(func) is cst.Attribute:
            name = func.attr.value
            if name not in _CONTEXT_METHODS:
                return
            if name in {"push", "__enter__"}:
                self._push(self._context_of(func.value))
            elif name != "enter_context":
                self._sticky |= Guard.CHECKED
            elif node.args:
                self._sticky |= self._context_of(node.args[0].value)
        elif type(func) is cst.Name and self.names.reference(func) in flask_api.CONTEXT_CHECKS:
            self._sticky |= Guard.CHECKED

    def _push(self, contexts: int) -> None:
        self._sticky |= contexts
        if contexts and not self._block & (Guard.MAIN | Guard.TYPING):
            self.pushes.add(self.runs)

    # -- what conditions say

    def _is_type_checking(self, test: cst.BaseExpression) -> bool:
        if type(test) is not cst.Name and type(test) is not cst.Attribute:
            return False
        return self.names.reference(test) == "typing.TYPE_CHECKING" or is_name(
            test, "TYPE_CHECKING"
        )

    def _is_main_test(self, test: cst.BaseExpression) -> bool:
        while type(test) is cst.BooleanOperation and type(test.operator) is cst.And:
            test = test.left
        if type(test) is not cst.Comparison or len(test.comparisons) != 1:
            return False
        target = test.comparisons[0]
        sides = (test.left, target.comparator)
        return (
            (type(target.operator) is cst.Equal or type(target.operator) is cst.In)
            and any(is_name(side, "__name__") for side in sides)
            and any("__main__" in _strings(side) for side in sides)
        )

    def _check(self, test: cst.BaseExpression) -> None:
        """Note a condition that asks whether there is a context: an unbound proxy is false."""
        todo: list[Any] = [test]
        while todo:
            part = todo.pop()
            if type(part) is cst.BooleanOperation:
                todo += [part.left, part.right]
            elif type(part) is cst.UnaryOperation:
                todo.append(part.expression)
            elif type(part) is cst.Name or type(part) is cst.Attribute:
                if self.names.meaning(part) in flask_api.PROXIES:
                    self._sticky |= Guard.CHECKED
            elif type(part) is cst.Call and (
                self.names.reference(part.func) in flask_api.CONTEXT_CHECKS
            ):
                self._sticky |= Guard.CHECKED

    def _catches_runtime_error(self, node: cst.BaseExpression) -> bool:
        if type(node) is cst.Tuple:
            return any(self._catches_runtime_error(element.value) for element in node.elements)
        return self.names.reference(node) in _CATCHES_ALL

    def _context_of(self, node: cst.BaseExpression) -> int:
        """Tell which contexts entering an expression gives.

        Goes by the method's name, whatever it is called on, since the application often comes from
        out of view; a project's own context manager counts if its name says so.
        """
        made = self.names.value_of(node)
        name = ""
        if type(made) is cst.Call:
            func = made.func
            name = func.attr.value if type(func) is cst.Attribute else ""
            name = func.value if type(func) is cst.Name else name
            if name == "suppress" and any(self._catches_runtime_error(a.value) for a in made.args):
                return Guard.CHECKED
            if name == "raises" and made.args and self._catches_runtime_error(made.args[0].value):
                return Guard.CHECKED
        elif type(node) is cst.Name:
            name = node.value
        elif type(node) is cst.Attribute:
            name = node.attr.value
        if name in _CONTEXT_MAKERS:
            return _CONTEXT_MAKERS[name]
        lowered = name.lower()
        return _BOTH if "context" in lowered or "ctx" in lowered else 0

    def _context_perhaps(self, node: cst.BaseExpression) -> int:
        """Give the project's own context managers, and those out of view, the benefit of doubt."""
        if type(node) is not cst.Call:
            return 0
        meaning = self.names.meaning(node.func)
        return 0 if meaning is None or "()" in meaning or is_foreign(meaning) else _BOTH


def _strings(node: cst.BaseExpression) -> set[str | None]:
    if type(node) is cst.Tuple or type(node) is cst.List or type(node) is cst.Set:
        return {string_value(element.value) for element in node.elements}
    return {string_value(node)}
