"""What a name in a file means: imports, assignments and scopes.

Two strings say what an expression is. Its *reference* says which object it is: `flask.request.form`
for something imported, `shop.views.bp` for a variable of the project,
`shop.create_app.<locals>.app` for a local one. Its *meaning* goes on to what that object was made
by: `flask.Blueprint()` is what calling `flask.Blueprint` gives, and `flask.Flask().run` a method of
an application. A call is written `()`, a subscript `[]`.

Scopes are read when they are first asked, statement by statement, without descending into
expressions. Python's own rules hold: a name bound anywhere in a function is local to it, and class
bodies are not seen from their methods.
"""

from __future__ import annotations

import builtins
import functools
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import libcst as cst

from flask_gotchas.facts.flask_api import canonical
from flask_gotchas.literals import dotted_name, string_value
from flask_gotchas.nodes import children
from flask_gotchas.records import NamedTuple
from flask_gotchas.walk import Walk

if TYPE_CHECKING:
    from collections.abc import Iterator

_BUILTINS = frozenset(dir(builtins)) | {"__name__", "__file__", "__doc__", "__path__"}
_DOTTED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*\Z")
_OPTIONAL = frozenset({"typing.Optional", "typing.Union", "typing.Annotated", "typing.Final"})
_MADE = re.compile(r"[(\[]")
_MAX_STEPS = 20
_REFERS = frozenset({cst.Attribute, cst.Await, cst.Call, cst.NamedExpr, cst.Subscript})
_BINDS_WALRUS = frozenset({cst.ClassDef, cst.FunctionDef, cst.Lambda})


class Binding(NamedTuple):
    """One way in which a scope binds a name.

    `kind` is import, value, function, class, parameter, loop or other; `target` the dotted name of
    an import, otherwise the node which is bound (for a loop, what is looped over).
    """

    kind: str
    target: Any
    annotation: cst.BaseExpression | None = None


class Scope:
    """A module, class, function, lambda or comprehension while the walk is inside it.

    `prefix` comes before the name of what is bound here; `runs` names the function whose call runs
    this code, empty when importing the module does.
    """

    def __init__(self, kind: str, node: Any, parent: Scope | None, prefix: str, runs: str) -> None:
        self.kind = kind
        self.node = node
        self.parent = parent
        self.prefix = prefix
        self.runs = runs
        self._bindings: dict[str, list[Binding]] | None = None
        self._seen: dict[str, str | None] = {}
        self._references: dict[str, str] = {}


