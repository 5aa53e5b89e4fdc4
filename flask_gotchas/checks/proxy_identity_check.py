"""FLG205 proxy-identity-check."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flask_gotchas.editing import NoFix
from flask_gotchas.facts.flask_api import PROXIES, USER_PROXIES
from flask_gotchas.literals import dotted_name, is_name, source_of
from flask_gotchas.nodes import children
from flask_gotchas.rule import FileRule, Fixing

if TYPE_CHECKING:
    from flask_gotchas.context import FileContext
    from flask_gotchas.editing import FileEditor
    from flask_gotchas.model import Diagnostic

_PROXIES = PROXIES | USER_PROXIES

# What stands behind these is true as soon as there is anything.
_NEVER_EMPTY = frozenset({"flask.current_app", "flask.g", "flask.request"})


class ProxyIdentityCheck(FileRule):
    """A proxy is compared by identity, and is never identical with anything."""

    code = "FLG205"
    name = "proxy-identity-check"
    message = (
        "`{proxy}` is a proxy, which is never the object behind it, so `{test}` is always {so}"
    )
    fixing = Fixing.SUGGESTED
    help = "Compare with `==`, test its truth, or ask `current_user.is_authenticated`."

    def __init__(self, file: FileContext) -> None:
        super().__init__(file)
        self._harmless: set[int] = set()
        self._inner: set[int] = set()

    def visit_BooleanOperation(self, node: cst.BooleanOperation) -> None:
        """Leave `current_user is None or current_user.is_anonymous` and its opposite alone.

        What is always true, or always false, does no harm before a test that asks the object.
        """
        if id(node) in self._inner:
            return
        wanted = cst.Is if type(node.operator) is cst.Or else cst.IsNot
        operands = self._operands(node)
        for operand in operands:
            if type(operand) is cst.Comparison and type(operand.comparisons[0].operator) is wanted:
                name = dotted_name(operand.left)
                if name and any(_asks(other, name) for other in operands if other is not operand):
                    self._harmless.add(id(operand))

    def _operands(self, node: cst.BooleanOperation) -> list[cst.BaseExpression]:
        """List the operands of a chain of one operator."""
        found: list[cst.BaseExpression] = []
        todo: list[cst.BaseExpression] = [node]
        while todo:
            part = todo.pop()
            if type(part) is cst.BooleanOperation and type(part.operator) is type(node.operator):
                self._inner.add(id(part))
                todo += [part.left, part.right]
            else:
                found.append(part)
        return found

    def visit_Comparison(self, node: cst.Comparison) -> None:
        if len(node.comparisons) != 1:
            return
        operator, right = type(node.comparisons[0].operator), node.comparisons[0].comparator
        if operator is not cst.Is and operator is not cst.IsNot:
            return
        if id(node) in self._harmless:
            return
        proxies = [self._proxy(side) for side in (node.left, right)]
        proxy = proxies[0] or proxies[1]
        if proxy is not None and not (all(proxies) and proxies[0] == proxies[1]):
            so = "false" if operator is cst.Is else "true"
            self.report(node, proxy=proxy.rpartition(".")[2], test=source_of(node), so=so)

    def _proxy(self, node: cst.BaseExpression) -> str | None:
        """Give the proxy that an expression is, or whose `type()` it asks for."""
        if type(node) is cst.Call:
            if not is_name(node.func, "type") or len(node.args) != 1:
                return None
            node = node.args[0].value
        if type(node) is not cst.Name and type(node) is not cst.Attribute:
            return None
        reference = self.file.names.reference(node)
        return reference if reference in _PROXIES else None

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        test = file.at(found.location, cst.Comparison)
        target = test.comparisons[0]
        sides = (test.left, target.comparator)
        if any(isinstance(side, cst.Call) for side in sides):
            raise NoFix  # the type of a proxy: whether of just that class is asked is not known
        is_none = any(is_name(side, "None") for side in sides)
        is_not = isinstance(target.operator, cst.IsNot)
        if not is_none:
            file.write(file.end(test.left), file.start(target.comparator), (" == ", " != ")[is_not])
            return "Compare what is behind the proxy"
        proxy = sides[is_name(sides[0], "None")]
        reference = file.reference(proxy)
        text = file.source(proxy)
        if reference == "flask_login.current_user":
            text += ".is_authenticated"
        elif reference not in _NEVER_EMPTY or not _is_test(test, file):
            raise NoFix
        file.write(file.start(test.left), file.end(target.comparator), ("not ", "")[is_not] + text)
        return f"Ask `{text}`"


def _is_test(node: cst.BaseExpression, file: FileEditor) -> bool:
    """Tell whether of a value only its truth is asked."""
    inner: cst.CSTNode = node
    for outer in file.above(node):
        if isinstance(outer, (cst.If, cst.While, cst.IfExp, cst.Assert)):
            return inner is outer.test
        if not isinstance(outer, cst.BooleanOperation):
            return False
        inner = outer
    return False


def _asks(node: cst.CSTNode, name: str) -> bool:
    """Tell whether an expression asks an attribute of what has the name."""
    if type(node) is cst.Attribute and dotted_name(node.value) == name:
        return True
    return any(_asks(child, name) for child in children(node))
