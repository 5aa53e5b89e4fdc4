"""Find the imports that a fix has made needless, and take them out.

That is an import of a name which the file used only where the edits of the fix took it away. All
others stay, among them whatever something else may depend on: when unsure, an import is kept.
"""

from __future__ import annotations

import ast
import functools
import itertools
import os
import re
from typing import TYPE_CHECKING, Final

import libcst as cst

from flask_gotchas.editing import LINE_END, NoFix
from flask_gotchas.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from flask_gotchas.editing import FileEditor
    from flask_gotchas.model import Edit

    Texts = Callable[[], Mapping[str, str] | None]

_WORDS: Final = re.compile(r"\w+")
_INITS: Final = ("__init__.py", "__init__.pyw")


class _Import(NamedTuple):
    """One name of an import, and the statement that it is in."""

    alias: cst.ImportAlias
    node: cst.Import | cst.ImportFrom
    statement: cst.SimpleStatementLine
    name: str

    @property
    def module(self) -> str:
        """What it is imported from; empty if that is told from where the file is."""
        if isinstance(self.node, cst.Import):
            return _code(self.alias.name)
        if self.node.relative or self.node.module is None:
            return ""
        return _code(self.node.module)


def removals(file: FileEditor, edits: Collection[Edit], texts: Texts) -> tuple[Edit, ...]:
    """Make the edits that take out what is imported for nothing after some other edits.

    `texts` gives the Python files of the project by their paths from its root, or None if they are
    not known; it is asked only if there is something to take out.
    """
    spans = [edit.location for edit in edits]
    taken = [
        (file.offset(at.line, at.column), file.offset(at.end_line, at.end_column)) for at in spans
    ]
    words = {word for start, end in taken for word in _WORDS.findall(file.text[start:end])}
    words -= {word for edit in edits for word in _WORDS.findall(edit.text)}
    needless: dict[int, list[_Import]] = {}
    for one in _only_imports(file, words) if words else ():
        if (
            _may_go(file, one)
            and not any(_is_use(file, node, one, taken) for node in file.nodes)
            and not _is_used_elsewhere(file.path, one, texts())
        ):
            needless.setdefault(id(one.statement), []).append(one)
    made: list[Edit] = []
    for imports in needless.values():
        try:
            new = file.edits(functools.partial(_remove, file, imports))[1]
        except NoFix:
            continue  # a comment is in the way
        if not any(_overlap(one, other) for one in new for other in edits):
            made += new
    return tuple(made)


def _overlap(one: Edit, other: Edit) -> bool:
    """Tell whether edits are about the same text, or one is in the middle of the other."""
    a, b = one.location, other.location
    return (a.line, a.column) < (b.end_line, b.end_column) and (b.line, b.column) < (
        a.end_line,
        a.end_column,
    )


def _only_imports(file: FileEditor, words: Collection[str]) -> Iterator[_Import]:
    """Yield the imports of some names which nothing else imports."""
    found: dict[str, list[cst.ImportAlias]] = {}
    for alias in file.inside(file.tree, cst.ImportAlias):
        asname = alias.asname.name if alias.asname is not None else alias.name
        name = _code(asname).partition(".")[0]
        if name in words:
            found.setdefault(name, []).append(alias)
    for name, aliases in found.items():
        node = next(file.above(aliases[0]))
        statement = next(file.above(node))
        if (
            len(aliases) == 1
            and isinstance(node, (cst.Import, cst.ImportFrom))
            and isinstance(statement, cst.SimpleStatementLine)
            and len(statement.body) == 1
        ):
            yield _Import(aliases[0], node, statement, name)


def _may_go(file: FileEditor, one: _Import) -> bool:
    """Tell whether nothing about an import itself says that it is to stay."""
    block = next(file.above(one.statement))
    if isinstance(block, cst.IndentedBlock):
        if len(block.body) == 1 or isinstance(next(file.above(block)), cst.Try):
            return False
    elif not isinstance(block, cst.Module):
        return False
    is_explicit = one.alias.asname is not None and one.name == _code(one.alias.name)
    line_end = LINE_END.search(file.text, file.end(one.statement))
    lines = file.text[file.start(one.statement) : line_end.start() if line_end else None]
    return not (
        is_explicit
        or not one.module
        or one.module == "__future__"
        or "noqa" in lines
        or os.path.basename(file.path) in _INITS
    )


