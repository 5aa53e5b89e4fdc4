"""Which text of a request an expression carries, and whether the code around it looks at it first.

Text goes through variables with one assignment, f-strings, `+`, `%`, `format`, `strip` and the
like. Whatever else is done with it, above all any function that is not known, is taken to make it
harmless. So is every test of it: a comparison, a look-up in a table, a call that may refuse it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeAlias

import libcst as cst

from flask_gotchas.facts.model import Origin
from flask_gotchas.literals import is_name, source_of, string_value
from flask_gotchas.nodes import children

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from flask_gotchas.names import Names, Scope

# What reads text from the request. The mappings count alone, too, for who tests them as a whole.
_MAPPING = re.compile(
    r"flask\.request\.(?:(args|form|values|cookies|headers)(?:\.to_dict\(\))?"
    r"|(json|get_json\(\)))"
    r"((?:\[\]|\.get\(\))*)\Z"
)
_FILE_NAME = re.compile(r"flask\.request\.files(?:\[\]|\.get\(\)|\.getlist\(\)\[\])\.filename\Z")
# Not those with a host: older versions of Werkzeug quote what is odd in them.
_URL = frozenset({"flask.request.full_path", "flask.request.path"})
_KEEPING_METHODS = frozenset(
    {
        "capitalize", "casefold", "decode", "encode", "expandtabs", "lower", "lstrip", "rstrip",
        "strip", "swapcase", "title", "upper",
    }
)  # fmt: skip
_KEEPING_FUNCTIONS = frozenset(
    {"builtins.str", "urllib.parse.unquote", "urllib.parse.unquote_plus"}
)
_PATH_FUNCTIONS = frozenset(
    {
        "ntpath.join", "os.path.join", "pathlib.Path", "pathlib.PosixPath", "pathlib.PurePath",
        "posixpath.join",
    }
)  # fmt: skip
# Calls that do not refuse what they get.
_HARMLESS = frozenset(
    {
        "builtins.bool", "builtins.isinstance", "builtins.len", "builtins.open", "builtins.print",
        "builtins.repr", "builtins.str", "html.escape", "io.open", "jinja2.Template",
        "markupsafe.Markup", "markupsafe.escape", "os.path.basename", "os.path.splitext",
        "werkzeug.utils.secure_filename",
    }
)  # fmt: skip
_TAKING_METHODS = frozenset(
    {
        "critical", "debug", "error", "exception", "from_string", "info", "joinpath", "log", "save",
        "warning",
    }
)  # fmt: skip
_SPLITTING = frozenset({"partition", "rpartition", "rsplit", "split"})
_MAX_DEPTH = 20
_READING_METHODS = frozenset({"format", "get", "join", "to_dict"})
_SCOPES = frozenset(
    {
        cst.ClassDef, cst.DictComp, cst.FunctionDef, cst.GeneratorExp, cst.Lambda, cst.ListComp,
        cst.SetComp,
    }
)  # fmt: skip
_STRINGS = frozenset({cst.ConcatenatedString, cst.FormattedString, cst.SimpleString})
_EMPTY = frozenset({"''", '""', "None", "b''", 'b""'})

# How strictly the code looks at some text: not at all; it may refuse it; it compares it with
# something that the visitor need not know, so that nothing else of the request can be trusted less.
_PLAIN, _REFUSED, _GUARDING = range(3)

# A node, how strictly it is looked at, whether that decides something, and whether it has names of
# its own.
_Part: TypeAlias = tuple[Any, int, bool, bool]


class RequestData:
    """Answers for one file, for the place where the walk is."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self._keeping: frozenset[str] = frozenset()
        self._uses: dict[int, list[tuple[Origin, int]]] = {}  # by the id of a function

    def carried(
        self, node: cst.BaseExpression, keeping: frozenset[str] = frozenset()
    ) -> tuple[Origin, ...]:
        """List the texts of the request that an expression carries and nobody has looked at.

        `keeping` are further functions, by their meanings, that leave the text as dangerous as it
        is. Parameters of the function around count: whether they are variables of a URL is not
        known here.
        """
        self._keeping = keeping
        found = self._origins(node, self._parts)
        self._keeping = frozenset()
        return self._untested(found)

    def carried_by_path(self, node: cst.BaseExpression) -> tuple[Origin, ...]:
        """List such texts where a part of a path begins with them, so that `../` leads out of it.

        In `folder/user_` + text it would lead into a folder `user_..`, which does not exist.
        """
        return self._untested(self._origins(node, self._path_parts))

    def _untested(self, found: list[Origin]) -> tuple[Origin, ...]:
        if not found:
            return ()
        scope: Scope | None = self.names.scope
        while scope is not None and scope.kind == "comprehension":
            scope = scope.parent
        if scope is None or scope.kind != "function":
            return ()
        uses = self._uses.get(id(scope.node))
        if uses is None:
            with self.names.inside(scope):
                uses = self._uses[id(scope.node)] = list(_Uses(self).of(scope.node.body))
        return tuple(
            origin
            for origin in found
            if not any(
                level == _GUARDING or (level == _REFUSED and _is_same(origin, used))
                for used, level in uses
            )
        )

    # -- what an expression carries

    def _origins(
        self, node: cst.BaseExpression, parts: Callable[[Any], Iterable[Any]]
    ) -> list[Origin]:
        """List what an expression reads, itself or in its parts."""
        found: dict[Origin, None] = {}
        todo, seen = [node], set()
        while todo:
            part = todo.pop()
            if id(part) in seen:
                continue  # a variable that is made of itself
            seen.add(id(part))
            read = self.read(part)
            if read is None:
                todo += reversed(list(parts(part)))
            elif read.key != "*":
                found[read] = None
        return list(found)

    def read(self, node: Any) -> Origin | None:
        """Say what an expression reads from the request, if it is nothing but that.

        The key `*` stands for all of a mapping.
        """
        kind = type(node)
        if kind is cst.Name:
            return self._variable(node.value)
        if kind is not cst.Call and kind is not cst.Subscript and kind is not cst.Attribute:
            return None
        meaning = self.names.meaning(node)
        if meaning is None or not meaning.startswith("flask.request."):
            return None
        if meaning in _URL:
            return Origin("url", meaning, source_of(node))
        if _FILE_NAME.match(meaning):
            return Origin("filename", source_of(node), source_of(node))
        found = _MAPPING.match(meaning)
        if found is None or (kind is cst.Call and _is_converted(node, self.names)):
            return None
        name = found[1] or "json"
        key = _key(node) if found[3] else "*"
        return Origin(name, key, source_of(node))

    def _variable(self, name: str) -> Origin | None:
        """Say what the one assignment of a variable of this function reads."""
        for _ in range(_MAX_DEPTH):
            found = self.names.binding(name)
            if found is None or found[0] is not self._function():
                return None
            binding = found[1]
            if binding.kind == "parameter":
                return Origin("parameter", name, name)
            if binding.kind != "value" or binding.target is None:
                return None
            if type(binding.target) is not cst.Name:
                return self.read(binding.target)
            name = binding.target.value
        return None

    def _function(self) -> Scope | None:
        scope: Scope | None = self.names.scope
        while scope is not None and scope.kind == "comprehension":
            scope = scope.parent
        return scope

    def _parts(self, node: Any) -> Iterable[Any]:
        """List the parts whose text an expression takes over."""
        kind = type(node)
        if kind is cst.Name:
            found = self.names.binding(node.value)
            if found and found[0] is self._function() and found[1].kind == "value":
                return [found[1].target]
            return []
        if kind is cst.FormattedString:
            return [p.expression for p in node.parts if type(p) is cst.FormattedStringExpression]
        if kind is cst.BinaryOperation:
            if type(node.operator) is cst.Modulo and self._is_text(node.left):
                return [node.left, *_elements(node.right)]
            if type(node.operator) is cst.Add and (self._keeping or self._is_text(node)):
                return [node.left, node.right]
            return []
        if kind is cst.ConcatenatedString:
            return [node.left, node.right]
        if kind is cst.IfExp:
            return [node.body, node.orelse]
        if kind is cst.BooleanOperation:
            return [node.left, node.right] if type(node.operator) is cst.Or else [node.right]
        if kind is cst.NamedExpr:
            return [node.value]
        if kind is cst.Subscript:
            return [node.value] if type(node.slice[0].slice) is cst.Slice else []
        return self._parts_of_call(node) if kind is cst.Call else []

    def _parts_of_call(self, node: cst.Call) -> list[Any]:
        arguments = [arg.value for arg in node.args]
        func = node.func
        if type(func) is cst.Attribute:
            method = func.attr.value
            if method in _KEEPING_METHODS:
                return [func.value]
            if method == "format" and self._is_text(func.value):
                return [func.value, *arguments]
            if method == "join" and string_value(func.value) is not None:
                return [part for argument in arguments for part in _elements(argument)]
        meaning = self.names.meaning(func)
        if meaning in _KEEPING_FUNCTIONS or meaning in self._keeping:
            return arguments[:1]
        return []

    def _is_text(self, node: Any) -> bool:
        """Tell whether an expression is surely of type `str`.

        `Markup` would escape what is added to it or formatted into it.
        """
        todo, seen = [node], set()
        while todo:
            part: Any = self.names.value_of(todo.pop())
            if id(part) in seen:
                return False
            seen.add(id(part))
            kind = type(part)
            if kind is cst.BinaryOperation:
                if type(part.operator) is cst.Modulo:
                    todo.append(part.left)
                else:
                    todo += [part.left, part.right]
            elif kind is cst.BooleanOperation:
                todo += [part.left, part.right]
            elif kind is cst.IfExp:
                todo += [part.body, part.orelse]
            elif kind is cst.Subscript and type(part.slice[0].slice) is cst.Slice:
                todo.append(part.value)
            elif (
                kind is cst.Call
                and type(part.func) is cst.Attribute
                and (part.func.attr.value in _KEEPING_METHODS | {"format", "join"})
            ):
                todo.append(part.func.value)
            elif kind is cst.Call and self.names.meaning(part.func) == "builtins.str":
                continue
            elif kind not in _STRINGS and self.read(part) is None:
                return False
        return True

    # -- paths

    def _path_parts(self, node: Any) -> Iterable[Any]:
        """List the parts of an expression with which a part of the path begins."""
        kind = type(node)
        if kind is cst.FormattedString:
            return _after_slash(
                part.value if type(part) is cst.FormattedStringText else part.expression
                for part in node.parts
            )
        if kind is cst.BinaryOperation:
            if type(node.operator) is cst.Divide:
                return [node.left, node.right]
            return _after_slash(_summands(node)) if type(node.operator) is cst.Add else []
        if kind is cst.Call:
            meaning = self.names.meaning(node.func)
            if meaning in _PATH_FUNCTIONS:
                return [arg.value for arg in node.args]
            if meaning == "builtins.str":
                return [arg.value for arg in node.args[:1]]
            func = node.func
            if type(func) is cst.Attribute and func.attr.value == "joinpath":
                return [func.value, *(arg.value for arg in node.args)]
            if type(func) is cst.Attribute and func.attr.value in {"lower", "rstrip", "upper"}:
                return [func.value]
            return []
        if kind in {cst.IfExp, cst.BooleanOperation, cst.NamedExpr, cst.Name}:
            return self._parts(node)
        return []

    # -- for who reads the code around

    def derived(self, name: str) -> Iterator[Origin]:
        """List all texts of the request that a variable of this function has to do with."""
        todo, seen = [name], {name}
        while todo:
            found = self.names.bindings(todo.pop())
            if found is None or found[0] is not self._function():
                continue
            parts = [
                binding.target
                for binding in found[1]
                if binding.kind in {"value", "loop"} and binding.target is not None
            ]
            while parts:
                part = parts.pop()
                read = self.read(part)
                if read is not None:
                    yield read
                elif type(part) is cst.Name:
                    if part.value not in seen:
                        seen.add(part.value)
                        todo.append(part.value)
                elif type(part) not in _SCOPES:
                    parts += children(part)

    def is_harmless(self, node: cst.Call) -> bool:
        """Tell whether a call surely takes any text."""
        meaning = self.names.meaning(node.func) or ""
        if meaning in _HARMLESS or meaning in _KEEPING_FUNCTIONS or meaning in _PATH_FUNCTIONS:
            return True
        func = node.func
        if type(func) is cst.Attribute and func.attr.value in _TAKING_METHODS:
            return True
        return meaning.startswith("flask.") and "(" not in meaning and meaning.count(".") == 1

    def only_asks_for_extension(self, node: cst.Call) -> bool:
        """Tell whether a function of this file only looks at how the name of a file ends."""
        if type(node.func) is not cst.Name or len(node.args) != 1:
            return False
        found = self.names.binding(node.func.value)
        if found is None or found[1].kind != "function":
            return False
        function = found[1].target
        parameters = function.params.params
        if len(parameters) != 1:
            return False
        name = parameters[0].name.value
        return _mentions(function.body, name) == _mentions_of_extension(function.body, name)


