"""Functions, classes, imports, calls, and which objects get out of view."""

from __future__ import annotations

import functools
import sys
from typing import TYPE_CHECKING, Any

import libcst as cst

from flask_gotchas.facts.collector import Collector
from flask_gotchas.facts.flask_api import DYNAMIC_IMPORTS, FRAMEWORKS, ROUTE_METHODS
from flask_gotchas.facts.model import (
    CallFact,
    ClassFact,
    DecoratorFact,
    FunctionFact,
    ImportFact,
    Parameter,
)
from flask_gotchas.literals import dotted_name, is_name, source_of, string_value

if TYPE_CHECKING:
    from collections.abc import Sequence

# Roots of references that never lead into the project.
_FOREIGN = (frozenset(sys.stdlib_module_names) | {"builtins", "flask", "werkzeug", "jinja2"}) - {
    "test"
}

_ENSURING = "flask.current_app.ensure_sync"

# Attributes by which a view itself says what its routes allow.
_WITH_VIEWS = frozenset({"add_url_rule", "register_blueprint"})
_METHODS_OF_A_VIEW = frozenset({"methods", "required_methods"})


def is_foreign(reference: str) -> bool:
    """Tell a reference that cannot lead into the project: Python's own, Flask's, Werkzeug's."""
    return reference.partition(".")[0] in _FOREIGN


def is_of_unknown_local(reference: str) -> bool:
    """Tell an attribute of a local variable of which nothing is known: it leads nowhere."""
    return "." in reference.rpartition("<locals>.")[2] and "<locals>" in reference


@functools.lru_cache(maxsize=8192)
def may_lead_into_project(reference: str) -> bool:
    """Tell a reference that is neither foreign nor of a local variable that nobody knows."""
    return not is_foreign(reference) and not is_of_unknown_local(reference)


class _OpenFunction:
    """A function while the walk is inside it."""

    def __init__(self) -> None:
        self.returns: dict[str | None, None] = {}
        self.yields = False


