"""Show a file as the rules see it: `python tests/look.py tree FILE`, or `facts` instead of `tree`.

The tree is LibCST's, without white space. The facts are those of the file alone, before the project
links them, and only the ones there are.
"""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec
from libcst.display import dump

from flask_gotchas.analysis import analyse
from flask_gotchas.modules import module_id
from flask_gotchas.source import decode, parse


def look(what: str, path: str) -> str:
    """Give the tree or the facts of a file as text."""
    source = parse(path, decode(Path(path).read_bytes()))
    if what == "tree":
        return dump(source.tree)
    facts = msgspec.to_builtins(analyse(source, ".".join(module_id(path))).facts)
    return msgspec.json.format(
        msgspec.json.encode({name: fact for name, fact in facts.items() if fact})
    ).decode()


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in ("tree", "facts"):
        sys.exit(__doc__)
    print(look(*sys.argv[1:]))
