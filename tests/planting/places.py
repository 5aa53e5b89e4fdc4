"""Where mistakes can be planted: the files of a project, and the places in them that can change."""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, TypeVar

import libcst as cst
from libcst.metadata import MetadataWrapper, ParentNodeProvider, PositionProvider

from flask_gotchas import discover, settings
from flask_gotchas.project.link import is_test_path
from flask_gotchas.source import UnparsableError, decode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

N = TypeVar("N", bound=cst.CSTNode)
New: TypeAlias = "cst.CSTNode | cst.RemovalSentinel | cst.FlattenSentinel[cst.CSTNode]"

ROUTE_METHODS = frozenset({"route", "get", "post", "put", "patch", "delete"})
TEMPLATE_SUFFIXES = frozenset({".html", ".htm", ".jinja", ".jinja2", ".j2"})


class Change(NamedTuple):
    """One changed place: what the whole text of its file becomes, and the lines that it is in.

    A report may come `elsewhere` if the mistake is a lack of something. Another rule's may do
    `instead` if it speaks of the same.
    """

    make: Callable[[], str]
    first: int
    last: int
    elsewhere: bool = False
    instead: str = ""


class Operator(NamedTuple):
    """A way to plant the mistake that one rule is about, in every place where it can be done."""

    code: str
    name: str
    find: Callable[[Source], Iterable[Change]] | None
    find_in_template: Callable[[Template], Iterable[Change]] | None


OPERATORS: list[Operator] = []


def plants(code: str) -> Callable[[Callable[[Source], Iterable[Change]]], None]:
    """Register what finds the places in a Python file for the mistake of a rule."""

    def register(find: Callable[[Source], Iterable[Change]]) -> None:
        OPERATORS.append(Operator(code, find.__name__.strip("_"), find, None))

    return register


def plants_in_template(code: str) -> Callable[[Callable[[Template], Iterable[Change]]], None]:
    """Register what finds the places in a template for the mistake of a rule."""

    def register(find: Callable[[Template], Iterable[Change]]) -> None:
        OPERATORS.append(Operator(code, find.__name__.strip("_"), None, find))

    return register


# A project


