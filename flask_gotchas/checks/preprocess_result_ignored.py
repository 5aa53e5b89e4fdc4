"""FLG407 preprocess-result-ignored."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flask_gotchas.literals import dotted_name
from flask_gotchas.rule import FileRule

if TYPE_CHECKING:
    from flask_gotchas.context import FileContext


class PreprocessResultIgnored(FileRule):
    """What `preprocess_request()` gives is dropped, and the view runs all the same."""

    code = "FLG407"
    name = "preprocess-result-ignored"
    message = (
        "the result of `{call}()` is dropped, so the view runs even if a `before_request` "
        "function has refused the request"
    )
    help = "Call the view only if `preprocess_request()` gives `None`, and send what it gives else."
    default = False

    def __init__(self, file: FileContext) -> None:
        super().__init__(file)
        self._dropped: dict[tuple[str, str], cst.Expr] = {}

    def visit_Expr(self, node: cst.Expr) -> None:
        called = _called(node.value, "preprocess_request")
        if called:
            self._dropped[self.file.runs, called] = node

    def visit_Call(self, node: cst.Call) -> None:
        # Without the view, as in a test or a shell, only what the hooks set up is wanted.
        if self._dropped:
            called = _called(node, "dispatch_request")
            dropped = self._dropped.pop((self.file.runs, called), None)
            if dropped is not None:
                self.report(dropped, call=f"{called}.preprocess_request")


def _called(node: cst.BaseExpression, method: str) -> str:
    """Name the object on which a method is called; empty for anything else."""
    if type(node) is cst.Call and type(node.func) is cst.Attribute:
        return dotted_name(node.func.value) if node.func.attr.value == method else ""
    return ""
