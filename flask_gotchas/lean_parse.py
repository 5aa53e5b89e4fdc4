"""Parse with LibCST's own parser, at three quarters of its cost.

Two thirds of the nodes of a tree are whitespace and punctuation, which are the same over and over,
and each node checks once more what the grammar has made sure of. The native parser finds the class
of each node that it makes by name, in the module `libcst`. While it runs, it finds another module
there, which has functions in the place of the usual classes: they give equal whitespace and
punctuation out as one node, and make the other nodes without the checks.

The tree equals LibCST's in everything but that. It must not be changed, and whoever wants to know
the place or the parent of a comma should parse in the usual way. What has imported `libcst` before
is not touched; no other thread should import it for the first time during a parse. One thread
parses at a time, since each would get nodes of the other's kind.
"""

from __future__ import annotations

import dataclasses
import functools
import sys
import threading
import types
from typing import Any, Final

import libcst as cst

from flask_gotchas.lean_import import write_field

# What the checks of these would see is seen by the parser, as long as it is written as here.
_UNCHECKED: Final = {
    "Annotation": "", "Arg": "", "Assign": "", "AssignTarget": "", "Attribute": "", "Call": "",
    "Comment": "value[0] == '#'", "DictElement": "", "Element": "", "Expr": "", "ImportAlias": "",
    "IndentedBlock": "", "Index": "", "Name": "value.isidentifier()", "Param": "",
    "ParenthesizedWhitespace": "", "SimpleStatementLine": "",
    "SimpleString": "value[0] in QUOTES", "Subscript": "", "SubscriptElement": "",
}  # fmt: skip
# Shared by their values, and by the shared nodes that they are made of.
_LEAVES: Final = ("Newline", "SimpleWhitespace")
_SHARED: Final = (
    "AssignEqual", "Colon", "Comma", "Dot", "EmptyLine", "LeftCurlyBrace", "LeftParen",
    "LeftSquareBracket", "RightCurlyBrace", "RightParen", "RightSquareBracket",
    "TrailingWhitespace",
)  # fmt: skip
_MOST_SHARED: Final = 5_000  # of a class, before it begins anew

_parsing = threading.Lock()


def lean_parse(text: str) -> cst.Module:
    """Parse source, as `libcst.parse_module` would; raises what that raises."""
    with _parsing:
        before = sys.modules["libcst"]
        try:
            sys.modules["libcst"] = _stand_in()
            return cst.parse_module(text)
        except Exception:  # noqa: BLE001 - LibCST's own words are better
            sys.modules["libcst"] = before
            return cst.parse_module(text)
        finally:
            sys.modules["libcst"] = before


def full_parse(text: str) -> cst.Module:
    """Parse source so that every node is its own; raises what `libcst.parse_module` raises."""
    with _parsing:
        return cst.parse_module(text)


@functools.cache
def _stand_in() -> types.ModuleType:
    """Make the module that the parser finds in the place of `libcst`."""
    module = types.ModuleType(cst.__name__, cst.__doc__)
    vars(module).update(vars(cst))
    for name in _LEAVES:
        setattr(module, name, functools.lru_cache(_MOST_SHARED)(getattr(cst, name)))
    shareable = frozenset({type(None), bool, cst.Newline, cst.SimpleWhitespace})
    space: dict[str, Any] = {"new": object.__new__, "QUOTES": "\"'", "shareable": shareable}
    lines: list[str] = []
    for name in _SHARED:
        lines += _written(getattr(cst, name), space, shared=True)
    for name, check in _UNCHECKED.items():
        lines += _written(getattr(cst, name), space, check)
    exec(compile("\n".join(lines), "<generated parse>", "exec"), space)  # noqa: S102 - own text
    for name in (*_SHARED, *_UNCHECKED):
        setattr(module, name, space[f"make_{name}"])
    return module


def _written(
    cls: type[cst.CSTNode], space: dict[str, Any], check: str = "", *, shared: bool = False
) -> list[str]:
    """Write a function that makes nodes of a class: one for all that are equal, or checked so."""
    kind = cls.__name__
    space[kind] = cls
    names, parameters, body = [], [], [f"    node = new({kind})"]
    for field in dataclasses.fields(cls):
        name = field.name
        setter = f"set_{kind}_{name}"
        space[setter] = getattr(cls, name).__set__
        value, parameter = write_field(field, space, "None", f"default_{kind}")
        names.append(name)
        parameters.append(parameter)
        body.append(f"    {setter}(node, {value})")
    if shared:
        # As long as a node is kept, what it is made of cannot leave its id to something else.
        made: dict[tuple[int, ...], cst.CSTNode] = {}
        space |= {f"get_{kind}": made.get, f"keep_{kind}": functools.partial(_keep, made)}
        alike = " and ".join(f"{name}.__class__ in shareable" for name in names)
        body = [
            f"    key = ({''.join(f'id({name}), ' for name in names)})",
            f"    node = get_{kind}(key)",
            "    if node is not None: return node",
            *body,
            f"    if {alike}: keep_{kind}(key, node)",
        ]
    if check:
        given = ", ".join(f"{name}={name}" for name in names)
        body.insert(0, f"    if not ({check}): return {kind}({given})")
    return [f"def make_{kind}(*, {', '.join(parameters)}):", *body, "    return node"]


def _keep(
    made: dict[tuple[int, ...], cst.CSTNode], key: tuple[int, ...], node: cst.CSTNode
) -> None:
    if len(made) >= _MOST_SHARED:
        made.clear()
    made[key] = node
