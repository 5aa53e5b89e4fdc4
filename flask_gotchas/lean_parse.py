"""Parse with LibCST's own parser, at three quarters of its cost.

Two thirds of the nodes of a tree are whitespace and punctuation, which are the same over and over,
and each node checks once more what the grammar has made sure of. The native parser finds the class
of each node that it makes by name, in the module `libcst`. While it runs, it finds another module
there, which has functions in the place of the usual classes: they give equal whitespace and
punctuation out as one node, and make the other nodes without the checks.

The tree equals LibCST's in everything but that. It must not be changed, and whoever wants to know
the place or the parent of a comma should parse in the usual way.
"""

from __future__ import annotations

import dataclasses
import functools
import sys
import types
from typing import Any, Final

import libcst as cst

# What the checks of these would see is seen by the parser, as long as it is written as here.
_UNCHECKED: Final = {
    "Annotation": "", "Arg": "", "Assign": "", "AssignTarget": "", "Attribute": "", "Call": "",
    "DictElement": "", "Element": "", "Expr": "", "ImportAlias": "", "IndentedBlock": "",
    "Index": "", "Name": "value.isidentifier()", "Param": "", "ParenthesizedWhitespace": "",
    "SimpleStatementLine": "", "SimpleString": "value[0] in QUOTES", "Subscript": "",
    "SubscriptElement": "",
}  # fmt: skip
# Shared by their values, and by the shared nodes that they are made of.
_LEAVES: Final = ("Newline", "SimpleWhitespace")
_SHARED: Final = (
    "AssignEqual", "Colon", "Comma", "Dot", "EmptyLine", "LeftCurlyBrace", "LeftParen",
    "LeftSquareBracket", "RightCurlyBrace", "RightParen", "RightSquareBracket",
    "TrailingWhitespace",
)  # fmt: skip
_MOST_SHARED: Final = 5_000  # of a class, before it begins anew


def lean_parse(text: str) -> cst.Module:
    """Parse source, as `libcst.parse_module` would; raises what that raises."""
    try:
        sys.modules["libcst"] = _stand_in()
        return cst.parse_module(text)
    except Exception:  # noqa: BLE001 - LibCST's own words are better
        sys.modules["libcst"] = cst
        return cst.parse_module(text)
    finally:
        sys.modules["libcst"] = cst


@functools.cache
def _stand_in() -> types.ModuleType:
    """Make the module that the parser finds in the place of `libcst`."""
    module = types.ModuleType(cst.__name__, cst.__doc__)
    vars(module).update(vars(cst))
    for name in _LEAVES:
        setattr(module, name, functools.lru_cache(_MOST_SHARED)(getattr(cst, name)))
    space: dict[str, Any] = {"new": object.__new__, "QUOTES": "\"'"}
    lines: list[str] = []
    for name in _SHARED:
        lines += _sharing(getattr(cst, name), space)
    for name, check in _UNCHECKED.items():
        lines += _unchecked(getattr(cst, name), check, space)
    exec(compile("\n".join(lines), "<generated parse>", "exec"), space)  # noqa: S102 - own text
    for name in (*_SHARED, *_UNCHECKED):
        setattr(module, name, space[f"make_{name}"])
    return module


def _sharing(cls: type[cst.CSTNode], space: dict[str, Any]) -> list[str]:
    """Write a function that makes nodes of a class, one for all that are equal."""
    made: dict[tuple[int, ...], cst.CSTNode] = {}
    # As long as a node is in `made`, what it is made of cannot leave its id to something else.
    shareable = {type(None), bool, cst.SimpleWhitespace, cst.Newline}

    def make(key: tuple[int, ...], **fields: Any) -> cst.CSTNode:
        node = cls(**{name: value for name, value in fields.items() if value is not None})
        if all(type(value) in shareable for value in fields.values()):
            if len(made) >= _MOST_SHARED:
                made.clear()
            made[key] = node
        return node

    names = [field.name for field in dataclasses.fields(cls)]
    space |= {f"get_{cls.__name__}": made.get, f"make_new_{cls.__name__}": make}
    return [
        f"def make_{cls.__name__}(*, {', '.join(f'{name}=None' for name in names)}):",
        f"    key = ({''.join(f'id({name}), ' for name in names)})",
        f"    return get_{cls.__name__}(key) or "
        f"make_new_{cls.__name__}(key, {', '.join(f'{name}={name}' for name in names)})",
    ]


def _unchecked(cls: type[cst.CSTNode], check: str, space: dict[str, Any]) -> list[str]:
    """Write a function that makes nodes of a class without the checks, or with this one."""
    kind = cls.__name__
    space[kind] = cls
    parameters, body = [], [f"    node = new({kind})"]
    for field in dataclasses.fields(cls):
        name, parameter = field.name, field.name
        setter, default = f"set_{kind}_{name}", f"default_{kind}_{name}"
        space[setter] = getattr(cls, name).__set__
        value = name
        if field.default is not dataclasses.MISSING:
            space[default] = field.default
            parameter += f"={default}"
        elif field.default_factory is not dataclasses.MISSING:
            space[default] = field.default_factory
            parameter += "=None"
            value = f"{default}() if {name} is None else {name}"
        parameters.append(parameter)
        body.append(f"    {setter}(node, {value})")
    if check:
        given = ", ".join(f"{field.name}={field.name}" for field in dataclasses.fields(cls))
        body.insert(0, f"    if not ({check}): return {kind}({given})")
    return [f"def make_{kind}(*, {', '.join(parameters)}):", *body, "    return node"]
