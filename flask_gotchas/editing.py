"""Change the text of a file where nodes of its tree stand, with all else left as it is.

An editor is what a rule gets to make a fix. Whatever it cannot do without touching more than is
meant, such as a comment in the way, raises NoFix.
"""

from __future__ import annotations

import bisect
import itertools
import keyword
import os
import re
import sys
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeVar

import libcst as cst

from flask_gotchas import positions
from flask_gotchas.facts.flask_api import canonical
from flask_gotchas.model import Edit, Location
from flask_gotchas.names import Names
from flask_gotchas.patterns import late_pattern
from flask_gotchas.records import NamedTuple
from flask_gotchas.source import UnparsableError, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

Node = TypeVar("Node", bound=cst.CSTNode)

LINE_END: Final = late_pattern(r"\r\n?|\n")
_NAMES_AS_TEXT: Final = frozenset({"eval", "exec", "locals", "vars"})
_TRAILING_COMMA: Final = late_pattern(r"[ \t]*,[^\r\n]*")
# Methods of texts that give something else.
_NO_TEXT: Final = frozenset({"encode", "partition", "rpartition", "rsplit", "split", "splitlines"})
_MAX_STEPS: Final = 20
_SCOPES: Final = (cst.FunctionDef, cst.Lambda, cst.ClassDef)


class NoFix(Exception):  # noqa: N818 - not an error: most reports need a person
    """This report cannot be put right without a person."""


class _Import(NamedTuple):
    """An import at the top level of a module, alone in its line."""

    statement: cst.SimpleStatementLine
    node: cst.Import | cst.ImportFrom
    module: str
    is_from: bool


