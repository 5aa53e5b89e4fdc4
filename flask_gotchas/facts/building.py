"""What has a say in endpoints and URLs besides routes, and who gets applications and blueprints."""

from __future__ import annotations

import functools
import re
from typing import Any

import libcst as cst

from flask_gotchas.facts.collector import Collector
from flask_gotchas.facts.model import HandedFact, UrlHookFact
from flask_gotchas.literals import string_value

# Attributes by which a program changes how URLs are built or matched.
_HOOKS = frozenset(
    {
        "app_url_defaults", "app_url_value_preprocessor", "create_url_adapter",
        "handle_url_build_error", "inject_url_defaults", "preprocess_request",
        "url_build_error_handlers", "url_default_functions", "url_defaults",
        "url_value_preprocessor", "url_value_preprocessors",
    }
)  # fmt: skip
# Those which mean something where they are assigned.
_ASSIGNED = frozenset(
    {"static_folder", "url_for", "url_map", "url_rule_class", "view_args", "view_functions"}
)
# An object with such a name may be an application or a blueprint.
_HOLDER = re.compile(r"app|api|blueprint|bp|flask|server|module|mod\Z|view", re.IGNORECASE)
_may_hold = functools.lru_cache(maxsize=4096)(_HOLDER.search)
_CHANGING = frozenset({"clear", "pop", "popitem", "setdefault", "update"})
_FOLLOWED = frozenset({"add_url_rule", "isinstance", "register_blueprint"})
_CATCHING = frozenset(
    {
        "builtins.BaseException", "builtins.Exception", "builtins.LookupError",
        "werkzeug.routing.BuildError", "werkzeug.routing.RoutingException",
        "werkzeug.routing.exceptions.BuildError",
    }
)  # fmt: skip


class BuildingCollector(Collector):
    """Writes down who takes part in building URLs and in naming views."""

    def __init__(self, file: Any) -> None:
        super().__init__(file)
        self.handed: dict[HandedFact, None] = {}
        self.hooks: dict[UrlHookFact, None] = {}
        self.renamed: set[str] = set()
        self.caught: set[int] = set()
        self._catching: list[cst.CSTNode] = []

    def facts(self) -> dict[str, Any]:
        return {
            "handed": tuple(self.handed),
            "url_hooks": tuple(self.hooks),
            "renamed": frozenset(self.renamed),
            "caught_url_fors": frozenset(self.caught),
        }

    # -- hooks

    def _hook(self, name: str, receiver: cst.CSTNode | None) -> None:
        reference = None if receiver is None else self.names.reference(receiver)
        self.hooks[UrlHookFact(name, reference)] = None

    def visit_Attribute(self, node: cst.Attribute) -> None:
        name = node.attr.value
        if name in _HOOKS or name == "view_functions":
            self._hook(name if name in _HOOKS else "asks_for_views", node.value)
        elif type(node.value) is cst.Attribute and (
            (name == "add" and node.value.attr.value == "url_map")
            or (name in _CHANGING and node.value.attr.value == "view_args")
        ):
            self._hook(node.value.attr.value, node.value.value)

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        if node.name.value in _HOOKS or node.name.value in _ASSIGNED:
            self._hook(node.name.value, None)

    def visit_AssignTarget(self, node: cst.AssignTarget) -> None:
        target: cst.BaseExpression = node.target
        if type(target) is cst.Subscript:
            index = target.slice[0].slice
            if type(index) is cst.Index and string_value(index.value) == "url_for":
                self._hook("url_for", None)
            target = target.value
        if type(target) is cst.Attribute:
            name = target.attr.value
            if name in _ASSIGNED:
                self._hook(name, target.value)
            elif name == "__name__":
                self._rename(target.value)

    def visit_Del(self, node: cst.Del) -> None:
        target = node.target
        if (
            type(target) is cst.Subscript
            and type(target.value) is cst.Attribute
            and target.value.attr.value == "view_args"
        ):
            self._hook("view_args", target.value.value)

    def visit_DictElement(self, node: cst.DictElement) -> None:
        if string_value(node.key) == "url_for":
            self._hook("url_for", None)

    # -- calls

    def visit_Call(self, node: cst.Call) -> None:
        func = node.func
        if type(func) is cst.Name:
            name = func.value
        elif type(func) is cst.Attribute:
            name = func.attr.value
        else:
            return
        if name == "update_wrapper" and node.args:
            self._rename(node.args[0].value)
        elif self._catching and (self.names.reference(func) or name).endswith("url_for"):
            self.caught.add(self.file.anchor(node))
        for arg in node.args:
            value = arg.value
            if arg.keyword is not None and arg.keyword.value == "url_for":
                self._hook("url_for", None)
            if name not in _FOLLOWED and (
                (type(value) is cst.Name and _may_hold(value.value))
                or (type(value) is cst.Attribute and _may_hold(value.attr.value))
            ):
                self._hand(func, value)

    def _hand(self, func: cst.BaseExpression, value: cst.BaseExpression) -> None:
        what = self.names.reference(value)
        if what is not None:
            target = self.names.meaning(func)
            self.handed[HandedFact(target, what, self.file.runs)] = None

    def _rename(self, node: cst.BaseExpression) -> None:
        reference = self.names.reference(node)
        if reference is not None:
            self.renamed.add(reference)

    # -- what catches the error of a URL that cannot be built

    def visit_Try(self, node: cst.Try) -> None:
        if any(self._catches(handler.type) for handler in node.handlers):
            self._catching.append(node)

    def leave_Try(self, original_node: cst.Try) -> None:
        if self._catching and self._catching[-1] is original_node:
            self._catching.pop()

    def _catches(self, node: cst.BaseExpression | None) -> bool:
        if type(node) is cst.Tuple:
            return any(self._catches(element.value) for element in node.elements)
        return node is None or self.names.reference(node) in _CATCHING