class StructureCollector(Collector):
    """Writes down what a file defines and calls."""

    def __init__(self, file: Any) -> None:
        super().__init__(file)
        self.functions: list[FunctionFact] = []
        self.classes: list[ClassFact] = []
        self.imports: list[ImportFact] = []
        self.calls: list[CallFact] = []
        self.mentions: set[str] = set()
        self.stored: set[str] = set()
        self.frameworks: set[str] = set()
        self.imports_dynamically = False
        self._postponed = False
        self._open: list[_OpenFunction] = []
        self._methods: dict[str, list[str]] = {}
        self._http_methods: dict[str, tuple[str, ...]] = {}

    def facts(self) -> dict[str, Any]:
        return {
            "functions": tuple(self.functions),
            "classes": tuple(self.classes),
            "imports": tuple(self.imports),
            "calls": tuple(self.calls),
            "mentions": frozenset(self.mentions),
            "stored": frozenset(self.stored),
            "frameworks": frozenset(self.frameworks),
            "imports_dynamically": self.imports_dynamically,
        }

    # -- definitions

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        self._open.append(_OpenFunction())

    def leave_FunctionDef(self, original_node: cst.FunctionDef) -> None:
        node, done, scope = original_node, self._open.pop(), self.file.scope
        owner = scope.prefix[:-1] if scope.kind == "class" else None
        if owner is not None:
            self._methods.setdefault(owner, []).append(node.name.value)
        self.functions.append(
            FunctionFact(
                reference=f"{scope.prefix}{node.name.value}",
                name=node.name.value,
                runs=scope.runs,
                owner=owner,
                anchor=self.file.anchor(node.name),
                parameters=self._parameters(node.params),
                decorators=self._decorators(node),
                returns=tuple(done.returns),
                is_async=node.asynchronous is not None,
                is_generator=done.yields,
            )
        )

    def leave_ClassDef(self, original_node: cst.ClassDef) -> None:
        node, scope = original_node, self.file.scope
        reference = f"{scope.prefix}{node.name.value}"
        self.classes.append(
            ClassFact(
                reference=reference,
                name=node.name.value,
                runs=scope.runs,
                anchor=self.file.anchor(node.name),
                bases=tuple(self.names.meaning(arg.value) for arg in node.bases),
                decorators=self._decorators(node),
                methods=tuple(self._methods.get(reference, ())),
                http_methods=self._http_methods.get(reference),
            )
        )

    def visit_Return(self, node: cst.Return) -> None:
        if self._open and node.value is not None:
            self._open[-1].returns[self.names.meaning(node.value)] = None
            self._mention(node.value)

    def visit_Yield(self, node: cst.Yield) -> None:
        if self._open:
            self._open[-1].yields = True
        if isinstance(node.value, cst.BaseExpression):
            self._mention(node.value)

    def visit_Decorator(self, node: cst.Decorator) -> None:
        if type(node.decorator) is not cst.Call:
            self._call(node.decorator, node)

    def _decorators(self, node: cst.FunctionDef | cst.ClassDef) -> tuple[DecoratorFact, ...]:
        facts = []
        for decorator in node.decorators:
            target: cst.BaseExpression = decorator.decorator
            called = type(target) is cst.Call
            gives_rule = type(target) is cst.Call and _looks_like_rule(target)
            while type(target) is cst.Call:
                target = target.func
            facts.append(
                DecoratorFact(
                    meaning=self.names.meaning(target),
                    spelling=source_of(target),
                    called=called,
                    gives_rule=gives_rule,
                    anchor=self.file.anchor(decorator),
                )
            )
        return tuple(facts)

    def _parameters(self, params: cst.Parameters) -> tuple[Parameter, ...]:
        facts = [
            Parameter(param.name.value, kind, param.default is not None, self._annotation(param))
            for kind, group in (
                ("positional", (*params.posonly_params, *params.params)),
                ("keyword", params.kwonly_params),
            )
            for param in group
        ]
        if type(params.star_arg) is cst.Param:
            facts.append(Parameter(params.star_arg.name.value, "star", has_default=False))
        if params.star_kwarg is not None:
            facts.append(Parameter(params.star_kwarg.name.value, "double_star", has_default=False))
        return tuple(facts)

    def _annotation(self, param: cst.Param) -> str | None:
        """Give the reference of an annotation, as far as a program finds an object there."""
        if param.annotation is None or self._postponed:
            return None
        node = param.annotation.annotation
        return (
            self.names.reference(node)
            if (type(node) is cst.Name or type(node) is cst.Attribute)
            else None
        )

    # -- imports

    def visit_Import(self, node: cst.Import) -> None:
        for alias in node.names:
            self._import(dotted_name(alias.name), None, alias)

    def visit_ImportFrom(self, node: cst.ImportFrom) -> None:
        module = self.names.absolute(node)
        if module is None:
            return
        if isinstance(node.names, cst.ImportStar):
            self._import(module, "*", node)
        elif module == "__future__":
            self._postponed |= any(dotted_name(n.name) == "annotations" for n in node.names)
        else:
            for alias in node.names:
                self._import(module, dotted_name(alias.name), alias)

    def _import(self, module: str, name: str | None, node: cst.CSTNode) -> None:
        root = module.partition(".")[0]
        if root in FRAMEWORKS:
            self.frameworks.add(root)
        if root not in _FOREIGN:
            file = self.file
            self.imports.append(ImportFact(module, name, file.runs, file.guards, file.anchor(node)))

    # -- calls and mentions

    def visit_Call(self, node: cst.Call) -> None:
        func = node.func
        if type(func) is cst.Call and func.args and self.names.meaning(func.func) == _ENSURING:
            func = func.args[0].value  # it is called just so, in a loop if it is async
        self._call(func, node)
        if type(func) is cst.Attribute and func.attr.value == "register":
            self._mention(func.value)  # a blueprint may register itself on what it is given
        if node.args and not _registers(func):
            for arg in node.args:
                value = arg.value
                if type(value) is cst.Name or type(value) is cst.Attribute:
                    self._mention(value)

    def _call(self, func: cst.BaseExpression, node: cst.CSTNode) -> None:
        target = self.names.meaning(func)
        if target in DYNAMIC_IMPORTS:
            self.imports_dynamically = True
        if target is None or not may_lead_into_project(target):
            return
        file = self.file
        spread = self._spread(node.args) if type(node) is cst.Call else ()
        self.calls.append(CallFact(target, file.runs, file.guards, file.anchor(node), spread))

    def _spread(self, args: Sequence[cst.Arg]) -> tuple[str, ...]:
        if not all(arg.star for arg in args):
            return ()
        return tuple(self.names.meaning(arg.value) or "" for arg in args)

    def visit_Assign(self, node: cst.Assign) -> None:
        # `other = bp` is an alias, which references see through; anything else takes the object
        # where they cannot follow, `post = get` in the body of a class view included.
        names = all(type(target.target) is cst.Name for target in node.targets)
        if not names or self.file.scope.kind == "class":
            self._store(node.value)
        for assigned in node.targets:
            target = assigned.target
            self._class_methods(target, node.value)
            if type(target) is cst.Attribute and target.attr.value in _METHODS_OF_A_VIEW:
                self._mention(target.value)

    def visit_AnnAssign(self, node: cst.AnnAssign) -> None:
        if node.value is not None:
            self._class_methods(node.target, node.value)

    def _class_methods(self, target: cst.BaseExpression, value: cst.BaseExpression) -> None:
        scope = self.file.scope
        if scope.kind == "class" and is_name(target, "methods"):
            self._http_methods[scope.prefix[:-1]] = _http_methods(value)

    def visit_Element(self, node: cst.Element) -> None:
        self._store(node.value)

    def visit_DictElement(self, node: cst.DictElement) -> None:
        self._store(node.value)

    def visit_BooleanOperation(self, node: cst.BooleanOperation) -> None:
        self._mention(node.left)
        self._mention(node.right)

    def visit_IfExp(self, node: cst.IfExp) -> None:
        self._mention(node.body)
        self._mention(node.orelse)

    def visit_For(self, node: cst.For) -> None:
        self._mention(node.iter)

    def _store(self, node: cst.BaseExpression) -> None:
        reference = self._mention(node)
        if reference is not None:
            self.stored.add(reference)

    def _mention(self, node: cst.BaseExpression) -> str | None:
        if type(node) is cst.Name or type(node) is cst.Attribute:
            reference = self.names.reference(node)
            if reference in self.mentions:
                return reference
            if reference is not None and reference.partition(".")[0] not in _FOREIGN:
                self.mentions.add(reference)
                return reference
        return None


def _registers(func: cst.BaseExpression) -> bool:
    """Tell calls whose arguments the routing facts follow, so that these stay in view."""
    if type(func) is cst.Call:
        func = func.func
        return type(func) is cst.Attribute and func.attr.value in ROUTE_METHODS
    return type(func) is cst.Attribute and func.attr.value in _WITH_VIEWS


def _looks_like_rule(call: cst.Call) -> bool:
    return any(
        (string_value(arg.value) or "").startswith("/")
        if arg.keyword is None
        else arg.keyword.value == "methods"
        for arg in call.args
    )


def _http_methods(value: cst.BaseExpression) -> tuple[str, ...]:
    """Read the value of `methods` of a class view; an empty tuple when it cannot be read."""
    if type(value) is not cst.List and type(value) is not cst.Tuple and type(value) is not cst.Set:
        return ()
    texts = [string_value(element.value) for element in value.elements]
    return tuple(t.upper() for t in texts if t is not None) if None not in texts else ()
