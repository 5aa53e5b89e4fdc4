"""Work out `flask_gotchas/node_table.py` from LibCST's own traversal.

Run as `python tests/derive_node_table.py > flask_gotchas/node_table.py` for a new LibCST; a test
compares the two.
"""

from __future__ import annotations

import inspect
import re
import sys

import libcst as cst

CHILD = re.compile(r"visit_(\w+)\(\s*self,\s*\"(\w+)\"")
TRIVIA_FIELDS = re.compile(
    r"whitespace|leading_lines|lines_after|trailing|header$|footer$|indent$|newline|comma$|"
    r"semicolon$|colon$|equal$|dot$|[lr](par|bracket|brace|angle)|operator$|asynchronous|star$|"
    r"posonly_ind$|default_|separator$|dots$|relative$|empty_lines$"
)
TRIVIA_BASES = (
    cst.BaseParenthesizableWhitespace,
    cst.BaseUnaryOp,
    cst.BaseBinaryOp,
    cst.BaseBooleanOp,
    cst.BaseCompOp,
    cst.BaseAugOp,
)
TRIVIA_NODES = {
    cst.AssignEqual, cst.Asynchronous, cst.BitOr, cst.Colon, cst.Comma, cst.Comment, cst.Dot,
    cst.EmptyLine, cst.LeftCurlyBrace, cst.LeftParen, cst.LeftSquareBracket, cst.Newline,
    cst.ParamSlash, cst.RightCurlyBrace, cst.RightParen, cst.RightSquareBracket, cst.Semicolon,
    cst.TrailingWhitespace,
}  # fmt: skip


def concrete_nodes() -> list[type[cst.CSTNode]]:
    """List all LibCST node classes that occur in a tree, by name."""
    return sorted(
        (
            node
            for node in vars(cst).values()
            if isinstance(node, type)
            and issubclass(node, cst.CSTNode)
            and not inspect.isabstract(node)
            and not node.__name__.startswith(("Base", "_"))
            and node is not cst.CSTNode
        ),
        key=lambda node: node.__name__,
    )


def is_trivia(node: type[cst.CSTNode]) -> bool:
    """Tell whether a node class only carries whitespace, punctuation or an operator token."""
    return node in TRIVIA_NODES or issubclass(node, TRIVIA_BASES)


def derive() -> dict[str, dict[str, str]]:
    """Map each node class that can be visited to its child fields, in LibCST's visiting order.

    A field holds "one" node (or none), "many" of them, or "either".
    """
    table: dict[str, dict[str, str]] = {}
    for node in concrete_nodes():
        if is_trivia(node):
            continue
        fields = table[node.__name__] = {}
        source = inspect.getsource(node._visit_and_replace_children)
        for visitor, field in CHILD.findall(source):
            if not TRIVIA_FIELDS.search(field):
                holds = "many" if visitor.endswith("sequence") else "one"
                fields[field] = holds if fields.get(field, holds) == holds else "either"
    return table


def main() -> None:
    lines = [
        '"""Child fields of every LibCST node, in the order in which LibCST visits them.',
        "",
        "Derived from LibCST by tests/derive_node_table.py; whitespace, punctuation and operator",
        'tokens are left out.\n"""',
        "",
        "from __future__ import annotations",
        "",
        "CHILDREN: dict[str, dict[str, str]] = {",
    ]
    for name, fields in derive().items():
        text = ", ".join(f'"{field}": "{holds}"' for field, holds in fields.items())
        lines.append(f'    "{name}": {{{text}}},')
    lines.append("}")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
