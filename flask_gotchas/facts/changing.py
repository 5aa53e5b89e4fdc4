"""Parameters that a function binds or changes again, so that an argument is not what it uses."""

from __future__ import annotations

from typing import Any

import libcst as cst

from flask_gotchas.facts.collector import Collector
from flask_gotchas.literals import string_value

_READING = frozenset({"copy", "get", "items", "keys", "values"})
_ONE_KEY = frozenset({"pop", "setdefault"})


class ChangingCollector(Collector):
    """Writes down parameters that change: by name, and single keys of a `**` parameter in brackets.

    A function that hands its `**` parameter on as an object may have all keys changed.
    """

    def __init__(self, file: Any) -> None:
        super().__init__(file)
        self.changed: set[str] = set()
        self._keywords = ""  # the `**` parameter of the function that the walk is in
        self._around: list[str] = []

    def facts(self) -> dict[str, Any]:
        return {"changed": frozenset(self.changed)}

    def enter_scope(self, node: cst.CSTNode) -> None:
        self._around.append(self._keywords)
        star = node.params.star_kwarg if type(node) is cst.FunctionDef else None
        self._keywords = "" if star is None else star.name.value

    def leave_scope(self, node: cst.CSTNode) -> None:
        self._keywords = self._around.pop()

    def visit_Assign(self, node: cst.Assign) -> None:
        if self.file.scope.kind == "function":
            for target in node.targets:
                self._bound(target.target)
            self._escaped(node.value)

    def visit_AugAssign(self, node: cst.AugAssign) -> None:
        if self.file.scope.kind == "function":
            self._bound(node.target)

    def visit_AnnAssign(self, node: cst.AnnAssign) -> None:
        if node.value is not None and self.file.scope.kind == "function":
            self._bound(node.target)

    def visit_For(self, node: cst.For) -> None:
        if self.file.scope.kind == "function":
            self._bound(node.target)

    def visit_Del(self, node: cst.Del) -> None:
        if self.file.scope.kind == "function":
            self._bound(node.target)

    def visit_Call(self, node: cst.Call) -> None:
        keywords = self._keywords
        if not keywords:
            return
        func = node.func
        if type(func) is cst.Attribute and _is(func.value, keywords):
            method = func.attr.value
            if method in _ONE_KEY and node.args:
                self._key(keywords, node.args[0].value)
            elif method == "update" and all(arg.keyword is not None for arg in node.args):
                prefix = self.file.scope.prefix
                names = [arg.keyword.value for arg in node.args if arg.keyword is not None]
                self.changed.update(f"{prefix}{keywords}[{name}]" for name in names)
            elif method not in _READING:
                self._change(keywords)
        for arg in node.args:
            if not arg.star:
                self._escaped(arg.value)

    # -- what they share

    def _bound(self, target: cst.CSTNode) -> None:
        if type(target) is cst.Name:
            if any(param.name.value == target.value for param in self._parameters()):
                self._change(target.value)
        elif type(target) is cst.Tuple or type(target) is cst.List:
            for element in target.elements:
                self._bound(element.value)
        elif type(target) is cst.Subscript:
            keywords = self._keywords
            if keywords and _is(target.value, keywords):
                index = target.slice[0].slice
                self._key(keywords, index.value if type(index) is cst.Index else None)

    def _key(self, keywords: str, node: cst.CSTNode | None) -> None:
        text = string_value(node)
        self._change(keywords if text is None else f"{keywords}[{text}]")

    def _escaped(self, value: cst.CSTNode) -> None:
        keywords = self._keywords
        if keywords and _is(value, keywords):
            self._change(keywords)

    def _change(self, name: str) -> None:
        self.changed.add(f"{self.file.scope.prefix}{name}")

    def _parameters(self) -> list[cst.Param]:
        params = self.file.scope.node.params
        stars = [
            param for param in (params.star_arg, params.star_kwarg) if type(param) is cst.Param
        ]
        return [*params.posonly_params, *params.params, *params.kwonly_params, *stars]


def _is(node: cst.CSTNode, name: str) -> bool:
    return type(node) is cst.Name and node.value == name
