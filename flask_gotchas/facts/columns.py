"""Columns of SQLAlchemy models."""

from __future__ import annotations

from typing import Any

import libcst as cst

from flask_gotchas.facts.collector import Collector
from flask_gotchas.facts.model import ColumnDefaultFact
from flask_gotchas.literals import source_of

_COLUMNS = frozenset({"Column", "mapped_column"})
_DEFAULTS = frozenset({"default", "insert_default", "onupdate"})
# Functions that give something else each time.
_EVER_NEW = frozenset(
    {
        "datetime.date.today", "datetime.datetime.now", "datetime.datetime.today",
        "datetime.datetime.utcnow", "random.choice", "random.randint", "random.random",
        "random.randrange", "secrets.token_bytes", "secrets.token_hex", "secrets.token_urlsafe",
        "time.time", "time.time_ns", "uuid.uuid1", "uuid.uuid4",
    }
)  # fmt: skip


class ColumnCollector(Collector):
    """Writes down defaults of columns that are worked out once, while the class is made."""

    calls_named = _COLUMNS

    def __init__(self, file: Any) -> None:
        super().__init__(file)
        self.defaults: list[ColumnDefaultFact] = []

    def facts(self) -> dict[str, Any]:
        return {"column_defaults": tuple(self.defaults)}

    def visit_named_call(self, node: cst.Call) -> None:
        func = node.func
        for arg in node.args:
            if arg.keyword is not None and arg.keyword.value in _DEFAULTS:
                called = self._called(arg.value)
                target = self.names.reference(func)
                if called is not None and target is not None:
                    file = self.file
                    self.defaults.append(
                        ColumnDefaultFact(
                            target=target,
                            argument=arg.keyword.value,
                            called=called,
                            runs=file.runs,
                            anchor=file.anchor(arg.value),
                        )
                    )

    def _called(self, node: cst.BaseExpression) -> str | None:
        """Give the spelling of the function with which a default begins, if it is ever new."""
        while True:
            if type(node) is cst.BinaryOperation:
                left = self._called(node.left)
                if left is not None:
                    return left
                node = node.right
            elif type(node) is cst.Attribute:
                node = node.value
            elif type(node) is cst.Call:
                meaning = self.names.meaning(node.func)
                if meaning in _EVER_NEW:
                    return source_of(node.func)
                if type(node.func) is cst.Attribute:
                    node = node.func.value
                elif meaning in {"builtins.int", "builtins.str"} and len(node.args) == 1:
                    node = node.args[0].value
                else:
                    return None
            else:
                return None