class Names:
    """The names of one file.

    `module` is its dotted name, `text` its source, `is_package` tells an `__init__.py`. The walk
    calls `enter` and `leave`; `reference` and `meaning` answer for the scope that the walk is in.
    """

    def __init__(self, tree: cst.Module, text: str, module: str, *, is_package: bool) -> None:
        self.module = module
        self.text = text
        self.is_package = is_package
        self.stars: list[str] = []
        self.meanings: dict[str, str] = {}
        self.used_locals: list[str] = []  # local variables that expressions refer to
        self._walruses = _walruses(tree) if ":=" in text else {}
        self._has_global = "global " in text
        self._references: dict[int, str | None] = {id(None): None}
        self._expanded: dict[str, str] = {}
        self._depth = 0
        self.top = self.scope = Scope("module", tree, None, f"{module}.", "")

    # -- the walk's position

    def enter(self, node: cst.CSTNode) -> Scope:
        """Go into the scope of a function, class, lambda or comprehension."""
        outer = self.scope
        if type(node) is cst.FunctionDef:
            runs = f"{outer.prefix}{node.name.value}"
            scope = Scope("function", node, outer, f"{runs}.<locals>.", runs)
        elif type(node) is cst.Lambda:
            runs = f"{outer.prefix}<lambda>"
            scope = Scope("lambda", node, outer, f"{runs}.<locals>.", runs)
        elif type(node) is cst.ClassDef:
            prefix = f"{outer.prefix}{node.name.value}."
            scope = Scope("class", node, outer, prefix, outer.runs)
        else:
            scope = Scope("comprehension", node, outer, f"{outer.prefix}<comp>.", outer.runs)
        self.scope = scope
        return scope

    def leave(self) -> None:
        """Go back to the scope outside."""
        self.scope = self.scope.parent or self.top

    @contextmanager
    def inside(self, scope: Scope) -> Iterator[None]:
        """Answer for another scope for a while, one that the walk has left."""
        present, self.scope = self.scope, scope
        try:
            yield
        finally:
            self.scope = present

    # -- questions

    def reference(self, node: cst.CSTNode | None) -> str | None:
        """Say which object an expression is, or None when that cannot be known."""
        key = id(node)
        known = self._references
        if key in known:
            return known[key]
        kind = type(node)
        if kind is cst.Name:
            seen = self.scope._seen  # noqa: SLF001 - the two classes are one part
            name = node.value  # type: ignore[union-attr]
            result = seen[name] if name in seen else self._name(name, self.scope)
        elif kind in _REFERS:
            result = self._reference(node, self.scope)  # type: ignore[arg-type]
        else:
            result = None
        known[key] = result
        return result

    def meaning(self, node: cst.CSTNode | None) -> str | None:
        """Say what an expression is, following variables to what they were made by."""
        reference = self.reference(node)
        return None if reference is None else self.expand(reference)

    def expand(self, reference: str) -> str:
        """Follow the variables of this file at the beginning of a reference."""
        if not reference.startswith(self.top.prefix):
            return reference  # no variable of this file
        done = self._expanded.get(reference)
        if done is None:
            done = self._expanded[reference] = expand(reference, self.meanings)
        return done

    def annotation(self, node: cst.BaseExpression) -> str | None:
        """Say what an annotation makes of a variable: `Flask` and `"Flask | None"` an app."""
        return self._annotation(node, self.scope)

    def module_names(self) -> dict[str, str]:
        """Map every name that the module binds to its reference."""
        found = {}
        for name in self._bindings(self.top):
            reference = self._name(name, self.top)
            if reference is not None:
                found[name] = reference
        return found

    def value_of(self, node: cst.CSTNode) -> cst.CSTNode:
        """Follow a name to the one expression that was assigned to it, if there is just one."""
        scope = self.scope
        for _ in range(_MAX_STEPS):
            if type(node) is not cst.Name:
                break
            found = self._find(node.value, scope)
            if found is None:
                break
            scope, bindings = found
            if len(bindings) != 1 or bindings[0].kind != "value":
                break
            node = bindings[0].target
        return node

    def binding(self, name: str) -> tuple[Scope, Binding] | None:
        """Give the one binding of a name and the scope that it is made in.

        None where there are several, or none in this file.
        """
        found = self.bindings(name)
        return (found[0], found[1][0]) if found and len(found[1]) == 1 else None

    def bindings(self, name: str) -> tuple[Scope, list[Binding]] | None:
        """Give all bindings of a name and the scope that they are made in, None for no one."""
        return self._find(name, self.scope)

    def loop_of(self, name: str) -> cst.BaseExpression | None:
        """Give what a loop variable of the present scope goes through, or None."""
        found = self._find(name, self.scope)
        if found and len(found[1]) == 1 and found[1][0].kind == "loop":
            target: cst.BaseExpression = found[1][0].target
            return target
        return None

    def absolute(self, node: cst.ImportFrom) -> str | None:
        """Give the absolute module of an import; None when it climbs out of the tree."""
        module = dotted_name(node.module) if node.module is not None else ""
        if not node.relative:
            return module
        parts = self.module.split(".")
        climb = len(node.relative) - (1 if self.is_package else 0)
        if climb > len(parts):
            return None
        base = parts[: len(parts) - climb]
        return ".".join([*base, module] if module else base)

    # -- references

    def _reference(self, node: cst.CSTNode, scope: Scope) -> str | None:
        # `isinstance` asks LibCST's abstract base classes, which costs more than all the rest here.
        suffix = ""
        while type(node) is not cst.Name:
            if type(node) is cst.Attribute:
                suffix = f".{node.attr.value}{suffix}"
                node = node.value
            elif type(node) is cst.Call:
                suffix = f"(){suffix}"
                node = node.func
            elif type(node) is cst.Subscript:
                suffix = f"[]{suffix}"
                node = node.value
            elif type(node) is cst.Await:
                node = node.expression
            elif type(node) is cst.NamedExpr:
                node = node.value
            else:
                return None
        head = self._name(node.value, scope)
        return head if head is None or not suffix else canonical(f"{head}{suffix}")

    def _name(self, name: str, scope: Scope) -> str | None:
        seen = scope._seen  # noqa: SLF001 - the two classes are one part
        if name not in seen:
            reference = self._look_up(name, scope)
            if self._depth:
                return reference
            seen[name] = reference
        return seen[name]

    def _look_up(self, name: str, scope: Scope) -> str | None:
        found = self._find(name, scope)
        if found is None:
            return self._unbound(name)
        owner, bindings = found
        known = owner._references.get(name)  # noqa: SLF001 - the two classes are one part
        if known is not None:
            return known
        variable = f"{owner.prefix}{name}"
        if self._depth >= _MAX_STEPS:
            return variable
        owner._references[name] = variable  # noqa: SLF001 - ends a circle of aliases
        self._depth += 1
        live = [b for b in bindings if not _is_none(b)] or bindings
        targets = {self._bound(binding, variable, owner) for binding in live}
        if targets == {variable} and variable not in self.meanings:
            meaning = self._made_by(live, owner)
            if meaning is not None and meaning != variable:
                self.meanings[variable] = meaning
        self._depth -= 1
        if len(targets) == 1:
            owner._references[name] = targets.pop()  # noqa: SLF001
        return owner._references[name]  # noqa: SLF001

    def _unbound(self, name: str) -> str | None:
        if name in _BUILTINS:
            return f"builtins.{name}"
        if "flask" in self.stars and canonical(f"flask.app.{name}") == f"flask.{name}":
            return f"flask.{name}"
        if len(self.stars) == 1:
            return f"{self.stars[0]}.{name}"
        return None

    def _bound(self, binding: Binding, variable: str, owner: Scope) -> str:
        """Give the reference of one binding: what it is an alias of, else the variable itself."""
        if binding.kind == "import":
            return str(binding.target)
        if binding.kind == "value" and (
            type(binding.target) is cst.Name or type(binding.target) is cst.Attribute
        ):
            return self._reference(binding.target, owner) or variable
        return variable

    def _made_by(self, bindings: list[Binding], owner: Scope) -> str | None:
        """Give the meaning that all bindings of a variable agree on."""
        meanings: set[str | None] = set()
        for binding in bindings:
            if binding.annotation is not None:
                meanings.add(self._annotation(binding.annotation, owner))
            elif binding.kind == "value":
                reference = self._reference(binding.target, owner)
                meanings.add(None if reference is None else self.expand(reference))
            elif binding.kind == "parameter":
                meanings.add(self._parameter(binding.target, owner))
            else:
                return None
        return meanings.pop() if len(meanings) == 1 else None

    def _parameter(self, node: cst.Param, owner: Scope) -> str | None:
        outer = owner.parent
        if node.annotation is not None and outer is not None:
            return self._annotation(node.annotation.annotation, outer)
        function = owner.node
        if outer is None or outer.kind != "class" or type(function) is not cst.FunctionDef:
            return None
        params = [*function.params.posonly_params, *function.params.params]
        if not params or params[0] is not node:
            return None
        for decorator in function.decorators:
            reference = self._reference(decorator.decorator, outer)
            if reference == "builtins.staticmethod":
                return None
            if reference == "builtins.classmethod":
                return outer.prefix.rstrip(".")
        return f"{outer.prefix.rstrip('.')}()"

    def _annotation(self, node: cst.BaseExpression, scope: Scope) -> str | None:
        while type(node) is cst.BinaryOperation and type(node.operator) is cst.BitOr:
            sides = [side for side in (node.left, node.right) if not _is_none_node(side)]
            if len(sides) != 1:
                return None
            node = sides[0]
        text = string_value(node)
        if text is not None:
            text = text.replace(" ", "").removesuffix("|None")
            if not _DOTTED.match(text):
                return None
            head, _, rest = text.partition(".")
            reference = self._name(head, scope)
            if reference is None:
                return None
            return canonical(f"{reference}.{rest}" if rest else reference) + "()"
        if type(node) is cst.Subscript:
            wrapper = self._reference(node.value, scope)
            if wrapper not in _OPTIONAL:
                return None
            inner = [
                element.slice.value
                for element in node.slice
                if type(element.slice) is cst.Index and not _is_none_node(element.slice.value)
            ]
            if not inner or (wrapper == "typing.Union" and len(inner) > 1):
                return None
            return self._annotation(inner[0], scope)
        reference = self._reference(node, scope)
        return None if reference is None else f"{self.expand(reference)}()"

    # -- scopes

    def _find(self, name: str, scope: Scope) -> tuple[Scope, list[Binding]] | None:
        current: Scope | None = scope
        while current is not None:
            if current.kind != "class" or current is scope:
                bindings = self._bindings(current).get(name)
                if bindings:
                    if bindings[0].kind == "global":
                        bindings = self._bindings(self.top).get(name)
                        return (self.top, bindings) if bindings else None
                    if bindings[0].kind != "nonlocal":
                        return current, bindings
            current = current.parent
        return None

    def _bindings(self, scope: Scope) -> dict[str, list[Binding]]:
        if scope._bindings is None:  # noqa: SLF001 - the two classes are one part
            reader = _ScopeReader(self, scope)
            scope._bindings = reader.read()  # noqa: SLF001
        return scope._bindings  # noqa: SLF001


