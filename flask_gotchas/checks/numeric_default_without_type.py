"""FLG311 numeric-default-without-type."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

import libcst as cst

from flask_gotchas.facts.flask_api import REQUEST_GETTERS
from flask_gotchas.literals import argument, source_of, string_value
from flask_gotchas.model import Severity
from flask_gotchas.rule import FileRule, Fixing

if TYPE_CHECKING:
    from flask_gotchas.context import FileContext
    from flask_gotchas.editing import FileEditor
    from flask_gotchas.model import Diagnostic

_ERROR = "raises TypeError"
_ARITHMETIC = frozenset(
    {cst.Add, cst.Subtract, cst.Multiply, cst.Divide, cst.FloorDivide, cst.Modulo, cst.Power}
)
_ORDER = frozenset({cst.LessThan, cst.LessThanEqual, cst.GreaterThan, cst.GreaterThanEqual})
_EQUALITY: dict[Any, str] = {cst.Equal: "is never true", cst.NotEqual: "is always true"}
_COUNTS = frozenset({"builtins.int", "builtins.len"})
# Calls which take numbers and no text. Those of the second line do if one argument is a number.
_OF_NUMBERS = frozenset(
    {"builtins.abs", "builtins.range", "builtins.round", "datetime.timedelta", "math.ceil",
     "math.floor", "time.sleep"}
)  # fmt: skip
_OF_FRACTIONS = frozenset({"builtins.round", "math.ceil", "math.floor", "time.sleep"})
_OF_EQUALS = frozenset({"builtins.max", "builtins.min"})
_ASKING = "builtins.isinstance"


class NumericDefaultWithoutType(FileRule):
    """The default of a value is a number with which the text of the client has to compete."""

    code = "FLG311"
    name = "numeric-default-without-type"
    severity = Severity.WARNING
    message = (
        "`{key}` is a number only by default and text when a client sends it, "
        "so `{use}` {consequence}"
    )
    fixing = Fixing.SAFE
    help = "Add `type=int`, which converts the text and falls back to the default."
    calls = _OF_NUMBERS | _OF_EQUALS | {_ASKING}

    def __init__(self, file: FileContext) -> None:
        super().__init__(file)
        self._used: dict[int, tuple[cst.Call, cst.BaseExpression, str]] = {}
        self._asked: set[int] = set()

    def visit_called(self, node: cst.Call, target: str) -> None:
        values = [arg.value for arg in node.args if not arg.star]
        if target == _ASKING:
            self._asked.update(id(self.file.names.value_of(value)) for value in values[:1])
        elif target in _OF_NUMBERS or any(_number(value) is not None for value in values):
            for value in values:
                self._use(self._read(value), node, _ERROR)

    def visit_BinaryOperation(self, node: cst.BinaryOperation) -> None:
        operator = type(node.operator)
        if operator in _ARITHMETIC:
            sides = (node.left, node.right)
            for side, other in (sides, sides[::-1]):
                if self._is_number(other):
                    repeats = operator is cst.Multiply and self._is_count(other)
                    self._use(self._read(side), node, "repeats the text" if repeats else _ERROR)

    def visit_Comparison(self, node: cst.Comparison) -> None:
        left = node.left
        for target in node.comparisons:
            operator, right = type(target.operator), target.comparator
            if operator in _ORDER or operator in _EQUALITY:
                for side, other in ((left, right), (right, left)):
                    self._compare(side, other, operator, node)
            left = right

    def _compare(
        self,
        side: cst.BaseExpression,
        other: cst.BaseExpression,
        operator: Any,
        node: cst.Comparison,
    ) -> None:
        if not self._is_number(other):
            return
        read = self._read(side)
        if operator in _ORDER:
            self._use(read, node, _ERROR)
        elif read is not None and _number(other) not in {None, _number(_default(read))}:
            # The default itself may well be compared, to see whether there is a value.
            self._use(read, node, _EQUALITY[operator])

    def leave_Module(self, original_node: cst.Module) -> None:
        for key, (read, use, consequence) in self._used.items():
            if key not in self._asked:
                name = string_value(argument(read, "key", ("key",))) or "this value"
                related = [] if use is read else [(use, "used as a number here")]
                shown = source_of(use.with_changes(lpar=(), rpar=()))
                self.report(read, related=related, key=name, use=shown, consequence=consequence)

    def _use(self, read: cst.Call | None, use: cst.BaseExpression, consequence: str) -> None:
        if read is not None:
            self._used.setdefault(id(read), (read, use, consequence))

    def _read(self, node: cst.BaseExpression) -> cst.Call | None:
        """Give the call that reads a value which is text or a number."""
        if type(node) is not cst.Name and type(node) is not cst.Call:
            return None
        names = self.file.names
        call = names.value_of(node)
        if type(call) is not cst.Call or type(call.func) is not cst.Attribute:
            return None
        if call.func.attr.value != "get" or names.meaning(call.func) not in REQUEST_GETTERS:
            return None
        plain = not any(arg.star for arg in call.args)
        typed = argument(call, "type", ("key", "default", "type"))
        return call if plain and typed is None and _number(_default(call)) is not None else None

    def _is_number(self, node: cst.BaseExpression) -> bool:
        return (
            self._is_count(node)
            or _number(self.file.names.value_of(node)) is not None
            or self._read(node) is not None
        )

    def _is_count(self, node: cst.BaseExpression) -> bool:
        if type(node) is cst.Call:
            return self.file.names.meaning(node.func) in _COUNTS
        return type(self.file.names.value_of(node)) is cst.Integer

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        read = file.at(found.location, cst.Call)
        use = file.at(found.related[0].location, cst.BaseExpression) if found.related else read
        outer = next(file.above(use))
        if isinstance(outer, cst.Arg):
            outer = file.around(outer, cst.Call).func
        parts = [part for node in (read, use, outer) for part in _parts(node)]
        has_fractions = any(
            isinstance(part, cst.Float) or file.meaning(part) in _OF_FRACTIONS for part in parts
        )
        kind = "float" if has_fractions else "int"
        # Somebody may have got used to what text does there, or to whole numbers.
        if _ERROR not in found.message or (
            has_fractions and not isinstance(_default(read), cst.Float)
        ):
            file.only_suggest()
        file.add_argument(read, f"type={kind}")
        return f"Convert it to `{kind}`"


def _parts(node: cst.CSTNode) -> list[cst.CSTNode]:
    """List what tells which numbers are meant: the operands, or what is called."""
    if isinstance(node, cst.BinaryOperation):
        return [*_parts(node.left), *_parts(node.right)]
    if isinstance(node, cst.Comparison):
        return [node.left, *(one.comparator for one in node.comparisons)]
    if isinstance(node, cst.Call):
        return [node.func, *(arg.value for arg in node.args)]
    return [node]


def _default(call: cst.Call) -> cst.BaseExpression | None:
    return argument(call, "default", ("key", "default"))


def _number(node: cst.CSTNode | None) -> float | None:
    """Give the value of a literal number."""
    sign = 1
    if type(node) is cst.UnaryOperation and type(node.operator) is cst.Minus:
        sign, node = -1, node.expression
    if type(node) is not cst.Integer and type(node) is not cst.Float:
        return None
    return sign * float(ast.literal_eval(node.value))
