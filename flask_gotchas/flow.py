"""Where a function ends: the paths through its statements, and what lies on them.

A path is a set of marks, of which `may_happen` tells what they are for:

* `call shop.fail`: a statement that is a call of something which may never return; `call ?.fail` if
  nothing but its name is known;
* `method GET|POST` and `not method GET|POST`: a test of `request.method` that came out so;
* `doubt`: a way of which the writer may know that it is never taken. A loop by `while` or `range`
  whose body may leave the function tries again, and the last turn may raise. A `match` all cases of
  which leave the function may name all there are.

Conditions are not worked out, only kept apart: the same name is not true in one place and false
in the next. Where there are too many paths they are joined to one that has the marks of all, which
errs on the side of silence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import libcst as cst

from flask_gotchas.facts.flask_api import ENDLESS, NEVER_RETURN, may_raise
from flask_gotchas.literals import dotted_name, string_value
from flask_gotchas.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

Path: TypeAlias = frozenset[str]
Paths: TypeAlias = frozenset[Path]

DOUBT = "doubt"
_NO_PATH: Paths = frozenset()
_START: Paths = frozenset({frozenset()})
_MAX_PATHS = 16
_MAX_DEPTH = 60


class Endings(NamedTuple):
    """How a function ends: the paths that run off its end, and its `return` statements.

    Statements that are never reached are left out. An empty `falls` tells that the function never
    runs off its end; without returns it never returns at all.
    """

    falls: Paths
    returns: tuple[tuple[cst.Return, Paths], ...]


class TooDeepError(Exception):
    """The statements are nested too deeply to be followed."""


def endings(function: cst.FunctionDef, meaning: Callable[[cst.CSTNode], str | None]) -> Endings:
    """Follow the statements of a function.

    `meaning` says what an expression is (see `flask_gotchas.names`) in the function's scope. Raises
    TooDeepError.
    """
    flow = _Flow(meaning)
    falls = flow.block(function.body, _START)
    found: dict[int, tuple[cst.Return, Paths]] = {}
    for node, paths in flow.returns:
        before = found.get(id(node))
        found[id(node)] = (node, _plain(paths if before is None else before[1] | paths))
    return Endings(_plain(falls), tuple(found.values()))


def may_happen(
    path: Collection[str],
    *,
    methods: frozenset[str] | None = None,
    never_returns: Callable[[str], bool] = lambda _: False,
) -> bool:
    """Tell whether a path can be taken.

    `methods` are those that reach the function, None for unknown ones; `never_returns` is asked for
    the target of each call on it.
    """
    allowed = methods
    for mark in path:
        word, _, rest = mark.partition(" ")
        if word == "call" and never_returns(rest):
            return False
        if word in {"method", "not"}:
            if allowed is None:
                return False
            named = frozenset(rest.removeprefix("method ").split("|"))
            allowed = allowed & named if word == "method" else allowed - named
    return allowed is None or bool(allowed) or not methods


class _Loop:
    """A loop while its body is followed."""

    def __init__(self) -> None:
        self.breaks: Paths = _NO_PATH
        self.continues: Paths = _NO_PATH


class _Flow:
    """Follows statements; `returns` are the reached ones with the paths that lead there."""

    def __init__(self, meaning: Callable[[cst.CSTNode], str | None]) -> None:
        self.meaning = meaning
        self.returns: list[tuple[cst.Return, Paths]] = []
        self._loops: list[_Loop] = []
        self._depth = 0

    def block(self, block: Any, paths: Paths) -> Paths:
        """Follow the statements of a block and give the paths that run off its end."""
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise TooDeepError
        for statement in block.body:
            if not paths:
                break
            paths = self._statement(statement, paths)
        self._depth -= 1
        return paths

    def _statement(self, node: Any, paths: Paths) -> Paths:
        kind = type(node)
        if kind is cst.SimpleStatementLine:
            for small in node.body:
                if paths:
                    paths = self._small(small, paths)
            return paths
        if kind is cst.If:
            return self._if(node, paths)
        if kind is cst.For:
            return self._for(node, paths)
        if kind is cst.While:
            return self._while(node, paths)
        if kind is cst.Try or kind is cst.TryStar:
            return self._try(node, paths)
        if kind is cst.With:
            inside = self.block(node.body, paths)
            return inside | paths if self._suppresses(node.items) else inside
        if kind is cst.Match:
            return self._match(node, paths)
        if kind in _SMALL:
            return self._small(node, paths)
        return paths

    # -- simple statements

    def _small(self, node: Any, paths: Paths) -> Paths:
        kind = type(node)
        if kind is cst.Return:
            self.returns.append((node, paths))
            return _NO_PATH
        if kind is cst.Raise:
            return _NO_PATH
        if kind is cst.Break or kind is cst.Continue:
            if self._loops:
                if kind is cst.Break:
                    self._loops[-1].breaks |= paths
                else:
                    self._loops[-1].continues |= paths
            return _NO_PATH
        if kind is cst.Assert:
            return _NO_PATH if _constant(node.test) is False else paths
        if kind is cst.Expr:
            return self._value(node.value, paths)
        if kind is cst.Assign:
            names = {name for target in node.targets for name in _bound(target.target)}
            return self._value(node.value, _forget(paths, names))
        if (kind is cst.AnnAssign and node.value is not None) or kind is cst.AugAssign:
            return self._value(node.value, _forget(paths, set(_bound(node.target))))
        return paths

    def _value(self, node: Any, paths: Paths) -> Paths:
        """Follow the call that a statement makes: it may never return."""
        if type(node) is cst.Await:
            node = node.expression
        if type(node) is not cst.Call:
            return paths
        target = self.meaning(node.func)
        if target in NEVER_RETURN:
            return _NO_PATH
        if target is None:
            name = dotted_name(node.func).rpartition(".")[2]
            target = f"?.{name}" if may_raise(name) else None
        return paths if target is None else _add(paths, {f"call {target}"})

    # -- compound statements

    def _if(self, node: cst.If, paths: Paths) -> Paths:
        out = _NO_PATH
        while True:
            yes, no = self._split(node.test, paths)
            out |= self.block(node.body, yes)
            paths = no
            if type(node.orelse) is not cst.If:
                break
            node = node.orelse
        if type(node.orelse) is cst.Else:
            paths = self.block(node.orelse.body, paths)
        return _few(out | paths)

    def _for(self, node: cst.For, paths: Paths) -> Paths:
        target = self.meaning(node.iter.func) if type(node.iter) is cst.Call else None
        paths = _forget(paths, set(_bound(node.target)))
        marks = {DOUBT} if target == "builtins.range" else set()
        return self._loop(node, paths, paths, paths, marks, endless=target in ENDLESS)

    def _while(self, node: cst.While, paths: Paths) -> Paths:
        yes, no = self._split(node.test, paths)
        return self._loop(node, paths, yes, no, {DOUBT}, endless=_constant(node.test) is True)

    def _loop(
        self,
        node: cst.For | cst.While,
        before: Paths,
        inside: Paths,
        out: Paths,
        marks: set[str],
        *,
        endless: bool,
    ) -> Paths:
        loop = _Loop()
        returns = len(self.returns)
        self._loops.append(loop)
        # What a loop binds in one turn is another thing in the next.
        falls = self.block(node.body, _plain(inside))
        self._loops.pop()
        if endless:
            after = _NO_PATH
        else:
            after = _plain(falls | loop.continues) | out
            if len(self.returns) > returns or not falls | loop.continues | loop.breaks:
                after = _add(after, marks)
        if node.orelse is not None:
            after = self.block(node.orelse.body, after)
        return _few(after | _plain(loop.breaks)) if before else _NO_PATH

    def _try(self, node: Any, paths: Paths) -> Paths:
        first, loop = len(self.returns), self._loops[-1] if self._loops else _Loop()
        before = loop.breaks, loop.continues
        tried = self.block(node.body, paths)
        if node.orelse is not None:
            tried = self.block(node.orelse.body, tried)
        # An exception may have come before anything on the way was done.
        for handler in node.handlers:
            tried |= self.block(handler.body, _plain(paths))
        tried = _few(tried)
        if node.finalbody is None:
            return tried
        last, inside = len(self.returns), (loop.breaks, loop.continues)
        loop.breaks, loop.continues = before
        if not self.block(node.finalbody.body, tried | _plain(paths)):
            # What leaves in `finally` takes the place of every other way out.
            del self.returns[first:last]
            return _NO_PATH
        loop.breaks |= inside[0]
        loop.continues |= inside[1]
        return self.block(node.finalbody.body, tried)

    def _match(self, node: cst.Match, paths: Paths) -> Paths:
        out, is_left = _NO_PATH, True
        for case in node.cases:
            out |= self.block(case.body, paths)
            if case.guard is None and _takes_all(case.pattern):
                is_left = False
        if not is_left:
            return _few(out)
        is_full = not out and len(node.cases) > 1
        return _few(out | _add(paths, {DOUBT} if is_full else set()))

    def _suppresses(self, items: Sequence[cst.WithItem]) -> bool:
        return any(
            type(item.item) is cst.Call and self.meaning(item.item.func) == "contextlib.suppress"
            for item in items
        )

    # -- conditions

    def _split(self, test: cst.BaseExpression, paths: Paths) -> tuple[Paths, Paths]:
        """Give the paths on which a test comes out true, and those on which it does not."""
        constant = _constant(test)
        if constant is not None:
            return (paths, _NO_PATH) if constant else (_NO_PATH, paths)
        yes, no = self._marks(test)
        return _add(paths, yes), _add(paths, no)

    def _marks(self, test: Any) -> tuple[set[str], set[str]]:
        """Give the marks of a test that is true and of one that is not."""
        if type(test) is cst.UnaryOperation and type(test.operator) is cst.Not:
            yes, no = self._marks(test.expression)
            return no, yes
        if type(test) is cst.BooleanOperation:
            left, right = self._marks(test.left), self._marks(test.right)
            if type(test.operator) is cst.And:
                return left[0] | right[0], set()
            return set(), left[1] | right[1]
        if type(test) is cst.Name or type(test) is cst.Attribute:
            name = dotted_name(test)
            return ({f"yes {name}"}, {f"no {name}"}) if name else (set(), set())
        if type(test) is cst.Comparison and len(test.comparisons) == 1:
            return self._compared(test.left, test.comparisons[0])
        return set(), set()

    def _compared(self, left: Any, target: cst.ComparisonTarget) -> tuple[set[str], set[str]]:
        operator, right = type(target.operator), target.comparator
        if operator in _EQUAL and self.meaning(left) == "flask.request.method":
            methods = _methods(right)
            if methods:
                named = "|".join(sorted(methods))
                is_one, is_none_of = {f"method {named}"}, {f"not method {named}"}
                return (is_one, is_none_of) if _EQUAL[operator] else (is_none_of, is_one)
        return _compared_with(dotted_name(left), operator, right)


def _compared_with(name: str, operator: type, right: Any) -> tuple[set[str], set[str]]:
    """Give the marks of a variable compared with a literal, the same for an operator and its not.

    What is compared with `True` or `False` is tested by itself.
    """
    what = right.value if type(right) in _LITERALS else ""
    if not name or not what or operator not in _OPERATORS:
        return set(), set()
    sign, is_yes = _OPERATORS[operator]
    mark = f"{name} {sign} {what}"
    if what in {"True", "False"} and sign in {"==", "is"}:
        mark, is_yes = name, is_yes is (what == "True")
    elif type(right) is cst.Name and what != "None":
        return set(), set()
    yes, no = {f"yes {mark}"}, {f"no {mark}"}
    return (yes, no) if is_yes else (no, yes)


_LITERALS = frozenset({cst.Float, cst.Integer, cst.Name, cst.SimpleString})
_OPERATORS: dict[type, tuple[str, bool]] = {
    cst.Equal: ("==", True),
    cst.GreaterThan: (">", True),
    cst.GreaterThanEqual: ("<", False),
    cst.Is: ("is", True),
    cst.IsNot: ("is", False),
    cst.LessThan: ("<", True),
    cst.LessThanEqual: (">", False),
    cst.NotEqual: ("==", False),
}
_EQUAL: dict[type, bool] = {
    cst.Equal: True,
    cst.NotEqual: False,
    cst.In: True,
    cst.NotIn: False,
}
_SMALL = frozenset(
    {
        cst.AnnAssign, cst.Assert, cst.Assign, cst.AugAssign, cst.Break, cst.Continue, cst.Expr,
        cst.Raise, cst.Return,
    }
)  # fmt: skip


def _methods(node: Any) -> set[str]:
    """Read the names of methods in a string or a collection of strings; empty if that fails."""
    if type(node) in {cst.List, cst.Set, cst.Tuple}:
        texts = [string_value(element.value) for element in node.elements]
    else:
        texts = [string_value(node)]
    return set() if None in texts else {text for text in texts if text is not None}


def _add(paths: Paths, marks: set[str]) -> Paths:
    """Put marks on paths, and leave out those that contradict themselves."""
    if not marks:
        return paths
    against = {_opposite(mark) for mark in marks}
    return frozenset(path | marks for path in paths if path.isdisjoint(against))


def _opposite(mark: str) -> str:
    word, _, rest = mark.partition(" ")
    if word in {"yes", "no"}:
        return f"{'no' if word == 'yes' else 'yes'} {rest}"
    if word == "method":
        return f"not {mark}"
    return rest if word == "not" else ""


def _forget(paths: Paths, names: set[str]) -> Paths:
    """Take away what was known of variables that are bound again."""
    if not names or paths == _START:
        return paths
    return frozenset(
        frozenset(mark for mark in path if not _is_about(mark, names)) for path in paths
    )


def _is_about(mark: str, names: set[str]) -> bool:
    word, _, rest = mark.partition(" ")
    return word in {"yes", "no"} and rest.partition(" ")[0].partition(".")[0] in names


def _plain(paths: Paths) -> Paths:
    """Take away what is only of use inside a function."""
    if paths == _START or not paths:
        return paths
    kept = (frozenset(m for m in path if not m.startswith(("yes ", "no "))) for path in paths)
    return frozenset(kept)


def _few(paths: Paths) -> Paths:
    """Join paths to one that has the marks of all, if there are too many."""
    if len(paths) > _MAX_PATHS:
        paths = _plain(paths)
    if len(paths) > _MAX_PATHS:
        paths = frozenset({frozenset().union(*paths)})
    return paths


def _constant(test: Any) -> bool | None:
    """Tell a test that always comes out the same."""
    if type(test) is cst.Name and test.value in {"True", "False"}:
        return bool(test.value == "True")
    if type(test) is cst.Integer:
        return test.value.strip("0") != ""
    return None


def _bound(target: Any) -> Iterable[str]:
    """List the variables that a target binds, or objects in which it sets something."""
    if type(target) is cst.Name:
        return [target.value]
    if type(target) is cst.Attribute or type(target) is cst.Subscript:
        return _bound(target.value)
    if type(target) is cst.Tuple or type(target) is cst.List:
        return [name for element in target.elements for name in _bound(element.value)]
    return []


def _takes_all(pattern: Any) -> bool:
    """Tell a pattern that everything matches: a name or `_`."""
    return type(pattern) is cst.MatchAs and pattern.pattern is None
