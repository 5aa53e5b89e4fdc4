"""Where nodes are in the text, worked out only for the nodes that are asked for.

LibCST finds positions by writing the whole file out again, which takes longer than parsing it.
Here its statements are paired with those of `ast`, which know their lines, and only what holds a
wanted node is written out: a line of simple statements, or the head of a compound one. Nothing but
lines is taken from `ast`, for its columns count bytes.
"""

from __future__ import annotations

import ast
import contextlib
import dataclasses
import operator
import warnings
from typing import TYPE_CHECKING, Any

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from flask_gotchas.node_table import CHILDREN
from flask_gotchas.patterns import late_pattern
from flask_gotchas.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from libcst._nodes.internal import CodegenState
else:
    try:
        from libcst._nodes.internal import CodegenState
    except ImportError:
        # A private name. Where it is gone no `_Writer` can be made, and the TypeError of trying
        # leads to LibCST's own provider.
        CodegenState = object


class Span(NamedTuple):
    """A range of the text: lines 1-based, columns 0-based in characters, the end exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


def locate(
    module: cst.Module,
    nodes: Collection[cst.CSTNode],
    tree: ast.Module | None = None,
    text: str | None = None,
) -> dict[int, Span]:
    """Find where nodes of a module are, just as LibCST's `PositionProvider` would.

    `tree` is what `ast` makes of the file; it is only read. Without it `text` is parsed, and
    without that the code of the module, which takes longer to get. The result has a span for every
    node, by the node's `id`. Never raises: a node in a statement that is nested too deeply to be
    written out gets that statement's lines with columns 0, and a node that has no place in the
    module gets the first line.
    """
    methods: tuple[Callable[[set[int]], dict[int, Span]], ...] = (
        lambda missing: _by_pairing(module, missing, tree or _parse(module, text)),
        lambda missing: _by_writing(module, missing),
        lambda _: _by_asking(module),
    )
    wanted = {id(node) for node in nodes}
    spans: dict[int, Span] = {}
    for method in methods:
        missing = wanted - spans.keys()
        if missing:
            try:
                spans |= method(missing)
            except Exception:  # noqa: BLE001, S112 - the next method is slower but needs less
                continue
    return {key: spans.get(key, Span(1, 0, 1, 0)) for key in wanted}


def _parse(module: cst.Module, text: str | None) -> ast.Module:
    code = module.code if text is None else text.removeprefix("\ufeff")
    with warnings.catch_warnings():
        # Python warns of odd literals as it parses, and where warnings are errors it gives up.
        warnings.simplefilter("ignore")
        return ast.parse(code)


# -- what is within a node

_CLAUSES = (
    cst.BaseCompoundStatement,
    cst.Else,
    cst.ExceptHandler,
    cst.ExceptStarHandler,
    cst.Finally,
    cst.MatchCase,
)


class _Getters(dict[type, "Callable[[Any], Iterable[Any]] | None"]):
    """For each class how to get what is right within, or None if nothing is; made when needed.

    With `code_only` whitespace, punctuation and operators are left out. With `head_only` so are
    the statements of blocks, and the clauses after the first one of a compound statement.
    """

    def __init__(self, *, code_only: bool = False, head_only: bool = False) -> None:
        super().__init__()
        self._code_only = code_only
        self._head_only = head_only

    def __missing__(self, kind: type) -> Callable[[Any], Iterable[Any]] | None:
        self[kind] = getter = self._make(kind)
        return getter

    def _make(self, kind: type) -> Callable[[Any], Iterable[Any]] | None:
        if issubclass(kind, (tuple, list)):
            return iter
        if not issubclass(kind, cst.CSTNode):
            return None
        fields: Iterable[str] = [field.name for field in dataclasses.fields(kind)]
        if self._code_only:
            fields = CHILDREN.get(kind.__name__, fields)
        if self._head_only:
            left_out: tuple[str, ...] = ()
            if issubclass(kind, cst.IndentedBlock):
                left_out = ("body",)
            elif issubclass(kind, _CLAUSES):
                left_out = ("cases", "handlers", "orelse", "finalbody")
            fields = [field for field in fields if field not in left_out]
        names = list(fields)
        if len(names) == 1:
            return lambda node: (getattr(node, names[0]),)
        return operator.attrgetter(*names) if names else None


_CODE_OF_HEAD = _Getters(code_only=True, head_only=True)
_ALL_OF_HEAD = _Getters(head_only=True)
_ALL = _Getters()


def _ids_within(nodes: Iterable[Any], getters: _Getters) -> Iterator[int]:
    return map(id, _within(nodes, getters))


def _within(nodes: Iterable[Any], getters: _Getters) -> list[Any]:
    """List nodes and all that is within them, field values that are no nodes included."""
    values = list(nodes)
    for value in values:  # the list grows meanwhile, so no nesting is too deep
        get = getters[value.__class__]
        if get is not None:
            values += get(value)
    return values


def _clauses(node: Any) -> list[Any]:
    """List the parts of a compound statement or clause that follow its head."""
    parts = [
        getattr(node, "body", None),
        *getattr(node, "cases", ()),
        *getattr(node, "handlers", ()),
        getattr(node, "orelse", None),
        getattr(node, "finalbody", None),
    ]
    return [part for part in parts if part is not None]


def _last_line(node: Any) -> cst.CSTNode:
    """Find the last line of simple statements within a compound statement or clause."""
    while not isinstance(node, (cst.SimpleStatementLine, cst.SimpleStatementSuite)):
        node = node.body[-1] if isinstance(node, cst.IndentedBlock) else _clauses(node)[-1]
    return node


# -- by pairing with ast


class _Level(NamedTuple):
    """Statements or clauses that stand beside each other, with what `ast` made of them."""

    nodes: Sequence[Any]
    trees: Sequence[Any]
    indents: tuple[str, ...] = ()
    is_elif: bool = False


def _levels_below(module: cst.Module, node: Any, tree: Any, level: _Level) -> list[_Level]:
    """List what is right below a compound statement or clause."""
    levels = []
    block: Any = node if isinstance(node, cst.Match) else node.body
    if not isinstance(block, cst.SimpleStatementSuite):
        indent = module.default_indent if block.indent is None else block.indent
        nodes, trees = (node.cases, tree.cases) if block is node else (block.body, tree.body)
        levels.append(_Level(nodes, trees, (*level.indents, indent)))
    if isinstance(node, (cst.Try, cst.TryStar)):
        levels.append(_Level(node.handlers, tree.handlers, level.indents))
    for name in ("orelse", "finalbody"):
        clause = getattr(node, name, None)
        if isinstance(clause, cst.If):
            levels.append(_Level([clause], tree.orelse, level.indents, is_elif=True))
        elif clause is not None:
            # `ast` has but the statements of these two. Like a case they get no line of their own.
            levels.append(_Level([clause], [ast.Module(getattr(tree, name), [])], level.indents))
    return levels


def _by_pairing(module: cst.Module, wanted: set[int], tree: ast.Module) -> dict[int, Span]:
    """Locate what belongs to a statement; what belongs to the module alone is left out.

    Raises ValueError, IndexError or AttributeError for a tree that does not fit the module.
    """
    spans: dict[int, Span] = {}
    last_lines: dict[int, int] = {}
    missing = wanted - {id(module)}
    for getters in (_CODE_OF_HEAD, _ALL_OF_HEAD):
        levels = [_Level(module.body, tree.body)]
        while levels and missing:
            level = levels.pop()
            is_here = not missing.isdisjoint(_ids_within(level.nodes, getters))
            at = 0
            for node in level.nodes:
                first = at
                if isinstance(node, cst.SimpleStatementLine):
                    at += len(node.body)
                else:
                    at += 1
                    levels += _levels_below(module, node, level.trees[first], level)
                    if id(node) in missing:
                        # It ends where its last line does. To locate its first and last line is
                        # less work than to write out all that is between them.
                        last_lines[id(node)] = id(_last_line(node))
                        missing.add(last_lines[id(node)])
                if is_here:
                    found = missing.intersection(_ids_within([node], getters))
                    if found:
                        spans |= _measure(module, node, level.trees[first:at], found, level)
                        missing -= found
            if at != len(level.trees):
                raise ValueError("the tree is not that of the module")
    for key, last in last_lines.items():
        spans[key] = Span(*spans[key][:2], *spans[last][2:])
    return spans


def _measure(
    module: cst.Module, node: Any, trees: Sequence[Any], wanted: set[int], level: _Level
) -> dict[int, Span]:
    """Locate what is wanted of a line of simple statements, or of the head of a compound one.

    Of a compound statement as a whole only the start is right.
    """
    line, anchor, stop = getattr(trees[0], "lineno", None), node, None
    if not isinstance(node, cst.SimpleStatementLine):
        rest = [part for part in _clauses(node) if not isinstance(part, cst.SimpleStatementSuite)]
        stop = rest[0] if rest else None
    if line is None:
        line, anchor = trees[0].body[0].lineno, node.body
        if isinstance(anchor, cst.IndentedBlock):
            anchor = stop = anchor.body[0]
    spans: dict[int, Span] = {}
    for until in (stop, None):
        writer = _Writer(module, wanted, level.indents)
        with contextlib.suppress(RecursionError):
            writer.write(node, anchor=anchor, stop=until, is_elif=level.is_elif)
        spans |= writer.spans(line)
        # What is left then stands around the statements of a block, a comment most likely.
        if wanted <= spans.keys():
            break
    end_line = trees[-1].end_lineno if isinstance(node, cst.SimpleStatementLine) else line
    return {key: spans.get(key, Span(line, 0, end_line, 0)) for key in wanted}


# -- by writing


class _Enough(Exception):  # noqa: N818 - not an error
    """All that is wanted of a statement is written."""


_NOTHING = contextlib.nullcontext()
_NEWLINE = late_pattern(r"\r\n?|\n")


class _Writer(CodegenState):
    """Writes a node out as LibCST does, and notes where the wanted ones start and end.

    "Where" is an index into the tokens until `spans` works out lines and columns.
    """

    def __init__(self, module: cst.Module, wanted: set[int], indents: tuple[str, ...] = ()) -> None:
        super().__init__(
            default_indent=module.default_indent, default_newline=module.default_newline
        )
        self.indent_tokens.extend(indents)
        self._wanted = set(wanted)
        self._starts: dict[int, int] = {}
        self._ends: dict[int, int] = {}
        self._anchor: cst.CSTNode | None = None
        self._anchored_at: int | None = None
        self._stop: cst.CSTNode | None = None

    def write(
        self,
        node: cst.CSTNode,
        *,
        anchor: cst.CSTNode | None = None,
        stop: cst.CSTNode | None = None,
        is_elif: bool = False,
    ) -> None:
        """Write a node out, up to a node within if that is given.

        The line of `anchor` is the one that `spans` is told later; without an anchor it is the
        first one. Raises RecursionError; what was written until then is kept.
        """
        self._anchor, self._stop = anchor, stop
        self._anchored_at = 0 if anchor is None else None
        try:
            node._codegen(self, **({"is_elif": True} if is_elif else {}))  # noqa: SLF001
        except _Enough:
            self._ends[id(node)] = len(self.tokens)

    def spans(self, line: int) -> dict[int, Span]:
        """Give the spans of the wanted nodes that were written, from the line of the anchor."""
        if self._anchored_at is None:
            return {}
        places: dict[int, tuple[int, int]] = {}
        row = column = done = 0
        for index in sorted({self._anchored_at, *self._starts.values(), *self._ends.values()}):
            lines = _NEWLINE.split("".join(self.tokens[done:index]))
            row += len(lines) - 1
            column = len(lines[-1]) + (column if len(lines) == 1 else 0)
            places[index] = (row, column)
            done = index
        shift = line - places[self._anchored_at][0]
        return {
            key: Span(row + shift, column, end_row + shift, end_column)
            for key, end in self._ends.items()
            if key in self._starts
            for (row, column), (end_row, end_column) in [(places[self._starts[key]], places[end])]
        }

    def before_codegen(self, node: cst.CSTNode) -> None:
        if node is self._stop and node is not self._anchor:
            raise _Enough
        if id(node) in self._wanted:
            self._starts[id(node)] = len(self.tokens)

    def after_codegen(self, node: cst.CSTNode) -> None:
        if id(node) in self._wanted:
            self._ends.setdefault(id(node), len(self.tokens))

    def record_syntactic_position(
        self,
        node: cst.CSTNode,
        *,
        start_node: cst.CSTNode | None = None,
        end_node: cst.CSTNode | None = None,
    ) -> Any:  # LibCST promises one kind of context manager, but any kind does
        if node is self._anchor:
            self._anchored_at = len(self.tokens)
            if node is self._stop:
                raise _Enough
        if id(node) in self._wanted:
            return self._note(node, start_node, end_node)
        return _NOTHING

    @contextlib.contextmanager
    def _note(
        self, node: cst.CSTNode, start_node: cst.CSTNode | None, end_node: cst.CSTNode | None
    ) -> Iterator[None]:
        self._wanted.update(id(child) for child in (start_node, end_node) if child is not None)
        self._starts[id(node)] = len(self.tokens)
        yield
        self._ends[id(node)] = len(self.tokens)
        if start_node is not None:
            self._starts[id(node)] = self._starts[id(start_node)]
        if end_node is not None:
            self._ends[id(node)] = self._ends[id(end_node)]


def _by_writing(module: cst.Module, wanted: set[int]) -> dict[int, Span]:
    """Locate nodes by writing the whole module out, one statement after the other."""
    spans: dict[int, Span] = {}
    line = 1
    for part in (*module.header, *module.body, *module.footer):
        writer = _Writer(module, wanted)
        try:
            writer.write(part)
        except RecursionError:
            first = line + _newlines_within(getattr(part, "leading_lines", ()))
            line += _newlines_within([part])
            found = wanted.intersection(_ids_within([part], _ALL))
            spans |= dict.fromkeys(found, Span(first, 0, line - 1, 0))
        else:
            spans |= writer.spans(line)
            line += len(_NEWLINE.findall("".join(writer.tokens)))
    if id(module) in wanted:
        spans[id(module)] = Span(1, 0, line, 0)
    return spans


def _newlines_within(nodes: Iterable[cst.CSTNode]) -> int:
    """Count the line ends in the text of nodes without writing it."""
    return sum(
        # A `Newline` without a text is the module's usual one.
        value.value is None if isinstance(value, cst.Newline) else len(_NEWLINE.findall(value))
        for value in _within(nodes, _ALL)
        if isinstance(value, (cst.Newline, str))
    )


def _by_asking(module: cst.Module) -> dict[int, Span]:
    """Locate all nodes by public means."""
    ranges = MetadataWrapper(module, unsafe_skip_copy=True).resolve(PositionProvider)
    return {
        id(node): Span(at.start.line, at.start.column, at.end.line, at.end.column)
        for node, at in ranges.items()
    }
