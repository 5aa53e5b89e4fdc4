"""Calls and decorators by which routes come into being, with their arguments as expressions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import libcst as cst
import msgspec

from flask_gotchas.facts.collector import Collector
from flask_gotchas.facts.expressions import (
    Const,
    Expression,
    Invoke,
    Join,
    Opaque,
    Pick,
    Ref,
    expression,
)
from flask_gotchas.facts.flask_api import (
    MATCHING_OPTIONS,
    REGISTERING_CALLS,
    REGISTERING_ON_VIEWS,
)
from flask_gotchas.facts.model import LoopFact, Parts, RegisteringFact
from flask_gotchas.facts.structure import may_lead_into_project
from flask_gotchas.literals import is_name
from flask_gotchas.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.facts.model import Targets
    from flask_gotchas.names import Scope

# Attributes of a function by which Flask gets its methods.
_METHODS_OF_A_VIEW = frozenset({"methods", "required_methods"})
_COLLECTIONS = frozenset({"dict", "frozenset", "list", "set", "tuple"})
_ENDS_OF_MAKERS = ("Api", "Blueprint", "Namespace", "namespace")
_CALLED = Opaque("a call in a class body gives it")

_WORTH_READING = frozenset(
    {
        cst.Attribute, cst.Call, cst.ConcatenatedString, cst.FormattedString, cst.List, cst.Name,
        cst.SimpleString, cst.Tuple,
    }
)  # fmt: skip


class _Bound(NamedTuple):
    """What a variable is bound to: a value, or the element of it with an index."""

    target: cst.BaseExpression
    value: cst.BaseExpression
    part: int | None = None


class RegisteringCollector(Collector):
    """Writes down what may register a route, a blueprint or an extension's view.

    `values` are the expressions behind variables and class attributes, `returned` what functions
    return; both so that arguments can be worked out later.
    """

    calls_named = frozenset({"()", "add", *REGISTERING_CALLS})

    def __init__(self, file: Any) -> None:
        super().__init__(file)
        self.found: list[RegisteringFact] = []
        self.values: dict[str, Expression] = {}
        self.returned: dict[str, list[Expression]] = {}
        self.made_at: dict[str, int] = {}
        self.bound_at: dict[str, int] = {}
        self._assigned: set[str] = set()
        self._local: dict[str, list[tuple[_Bound, Scope]]] = {}
        self._loops: list[tuple[cst.For, Scope]] = []

    def facts(self) -> dict[str, Any]:
        self._read_locals()
        return {
            "registering": tuple(self.found),
            "values": self.values,
            "made_at": self.made_at,
            "bound_at": self.bound_at,
            "returned": {name: tuple(values) for name, values in self.returned.items()},
        }

    # -- values

    def visit_Assign(self, node: cst.Assign) -> None:
        value = node.value
        for target in reversed(node.targets):
            self._assign(target.target, value)
            # In `a = b = Flask(__name__)` both are one object, which goes by the last name.
            value = target.target if type(target.target) is cst.Name else value

    def visit_AnnAssign(self, node: cst.AnnAssign) -> None:
        if node.value is not None:
            self._assign(node.target, node.value)

    def _assign(
        self, target: cst.BaseExpression, value: cst.BaseExpression, part: int | None = None
    ) -> None:
        """Keep what a module or class binds, attributes of `self`, and options of a URL map.

        Local variables can wait.
        """
        scope = self.file.scope
        if type(target) is cst.Name:
            name = f"{scope.prefix}{target.value}"
            if scope.kind == "function":
                self._local.setdefault(name, []).append((_Bound(target, value, part), scope))
            elif (
                scope.kind == "module"
                or type(value) is not cst.Call
                or (type(value.func) is cst.Name and value.func.value in _COLLECTIONS)
                or _makes_what_routes_stand_on(value.func)
            ):
                self._set(name, _Bound(target, value, part))
            else:
                # Calls in class bodies are mostly columns and fields; they still hide the bases'.
                self.values[name] = _CALLED
        elif type(target) is cst.Tuple or type(target) is cst.List:
            self._unpack(target, value)
        elif type(target) is cst.Attribute and target.attr.value in _METHODS_OF_A_VIEW:
            reference = self.names.reference(target)
            if reference is not None:
                self.values[reference] = expression(value, self.names)
        elif type(target) is cst.Attribute and (
            target.attr.value in MATCHING_OPTIONS
            or (
                type(target.value) is cst.Name
                and scope.kind == "function"
                and scope.parent is not None
                and scope.parent.kind == "class"
            )
        ):
            reference = self.names.meaning(target)
            if reference is not None and "()." in reference:
                self._set(reference, _Bound(target, value))

    def _read_locals(self) -> None:
        """Read the local variables that expressions depend on, and those behind these."""
        todo = self.names.used_locals
        while todo:
            name = todo.pop()
            for bound, scope in self._local.pop(name, ()):
                with self.names.inside(scope):
                    self._set(name, bound)

    def _unpack(self, target: cst.Tuple | cst.List, value: cst.BaseExpression) -> None:
        """Keep each variable of `a, b = c, d` and of `a, b = make()`."""
        size = len(target.elements)
        if any(type(element) is cst.StarredElement for element in target.elements):
            return
        if type(value) is cst.Tuple or type(value) is cst.List:
            if len(value.elements) == size and not any(
                type(element) is cst.StarredElement for element in value.elements
            ):
                for element, part in zip(target.elements, value.elements, strict=True):
                    self._assign(element.value, part.value)
        elif type(value) is cst.Call or type(value) is cst.Name:
            for index, element in enumerate(target.elements):
                if type(element.value) is cst.Name:
                    self._assign(element.value, value, index)

    def _set(self, name: str, bound: _Bound) -> None:
        value = expression(bound.value, self.names)
        if bound.part is not None:
            value = Pick(value, Const(bound.part))
        # What a class body binds hides what its bases have, known or not.
        in_class = self.file.scope.kind == "class"
        if value == Const(None) and not in_class:
            return
        if name in self._assigned:
            if self.values.get(name) != value:
                self.values.pop(name, None)
                if in_class:
                    self.values[name] = Opaque("it is assigned more than once")
            return
        self._assigned.add(name)
        if in_class or not isinstance(value, Opaque):
            self.values[name] = value
            if isinstance(value, Invoke):
                self.made_at[name] = self.file.anchor(bound.value)
                self.bound_at[name] = self.file.anchor(bound.target)

    def visit_AugAssign(self, node: cst.AugAssign) -> None:
        if type(node.target) is cst.Name:
            name = f"{self.file.scope.prefix}{node.target.value}"
            before = self.values.pop(name, None)
            self._assigned.add(name)
            if self.file.scope.kind == "class":
                self.values[name] = Opaque("it is assigned more than once")
                if before is not None and not self.file.guards and not self._loops:
                    sides = (before, expression(node.value, self.names))
                    self.values[name] = Join(sides, is_sum=True)

    def visit_Return(self, node: cst.Return) -> None:
        if node.value is None or is_name(node.value, "None"):
            return
        value: Expression = Opaque("it is computed")
        if type(node.value) in _WORTH_READING:
            value = expression(node.value, self.names)
        # Also what is not known is kept: a function may give that instead of the rest.
        self.returned.setdefault(self.file.runs, []).append(value)

    # -- loops

    def visit_For(self, node: cst.For) -> None:
        self._loops.append((node, self.file.scope))

    def leave_For(self, original_node: cst.For) -> None:
        self._loops.pop()

    def _targets(self, node: cst.BaseExpression, scope: Scope) -> Targets:
        if type(node) is cst.Name:
            return f"{scope.prefix}{node.value}"
        if type(node) is cst.Tuple or type(node) is cst.List:
            return Parts(tuple(self._targets(element.value, scope) for element in node.elements))
        return ""

    def _looped(self) -> Iterator[LoopFact]:
        """Read the loops that the walk is in."""
        for node, scope in self._loops:
            with self.names.inside(scope):
                over = expression(node.iter, self.names)
            yield LoopFact(self._targets(node.target, scope), over)

    def _comprehended(self) -> tuple[LoopFact, ...]:
        """List the loops of the comprehensions that the walk is in."""
        found: list[LoopFact] = []
        scope: Scope | None = self.file.scope
        while scope is not None and scope.kind == "comprehension":
            own: list[LoopFact] = []
            loop: cst.CompFor | None = scope.node.for_in
            while loop is not None:
                with self.names.inside(scope if own else scope.parent or scope):
                    over = expression(loop.iter, self.names)
                over = Opaque("it depends on a condition") if loop.ifs else over
                own.append(LoopFact(self._targets(loop.target, scope), over))
                loop = loop.inner_for_in
            found = own + found
            scope = scope.parent
        return tuple(found)

    # -- decorators and calls

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        self._decorated(node)
        params = node.params
        for param in (*params.posonly_params, *params.params, *params.kwonly_params):
            if param.default is not None:
                prefix = f"{self.file.scope.prefix}{node.name.value}.<defaults>."
                default = expression(param.default, self.names)
                if not isinstance(default, Opaque):
                    self.values[f"{prefix}{param.name.value}"] = default

    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        self._decorated(node)

    def _decorated(self, node: cst.FunctionDef | cst.ClassDef) -> None:
        view = f"{self.file.scope.prefix}{node.name.value}"
        for decorator in node.decorators:
            call = decorator.decorator
            if type(call) is cst.Call:
                method = self._method(call.func)
                if method in REGISTERING_ON_VIEWS:
                    self._add(method, call, Ref(view), decorator, on_view=True)

    def visit_named_call(self, node: cst.Call) -> None:
        func = node.func
        if type(func) is cst.Attribute:
            method = func.attr.value
            if method in REGISTERING_CALLS or (method == "add" and _is_map(func.value)):
                self._add(method, node, None, node)
        elif type(func) is cst.Call and len(node.args) == 1 and not node.args[0].star:
            method = self._method(func.func)
            if method in REGISTERING_ON_VIEWS:
                view = expression(node.args[0].value, self.names)
                self._add(method, func, view, node)

    def visit_Expr(self, node: cst.Expr) -> None:
        """Note calls that stand alone: a helper of the project may register something."""
        call = node.value
        if type(call) is not cst.Call or (
            type(call.func) is not cst.Name and type(call.func) is not cst.Attribute
        ):
            return
        if type(call.func) is cst.Attribute and call.func.attr.value in REGISTERING_CALLS:
            return
        if type(call.func) is cst.Name:
            alias = self.names.value_of(call.func)
            if type(alias) is cst.Attribute and alias.attr.value in REGISTERING_CALLS:
                self._add(alias.attr.value, call, None, call)
                return
        target = self.names.meaning(call.func)
        if target is not None and may_lead_into_project(target):
            self._add("", call, None, call)

    def _method(self, func: cst.BaseExpression) -> str:
        """Name the method that is called, also under an alias such as `route = bp.route`."""
        if type(func) is cst.Attribute:
            return func.attr.value
        if type(func) is cst.Name:
            reference = self.names.reference(func)
            return (reference or "").rpartition(".")[2]
        return ""

    def _add(
        self,
        method: str,
        call: cst.Call,
        view: Expression | None,
        node: cst.CSTNode,
        *,
        on_view: bool = False,
    ) -> None:
        invoke = expression(call, self.names)
        if not isinstance(invoke, Invoke):
            return
        if type(call.func) is cst.Name and invoke.target and "." in invoke.target:
            receiver = Ref(invoke.target.rpartition(".")[0])
            invoke = msgspec.structs.replace(invoke, base=receiver)
        file = self.file
        self.found.append(
            RegisteringFact(
                method=method,
                call=invoke,
                bare=type(call.func) is cst.Name,
                view=view,
                on_view=on_view,
                loops=(*self._looped(), *self._comprehended()),
                runs=file.runs,
                guards=file.guards,
                anchor=file.anchor(node),
            )
        )


def _is_map(node: cst.BaseExpression) -> bool:
    """Tell `app.url_map`, by its name."""
    return type(node) is cst.Attribute and node.attr.value == "url_map"


def _makes_what_routes_stand_on(func: cst.BaseExpression) -> bool:
    """Tell, by its name, what is called for a blueprint, an API or a namespace of one."""
    name = func.attr if type(func) is cst.Attribute else func
    return type(name) is cst.Name and name.value.endswith(_ENDS_OF_MAKERS)
