"""What is in a node."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from flask_gotchas.node_table import CHILDREN

if TYPE_CHECKING:
    import libcst as cst


def children(node: cst.CSTNode) -> list[cst.CSTNode]:
    """List the nodes in a node, without whitespace, punctuation and operators.

    LibCST's own `children` has these too, and makes a copy of the node to find them.
    """
    found: list[cst.CSTNode] = []
    for field, is_one in _fields(type(node)):
        value = getattr(node, field)
        if is_one or not isinstance(value, (list, tuple)):
            if type(value).__name__ in CHILDREN:  # neither nothing nor one of LibCST's sentinels
                found.append(value)
        else:
            found += value
    return found


@functools.cache
def _fields(kind: type[cst.CSTNode]) -> tuple[tuple[str, bool], ...]:
    fields = CHILDREN.get(kind.__name__, {})
    return tuple((field, holds == "one") for field, holds in fields.items())