class _ScopeReader:
    """Reads what a scope binds from its statements."""

    def __init__(self, names: Names, scope: Scope) -> None:
        self.names = names
        self.scope = scope
        self.found: dict[str, list[Binding]] = {}

    def read(self) -> dict[str, list[Binding]]:
        node = self.scope.node
        for walrus in self.names._walruses.get(id(node), ()):  # noqa: SLF001
            self._target(walrus.target, "value", walrus.value)
        if type(node) is cst.Module:
            self._statements(node.body)
            if self.names._has_global:  # noqa: SLF001
                self._globals(node.body)
        elif type(node) is cst.FunctionDef or type(node) is cst.Lambda:
            self._parameters(node.params)
            if type(node) is cst.FunctionDef:
                self._statements([node.body])
        elif type(node) is cst.ClassDef:
            self._statements([node.body])
        else:
            loop: cst.CompFor | None = node.for_in
            while loop is not None:
                self._target(loop.target, "loop", loop.iter)
                loop = loop.inner_for_in
        return self.found

    def _add(
        self, name: str, kind: str, target: Any, annotation: cst.BaseExpression | None = None
    ) -> None:
        self.found.setdefault(name, []).append(Binding(kind, target, annotation))

    def _parameters(self, params: cst.Parameters) -> None:
        for param in (*params.posonly_params, *params.params, *params.kwonly_params):
            self._add(param.name.value, "parameter", param)
        for star in (params.star_arg, params.star_kwarg):
            if type(star) is cst.Param:
                self._add(star.name.value, "other", star)

    def _statements(self, statements: Any) -> None:
        todo: list[Any] = list(reversed(statements))
        while todo:
            node = todo.pop()
            kind = type(node)
            if kind is cst.SimpleStatementLine or kind is cst.SimpleStatementSuite:
                for small in node.body:
                    self._small(small)
            elif kind is cst.FunctionDef:
                self._add(node.name.value, "function", node)
            elif kind is cst.ClassDef:
                self._add(node.name.value, "class", node)
            elif kind is cst.IndentedBlock:
                todo.extend(reversed(node.body))
            else:
                todo.extend(reversed(self._compound(node)))

    def _compound(self, node: Any) -> list[Any]:
        """Read the header of a compound statement and give its bodies."""
        kind = type(node)
        if kind is cst.For:
            self._target(node.target, "loop", node.iter)
        elif kind is cst.With:
            for item in node.items:
                if item.asname is not None:
                    self._target(item.asname.name, "other", item)
        elif kind is cst.Try or kind is cst.TryStar:
            for handler in node.handlers:
                if handler.name is not None:
                    self._target(handler.name.name, "other", handler)
            handlers = [handler.body for handler in node.handlers]
            rest = [part.body for part in (node.orelse, node.finalbody) if part is not None]
            return [node.body, *handlers, *rest]
        elif kind is cst.Match:
            for case in node.cases:
                self._captures(case.pattern)
            return [case.body for case in node.cases]
        bodies: list[Any] = [node.body] if hasattr(node, "body") else []
        orelse = getattr(node, "orelse", None)
        if orelse is not None:
            bodies.append(orelse if type(orelse) is cst.If else orelse.body)
        return bodies

    def _small(self, node: Any) -> None:
        kind = type(node)
        if kind is cst.Assign:
            for target in node.targets:
                self._target(target.target, "value", node.value)
        elif kind is cst.AnnAssign:
            if type(node.target) is cst.Name:
                self._annotated(node.target.value, node)
        elif kind is cst.AugAssign:
            self._target(node.target, "other", node)
        elif kind is cst.Import:
            for alias in node.names:
                dotted = dotted_name(alias.name)
                if alias.asname is not None and type(alias.asname.name) is cst.Name:
                    self._add(alias.asname.name.value, "import", dotted)
                else:
                    first = dotted.partition(".")[0]
                    self._add(first, "import", first)
        elif kind is cst.ImportFrom:
            self._import_from(node)
        elif kind is cst.Global or kind is cst.Nonlocal:
            word = "global" if kind is cst.Global else "nonlocal"
            for item in node.names:
                self.found[item.name.value] = [Binding(word, None)]
        elif kind is cst.TypeAlias:
            self._add(node.name.value, "other", node)

    def _annotated(self, name: str, node: cst.AnnAssign) -> None:
        annotation = node.annotation.annotation
        if node.value is None:
            self._add(name, "other" if self.scope.kind == "class" else "value", node, annotation)
        elif type(node.value) is cst.Name or type(node.value) is cst.Attribute:
            self._add(name, "value", node.value)
        else:
            made = type(node.value) is cst.Call
            self._add(name, "value", node.value, None if made else annotation)

    def _import_from(self, node: cst.ImportFrom) -> None:
        module = self.names.absolute(node)
        if module is None:
            return
        if isinstance(node.names, cst.ImportStar):
            if self.scope.kind == "module" and module not in self.names.stars:
                self.names.stars.append(module)
            return
        for alias in node.names:
            name = dotted_name(alias.name)
            local = alias.asname.name if alias.asname is not None else alias.name
            if type(local) is cst.Name:
                self._add(local.value, "import", canonical(f"{module}.{name}".lstrip(".")))

    def _target(self, target: Any, kind: str, value: Any) -> None:
        if type(target) is cst.Name:
            bindings = self.found.get(target.value)
            if bindings and bindings[0].kind in {"global", "nonlocal"}:
                return
            self._add(target.value, kind, value)
        elif type(target) is cst.Tuple or type(target) is cst.List:
            values: list[Any] = [None] * len(target.elements)
            if kind == "value" and (type(value) is cst.Tuple or type(value) is cst.List):
                same = len(value.elements) == len(target.elements)
                stars = [*target.elements, *value.elements]
                if same and not any(type(e) is cst.StarredElement for e in stars):
                    values = [element.value for element in value.elements]
            for element, part in zip(target.elements, values, strict=True):
                self._target(element.value, "other" if part is None else kind, part)

    def _captures(self, node: Any) -> None:
        todo = [node]
        while todo:
            current = todo.pop()
            name = getattr(current, "name", None)
            if (type(current) is cst.MatchAs or type(current) is cst.MatchStar) and type(
                name
            ) is cst.Name:
                self._add(name.value, "other", current)
            elif type(current) is cst.MatchMapping and current.rest is not None:
                self._add(current.rest.value, "other", current)
            todo.extend(children(current))

    def _globals(self, statements: Any) -> None:
        """Add what functions of the module assign to names that they declare global."""
        todo: list[Any] = list(statements)
        while todo:
            node = todo.pop()
            kind = type(node)
            if kind is cst.FunctionDef:
                reader = _ScopeReader(self.names, Scope("function", node, None, "", ""))
                reader.read_globals(node, self.found)
                todo.append(node.body)
            elif kind is cst.ClassDef:
                todo.append(node.body)
            elif kind is cst.IndentedBlock:
                todo.extend(node.body)
            elif kind is not cst.SimpleStatementLine and kind is not cst.SimpleStatementSuite:
                todo.extend(_ScopeReader(self.names, self.scope)._compound(node))  # noqa: SLF001

    def read_globals(self, node: cst.FunctionDef, into: dict[str, list[Binding]]) -> None:
        """Read a function's assignments to its global names into the module's bindings."""
        self._statements([node.body])
        declared = {name for name, all_ in self.found.items() if all_[0].kind == "global"}
        if declared:
            self.found = {}
            self._add_declared(node, declared, into)

    def _add_declared(
        self, node: cst.FunctionDef, declared: set[str], into: dict[str, list[Binding]]
    ) -> None:
        todo: list[Any] = [node.body]
        while todo:
            current = todo.pop()
            if type(current) is cst.Assign:
                for target in current.targets:
                    if type(target.target) is cst.Name and target.target.value in declared:
                        # Only the making of an object is kept: other values need the function.
                        kept = current.value if type(current.value) is cst.Call else None
                        kind = "value" if kept is not None else "other"
                        binding = Binding(kind, kept)
                        into.setdefault(target.target.value, []).append(binding)
            elif not isinstance(current, (cst.FunctionDef, cst.ClassDef, cst.BaseExpression)):
                todo.extend(children(current))


