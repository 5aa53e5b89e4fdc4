"""Routes, blueprints, their registrations, and what views ask of the request."""

from __future__ import annotations

from typing import Any

import libcst as cst

from flask_gotchas.facts.collector import Collector
from flask_gotchas.facts.flask_api import BLUEPRINT_CLASSES, ROUTE_METHODS
from flask_gotchas.facts.model import (
    BlueprintFact,
    BodyReadFact,
    MethodTestFact,
    RegistrationFact,
    RouteFact,
)
from flask_gotchas.literals import is_name, source_of, string_value

_BODY = frozenset(f"flask.request.{name}" for name in ("form", "files", "json", "data", "stream"))
_FORMS = frozenset({"flask.request.form", "flask.request.files"})
_BODY_CALLS = frozenset({"flask.request.get_json", "flask.request.get_data"})

# What a view looks at in order to read a body only where there is one.
_BEFORE_A_READ = frozenset({"content_length", "content_type", "is_json", "method", "mimetype"})

_RULES = frozenset({"werkzeug.routing.Rule", "werkzeug.routing.rules.Rule"})

# What a body that is missing raises: who catches it by name knows of such requests.
_BAD_REQUESTS = frozenset(
    {
        "builtins.KeyError", "werkzeug.exceptions.BadRequest",
        "werkzeug.exceptions.BadRequestKeyError", "werkzeug.exceptions.HTTPException",
        "werkzeug.exceptions.UnsupportedMediaType",
    }
)  # fmt: skip