def _is_use(
    file: FileEditor, node: cst.CSTNode, one: _Import, taken: Sequence[tuple[int, int]]
) -> bool:
    """Tell whether a node may be a use of a name, outside of what is taken away."""
    if type(node) is cst.Name:
        if node.value != one.name:
            return False
        outer = next(file.above(node))
        if isinstance(outer, cst.Attribute) and node is outer.attr:
            return False
        if isinstance(outer, cst.Arg) and node is outer.keyword:
            return False
        if any(isinstance(above, (cst.ImportAlias, cst.ImportFrom)) for above in file.above(node)):
            return False
    elif type(node) is cst.SimpleString:
        if one.name not in node.value or isinstance(next(file.above(node)), cst.Expr):
            return False
        value = node.evaluated_value
        if not _is_code(value if isinstance(value, str) else value.decode("latin-1"), one.name):
            return False
    elif type(node) is cst.Comment:
        if "type:" not in node.value or one.name not in _WORDS.findall(node.value):
            return False
    else:
        return False
    start, end = file.start(node), file.end(node)
    return not any(first <= start and end <= last for first, last in taken)


def _is_code(text: str, name: str) -> bool:
    """Tell whether a text may be an expression with a name in it, such as an annotation."""
    if name not in _WORDS.findall(text):
        return False
    try:
        ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return False
    return True


def _is_used_elsewhere(path: str, one: _Import, texts: Mapping[str, str] | None) -> bool:
    """Tell whether another file may take a name from this one, or needs the import to be run.

    The latter is so with the modules of the project itself.
    """
    if texts is None:
        return True
    package = one.module.partition(".")[0]
    paths = [os.path.abspath(path).replace(os.sep, "/"), *texts]
    parts = {part for other in paths for part in other.split("/")}
    if package in parts or f"{package}.py" in parts:
        return True
    own = os.path.splitext(os.path.basename(path))[0]
    return any(own in text and _takes(text, re.escape(own), one.name) for text in texts.values())


def _takes(text: str, module: str, name: str) -> bool:
    """Tell whether a text may take a name from a module, or replace it there.

    The module is a regular expression.
    """
    imported = rf"\bfrom\s+[\w.]*\b{module}\s+import\b(?:\s*\([^)]*\)|(?:[^\n\\]|\\\s*\n)*)"
    if any(
        "*" in found or name in _WORDS.findall(found.partition("import")[2])
        for found in re.findall(imported, text)
    ):
        return True
    known = "|".join([module, *re.findall(rf"\b{module}\s+as\s+(\w+)", text)])
    return bool(re.search(rf"\b(?:{known})(?:\.{name}\b|\s*,\s*[\"']{name}\b)", text))


def _remove(file: FileEditor, imports: Sequence[_Import]) -> str:
    """Take names out of the import that they are in, or all of it."""
    node, statement = imports[0].node, imports[0].statement
    gone = {id(one.alias) for one in imports}
    names = list(node.names) if not isinstance(node.names, cst.ImportStar) else []
    left = [at for at, alias in enumerate(names) if id(alias) not in gone]
    if not left:
        _remove_statement(file, statement)
        return ""
    # Each name goes with what is between it and the next one that stays, the last ones with what
    # is between them and the one before.
    for start, end in zip([-1, *left], left, strict=False):
        if end - start > 1:
            file.write(file.start(names[start + 1]), file.start(names[end]), "")
    if left[-1] < len(names) - 1:
        start, end = file.end(names[left[-1]]), file.end(names[-1])
        if isinstance(names[-1].comma, cst.Comma):
            start, end = _whole_lines(file, names[left[-1] + 1], names[-1]) or (start, end)
        file.write(start, end, "")
    return ""


def _whole_lines(
    file: FileEditor, first: cst.ImportAlias, last: cst.ImportAlias
) -> tuple[int, int] | None:
    """Give the range of the lines of some names, if nothing else is in them."""
    start = file.start(first) - file.place(first).column
    end = LINE_END.search(file.text, file.end(last))
    if end is None or file.text[start : file.start(first)].strip():
        return None
    if file.text[file.end(last) : end.start()].strip() != ",":
        return None
    return start, end.end()


def _remove_statement(file: FileEditor, statement: cst.SimpleStatementLine) -> None:
    """Take out a statement, and empty lines if there would be too many in a row."""
    file.indent_of(statement)
    at = file.place(statement)
    starts = [0, *(end.end() for end in LINE_END.finditer(file.text)), len(file.text)]
    lines = [file.text[a:b].strip() for a, b in itertools.pairwise(starts)]
    first, last = at.line - 1, at.end_line
    if file.text[file.offset(at.end_line, at.end_column) : starts[last]].strip():
        raise NoFix
    above = _length(not line for line in reversed(lines[:first]))
    below = _length(not line for line in lines[last:])
    if above == first or below <= above:
        last += below
    else:
        first -= above
    file.write(starts[first], starts[last], "")


def _length(are: Iterator[bool]) -> int:
    """Count how many are true before the first one that is not."""
    count = 0
    for one in are:
        if not one:
            break
        count += 1
    return count


def _code(node: cst.CSTNode) -> str:
    return cst.Module([]).code_for_node(node)
