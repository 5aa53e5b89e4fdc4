"""What is read of the request that may not be there, and what is changed that cannot be."""

from __future__ import annotations

from typing import Any

import libcst as cst

from flask_gotchas.facts.collector import Collector
from flask_gotchas.facts.flask_api import (
    HEADER_ATTRIBUTES,
    IMMUTABLE_MAPPINGS,
    REQUESTS,
    STRANGE_REQUEST_ATTRIBUTES,
)
from flask_gotchas.facts.model import RequestUseFact
from flask_gotchas.literals import string_value

_REQUESTS = frozenset(REQUESTS)
_HEADERS = frozenset(f"{request}.headers" for request in REQUESTS)
_EVERY = frozenset({"builtins.BaseException", "builtins.Exception", ""})
_CATCHES = {
    "change": _EVERY | {"builtins.AttributeError", "builtins.TypeError"},
    "attribute": _EVERY | {"builtins.AttributeError"},
    "header": _EVERY | {"builtins.KeyError", "builtins.LookupError"},
}
_CHANGING = frozenset(name for names in IMMUTABLE_MAPPINGS.values() for name in names)
_HANDLING = frozenset({"app_errorhandler", "errorhandler", "register_error_handler"})
_ASKING = frozenset(
    {"builtins.delattr", "builtins.getattr", "builtins.hasattr", "builtins.setattr"}
)
_OWN_CLASS = frozenset({"parameter_storage_class", "request_class"})
_LOOKING = frozenset({"get", "getlist", "has_key", "items", "keys"})
# What stands for a name that cannot be read.
ANY = "*"