class RoutingCollector(Collector):
    """Writes down what is registered where."""

    def __init__(self, file: Any) -> None:
        super().__init__(file)
        self.routes: list[RouteFact] = []
        self.blueprints: list[BlueprintFact] = []
        self.registrations: list[RegistrationFact] = []
        self.method_tests: list[MethodTestFact] = []
        self.method_readers: set[str] = set()
        self.body_reads: list[BodyReadFact] = []
        self.rule_endpoints: set[str] = set()
        self._prepared: list[str | None] = []

    def facts(self) -> dict[str, Any]:
        return {
            "routes": tuple(self.routes),
            "blueprints": tuple(self.blueprints),
            "registrations": tuple(self.registrations),
            "method_tests": tuple(self.method_tests),
            "method_readers": frozenset(self.method_readers),
            "body_reads": tuple(self.body_reads),
            "rule_endpoints": frozenset(self.rule_endpoints),
        }

    # -- routes

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        self._decorated(node)

    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        self._decorated(node)

    def _decorated(self, node: cst.FunctionDef | cst.ClassDef) -> None:
        view = f"{self.file.scope.prefix}{node.name.value}"
        for decorator in node.decorators:
            call = decorator.decorator
            if type(call) is cst.Call:
                self._route(call, view, decorator)

    def _route(self, call: cst.Call, view: str | None, node: cst.CSTNode) -> None:
        """Write down `receiver.route(...)` and its like, also under an alias of the method."""
        if type(call.func) is not cst.Name and type(call.func) is not cst.Attribute:
            return
        reference = self.names.reference(call.func)
        if isinstance(call.func, cst.Attribute):
            method = call.func.attr.value
            spelling = source_of(call.func)
        else:
            method = (reference or "").rpartition(".")[2]
            spelling = call.func.value
        if method not in ROUTE_METHODS:
            return
        if reference is None and type(call.func) is not cst.Attribute:
            return
        arguments = _Arguments(call, ("rule",))
        methods, known = ROUTE_METHODS[method], True
        if method == "route":
            methods, known = self._methods(arguments)
        self._add_route(
            receiver=None if reference is None else reference.rpartition(".")[0],
            spelling=spelling,
            made_by=method,
            arguments=arguments,
            methods=methods,
            known=known,
            view=view,
            node=node,
        )

    def _add_url_rule(self, call: cst.Call, func: cst.Attribute) -> None:
        arguments = _Arguments(call, ("rule", "endpoint", "view_func"))
        methods, known = self._methods(arguments)
        view = arguments.get("view_func")
        if view is None:
            self._rule_without_view(arguments)
        self._add_route(
            receiver=self.names.reference(func.value),
            spelling=source_of(func),
            made_by="add_url_rule",
            arguments=arguments,
            methods=methods,
            known=known,
            view=None if view is None else self.names.meaning(view),
            node=call,
        )

    def _rule_without_view(self, arguments: _Arguments) -> None:
        endpoint = self._text(arguments.get("endpoint"))
        if endpoint is not None:
            self.rule_endpoints.add(endpoint)

    def _add_route(
        self,
        *,
        receiver: str | None,
        spelling: str,
        made_by: str,
        arguments: _Arguments,
        methods: tuple[str, ...] | None,
        known: bool,
        view: str | None,
        node: cst.CSTNode,
    ) -> None:
        self.routes.append(
            RouteFact(
                receiver=receiver,
                spelling=spelling,
                made_by=made_by,
                rule=self._text(arguments.get("rule")),
                methods=methods,
                methods_known=known and not arguments.unpacked,
                endpoint=self._text(arguments.get("endpoint")),
                view=view,
                runs=self.file.runs,
                anchor=self.file.anchor(node),
            )
        )

    def _methods(self, arguments: _Arguments) -> tuple[tuple[str, ...] | None, bool]:
        node = arguments.get("methods")
        if node is None or is_name(node, "None"):
            return None, True
        value = self.names.value_of(node)
        if (
            type(value) is not cst.List
            and type(value) is not cst.Tuple
            and type(value) is not cst.Set
        ):
            return None, False
        texts = [self._text(element.value) for element in value.elements]
        return tuple(t.upper() for t in texts if t is not None), None not in texts

    def _text(self, node: cst.CSTNode | None) -> str | None:
        return None if node is None else string_value(self.names.value_of(node))

    # -- calls

    def visit_Call(self, node: cst.Call) -> None:
        func = node.func
        if type(func) is cst.Attribute:
            name = func.attr.value
            if name == "add_url_rule":
                self._add_url_rule(node, func)
            elif name == "register_blueprint":
                self._register(node, func)
        elif type(func) is cst.Call and len(node.args) == 1:
            self._route(func, self.names.meaning(node.args[0].value), node)
        if self._is_rule(func):
            self._rule_without_view(_Arguments(node, ()))
        self._body_call(node)

    def _is_rule(self, func: cst.BaseExpression) -> bool:
        if type(func) is cst.Attribute and func.attr.value == "url_rule_class":
            return True
        return (type(func) is cst.Name or type(func) is cst.Attribute) and self.names.reference(
            func
        ) in _RULES

    def _register(self, call: cst.Call, func: cst.Attribute) -> None:
        argument = _Arguments(call, ("blueprint",)).get("blueprint")
        for blueprint in self._registered(argument):
            self.registrations.append(
                RegistrationFact(
                    receiver=self.names.reference(func.value),
                    blueprint=blueprint,
                    runs=self.file.runs,
                    anchor=self.file.anchor(call),
                )
            )

    def _registered(self, node: cst.BaseExpression | None) -> list[str | None]:
        """List what an argument of `register_blueprint` stands for, a loop's elements too."""
        if type(node) is cst.Name:
            loop = self.names.loop_of(node.value)
            if loop is not None:
                listed = self.names.value_of(loop)
                if type(listed) is cst.List or type(listed) is cst.Tuple or type(listed) is cst.Set:
                    return [self.names.reference(element.value) for element in listed.elements]
                return [None]
        return [self.names.reference(node)]

    def visit_Assign(self, node: cst.Assign) -> None:
        if type(node.value) is cst.Call:
            # Under several names there is no telling by which one it is registered.
            target, alone = node.targets[0].target, len(node.targets) == 1
            self._blueprint(target, node.value, bound=alone and type(target) is cst.Name)

    def visit_AnnAssign(self, node: cst.AnnAssign) -> None:
        if type(node.value) is cst.Call:
            self._blueprint(node.target, node.value, bound=type(node.target) is cst.Name)

    def _blueprint(self, target: cst.BaseExpression, call: cst.Call, *, bound: bool) -> None:
        meaning = self.names.meaning(call.func)
        arguments = _Arguments(call, ("name", "import_name"))
        # A subclass of the project is recognised later; it too gets its module's name.
        if meaning in BLUEPRINT_CLASSES or (
            meaning is not None and is_name(arguments.get("import_name"), "__name__")
        ):
            self.blueprints.append(
                BlueprintFact(
                    reference=self.names.reference(target) if bound else None,
                    meaning=f"{meaning}()",
                    name=self._text(arguments.get("name")),
                    runs=self.file.runs,
                    anchor=self.file.anchor(target),
                )
            )

    # -- what views ask of the request

    def visit_Comparison(self, node: cst.Comparison) -> None:
        if len(node.comparisons) != 1:
            return
        target = node.comparisons[0]
        left, right = node.left, target.comparator
        if type(target.operator) is cst.Equal or type(target.operator) is cst.NotEqual:
            if self._is_method(right):
                left, right = right, left
            texts = [string_value(right)]
        elif type(target.operator) is cst.In or type(target.operator) is cst.NotIn:
            listed = self.names.value_of(right)
            if (
                type(listed) is not cst.List
                and type(listed) is not cst.Tuple
                and type(listed) is not cst.Set
            ):
                return
            texts = [string_value(element.value) for element in listed.elements]
        else:
            return
        if self._is_method(left):
            self._method_test(texts, node)

    def visit_Match(self, node: cst.Match) -> None:
        if not self._is_method(node.subject):
            return
        for case in node.cases:
            options = [case.pattern]
            if type(case.pattern) is cst.MatchOr:
                options = [element.pattern for element in case.pattern.patterns]
            texts = [
                string_value(option.value) if type(option) is cst.MatchValue else None
                for option in options
            ]
            self._method_test(texts, case.pattern)

    def _is_method(self, node: cst.BaseExpression) -> bool:
        return (type(node) is cst.Name or type(node) is cst.Attribute) and self.names.reference(
            node
        ) == "flask.request.method"

    def _method_test(self, texts: list[str | None], node: cst.CSTNode) -> None:
        methods = tuple(text for text in texts if text is not None)
        if methods and len(methods) == len(texts):
            anchor = self.file.anchor(node)
            self.method_tests.append(MethodTestFact(methods, self.file.runs, anchor))

    def visit_Attribute(self, node: cst.Attribute) -> None:
        name = node.attr.value
        if name in _BEFORE_A_READ:
            if self.names.reference(node) == f"flask.request.{name}":
                self.method_readers.add(self.file.runs)
        elif name in {"json", "data", "stream"} and self.names.reference(node) in _BODY:
            self._body_read(name, node)
        self._form_read(node.value)

    def visit_Subscript(self, node: cst.Subscript) -> None:
        self._form_read(node.value)

    def _form_read(self, node: cst.BaseExpression) -> None:
        """Note a look into `request.form`; passing it on, as to a form class, asks for nothing."""
        if type(node) is cst.Name or (
            type(node) is cst.Attribute and node.attr.value in {"form", "files"}
        ):
            reference = self.names.reference(node)
            if reference in _FORMS:
                self._body_read(reference.rpartition(".")[2], node)

    def _body_call(self, node: cst.Call) -> None:
        func = node.func
        if (
            type(func) is cst.Attribute
            and func.attr.value in {"get_json", "get_data"}
            and self.names.reference(func) in _BODY_CALLS
            and not any(arg.keyword and arg.keyword.value == "silent" for arg in node.args)
        ):
            self._body_read(f"{func.attr.value}()", node)

    def _body_read(self, attribute: str, node: cst.CSTNode) -> None:
        if self.file.runs not in self._prepared:
            anchor = self.file.anchor(node)
            self.body_reads.append(BodyReadFact(attribute, self.file.runs, anchor))

    def visit_Try(self, node: cst.Try) -> None:
        self._prepared.append(self.file.runs if self._catches_bad_request(node) else None)

    def leave_Try(self, original_node: cst.Try) -> None:  # noqa: ARG002
        self._prepared.pop()

    def _catches_bad_request(self, node: cst.Try) -> bool:
        for handler in node.handlers:
            kinds: list[Any] = [handler.type]
            if type(handler.type) is cst.Tuple:
                kinds = [element.value for element in handler.type.elements]
            if any(self.names.reference(kind) in _BAD_REQUESTS for kind in kinds):
                return True
        return False


class _Arguments:
    """The arguments of a call by name; `order` names the positional ones."""

    def __init__(self, call: cst.Call, order: tuple[str, ...]) -> None:
        self.unpacked = any(arg.star for arg in call.args)
        self._values: dict[str, cst.BaseExpression] = {}
        for index, arg in enumerate(call.args):
            if arg.star:
                break
            if arg.keyword is not None:
                self._values[arg.keyword.value] = arg.value
            elif index < len(order):
                self._values[order[index]] = arg.value
        for arg in call.args:
            if arg.keyword is not None:
                self._values[arg.keyword.value] = arg.value

    def get(self, name: str) -> cst.BaseExpression | None:
        return self._values.get(name)