class Project:
    """The Python files and templates of a folder that would be checked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        of_folder = settings.load(folder, {}, isolated=True)
        self.sources: list[Source] = []
        for path in discover.discover([str(folder)], of_folder).files:
            if is_test_path(Path(path).relative_to(folder).as_posix()):
                continue  # most rules leave tests alone
            try:
                module = cst.parse_module(decode((folder / path).read_bytes()))
            except (UnparsableError, cst.ParserSyntaxError):
                continue
            self.sources.append(Source(self, str(folder / path), module))
        self.templates = [
            Template(self, str(path), path.read_bytes().decode("utf-8", "replace"))
            for path in sorted(folder.rglob("*"))
            if path.suffix in TEMPLATE_SUFFIXES and "templates" in path.parts
        ]

    @functools.cached_property
    def views(self) -> dict[str, list[View]]:
        """The views by their names, wherever they are."""
        found: dict[str, list[View]] = {}
        for source in self.sources:
            for view in source.views:
                found.setdefault(view.function.name.value, []).append(view)
        return found

    def variables(self, endpoint: str) -> set[str]:
        """Give the variables that all rules have whose view is called like an endpoint."""
        rules = [
            rule for view in self.views.get(endpoint.rsplit(".", 1)[-1], ()) for rule in view.rules
        ]
        return set.intersection(*map(variables, rules)) if rules else set()


def variables(rule: str) -> set[str]:
    """Give the names of the variables in a URL rule."""
    return set(re.findall(r"<(?:[^<>]*:)?(\w+)>", rule))


class Template(NamedTuple):
    """A template of Jinja."""

    project: Project
    path: str
    text: str

    def replaced(self, start: int, end: int, new: str) -> Change:
        """Give the change of a part of the text."""
        first, last = (self.text.count("\n", 0, at) + 1 for at in (start, end))
        return Change(lambda: self.text[:start] + new + self.text[end:], first, last)


class View(NamedTuple):
    """A function with a route, and the literal rules of its routes."""

    function: cst.FunctionDef
    routes: list[cst.Call]
    rules: list[str]


class Source:
    """A Python file with its tree."""

    def __init__(self, project: Project, path: str, module: cst.Module) -> None:
        self.project = project
        self.path = path
        self.module = module

    @functools.cached_property
    def _metadata(self) -> MetadataWrapper:
        return MetadataWrapper(self.module, unsafe_skip_copy=True)

    @functools.cached_property
    def _nodes(self) -> dict[type, list[cst.CSTNode]]:
        found: dict[type, list[cst.CSTNode]] = {}
        todo: list[cst.CSTNode] = [self.module]
        while todo:
            node = todo.pop()
            found.setdefault(type(node), []).append(node)
            todo += reversed(node.children)
        return found

    def nodes(self, kind: type[N]) -> list[N]:
        """List all nodes of a kind, from top to bottom."""
        return self._nodes.get(kind, [])  # type: ignore[return-value]

    def parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """Give the node around a node."""
        found = self._metadata.resolve(ParentNodeProvider).get(node)
        return found if isinstance(found, cst.CSTNode) else None

    def around(self, node: cst.CSTNode, kind: type[N]) -> N | None:
        """Give the innermost node of a kind around a node."""
        found = self.parent(node)
        while found is not None and not isinstance(found, kind):
            found = self.parent(found)
        return found

    def function_around(self, node: cst.CSTNode) -> cst.FunctionDef | None:
        """Give the innermost function around a node."""
        return self.around(node, cst.FunctionDef)

    def lines(self, node: cst.CSTNode) -> tuple[int, int]:
        """Give the first and last line of a node."""
        span = self._metadata.resolve(PositionProvider)[node]
        return span.start.line, span.end.line

    def code(self, node: cst.CSTNode) -> str:
        """Give the text of a node."""
        return self.module.code_for_node(node)

    def within(self, node: cst.CSTNode, kind: type[N]) -> list[N]:
        """List the nodes of a kind in a node, but not those in functions inside it."""
        found: list[N] = []
        todo = list(reversed(node.children))
        while todo:
            one = todo.pop()
            if isinstance(one, kind):
                found.append(one)
            if not isinstance(one, cst.FunctionDef | cst.ClassDef | cst.Lambda):
                todo += reversed(one.children)
        return found

    @functools.cached_property
    def views(self) -> list[View]:
        """The functions with a route by a decorator, whose rule is a literal."""
        found = []
        for function in self.nodes(cst.FunctionDef):
            routes = [call for one in function.decorators if (call := route_call(one.decorator))]
            rules = [rule for call in routes if (rule := literal(call.args[0].value)) is not None]
            if routes and not self.around(function, cst.ClassDef):
                found.append(View(function, routes, rules))
        return found

    # -- changes

    def changed(
        self,
        *swaps: tuple[cst.CSTNode, New],
        at: cst.CSTNode | None = None,
        elsewhere: bool = False,
        instead: str = "",
        imports: str = "",
    ) -> Change:
        """Give the change that puts nodes into the places of others, or removes these.

        The report is expected in the lines of `at`; without it, in those of the first node.
        `imports` is a module to be imported at the top.
        """
        first, last = self.lines(at or swaps[0][0])

        def make() -> str:
            new = self.module.visit(_Swap({id(old): new for old, new in swaps}))
            assert isinstance(new, cst.Module)
            if imports:
                new = new.with_changes(body=_with_import(new, imports))
            return new.code

        return Change(make, first, last, elsewhere, instead)

    def removed(self, statement: cst.CSTNode, *, elsewhere: bool = True) -> Change:
        """Give the change that takes a statement away."""
        first, last = self.lines(statement)
        new = self.changed((statement, cst.parse_statement("pass\n")))
        return Change(new.make, first, last, elsewhere)

    def appended(self, text: str) -> Change:
        """Give the change that adds text to the end of the file."""
        new = self.module.code.rstrip() + "\n\n\n" + text
        lines = new.count("\n")
        return Change(lambda: new, lines - text.count("\n"), lines + 1)


def _with_import(module: cst.Module, name: str) -> list[cst.BaseStatement]:
    """Give the statements of a module with an import above the first one that may follow it."""
    top = body(module)
    at = 0
    for at, statement in enumerate(top):  # noqa: B007
        code = module.code_for_node(statement).strip()
        if not re.match(r"from __future__|[rRuU]?['\"]", code):
            break
    return [*top[:at], cst.parse_statement(f"import {name}\n"), *top[at:]]


class _Swap(cst.CSTTransformer):
    def __init__(self, swaps: dict[int, New]) -> None:
        super().__init__()
        self._swaps = swaps

    def on_leave(  # type: ignore[override]
        self, original_node: cst.CSTNode, updated_node: cst.CSTNode
    ) -> New:
        return self._swaps.get(id(original_node), updated_node)


# What nodes say


def route_call(node: cst.BaseExpression) -> cst.Call | None:
    """Give the call of a decorator if it makes a route."""
    if not isinstance(node, cst.Call) or not isinstance(node.func, cst.Attribute) or not node.args:
        return None
    rule = literal(node.args[0].value)
    is_rule = rule is not None and node.args[0].keyword is None and rule[:1] in {"", "/", "<"}
    return node if node.func.attr.value in ROUTE_METHODS and is_rule else None


def literal(node: cst.CSTNode | None) -> str | None:
    """Give the text of a literal."""
    if not isinstance(node, cst.SimpleString):
        return None
    value = node.evaluated_value
    return value if isinstance(value, str) else None


def index(node: cst.CSTNode) -> cst.BaseExpression | None:
    """Give what stands in the brackets of `x[...]`; nothing for slices."""
    if not isinstance(node, cst.Subscript) or len(node.slice) != 1:
        return None
    inside = node.slice[0].slice
    return inside.value if isinstance(inside, cst.Index) else None


def quoted(text: str) -> cst.SimpleString:
    """Give the literal of a text."""
    return cst.SimpleString('"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"')


def dotted(node: cst.CSTNode) -> str:
    """Give the spelling of a name with dots; nothing for anything else."""
    if isinstance(node, cst.Name):
        return node.value
    if isinstance(node, cst.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr.value}" if before else ""
    return ""


def keyword(call: cst.Call, name: str) -> cst.Arg | None:
    """Give a named argument of a call."""
    return next((arg for arg in call.args if arg.keyword and arg.keyword.value == name), None)


def without(call: cst.Call, arg: cst.Arg) -> cst.Call:
    """Give a call without one of its arguments."""
    return with_args(call, [one for one in call.args if one is not arg])


def with_args(call: cst.Call, args: Iterable[cst.Arg]) -> cst.Call:
    """Give a call with other arguments."""
    plain = [arg.with_changes(comma=cst.MaybeSentinel.DEFAULT) for arg in args]
    return call.with_changes(args=plain, whitespace_before_args=cst.SimpleWhitespace(""))


def with_value(call: cst.Call, arg: cst.Arg, value: str) -> cst.Call:
    """Give a call with another value for one of its arguments."""
    new = arg.with_changes(value=cst.parse_expression(value))
    return call.with_changes(args=[new if one is arg else one for one in call.args])


def with_keyword(call: cst.Call, name: str, value: str) -> cst.Call:
    """Give a call with one more named argument."""
    new = cst.Arg(
        cst.parse_expression(value),
        keyword=cst.Name(name),
        equal=cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace("")),
    )
    plain = [arg for arg in call.args if arg.star != "**"]
    return with_args(call, [*plain, new, *(arg for arg in call.args if arg.star == "**")])


def only_expression(statement: cst.CSTNode) -> cst.BaseExpression | None:
    """Give the expression that a statement consists of."""
    if isinstance(statement, cst.SimpleStatementLine) and len(statement.body) == 1:
        small = statement.body[0]
        return small.value if isinstance(small, cst.Expr) else None
    return None


def body(block: cst.FunctionDef | cst.ClassDef | cst.Module | cst.If) -> list[cst.BaseStatement]:
    """List the statements of a block."""
    inside = block if isinstance(block, cst.Module) else block.body
    if isinstance(inside, cst.Module | cst.IndentedBlock):
        return list(inside.body)
    return []


def with_body(
    block: cst.FunctionDef, statements: Iterable[cst.BaseStatement | str]
) -> cst.FunctionDef:
    """Give a function with other statements; texts are parsed."""
    new = [cst.parse_statement(one) if isinstance(one, str) else one for one in statements]
    return block.with_changes(body=block.body.with_changes(body=new))


def replaced(function: cst.FunctionDef, old: cst.CSTNode, new: cst.CSTNode) -> cst.FunctionDef:
    """Give a function with another node for one of its nodes."""
    done = cst.CSTNode.deep_replace(function, old, new)
    assert isinstance(done, cst.FunctionDef)
    return done


def code_with_first(function: cst.FunctionDef, *statements: str) -> cst.FunctionDef:
    """Give a function with statements in front of its own."""
    return with_body(function, [*statements, *body(function)])


def last_return(function: cst.FunctionDef) -> cst.Return | None:
    """Give the statement `return` with a value at the very end of a function."""
    statements = body(function)
    if not statements or not isinstance(statements[-1], cst.SimpleStatementLine):
        return None
    small = statements[-1].body[-1]
    return small if isinstance(small, cst.Return) and small.value is not None else None


def decorator_name(decorator: cst.Decorator) -> str:
    """Give the last part of what a decorator is called."""
    node = decorator.decorator
    return dotted(node.func if isinstance(node, cst.Call) else node).rsplit(".", 1)[-1]


def hooks(source: Source, *names: str) -> Iterator[tuple[cst.FunctionDef, cst.Decorator]]:
    """Yield the functions under a decorator such as `app.before_request`."""
    for function in source.nodes(cst.FunctionDef):
        for one in function.decorators:
            node = one.decorator.func if isinstance(one.decorator, cst.Call) else one.decorator
            if isinstance(node, cst.Attribute) and decorator_name(one) in names:
                yield function, one
                break