class RequestCollector(Collector):
    """Writes down doubtful uses of the request, and what makes these right."""

    calls_named = (
        _CHANGING | _HANDLING | _LOOKING | {name.removeprefix("builtins.") for name in _ASKING}
    )

    def __init__(self, file: Any) -> None:
        super().__init__(file)
        self.uses: list[RequestUseFact] = []
        self.set: set[str] = set()
        self.asked: set[str] = set()
        self.is_own = False
        self._has_headers = "headers" in self.names.text
        self._written: set[int] = set()
        self._caught: list[frozenset[str]] = []

    def facts(self) -> dict[str, Any]:
        return {
            "request_uses": tuple(self.uses),
            "request_attributes": frozenset(self.set),
            "headers_asked": frozenset(self.asked),
            "changes_request_class": self.is_own,
        }

    # -- attributes of the request

    def visit_Attribute(self, node: cst.Attribute) -> None:
        name = node.attr.value
        if name in _OWN_CLASS:
            self.is_own = True
        elif name in STRANGE_REQUEST_ATTRIBUTES:
            if self._is_request(node.value):
                self._use("attribute", name, "", node)
        elif name in HEADER_ATTRIBUTES and self._is_request(node.value):
            self.asked.update(HEADER_ATTRIBUTES[name])

    def _is_request(self, node: cst.BaseExpression) -> bool:
        named = type(node) is cst.Name or type(node) is cst.Attribute
        return named and self.names.meaning(node) in _REQUESTS

    def visit_AnnAssign(self, node: cst.AnnAssign) -> None:
        self._assigned(node.target, node)

    def visit_Assign(self, node: cst.Assign) -> None:
        for target in node.targets:
            self._assigned(target.target, node)

    def visit_AugAssign(self, node: cst.AugAssign) -> None:
        if type(node.target) is cst.Subscript:
            self._assigned(node.target, node)

    def visit_Del(self, node: cst.Del) -> None:
        if type(node.target) is cst.Subscript:
            self._assigned(node.target, node)

    def _assigned(self, target: cst.BaseExpression, node: cst.CSTNode) -> None:
        if type(target) is cst.Name:
            self.is_own |= target.value in _OWN_CLASS
        elif type(target) is cst.Attribute:
            if self.names.meaning(target.value) in _REQUESTS:
                self.set.add(target.attr.value)
        elif type(target) is cst.Subscript:
            self._written.add(id(target))
            self._change(target.value, "", node)
        elif type(target) is cst.Tuple or type(target) is cst.List:
            for element in target.elements:
                self._assigned(element.value, node)

    # -- items

    def visit_Subscript(self, node: cst.Subscript) -> None:
        index = node.slice[0].slice
        if id(node) in self._written or type(index) is not cst.Index:
            return
        key = string_value(index.value)
        if key is not None and self.names.meaning(node.value) in _HEADERS:
            self._use("header", key, "", node)

    def visit_Comparison(self, node: cst.Comparison) -> None:
        for target in node.comparisons:
            if type(target.operator) is cst.In or type(target.operator) is cst.NotIn:
                self._ask(node.left, target.comparator)

    def _ask(self, key: cst.BaseExpression, mapping: cst.BaseExpression) -> None:
        """Note a question whether there is a header."""
        named = type(mapping) is cst.Name or type(mapping) is cst.Attribute
        if named and self.names.meaning(mapping) in _HEADERS:
            self.asked.add((string_value(key) or ANY).lower())

    def visit_named_call(self, node: cst.Call) -> None:
        func = node.func
        if type(func) is cst.Attribute:
            name = func.attr.value
            if name in _CHANGING:
                self._change(func.value, name, node)
            if name in _LOOKING:
                first = node.args[0].value if node.args else node
                self._ask(first, func.value)
            elif name in _HANDLING and node.args:
                handled = self._names(node.args[0].value)
                if handled & _CATCHES["header"]:
                    self.asked.add(ANY)
        elif (
            type(func) is cst.Name
            and node.args
            and self.names.reference(func) in _ASKING
            and self.names.meaning(node.args[0].value) in _REQUESTS
        ):
            text = string_value(node.args[1].value) if len(node.args) > 1 else None
            self.set.add(text or ANY)

    def visit_Call(self, node: cst.Call) -> None:
        if self._has_headers and type(node.func) is cst.Name:
            for arg in node.args:
                # `dict(request.headers)` and the like look into it in a way of their own.
                self._ask(node, arg.value)

    def _change(self, mapping: cst.BaseExpression, method: str, node: cst.CSTNode) -> None:
        if type(mapping) is cst.Name or type(mapping) is cst.Attribute:
            meaning = self.names.meaning(mapping) or ""
            request, _, name = meaning.rpartition(".")
            methods = IMMUTABLE_MAPPINGS.get(name) if request in _REQUESTS else None
            if methods is not None and (not method or method in methods):
                self._use("change", name, method, node)

    def _use(self, kind: str, name: str, method: str, node: cst.CSTNode) -> None:
        if not any(caught & _CATCHES[kind] for caught in self._caught):
            file = self.file
            self.uses.append(RequestUseFact(kind, name, method, file.runs, file.anchor(node)))

    # -- what catches the errors

    def visit_Try(self, node: cst.Try) -> None:
        caught = [self._names(handler.type) for handler in node.handlers]
        self._caught.append(frozenset().union(*caught))

    def leave_Try(self, original_node: cst.Try) -> None:
        self._caught.pop()

    def visit_With(self, node: cst.With) -> None:
        caught: set[str] = set()
        for item in node.items:
            call = item.item
            if type(call) is cst.Call and (
                self.names.reference(call.func) == "contextlib.suppress"
            ):
                for arg in call.args:
                    caught |= self._names(arg.value)
        self._caught.append(frozenset(caught))

    def leave_With(self, original_node: cst.With) -> None:
        self._caught.pop()

    def _names(self, node: cst.BaseExpression | None) -> frozenset[str]:
        """Give the references of exceptions; an empty one for all of them."""
        if type(node) is cst.Tuple:
            return frozenset().union(*(self._names(element.value) for element in node.elements))
        return frozenset({self.names.reference(node) or ""})
