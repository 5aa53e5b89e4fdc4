"""What changes answers on their way out: content types, and error handlers that care."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import libcst as cst

from flask_gotchas.facts.catching import asks_what_it_is
from flask_gotchas.facts.collector import Collector
from flask_gotchas.literals import string_value

if TYPE_CHECKING:
    from collections.abc import Iterator

_REGISTERING = frozenset({"app_errorhandler", "errorhandler", "register_error_handler"})
_TYPES = frozenset({"content_type", "mimetype"})
_CLASSES = frozenset({"default_mimetype", "response_class"})
_SETTING = frozenset({"add", "set", "setdefault", "update"})


class AnsweringCollector(Collector):
    """Writes down which functions set a content type, and which error handlers treat all alike."""

    calls_named = _SETTING | {"register_error_handler"}

    def __init__(self, file: Any) -> None:
        super().__init__(file)
        self.content_types: set[str] = set()
        self.indifferent: set[str] = set()
        self._functions: dict[str, cst.FunctionDef] = {}
        self._handlers: set[str] = set()

    def facts(self) -> dict[str, Any]:
        for reference in self._handlers & self._functions.keys():
            node = self._functions[reference]
            params = [*node.params.posonly_params, *node.params.params]
            if params and not asks_what_it_is(node.body, params[0].name.value):
                self.indifferent.add(reference)
        return {
            "content_types": frozenset(self.content_types),
            "indifferent": frozenset(self.indifferent),
        }

    # -- content types

    def visit_Assign(self, node: cst.Assign) -> None:
        for target in node.targets:
            self._assign(target.target)

    def visit_AnnAssign(self, node: cst.AnnAssign) -> None:
        self._assign(node.target)

    def _assign(self, target: cst.BaseExpression) -> None:
        if type(target) is cst.Attribute:
            if target.attr.value in _TYPES:
                self.content_types.add(self.file.runs)
            elif target.attr.value in _CLASSES:
                self.content_types.add("")
        elif type(target) is cst.Name:
            if target.value in _CLASSES and self.file.scope.kind == "class":
                self.content_types.add("")
        elif type(target) is cst.Subscript:
            index = target.slice[0].slice
            if type(index) is cst.Index and _is_content_type(index.value):
                self.content_types.add(self.file.runs)

    # -- error handlers

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        reference = f"{self.file.scope.prefix}{node.name.value}"
        self._functions[reference] = node
        for decorator in node.decorators:
            call = decorator.decorator
            if type(call) is cst.Call and _last_name(call.func) in _REGISTERING:
                self._handlers.add(reference)

    def visit_named_call(self, node: cst.Call) -> None:
        called = _last_name(node.func)
        if called in _SETTING:
            if any(_is_content_type(key) for arg in node.args[:1] for key in _keys(arg.value)):
                self.content_types.add(self.file.runs)
        elif called == "register_error_handler" and len(node.args) > 1:
            reference = self.names.reference(node.args[1].value)
            if reference is not None:
                self._handlers.add(reference)


def _last_name(func: cst.BaseExpression) -> str:
    return func.attr.value if type(func) is cst.Attribute else ""


def _keys(node: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
    """Go through the keys of a dictionary; anything else is one itself."""
    if type(node) is not cst.Dict:
        yield node
        return
    for element in node.elements:
        if type(element) is cst.DictElement:
            yield element.key


def _is_content_type(node: cst.BaseExpression) -> bool:
    return (string_value(node) or "").lower() == "content-type"