class _WalrusFinder:
    """Finds each `:=` and the function, class or module that it binds in."""

    def __init__(self, tree: cst.Module) -> None:
        self.found: dict[int, list[cst.NamedExpr]] = {}
        self._scopes: list[cst.CSTNode] = [tree]

    def enter_scope(self, node: cst.CSTNode) -> None:
        # A comprehension passes the name on to what is around it.
        self._scopes.append(node if type(node) in _BINDS_WALRUS else self._scopes[-1])

    def leave_scope(self, node: cst.CSTNode) -> None:  # noqa: ARG002 - the walk's signature
        self._scopes.pop()

    def visit_NamedExpr(self, node: cst.NamedExpr) -> None:
        self.found.setdefault(id(self._scopes[-1]), []).append(node)


@functools.cache
def _walrus_walk() -> Walk:
    return Walk([_WalrusFinder])


def _walruses(tree: cst.Module) -> dict[int, list[cst.NamedExpr]]:
    """Find every `:=` of a module by the id of the node of the scope that it binds in."""
    finder = _WalrusFinder(tree)
    try:
        _walrus_walk().run(tree, [finder])
    except RecursionError:
        finder = _WalrusFinder(tree)
        _walrus_walk().run_deep(tree, [finder])
    return finder.found


def expand(reference: str, meanings: Any, steps: int = _MAX_STEPS) -> str:
    """Replace the longest known variable at the beginning of a reference, until none is left."""
    for _ in range(steps):
        made = _MADE.search(reference)
        end = made.start() if made else len(reference)  # what comes after is no variable
        while end > 0:
            meaning = meanings.get(reference[:end])
            if meaning is not None:
                break
            end = reference.rfind(".", 0, end)
        else:
            return reference
        if end <= 0:
            return reference
        reference = canonical(meaning + reference[end:])
    return reference


def _is_none_node(node: cst.CSTNode) -> bool:
    return type(node) is cst.Name and node.value == "None"


def _is_none(binding: Binding) -> bool:
    return binding.kind == "value" and _is_none_node(binding.target)
