"""Places where text of a request can do harm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import libcst as cst

from flask_gotchas.facts import flask_api
from flask_gotchas.facts.collector import Collector
from flask_gotchas.facts.model import RequestTextFact
from flask_gotchas.literals import is_name, source_of, string_value
from flask_gotchas.request_data import RequestData

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.facts.model import Origin

# What escapes HTML leaves `{{` as it is.
_ESCAPES = frozenset({"flask.escape", "html.escape", "markupsafe.escape"})
_TYPE_NAMES = frozenset({"default_mimetype", "response_class"})
_HOOKS = frozenset({"after_app_request", "after_request"})


class RequestDataCollector(Collector):
    """Writes down what gets text of a request as it is."""

    calls_named = frozenset({"save"}) | {sink.rpartition(".")[2] for sink in flask_api.TEXT_SINKS}

    def __init__(self, file: Any) -> None:
        super().__init__(file)
        self.found: list[RequestTextFact] = []
        self.sets_content_type = False
        self._data = RequestData(file.names)

    def facts(self) -> dict[str, Any]:
        return {
            "request_texts": tuple(self.found),
            "sets_content_type": self.sets_content_type,
        }

    # -- calls

    def visit_named_call(self, node: cst.Call) -> None:
        func = node.func
        if type(func) is cst.Attribute and func.attr.value == "save" and node.args:
            origins = self._data.carried_by_path(node.args[0].value)
            names = tuple(origin for origin in origins if origin.kind == "filename")
            self._add("upload", source_of(func), names, node.args[0])
        sink = flask_api.TEXT_SINKS.get(self.names.meaning(func) or "")
        if sink is None:
            return
        kind, keyword = sink
        arg = _argument(node, keyword)
        if arg is None:
            return
        if kind == "path":
            origins = self._data.carried_by_path(arg.value)
            names = tuple(origin for origin in origins if origin.kind == "filename")
            self._add("upload", source_of(func), names, arg)
            origins = tuple(origin for origin in origins if origin.kind != "filename")
        else:
            origins = self._data.carried(arg.value, _ESCAPES if kind == "template" else frozenset())
        self._add(kind, source_of(func), origins, arg)

    def _add(self, sink: str, target: str, origins: tuple[Origin, ...], node: cst.CSTNode) -> None:
        if not self._may_be_view():
            origins = tuple(origin for origin in origins if origin.kind != "parameter")
        if origins:
            file = self.file
            anchor = file.anchor(node)
            self.found.append(
                RequestTextFact(sink, target, origins, file.runs, file.guards, anchor)
            )

    def _may_be_view(self) -> bool:
        scope = self.file.scope
        while scope.kind == "comprehension" and scope.parent is not None:
            scope = scope.parent
        if scope.kind != "function" or scope.parent is None:
            return False
        return scope.parent.kind == "class" or bool(scope.node.decorators)

    # -- answers

    def visit_Return(self, node: cst.Return) -> None:
        if node.value is None or not self._may_be_view():
            return
        for body in self._bodies(node.value):
            if type(body) is not cst.SimpleString:
                self._add("html", "return", self._data.carried(body), body)

    def _bodies(self, node: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
        """Find the text in what a view returns, where nothing says that it is no HTML."""
        if type(node) is cst.Tuple:
            # What stands behind the status are headers.
            if len(node.elements) == 2 and type(node.elements[1].value) is cst.Integer:
                yield node.elements[0].value
        elif type(node) is cst.Call:
            if self.names.meaning(node.func) not in flask_api.ANSWERS:
                yield node
            elif (
                node.args
                and not node.args[0].star
                and node.args[0].keyword is None
                and all(
                    type(arg.value) is cst.Integer
                    if arg.keyword is None
                    else arg.keyword.value == "status"
                    for arg in node.args[1:]
                )
            ):
                yield node.args[0].value
        else:
            yield node

    # -- what all answers are

    def visit_Assign(self, node: cst.Assign) -> None:
        for target in node.targets:
            self._assigned(target.target)

    def visit_AnnAssign(self, node: cst.AnnAssign) -> None:
        self._assigned(node.target)

    def _assigned(self, target: cst.BaseExpression) -> None:
        if type(target) is cst.Name:
            if target.value in _TYPE_NAMES and self.file.scope.kind == "class":
                self.sets_content_type = True
        elif type(target) is cst.Attribute:
            name = target.attr.value
            if name in _TYPE_NAMES or (name in {"content_type", "mimetype"} and self._is_hook()):
                self.sets_content_type = True
        elif type(target) is cst.Subscript and len(target.slice) == 1:
            index = target.slice[0].slice
            key = string_value(index.value) if type(index) is cst.Index else None
            if key is not None and key.lower() == "content-type" and self._is_hook():
                self.sets_content_type = True

    def _is_hook(self) -> bool:
        scope = self.file.scope
        if scope.kind != "function":
            return False
        return any(
            type(decorator.decorator) is cst.Attribute and decorator.decorator.attr.value in _HOOKS
            for decorator in scope.node.decorators
        )


def _argument(node: cst.Call, keyword: str) -> cst.Arg | None:
    """Give the first argument, or the one that takes its place by name."""
    for position, arg in enumerate(node.args):
        if arg.star:
            return None
        if arg.keyword is None and position == 0:
            return arg
        if is_name(arg.keyword, keyword):
            return arg
    return None