class _Uses:
    """Goes through a function and says what is done with each text of the request.

    It knows names by the scope of the function, so that inner functions and comprehensions, which
    have their own, are only searched for its variables.
    """

    def __init__(self, data: RequestData) -> None:
        self.data = data
        self._derived: dict[str, tuple[Origin, ...]] = {}

    def of(self, body: cst.CSTNode) -> Iterator[tuple[Origin, int]]:
        todo: list[tuple[Any, int, bool, bool]] = [(body, _PLAIN, False, False)]
        while todo:
            node, level, in_test, is_inner = todo.pop()
            kind = type(node)
            if is_inner and kind is not cst.Name:
                todo += [(child, level, in_test, True) for child in children(node)]
                continue
            read = self.data.read(node)
            if read is not None:
                yield read, level
                continue
            if kind is cst.Name:
                if node.value not in self._derived:
                    self._derived[node.value] = tuple(self.data.derived(node.value))
                for derived in self._derived[node.value]:
                    yield derived, min(level, _REFUSED)
            elif kind is cst.Call:
                todo += self._call(node, level, in_test)
            elif kind is cst.Comparison:
                todo += self._comparison(node, level)
            elif kind is cst.Subscript:
                todo.append((node.value, level, in_test, False))
                refused = max(level, _REFUSED)
                todo += [(element, refused, in_test, False) for element in node.slice]
            elif kind is cst.If or kind is cst.While or kind is cst.IfExp or kind is cst.Assert:
                rest = [child for child in children(node) if child is not node.test]
                todo += [(child, level, in_test, False) for child in rest]
                todo.append((node.test, level, True, False))
            elif kind is cst.For:
                todo.append((node.iter, max(level, _REFUSED), False, False))
                todo += [(c, level, False, False) for c in children(node) if c is not node.iter]
            elif kind is cst.Match:
                todo.append((node.subject, max(level, _REFUSED), False, False))
                todo += [(case, level, False, False) for case in node.cases]
            else:
                opens = kind in _SCOPES
                inner = max(level, _REFUSED) if opens else level
                todo += [(child, inner, in_test, opens) for child in children(node)]

    def _call(self, node: cst.Call, level: int, in_test: bool) -> Iterator[_Part]:
        refused = max(level, _GUARDING if in_test else _REFUSED)
        func = node.func
        if type(func) is cst.Attribute:
            name = func.attr.value
            read = self.data.read(func.value)
            if read is not None and read.kind == "filename" and _asks_for_extension(node, name):
                return
            asked = read is not None and name not in _KEEPING_METHODS | _READING_METHODS
            yield func.value, refused if asked else level, in_test, False
            if name in {"format", "join"}:
                refused = level
        if self.data.is_harmless(node):
            refused = level
        elif self.data.only_asks_for_extension(node):
            refused = _PLAIN
        for arg in node.args:
            yield arg.value, refused, in_test, False

    def _comparison(self, node: cst.Comparison, level: int) -> Iterable[_Part]:
        sides = [node.left, *(target.comparator for target in node.comparisons)]
        literal = [_is_literal(side) for side in sides]
        if len(sides) == 2:
            operator = type(node.comparisons[0].operator)
            other = sides[0] if literal[0] else sides[1] if literal[1] else None
            if other is not None and source_of(other) in _EMPTY:
                return [(side, level, True, False) for side in sides]
            if literal[0] and operator in {cst.In, cst.NotIn}:
                read = self.data.read(sides[1])
                if read is not None and (
                    read.key == "*" or (read.kind == "filename" and _is_dot(sides[0]))
                ):
                    return []
        strict = _REFUSED if any(literal) else _GUARDING
        return [(side, max(level, strict), True, False) for side in sides]