class FileEditor:
    """The text of one file, and the edits that a fix is made of.

    `text` is without a byte order mark. Places are those of reports.
    """

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text.removeprefix("\ufeff")
        self._edits: dict[Edit, None] = {}
        self.is_certain = True

    def edits(self, make: Callable[[], str]) -> tuple[str, tuple[Edit, ...]]:
        """Call what makes a fix; give the message that it returns, and the edits that it made.

        Raises NoFix when it made none.
        """
        self._edits = {}
        self.is_certain = True
        message = make()
        if not self._edits:
            raise NoFix
        return message, tuple(sorted(self._edits))

    def only_suggest(self) -> None:
        """Make this fix a suggestion, also where those of its rule are safe."""
        self.is_certain = False

    # -- the tree

    @cached_property
    def tree(self) -> cst.Module:
        """The tree of the file; raises NoFix when there is none."""
        try:
            return parse(self.path, self.text, lean=False).tree
        except UnparsableError as error:
            raise NoFix from error

    @cached_property
    def _parents(self) -> dict[int, cst.CSTNode]:
        parents: dict[int, cst.CSTNode] = {}
        todo: list[cst.CSTNode] = [self.tree]
        while todo:
            node = todo.pop()
            for child in node.children:
                parents[id(child)] = node
                todo.append(child)
        return parents

    @cached_property
    def nodes(self) -> list[cst.CSTNode]:
        """All nodes of the file, each behind what it is within."""
        nodes: list[cst.CSTNode] = [self.tree]
        for node in nodes:  # it grows meanwhile: those outside come before those within
            nodes += node.children
        return nodes

    @cached_property
    def _spans(self) -> dict[int, positions.Span]:
        return positions.locate(self.tree, self.nodes, text=self.text)

    def at(self, place: Location, *kinds: type[Any]) -> Any:
        """Find the outermost node of some kinds at just this place."""
        wanted = (place.line, place.column, place.end_line, place.end_column)
        for node in self.nodes:
            if isinstance(node, kinds) and self._spans[id(node)] == wanted:
                return node
        raise NoFix

    def place(self, node: cst.CSTNode) -> Location:
        """Say where a node is."""
        return Location(self.path, *self._spans[id(node)])

    def route_call(self, place: Location) -> cst.Call:
        """Find the call that registers a route, from the place that is reported for it."""
        node = self.at(place, cst.Call, cst.Decorator)
        call = node.decorator if isinstance(node, cst.Decorator) else node
        if not isinstance(call, cst.Call):
            raise NoFix
        return call

    def methods(self, place: Location) -> cst.BaseExpression:
        """Find what is given for `methods` by a route or class that is reported at a place."""
        node = self.at(place, cst.Call, cst.Decorator, cst.Name)
        if isinstance(node, cst.Name):
            return self.class_value(self.around(node, cst.ClassDef), "methods")
        return self.argument(self.route_call(place), "methods").value

    def rule(self, place: Location) -> cst.BaseExpression:
        """Find what is given for the URL rule by a route that is reported at a place."""
        return self.argument(self.route_call(place), "rule", 0).value

    def is_method(self, call: cst.Call, name: str) -> bool:
        """Tell a call of something's attribute by the name of that."""
        return isinstance(call.func, cst.Attribute) and call.func.attr.value == name

    def argument(self, call: cst.Call, name: str, position: int | None = None) -> cst.Arg:
        """Find the argument of a call for a parameter; only one without `*` and `**` is certain."""
        if not any(arg.star for arg in call.args):
            for index, arg in enumerate(call.args):
                if index == position if arg.keyword is None else arg.keyword.value == name:
                    return arg
        raise NoFix

    def value_given(self, place: Location) -> cst.BaseExpression:
        """Find the value that an assignment, an argument or an element of a dictionary gives."""
        kinds = (cst.Arg, cst.Assign, cst.AnnAssign, cst.DictElement)
        for node in self.nodes:
            if isinstance(node, kinds) and self.place(node) == place and node.value is not None:
                return node.value
        raise NoFix

    def class_value(self, cls: cst.ClassDef, name: str) -> cst.BaseExpression:
        """Find the value that a class gives to a name by the one assignment in its own body."""
        found = self._class_values(cls, name)
        if len(found) != 1:
            raise NoFix
        return found[0]

    def has_class_value(self, cls: cst.ClassDef, name: str) -> bool:
        """Tell whether a class gives a value to a name in its own body."""
        return bool(self._class_values(cls, name))

    def _class_values(self, cls: cst.ClassDef, name: str) -> list[cst.BaseExpression]:
        return [
            small.value
            for statement in cls.body.body
            if isinstance(statement, cst.SimpleStatementLine)
            for small in statement.body
            for target in _targets(small)
            if isinstance(target, cst.Name) and target.value == name
            if isinstance(small, (cst.Assign, cst.AnnAssign)) and small.value is not None
        ]

    def above(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """Yield what a node is within, from the inside out."""
        while id(node) in self._parents:
            node = self._parents[id(node)]
            yield node

    def around(self, node: cst.CSTNode, *kinds: type[Any]) -> Any:
        """Find the innermost node of some kinds that holds a node."""
        for outer in self.above(node):
            if isinstance(outer, kinds):
                return outer
        raise NoFix

    def function(self, node: cst.CSTNode) -> cst.FunctionDef:
        """Find the function in whose body a node is."""
        inner = node
        for outer in self.above(node):
            if isinstance(outer, cst.FunctionDef) and inner is outer.body:
                return outer
            if isinstance(outer, (cst.Lambda, cst.ClassDef)):
                break
            inner = outer
        raise NoFix

    def first_parameter(self, function: cst.FunctionDef) -> str:
        """Name the first parameter of a function that is no method."""
        params = [*function.params.posonly_params, *function.params.params]
        if not params or any(param.name.value == "self" for param in params):
            raise NoFix
        return params[0].name.value

    def inside(self, node: Any, kind: type[Node]) -> Iterator[Node]:
        """Yield the nodes of a kind within a node, itself included."""
        if node is self.tree:
            yield from (one for one in self.nodes if isinstance(one, kind))
            return
        nodes = [node]
        for one in nodes:
            if isinstance(one, kind):
                yield one
            nodes += one.children

    def ways_in(self, node: cst.CSTNode, spelling: str) -> list[cst.BaseExpression]:
        """List where an expression, and the variables in it, take a text of a spelling.

        A method of it, such as `.strip()`, and a variable that holds just this text count as it.
        """
        found: dict[int, cst.BaseExpression] = {}
        seen: set[int] = set()
        todo: list[cst.CSTNode] = [node]
        while todo:
            part = todo.pop()
            if id(part) in seen:
                continue
            seen.add(id(part))
            value = self.value_of(part)
            if isinstance(part, cst.BaseExpression) and self._is_text(part, spelling):
                found[id(part)] = part
            elif value is not part:
                todo.append(value)
            elif isinstance(part, (cst.Arg, cst.Attribute)):
                todo.append(part.value)
            else:
                todo += part.children
        return list(found.values())

    def _is_text(self, node: cst.CSTNode, spelling: str) -> bool:
        part = node
        for _ in range(_MAX_STEPS):
            part = self.value_of(part)
            if isinstance(part, cst.BooleanOperation):
                part = part.left
            if self.source(part) == spelling:
                return True
            if isinstance(part, cst.Subscript):
                part = part.value
            elif isinstance(part, cst.Call) and isinstance(part.func, cst.Attribute):
                if part is node and part.func.attr.value in _NO_TEXT:
                    break
                part = part.func.value
            else:
                break
        return False

    # -- names

    @cached_property
    def names(self) -> Names:
        """What the names of the file mean."""
        return Names(self.tree, self.text, "this", is_package=False)

    def meaning(self, node: cst.CSTNode) -> str:
        """Say what an expression is, empty when that cannot be known."""
        self._enter(node)
        return self.names.meaning(node) or ""

    def reference(self, node: cst.CSTNode) -> str:
        """Say which object an expression is, empty when that cannot be known."""
        self._enter(node)
        return self.names.reference(node) or ""

    def value_of(self, node: cst.CSTNode) -> cst.CSTNode:
        """Follow a variable to what was assigned to it, if that is one expression."""
        self._enter(node)
        return self.names.value_of(node)

    def _enter(self, node: cst.CSTNode) -> None:
        """Make names answer for the scope that a node is in."""
        self.names.scope = self.names.top
        chain = [*reversed(list(self.above(node))), node]
        for outer, inner in itertools.pairwise(chain):
            if isinstance(outer, _SCOPES):
                if inner is outer.body:
                    self.names.enter(outer)
            elif isinstance(outer, (cst.BaseComp, cst.BaseSimpleComp)):
                self.names.enter(outer)

    # -- text

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(end.end() for end in LINE_END.finditer(self.text))]

    def offset(self, line: int, column: int) -> int:
        """Turn a line from 1 and a column from 0 into an index of the text."""
        return self._starts[line - 1] + column

    def span(self, place: Location) -> tuple[int, int]:
        """Turn a place into the indexes of its start and end."""
        return (
            self.offset(place.line, place.column),
            self.offset(place.end_line, place.end_column),
        )

    def position(self, offset: int) -> tuple[int, int]:
        """Turn an index of the text into a line from 1 and a column from 0."""
        line = bisect.bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1]

    def start(self, node: cst.CSTNode) -> int:
        """Give the index at which a node starts."""
        return self.offset(*self._spans[id(node)][:2])

    def end(self, node: cst.CSTNode) -> int:
        """Give the index behind a node."""
        return self.offset(*self._spans[id(node)][2:])

    def source(self, node: cst.CSTNode) -> str:
        """Give the text of a node."""
        return self.text[self.start(node) : self.end(node)]

    def indent_of(self, statement: cst.CSTNode) -> str:
        """Give what stands before a statement, which must begin its line."""
        start = self.start(statement)
        before = self.text[self._starts[self.position(start)[0] - 1] : start]
        if before.strip(" \t\f"):
            raise NoFix
        return before

    @property
    def indent(self) -> str:
        """One step of indentation, as the file has it."""
        return self.tree.default_indent

    @cached_property
    def quote(self) -> str:
        """What the file puts around its strings."""
        quotes = [part.quote for part in self.inside(self.tree, cst.SimpleString)]
        return "'" if quotes.count("'") > quotes.count('"') else '"'

    # -- edits

    def write(self, start: int, end: int, text: str) -> None:
        """Put a text in the place of a range of the text; no comment may be lost by that."""
        removed = self.text[start:end]
        if "#" in removed and removed.count("#") > text.count("#"):
            raise NoFix
        self._write(start, end, text)

    def _write(self, start: int, end: int, text: str) -> None:
        place = Location(self.path, *self.position(start), *self.position(end))
        self._edits[Edit(place, text)] = None

    def replace(self, node: cst.CSTNode, text: str) -> None:
        """Put a text in the place of a node."""
        self.write(self.start(node), self.end(node), text)

    def rewrite(self, node: cst.CSTNode, old: str, new: str) -> None:
        """Put a text in the place of the only such one between the quotes of a string literal.

        An empty one stands at the start.
        """
        if not isinstance(node, cst.SimpleString) or node.evaluated_value != node.raw_value:
            raise NoFix  # neither bytes nor anything with escapes
        if old and node.raw_value.count(old) != 1:
            raise NoFix
        at = self.start(node) + len(node.prefix) + len(node.quote) + node.raw_value.index(old)
        if not new.isprintable() or not {"\\", "'", '"'}.isdisjoint(set(new) - set(old)):
            raise NoFix
        self.write(at, at + len(old), new)

    def rewrite_first(self, place: Location, old: str, new: str) -> None:
        """Change the text that is the first argument of a call, in code or in a template."""
        match = self._first_text(place, r"(?=\s*[,)])")
        if match["text"] != old or not new.isprintable() or re.search(r"['\"\\]", new):
            raise NoFix
        self.write(match.start("text"), match.end("text"), new)

    def name_second(self, place: Location, name: str) -> None:
        """Write the name of the second argument, behind a text, of a call in code or a template."""
        at = self._first_text(place, r"\s*,\s*(?![\s#]|\w+\s*:=)").end()
        self.write(at, at, f"{name}=")

    def _first_text(self, place: Location, behind: str) -> re.Match[str]:
        pattern = rf"[\w.]+\s*\(\s*(?P<quote>['\"])(?P<text>[^'\"\\\r\n]*)(?P=quote){behind}"
        start, end = self.span(place)
        match = re.compile(pattern).match(self.text, start, end)
        if match is None:
            raise NoFix
        return match

    def wrap(self, node: cst.CSTNode, before: str, after: str) -> None:
        """Put texts around a node."""
        self.write(self.start(node), self.start(node), before)
        self.write(self.end(node), self.end(node), after)

    def line_before(self, statement: cst.CSTNode, code: str) -> None:
        """Put a line of code before a statement, below the comments that are about it."""
        indent = self.indent_of(statement)
        start = self.start(statement) - len(indent)
        self.write(start, start, f"{indent}{code}\n")

    def begin(self, function: cst.FunctionDef, code: str) -> None:
        """Put lines of code at the beginning of a function, below its docstring."""
        lines = function.body.body
        if not isinstance(function.body, cst.IndentedBlock):
            raise NoFix
        first = lines[1] if _is_docstring(lines[0]) and len(lines) > 1 else lines[0]
        indent = self.indent_of(first)
        self.line_before(first, code.replace("\n", f"\n{indent}"))

    def line_after(self, statement: cst.CSTNode, code: str) -> None:
        """Put a line of code, indented like the statement, behind it.

        Line ends at its beginning make empty lines.
        """
        bare = code.lstrip("\n")
        indent = code[: len(code) - len(bare)] + self.indent_of(statement)
        line = self._spans[id(statement)][2]
        if line < len(self._starts):
            at = self._starts[line]
            self.write(at, at, f"{indent}{bare}\n")
        else:
            self.write(len(self.text), len(self.text), f"\n{indent}{bare}")

    def remove_lines(self, statement: cst.CSTNode) -> None:
        """Take a statement out with its lines."""
        self.indent_of(statement)
        first, _, last, column = self._spans[id(statement)]
        end = self._starts[last] if last < len(self._starts) else len(self.text)
        if self.text[self.offset(last, column) : end].strip():
            raise NoFix
        self.write(self._starts[first - 1], end, "")

    def indent_lines(self, statement: cst.CSTNode, head: str) -> None:
        """Put a statement under a head such as `if a:`."""
        indent = self.indent_of(statement)
        first, _, last, _ = self._spans[id(statement)]
        if any(
            "\n" in part.value or "\r" in part.value
            for part in self.inside(statement, cst.SimpleString)
        ):
            raise NoFix  # the text of a string would change
        at = self._starts[first - 1]
        self.write(at, at, f"{indent}{head}\n{self.indent}")
        for number in range(first + 1, last + 1):
            at = self._starts[number - 1]
            if LINE_END.match(self.text, at) is None:
                self.write(at, at, self.indent)

    def move_lines_behind(self, node: cst.CSTNode, target: cst.CSTNode) -> None:
        """Move the lines of a node behind those of another one, both alone in theirs."""
        for one in (node, target):
            self.indent_of(one)
        first, last = self._spans[id(node)].line, self._spans[id(node)].end_line
        behind = self._spans[id(target)].end_line
        start, end, at = (self._starts[line] for line in (first - 1, last, behind))
        text = self.text[start:end].replace("\r\n", "\n").replace("\r", "\n")
        self._write(start, end, "")
        self._write(at, at, text)

    def add_element(self, container: cst.CSTNode, text: str) -> None:
        """Add an element at the end of a list, tuple or set that is written out."""
        if not isinstance(container, (cst.List, cst.Set, cst.Tuple)) or not container.elements:
            raise NoFix
        at = self.end(container.elements[-1].value)
        self.write(at, at, f", {text}")

    def add_class_value(self, cls: cst.ClassDef, name: str, value: str) -> None:
        """Let the body of a class begin with an assignment to a name that it does not have."""
        first = next((one for one in cls.body.body if not _is_docstring(one)), None)
        if not isinstance(first, (cst.FunctionDef, cst.SimpleStatementLine)):
            raise NoFix
        if any(line.comment for line in first.leading_lines) or self._class_values(cls, name):
            raise NoFix  # the comment would seem to be about the new line
        if isinstance(first, cst.FunctionDef):
            self.line_before(next(iter(first.decorators), first), f"{name} = {value}\n")
        else:
            self.line_before(first, f"{name} = {value}")

    # -- calls

    def add_argument(self, call: cst.Call, text: str) -> None:
        """Add an argument by name at the end of a call."""
        end = self.end(call) - 1
        if not call.args:
            start = self.end(call.func)
            if "#" in self.text[start:end] or self.text[end] != ")":
                raise NoFix
            self.write(end, end, text)
            return
        last = call.args[-1]
        if isinstance(last.value, cst.GeneratorExp) and not last.value.lpar:
            raise NoFix
        at = self.end(last)
        if LINE_END.search(self.text[at:end]) and isinstance(last.comma, cst.Comma):
            # A comment behind the comma is about what stands before it.
            comma = _TRAILING_COMMA.match(self.text, at)
            if comma is None:
                raise NoFix
            self.write(comma.end(), comma.end(), f"\n{self.indent_of(last)}{text},")
        else:
            self.write(at, at, f", {text}")

    def remove_argument(self, call: cst.Call, arg: cst.Arg) -> None:
        """Take an argument out of a call."""
        index = next(at for at, one in enumerate(call.args) if one is arg)
        if len(call.args) == 1:
            self.write(self.text.index("(", self.end(call.func)) + 1, self.end(call) - 1, "")
        elif index + 1 < len(call.args):
            self.write(self.start(arg), self.start(call.args[index + 1]), "")
        else:
            self.write(self.end(call.args[index - 1]), self.end(arg), "")

    # -- functions

    def add_parameter(self, function: cst.FunctionDef, index: int, text: str) -> None:
        """Put a parameter before another one of a function, or behind the last by position."""
        params = function.params.params
        if function.params.posonly_params or index > len(params):
            raise NoFix
        if index and index == len(params):
            at = self.end(params[-1])
            self.write(at, at, f", {text}")
            return
        at = self.text.index("(", self.end(function.name)) + 1
        if index:
            at = self.start(params[index])
        behind = params or function.params.kwonly_params or function.params.star_kwarg
        self.write(at, at, f"{text}, " if behind else text)

    def remove_parameter(self, function: cst.FunctionDef, param: cst.Param) -> None:
        """Take a parameter by position out of a function."""
        params = function.params.params
        index = next((at for at, one in enumerate(params) if one is param), None)
        if index is None:
            raise NoFix
        start, end = self.start(param), self.end(param)
        if index + 1 < len(params):
            end = self.start(params[index + 1])
        elif index:
            start = self.end(params[index - 1])
        elif isinstance(param.comma, cst.Comma):
            behind = re.compile(r"\s*,\s*").match(self.text, end)
            if behind is None:
                raise NoFix
            start, end = self.text.index("(", self.end(function.name)) + 1, behind.end()
        self.write(start, end, "")

    def rename_parameter(self, function: cst.FunctionDef, old: str, new: str) -> None:
        """Give a parameter another name, there and in the body of its function."""
        params = [one for one in self.inside(function.params, cst.Param) if one.name.value == old]
        words = {name.value for name in self.inside(function, cst.Name)}
        if len(params) != 1 or new in words or keyword.iskeyword(new) or words & _NAMES_AS_TEXT:
            raise NoFix
        if any(self.inside(function.body, cst.ClassDef)):
            raise NoFix  # it may have an attribute of that name
        self.replace(params[0].name, new)
        for name in self.inside(function.body, cst.Name):
            if name.value == old and not self._is_of_another(name):
                self.replace(name, new)

    def _is_of_another(self, name: cst.Name) -> bool:
        """Tell the name of an attribute or argument; raise NoFix for what is defined by a name."""
        parent = self._parents[id(name)]
        if isinstance(parent, (cst.ImportAlias, cst.NameItem)) or (
            isinstance(parent, (cst.ClassDef, cst.FunctionDef, cst.Param)) and parent.name is name
        ):
            raise NoFix
        return any(getattr(parent, field, None) is name for field in ("attr", "key", "keyword"))

    # -- imports

    def name(self, target: str, node: cst.CSTNode, shadowed_in: cst.CSTNode | None = None) -> str:
        """Give what a function such as `functools.wraps` is called at a node.

        It is imported if it is not yet. Raises NoFix where its name means something else, but in
        `shadowed_in` it may.
        """
        module, _, name = target.rpartition(".")
        imports = list(self._imports_before(node))
        for known, reference in self._imported(imports).items():
            if reference == target and self._is_import(known, node):
                return known
        for known, reference in self._imported(imports).items():
            if reference == module and self._is_import(known, node):
                return f"{known}.{name}"
        if not self.is_free(name, shadowed_in):
            raise NoFix
        self._add_import(module, name, imports)
        return name

    def is_free(self, name: str, but_in: cst.CSTNode | None = None) -> bool:
        """Tell whether a name stands nowhere in the file, but as an attribute or argument.

        What is in one node may be left out.
        """
        return not re.search(rf"\b{name}\b", self.text) or not any(
            isinstance(node, cst.Name)
            and node.value == name
            and not self._is_of_other(node)
            and (but_in is None or but_in not in self.above(node))
            for node in self.nodes
        )

    def _is_of_other(self, name: cst.Name) -> bool:
        outer = next(self.above(name))
        if isinstance(outer, cst.Attribute):
            return name is outer.attr
        return isinstance(outer, cst.Arg) and name is outer.keyword

    def is_value(self, name: str, node: cst.CSTNode) -> bool:
        """Tell whether a name is that of a variable made in the scope of a node, by one `=`."""
        self._enter(node)
        found = self.names.binding(name)
        return found is not None and found[0] is self.names.scope and found[1].kind == "value"

    def uses(self, name: str, binding: cst.CSTNode) -> list[cst.Name]:
        """List where a name is used which is bound by an import, and by nothing else.

        Raises NoFix if something else binds it there as well.
        """
        self._enter(binding)
        bound = self.names.bindings(name)
        if bound is None or len(bound[1]) != 1 or bound[1][0].kind != "import":
            raise NoFix
        found = []
        for node in self.nodes:
            if isinstance(node, cst.Name) and node.value == name and not self._is_of_other(node):
                inside_import = any(
                    isinstance(outer, (cst.Import, cst.ImportFrom)) for outer in self.above(node)
                )
                self._enter(node)
                here = self.names.bindings(name)
                if not inside_import and here is not None and here[0] is bound[0]:
                    found.append(node)
        return found

    def import_instead(self, alias: cst.ImportAlias, target: str, local: str) -> None:
        """Import something else in the place of one name, to be called `local`."""
        node = self.around(alias, cst.ImportFrom)
        line = self.around(alias, cst.SimpleStatementLine)
        if len(line.body) > 1:
            raise NoFix
        module, _, name = target.rpartition(".")
        code = name if name == local else f"{name} as {local}"
        if _code(node.module) == module:
            self.replace(alias, code)
            return
        is_alone = len(node.names) == 1
        others = [one for one in self._imports_around(line) if not is_alone or one.node is not node]
        is_known = self._imported(others).get(local) == target
        belongs = (others and _is_standard(module)) or any(one.module == module for one in others)
        if is_alone and not is_known and not belongs:
            self.replace(node, f"from {module} import {code}")
            return
        if is_alone:
            self.remove_lines(line)
        else:
            self._remove_alias(node, alias)
        if line not in self.tree.body:
            self.line_before(line, f"from {module} import {code}")
        elif not is_known:
            self._add_import(module, code, others)

    def _remove_alias(self, node: cst.ImportFrom, alias: cst.ImportAlias) -> None:
        names = list(node.names) if not isinstance(node.names, cst.ImportStar) else []
        index = next(at for at, one in enumerate(names) if one is alias)
        if index + 1 < len(names):
            self.write(self.start(alias), self.start(names[index + 1]), "")
        else:
            self.write(self.end(names[index - 1]), self.end(alias), "")

    def _imports_before(self, node: cst.CSTNode) -> Iterator[_Import]:
        """Yield the imports at the top of the module, as far as they come before a node."""
        chain = {id(outer) for outer in self.above(node)}
        for statement in self.tree.body:
            if id(statement) in chain or statement is node:
                break
            found = _as_import(statement)
            if found is not None:
                yield found

    def _imports_around(self, line: cst.CSTNode) -> list[_Import]:
        """List the imports at the top of the module up to one of them, and those next to it."""
        imports: list[_Import] = []
        for statement in self.tree.body:
            found = _as_import(statement)
            if found is not None:
                imports.append(found)
            elif any(one.statement is line for one in imports):
                break
        return imports if any(one.statement is line for one in imports) else []

    def _imported(self, imports: Sequence[_Import]) -> dict[str, str]:
        """Map the names that imports bind to what they stand for."""
        found: dict[str, str] = {}
        for one in imports:
            if isinstance(one.node.names, cst.ImportStar):
                continue
            for alias in one.node.names:
                name = _code(alias.name)
                local = _code(alias.asname.name) if alias.asname is not None else name
                if one.is_from:
                    found[local] = canonical(f"{one.module}.{name}")
                elif alias.asname is not None:
                    found[local] = name
                else:
                    first = name.partition(".")[0]
                    found[first] = first
        return found

    def _is_import(self, name: str, node: cst.CSTNode) -> bool:
        """Tell whether a name at a node is that of the module, which binds it by imports alone."""
        self._enter(node)
        bound = self.names.bindings(name)
        return (
            bound is not None
            and bound[0] is self.names.top
            and all(binding.kind == "import" for binding in bound[1])
        )

    def _add_import(self, module: str, name: str, imports: list[_Import]) -> None:
        for one in reversed(imports):
            if (
                one.module == module
                and isinstance(one.node, cst.ImportFrom)
                and not isinstance(one.node.names, cst.ImportStar)
            ):
                self._add_alias(one.node, one.node.names, name)
                return
        code = f"from {module} import {name}"
        ours = [one for one in imports if one.module != "__future__"]
        is_standard = _is_standard(module)
        own = [one for one in ours if self._is_own(one.module)]
        plain = [one for one in ours if one not in own and _is_standard(one.module) == is_standard]
        before = [one for one in plain if not one.is_from or one.module < module]
        if before:
            self.line_after(before[-1].statement, code)
        elif plain:
            self.line_before(plain[0].statement, code)
        elif is_standard and ours:
            self.line_before(ours[0].statement, f"{code}\n")
        elif own:
            self.line_before(own[0].statement, f"{code}\n")
        elif imports:
            self.line_after(imports[-1].statement, f"\n{code}")
        else:
            first = self.tree.body[0]
            if _is_docstring(first):
                self.line_after(first, f"\n{code}")
            else:
                self.line_before(first, f"{code}\n")

    def _is_own(self, module: str) -> bool:
        """Tell whether a module is in the package of the file, as far as the path of it tells."""
        folders = os.path.dirname(os.path.abspath(self.path)).split(os.sep)
        return module.partition(".")[0] in {"", *folders}

    def _add_alias(self, node: cst.ImportFrom, names: Sequence[cst.ImportAlias], name: str) -> None:
        """Put a name into an import, in order if the names are in order."""
        texts = [_code(alias.name) for alias in names]
        for order in (_in_groups, str.lower, str):
            keys = [order(text) for text in texts]
            if keys == sorted(keys):
                index = bisect.bisect(keys, order(name))
                break
        else:
            index = len(names)
        if index < len(names):
            start = self.start(names[index])
            line = self.position(start)[0]
            before = self.text[self._starts[line - 1] : start]
            gap = f"\n{before}" if not before.strip() and node.lpar is not None else " "
            self.write(start, start, f"{name},{gap}")
            return
        last = names[-1]
        at = self.end(last)
        before = self.text[self._starts[self.position(self.start(last))[0] - 1] : self.start(last)]
        gap = f"\n{before}" if not before.strip() and isinstance(last.comma, cst.Comma) else " "
        self.write(at, at, f",{gap}{name}")


