"""Converters of URL variables that a file registers."""

from __future__ import annotations

from typing import Any

import libcst as cst

from flask_gotchas.facts.collector import Collector
from flask_gotchas.literals import string_value

# By these a program replaces the converters that each application has at first.
_OF_MAPS = frozenset({"default_converters", "url_map_class"})


class ConvertingCollector(Collector):
    """Writes down the names under which a file registers converters.

    Whatever else happens to `url_map.converters` leaves their names unknown, which is None.
    """

    calls_named = frozenset({"setdefault", "update"})

    def __init__(self, file: Any) -> None:
        super().__init__(file)
        self.found: set[str | None] = set()
        self._understood: set[int] = set()

    def facts(self) -> dict[str, Any]:
        return {"converters": frozenset(self.found)}

    def visit_AssignTarget(self, node: cst.AssignTarget) -> None:
        target = node.target
        if type(target) is cst.Subscript and _is_table(target.value):
            index = target.slice[0].slice
            self._add(target.value, index.value if type(index) is cst.Index else None)
        elif type(target) is cst.Name and target.value in _OF_MAPS:
            self.found.add(None)

    def visit_named_call(self, node: cst.Call) -> None:
        func = node.func
        if type(func) is not cst.Attribute or not _is_table(func.value):
            return
        if func.attr.value == "setdefault" and node.args:
            self._add(func.value, node.args[0].value)
        elif func.attr.value == "update":
            self._understood.add(id(func.value))
            for arg in node.args:
                if arg.keyword is not None:
                    self.found.add(arg.keyword.value)
                else:
                    self._add_table(arg)

    def _add_table(self, arg: cst.Arg) -> None:
        table = self.names.value_of(arg.value)
        if type(table) is cst.Dict:
            for element in table.elements:
                self.found.add(
                    string_value(element.key) if type(element) is cst.DictElement else None
                )
        else:
            self.found.add(None)

    def _add(self, table: cst.BaseExpression, key: cst.BaseExpression | None) -> None:
        self._understood.add(id(table))
        self.found.add(None if key is None else string_value(self.names.value_of(key)))

    def visit_Arg(self, node: cst.Arg) -> None:
        if type(node.value) is cst.Attribute and node.value.attr.value == "url_map":
            self.found.add(None)  # who gets the map may register anything

    def visit_Attribute(self, node: cst.Attribute) -> None:
        name = node.attr.value
        if name in _OF_MAPS or (
            name == "converters" and id(node) not in self._understood and _is_map(node.value)
        ):
            self.found.add(None)


def _is_table(node: cst.BaseExpression) -> bool:
    return type(node) is cst.Attribute and node.attr.value == "converters"


def _is_map(node: cst.BaseExpression) -> bool:
    """Tell what goes by the name of a URL map."""
    name = node.attr if type(node) is cst.Attribute else node
    return type(name) is cst.Name and name.value.endswith("map")