def _elements(node: Any) -> list[Any]:
    """List what a display of several values holds, or the node itself."""
    if type(node) is cst.Tuple or type(node) is cst.List:
        return [element.value for element in node.elements]
    if type(node) is cst.Dict:
        return [e.value for e in node.elements if type(e) is cst.DictElement]
    return [node]


def _is_same(one: Origin, other: Origin) -> bool:
    return one.kind == other.kind and (one.key == other.key or "*" in {one.key, other.key})


def _is_literal(node: cst.BaseExpression) -> bool:
    if type(node) is cst.Tuple or type(node) is cst.List or type(node) is cst.Set:
        return all(_is_literal(element.value) for element in node.elements)
    is_constant = any(is_name(node, word) for word in ("None", "True", "False"))
    return is_constant or type(node) is cst.SimpleString or type(node) is cst.Integer


def _is_converted(node: cst.Call, names: Names) -> bool:
    """Tell whether `get` makes something else of the text by its `type`."""
    for position, arg in enumerate(node.args):
        is_type = arg.keyword.value == "type" if arg.keyword is not None else position == 2
        if arg.star or (is_type and names.meaning(arg.value) != "builtins.str"):
            return True
    return False


def _key(node: Any) -> str:
    """Give the key that is read, or the source of the reading where that is no literal."""
    if type(node) is cst.Subscript and type(node.slice[0].slice) is cst.Index:
        key = string_value(node.slice[0].slice.value)
    elif type(node) is cst.Call and node.args:
        key = string_value(node.args[0].value)
    else:
        key = None
    return source_of(node) if key is None else key


