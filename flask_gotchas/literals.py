"""Values of literal expressions, as far as they can be read from the source alone."""

from __future__ import annotations

import ast

import libcst as cst


def string_value(node: cst.CSTNode | None) -> str | None:
    """Give the text of a string literal, concatenated ones included; None for anything else."""
    parts: list[str] = []
    while type(node) is cst.ConcatenatedString:
        part = _simple_string(node.left)
        if part is None:
            return None
        parts.append(part)
        node = node.right
    last = _simple_string(node)
    return None if last is None else "".join(parts) + last


def _simple_string(node: cst.CSTNode | None) -> str | None:
    if type(node) is not cst.SimpleString:
        return None
    literal = node.value
    if literal[0] in "'\"" and "\\" not in literal and "\r" not in literal:
        return literal[3:-3] if literal[:3] in {"'''", '"""'} else literal[1:-1]
    try:
        value = ast.literal_eval(node.value)
    except (ValueError, SyntaxError):
        return None
    return value if isinstance(value, str) else None


def is_name(node: cst.CSTNode | None, name: str) -> bool:
    """Tell whether a node is just this name, such as `True`."""
    return type(node) is cst.Name and node.value == name


def source_of(node: cst.CSTNode, limit: int = 60) -> str:
    """Give the source text of an expression on one line, shortened for a message."""
    name = dotted_name(node)
    if name and len(name) <= limit:
        return name
    try:
        text = " ".join(cst.Module([]).code_for_node(node).split())
    except RecursionError:
        return "..."
    return text if len(text) <= limit else f"{text[: limit - 3]}..."


def dotted_name(node: cst.CSTNode) -> str:
    """Give the text of a name with attributes, `a.b.c`; empty for anything else."""
    parts: list[str] = []
    while type(node) is cst.Attribute:
        parts.append(node.attr.value)
        node = node.value
    if type(node) is not cst.Name:
        return ""
    parts.append(node.value)
    return ".".join(reversed(parts))


def argument(call: cst.Call, name: str, order: tuple[str, ...]) -> cst.BaseExpression | None:
    """Give an argument of a call by its name; `order` names the positional ones.

    None if it is not given, or if what is unpacked may hold it.
    """
    unpacked = False
    for index, arg in enumerate(call.args):
        if arg.keyword is not None:
            if arg.keyword.value == name:
                return arg.value
        else:
            unpacked = unpacked or bool(arg.star)
            if not unpacked and index < len(order) and order[index] == name:
                return arg.value
    return None
