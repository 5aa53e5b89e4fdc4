"""Expressions as data: what can be worked out later, when all files are known.

A registration such as `api.add_url_rule(PREFIX + "/users", view_func=users)` depends on constants,
loop variables and parameters that may stand in other files. It is kept as a small tree of these
parts. References are those of `flask_gotchas.names`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeAlias

import libcst as cst
import msgspec

from flask_gotchas.literals import string_value

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas.names import Names

_MAX_DEPTH = 8
_MAX_ITEMS = 300
_NUMBER = re.compile(r"\d{1,18}\Z")


class Const(msgspec.Struct, frozen=True, tag="const"):
    """A string, number, boolean or None."""

    value: str | int | float | bool | None


class Ref(msgspec.Struct, frozen=True, tag="ref"):
    """Something with a name."""

    name: str


class Join(msgspec.Struct, frozen=True, tag="join"):
    """Parts put together: an f-string, `%` with plain fields, or `+`, which `is_sum` tells."""

    parts: tuple[Expression, ...]
    is_sum: bool = False


class Items(msgspec.Struct, frozen=True, tag="items"):
    """A list, tuple or set."""

    items: tuple[Expression, ...]


class Table(msgspec.Struct, frozen=True, tag="table"):
    """A dictionary."""

    pairs: tuple[tuple[Expression, Expression], ...]


class Invoke(msgspec.Struct, frozen=True, tag="invoke"):
    """A call; `base` is what a method is called on, `spread` what is unpacked into arguments."""

    target: str | None
    args: tuple[Expression, ...]
    keywords: tuple[tuple[str, Expression], ...]
    spread: tuple[Expression, ...] = ()
    base: Expression | None = None
    method: str = ""


class Pick(msgspec.Struct, frozen=True, tag="pick"):
    """A subscript."""

    base: Expression
    key: Expression


class Opaque(msgspec.Struct, frozen=True, tag="opaque"):
    """Something that cannot be worked out, with the reason in a few words."""

    why: str


Expression: TypeAlias = Const | Ref | Join | Items | Table | Invoke | Pick | Opaque

_COMPUTED = Opaque("it is computed")
_CONSTANTS: dict[str, bool | None] = {"True": True, "False": False, "None": None}


def expression(node: cst.CSTNode | None, names: Names, depth: int = 0) -> Expression:
    """Read an expression in the scope that the walk is in."""
    if depth > _MAX_DEPTH:
        return Opaque("too deep")
    reader = _READERS.get(type(node))
    return _COMPUTED if reader is None else reader(node, names, depth)


def _text(node: cst.SimpleString | cst.ConcatenatedString, names: Names, depth: int) -> Expression:
    text = string_value(node)
    if text is not None:
        return Const(text)
    if type(node) is cst.ConcatenatedString:
        parts = (node.left, node.right)
        return Join(tuple(expression(part, names, depth + 1) for part in parts))
    return _COMPUTED


def _integer(node: cst.Integer, names: Names, depth: int) -> Expression:  # noqa: ARG001
    return Const(int(node.value, 0)) if _NUMBER.match(node.value) else Opaque("a number")


def _subscript(node: cst.Subscript, names: Names, depth: int) -> Expression:
    index = node.slice[0].slice if len(node.slice) == 1 else None
    if type(index) is not cst.Index:
        return _COMPUTED
    base = expression(node.value, names, depth + 1)
    return Pick(base, expression(index.value, names, depth + 1))


def _conditional(node: cst.CSTNode, names: Names, depth: int) -> Expression:  # noqa: ARG001
    return Opaque("it depends on a condition")


def _named(node: cst.NamedExpr, names: Names, depth: int) -> Expression:
    return expression(node.value, names, depth + 1)


def _name(node: cst.Name | cst.Attribute, names: Names, depth: int) -> Expression:
    if type(node) is cst.Name and node.value in _CONSTANTS:
        return Const(_CONSTANTS[node.value])
    reference = names.reference(node)
    if reference is not None:
        if "<locals>" in reference:
            names.used_locals.append(reference)
        return Ref(reference)
    if type(node) is cst.Attribute:
        base = expression(node.value, names, depth + 1)
        return Invoke(None, (), (), base=base, method=f".{node.attr.value}")
    return Opaque("its origin is not known")


def _call(node: cst.Call, names: Names, depth: int) -> Expression:
    args: list[Expression] = []
    keywords: list[tuple[str, Expression]] = []
    spread: list[Expression] = []
    for arg in node.args:
        value = expression(arg.value, names, depth + 1)
        if arg.star:
            spread.append(value)
        elif arg.keyword is not None:
            keywords.append((arg.keyword.value, value))
        elif spread:
            args.append(Opaque("arguments are unpacked before it"))
        else:
            args.append(value)
    target = names.reference(node.func)
    base, method = None, ""
    if type(node.func) is cst.Attribute:
        method = node.func.attr.value
        base = expression(node.func.value, names, depth + 1)
    return Invoke(target, tuple(args), tuple(keywords), tuple(spread), base, method)


def _items(node: cst.List | cst.Tuple | cst.Set, names: Names, depth: int) -> Expression:
    if len(node.elements) > _MAX_ITEMS:
        return Opaque("a very long list")
    values = [expression(element.value, names, depth + 1) for element in node.elements]
    if not any(type(element) is cst.StarredElement for element in node.elements):
        return Items(tuple(values))
    # The empty list in front makes a list even of what is unpacked alone.
    return Join(
        (
            Items(()),
            *(
                value if type(element) is cst.StarredElement else Items((value,))
                for element, value in zip(node.elements, values, strict=True)
            ),
        )
    )


def _table(node: cst.Dict, names: Names, depth: int) -> Expression:
    if len(node.elements) > _MAX_ITEMS or not all(
        type(element) is cst.DictElement for element in node.elements
    ):
        return Opaque("a dictionary put together from others")
    return Table(
        tuple(
            (expression(element.key, names, depth + 1), expression(element.value, names, depth + 1))
            for element in node.elements
            if type(element) is cst.DictElement
        )
    )


def _formatted(node: cst.FormattedString, names: Names, depth: int) -> Expression:
    parts: list[Expression] = []
    for part in node.parts:
        if type(part) is cst.FormattedStringText:
            parts.append(Const(part.value.replace("{{", "{").replace("}}", "}")))
        elif type(part) is cst.FormattedStringExpression:
            plain = part.format_spec is None and part.conversion in {None, "s"}
            inner = expression(part.expression, names, depth + 1)
            parts.append(inner if plain else Opaque("it is formatted"))
    return Join(tuple(parts))


def _operation(node: cst.BinaryOperation, names: Names, depth: int) -> Expression:
    if type(node.operator) is cst.Add:
        sides = (node.left, node.right)
        return Join(tuple(expression(side, names, depth + 1) for side in sides), is_sum=True)
    if type(node.operator) is cst.BitOr and any(
        type(side) is cst.Set for side in (node.left, node.right)
    ):
        sides = (node.left, node.right)
        return Join(tuple(expression(side, names, depth + 1) for side in sides))
    template = string_value(node.left)
    if type(node.operator) is cst.Modulo and template is not None:
        right = expression(node.right, names, depth + 1)
        fields = list(right.items) if isinstance(right, Items) else [right]
        pieces = re.split(r"(%s|%d|%%)", template)
        if pieces.count("%s") + pieces.count("%d") == len(fields):
            parts: list[Expression] = []
            for piece in pieces:
                if piece in {"%s", "%d"}:
                    parts.append(fields.pop(0))
                else:
                    parts.append(Const("%" if piece == "%%" else piece))
            return Join(tuple(parts))
    return _COMPUTED


_READERS: dict[type, Callable[[Any, Names, int], Expression]] = {
    cst.Attribute: _name,
    cst.BinaryOperation: _operation,
    cst.BooleanOperation: _conditional,
    cst.Call: _call,
    cst.ConcatenatedString: _text,
    cst.Dict: _table,
    cst.FormattedString: _formatted,
    cst.IfExp: _conditional,
    cst.Integer: _integer,
    cst.List: _items,
    cst.Name: _name,
    cst.NamedExpr: _named,
    cst.Set: _items,
    cst.SimpleString: _text,
    cst.Subscript: _subscript,
    cst.Tuple: _items,
}


def names_in(whole: object) -> set[str]:
    """List the names that an expression, or anything made of expressions, depends on."""
    found: set[str] = set()
    todo: list[object] = [whole]
    while todo:
        part = todo.pop()
        if isinstance(part, Ref):
            found.add(part.name)
        elif isinstance(part, (tuple, list)):
            todo += part
        elif isinstance(part, msgspec.Struct):
            todo += [getattr(part, field) for field in part.__struct_fields__]
    return found


_LEAVES = frozenset({Const, Opaque, Ref, str, bool, type(None)})


def calls_in(whole: Expression) -> list[Invoke]:
    """List the calls in an expression, the outermost first."""
    found: list[Invoke] = []
    todo: list[object] = [whole]
    while todo:
        part = todo.pop()
        if type(part) is Invoke:
            found.append(part)
            todo += (part.args, part.keywords, part.spread, part.base)
        elif type(part) is tuple:
            todo += part
        elif type(part) not in _LEAVES and isinstance(part, msgspec.Struct):
            todo += [getattr(part, field) for field in part.__struct_fields__]
    return found
