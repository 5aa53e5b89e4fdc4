"""What code does with an exception that it caught: whether it cares which one that is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import libcst as cst

from flask_gotchas.facts.flask_api import may_raise
from flask_gotchas.patterns import late_pattern

if TYPE_CHECKING:
    from flask_gotchas.names import Names

# Calls that make text of an exception or write it down, by their last name.
_WRITING = frozenset(
    {
        "capture_exception", "critical", "debug", "error", "exception", "fatal", "flash", "format",
        "format_exception", "info", "log", "print", "print_exception", "repr", "str", "warn",
        "warning",
    }
)  # fmt: skip
_PLAIN_ATTRIBUTES = frozenset({"__class__", "__doc__", "__traceback__", "args", "message"})
_ASKING = frozenset({"HTTPException", "exc_info", "getattr", "hasattr", "isinstance", "issubclass"})
_CATCH_ALL = frozenset({"builtins.BaseException", "builtins.Exception"})
# Exceptions that abort() may raise, or that are called like these.
_OF_HTTP = late_pattern(
    r"^werkzeug\.|^flask|HTTP|Http|Abort|BadRequest|Conflict|Forbidden|NotFound|Unauthorized"
)


def asks_what_it_is(node: cst.CSTNode, name: str | None) -> bool:
    """Tell whether code may treat one exception otherwise than the next.

    `name` is the variable that holds the exception. So does code that raises, that asks for the
    type, or that hands the exception to something which may do so; writing it to a log does not.
    """
    reader = _Reader(name)
    node.visit(reader)
    return reader.asks or reader.uses > reader.plain_uses


class _Reader(cst.CSTVisitor):
    """Counts how often the exception is used, and how often just as text."""

    def __init__(self, name: str | None) -> None:
        super().__init__()
        self.name = name
        self.asks = False
        self.uses = 0
        self.plain_uses = 0

    def visit_Raise(self, node: cst.Raise) -> None:
        self.asks = True

    def visit_Match(self, node: cst.Match) -> None:
        self.asks = True

    def visit_Name(self, node: cst.Name) -> None:
        self.asks = self.asks or node.value in _ASKING
        self.uses += node.value == self.name

    def visit_FormattedStringExpression(self, node: cst.FormattedStringExpression) -> None:
        self._plain(node.expression)

    def visit_BinaryOperation(self, node: cst.BinaryOperation) -> None:
        if type(node.operator) is cst.Modulo:
            self._plain(node.right)

    # Names of attributes and keywords are no variables.
    def visit_Attribute(self, node: cst.Attribute) -> bool:
        self.asks = self.asks or node.attr.value in _ASKING
        value = node.value
        if node.attr.value == "__name__" and type(value) is cst.Call and len(value.args) == 1:
            value = value.args[0].value  # of `type(error)`
            self._plain(value)
        elif node.attr.value in _PLAIN_ATTRIBUTES:
            self._plain(value)
        node.value.visit(self)
        return False

    def visit_Arg(self, node: cst.Arg) -> bool:
        node.value.visit(self)
        return False

    def visit_Call(self, node: cst.Call) -> None:
        func: Any = node.func
        called = func.attr.value if type(func) is cst.Attribute else getattr(func, "value", "")
        if called in _WRITING:
            for arg in node.args:
                self._plain(arg.value)
        elif called != "abort" and isinstance(called, str):
            self.asks = self.asks or may_raise(called) or "handle" in called

    def _plain(self, node: cst.BaseExpression) -> None:
        self.plain_uses += type(node) is cst.Name and node.value == self.name


def catches(node: cst.BaseExpression | None, names: Names) -> str:
    """Say whether `except` with this type catches what abort() raises: all, no or unknown."""
    if node is None:
        return "all"
    if type(node) is cst.Tuple:
        found = {catches(element.value, names) for element in node.elements}
        return "unknown" if "unknown" in found else ("all" if "all" in found else "no")
    reference = names.reference(node) or ""
    if reference in _CATCH_ALL:
        return "all"
    name = reference.rpartition(".")[2]
    is_class = "<locals>" not in reference and name[:1].isupper() and not name.isupper()
    return "no" if is_class and _OF_HTTP.search(reference) is None else "unknown"


def mentions(node: cst.CSTNode, word: str) -> bool:
    """Tell whether a number or name stands anywhere in some code."""
    reader = _Words()
    node.visit(reader)
    return word in reader.found


class _Words(cst.CSTVisitor):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def visit_Integer(self, node: cst.Integer) -> None:
        self.found.add(node.value)

    def visit_Name(self, node: cst.Name) -> None:
        self.found.add(node.value)