def _as_import(statement: cst.CSTNode) -> _Import | None:
    if isinstance(statement, cst.SimpleStatementLine) and len(statement.body) == 1:
        small = statement.body[0]
        if isinstance(small, cst.Import):
            return _Import(statement, small, _code(small.names[0].name), is_from=False)
        if isinstance(small, cst.ImportFrom):
            module = "" if small.module is None else _code(small.module)
            return _Import(statement, small, "." * len(small.relative) + module, is_from=True)
    return None


def _code(node: cst.CSTNode) -> str:
    return cst.Module([]).code_for_node(node)


def _targets(node: cst.CSTNode) -> list[cst.CSTNode]:
    if isinstance(node, cst.Assign):
        return [target.target for target in node.targets]
    return [node.target] if isinstance(node, cst.AnnAssign) else []


def _is_standard(module: str) -> bool:
    return module.partition(".")[0] in sys.stdlib_module_names


def _is_docstring(statement: cst.CSTNode) -> bool:
    return (
        isinstance(statement, cst.SimpleStatementLine)
        and isinstance(statement.body[0], cst.Expr)
        and isinstance(statement.body[0].value, (cst.SimpleString, cst.ConcatenatedString))
    )


def _in_groups(name: str) -> str:
    """Order names as isort does: constants, classes, then all else."""
    group = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    return f"{group}{name.lower()}"