def _summands(node: Any) -> Iterator[Any]:
    """List what is added up, from the left to the right, literals as their text."""
    todo = [node]
    while todo:
        part = todo.pop()
        if type(part) is cst.BinaryOperation and type(part.operator) is cst.Add:
            todo += [part.right, part.left]
        else:
            text = string_value(part)
            yield part if text is None else text


def _after_slash(parts: Iterable[Any]) -> list[Any]:
    """List the expressions that stand first or after a slash."""
    found = []
    before: Any = "/"
    for part in parts:
        if not isinstance(part, str) and isinstance(before, str) and before[-1:] in {"/", "\\"}:
            found.append(part)
        before = part
    return found


def _is_dot(node: cst.BaseExpression) -> bool:
    return string_value(node) == "."


def _asks_for_extension(node: cst.Call, method: str) -> bool:
    """Tell whether a call of a method of some text looks at what stands behind a dot."""
    first = node.args[0].value if node.args else None
    return method == "endswith" or (method in _SPLITTING and first is not None and _is_dot(first))


def _mentions(node: Any, name: str) -> int:
    count, todo = 0, [node]
    while todo:
        part = todo.pop()
        count += is_name(part, name)
        todo += children(part)
    return count


def _mentions_of_extension(node: Any, name: str) -> int:
    """Count `"." in name`, `name.rsplit(".", 1)`, `name.endswith(...)` and the like."""
    count, todo = 0, [node]
    while todo:
        part = todo.pop()
        if type(part) is cst.Comparison and _is_dot(part.left):
            target = part.comparisons[0]
            is_in = type(target.operator) in {cst.In, cst.NotIn}
            count += is_in and is_name(target.comparator, name)
        elif type(part) is cst.Call and type(part.func) is cst.Attribute:
            method, owner = part.func.attr.value, part.func.value
            if type(owner) is cst.Call and type(owner.func) is cst.Attribute:
                lowered = owner.func.attr.value in {"lower", "upper"}
                owner = owner.func.value if lowered else owner
            count += _asks_for_extension(part, method) and is_name(owner, name)
            first = part.args[0].value if part.args else None
            count += method == "splitext" and is_name(first, name)
        todo += children(part)
    return count
