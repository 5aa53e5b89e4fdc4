"""Extensions that get an application."""

from __future__ import annotations

from typing import Any

import libcst as cst

from flask_gotchas.facts.collector import Collector
from flask_gotchas.facts.flask_api import SETTINGS_READ_AT_INIT
from flask_gotchas.facts.model import ExtensionFact
from flask_gotchas.literals import argument


class ExtensionCollector(Collector):
    """Writes down calls of the classes of extensions with an application, and of `init_app`."""

    calls_named = frozenset(
        {"init_app", *(name.rpartition(".")[2] for name in SETTINGS_READ_AT_INIT)}
    )

    def __init__(self, file: Any) -> None:
        super().__init__(file)
        self.extensions: list[ExtensionFact] = []

    def facts(self) -> dict[str, Any]:
        return {"extensions": tuple(self.extensions)}

    def visit_named_call(self, node: cst.Call) -> None:
        func = node.func
        if not node.args:
            return
        called: str | None
        if type(func) is cst.Attribute and func.attr.value == "init_app":
            called, is_class = self.names.reference(func.value), False
        else:
            called, is_class = self.names.meaning(func), True
            if called not in SETTINGS_READ_AT_INIT:
                return
        app = argument(node, "app", ("app",))
        reference = None if app is None else self.names.reference(app)
        if called is not None and reference is not None:
            file = self.file
            self.extensions.append(
                ExtensionFact(
                    called, is_class, reference, file.runs, file.guards, file.anchor(node)
                )
            )
