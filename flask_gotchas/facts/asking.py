"""What views ask of the request: its method and its body."""

from __future__ import annotations

from typing import Any

import libcst as cst

from flask_gotchas.facts.collector import Collector
from flask_gotchas.facts.model import BodyReadFact, MethodTestFact
from flask_gotchas.literals import string_value

_BODY = frozenset(f"flask.request.{name}" for name in ("form", "files", "json", "data", "stream"))
_FORMS = frozenset({"flask.request.form", "flask.request.files"})
_BODY_CALLS = frozenset({"flask.request.get_json", "flask.request.get_data"})

# What a view looks at in order to read a body only where there is one.
_BEFORE_A_READ = frozenset({"content_length", "content_type", "is_json", "method", "mimetype"})

# What a body that is missing raises: who catches it by name knows of such requests.
_BAD_REQUESTS = frozenset(
    {
        "builtins.KeyError", "werkzeug.exceptions.BadRequest",
        "werkzeug.exceptions.BadRequestKeyError", "werkzeug.exceptions.HTTPException",
        "werkzeug.exceptions.UnsupportedMediaType",
    }
)  # fmt: skip


class AskingCollector(Collector):
    """Writes down tests of the request's method and reads of its body."""

    calls_named = frozenset({"get_data", "get_json"})

    def __init__(self, file: Any) -> None:
        super().__init__(file)
        self.method_tests: list[MethodTestFact] = []
        self.method_readers: set[str] = set()
        self.body_reads: list[BodyReadFact] = []
        self._prepared: list[str | None] = []

    def facts(self) -> dict[str, Any]:
        return {
            "method_tests": tuple(self.method_tests),
            "method_readers": frozenset(self.method_readers),
            "body_reads": tuple(self.body_reads),
        }

    # -- the method

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

    # -- the body

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

    def visit_named_call(self, node: cst.Call) -> None:
        func = node.func
        if (
            type(func) is cst.Attribute
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

    def leave_Try(self, original_node: cst.Try) -> None:
        self._prepared.pop()

    def _catches_bad_request(self, node: cst.Try) -> bool:
        for handler in node.handlers:
            kinds: list[Any] = [handler.type]
            if type(handler.type) is cst.Tuple:
                kinds = [element.value for element in handler.type.elements]
            if any(self.names.reference(kind) in _BAD_REQUESTS for kind in kinds):
                return True
        return False
