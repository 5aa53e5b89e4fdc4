"""FLG404 broad-except-swallows-abort."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import libcst as cst

from flask_gotchas.facts.catching import asks_what_it_is, catches, mentions
from flask_gotchas.facts.flask_api import ABORTS, is_http_exception
from flask_gotchas.literals import source_of
from flask_gotchas.rule import FileRule, Fixing

if TYPE_CHECKING:
    from flask_gotchas.context import FileContext
    from flask_gotchas.editing import FileEditor
    from flask_gotchas.model import Diagnostic


class _Open:
    """A `try` while the walk is inside it."""

    def __init__(self, node: cst.Try, runs: str) -> None:
        self.node = node
        self.runs = runs
        self.in_body = True


class BroadExceptSwallowsAbort(FileRule):
    """`except Exception` catches what `abort()` raises."""

    code = "FLG404"
    name = "broad-except-swallows-abort"
    message = "`{call}` raises an exception that `{handler}` catches, so its answer is never sent"
    fixing = Fixing.SUGGESTED
    help = "Put `except HTTPException: raise` before it, or call it outside of `try`."
    calls = ABORTS

    def __init__(self, file: FileContext) -> None:
        super().__init__(file)
        self._open: list[_Open] = []

    def visit_Try(self, node: cst.Try) -> None:
        self._open.append(_Open(node, self.file.runs))

    def leave_Try(self, original_node: cst.Try) -> None:
        self._open.pop()

    # After the body come the handlers, or the `finally` of a `try` that has none.
    def visit_ExceptHandler(self, node: cst.ExceptHandler) -> None:
        if self._open:
            self._open[-1].in_body = False

    def visit_Finally(self, node: cst.Finally) -> None:
        if self._open:
            self._open[-1].in_body = False

    def visit_Raise(self, node: cst.Raise) -> None:
        if self._open and node.exc is not None:
            made = node.exc.func if type(node.exc) is cst.Call else node.exc
            if is_http_exception(self.file.names.meaning(made) or ""):
                self._look_at(node)

    def visit_called(self, node: cst.Call, target: str) -> None:
        self._look_at(node)

    def visit_Call(self, node: cst.Call) -> None:
        if self._open:
            func = node.func
            if type(func) is cst.Attribute and func.attr.value.endswith("_or_404"):
                self._look_at(node)

    def _look_at(self, node: cst.Call | cst.Raise) -> None:
        for tried in reversed(self._open):
            if tried.runs != self.file.runs:
                return
            if not tried.in_body:
                continue
            for handler in tried.node.handlers:
                how = catches(handler.type, self.file.names)
                if how == "no":
                    continue
                if how == "all" and self._swallows(handler, node):
                    said = f"except {source_of(handler.type, 30)}" if handler.type else "except"
                    self.report(
                        node,
                        related=[(handler, "caught here")],
                        call=source_of(node, 40),
                        handler=said,
                    )
                return

    def _swallows(self, handler: cst.ExceptHandler, node: cst.Call | cst.Raise) -> bool:
        name = handler.name.name if handler.name is not None else None
        variable = name.value if type(name) is cst.Name else None
        # One that answers with the same status loses no more than the text.
        status: Any = node.args[0].value if type(node) is cst.Call and node.args else None
        if type(status) is cst.Attribute:
            status = status.attr
        is_word = type(status) is cst.Integer or type(status) is cst.Name
        word = status.value if is_word else "404"
        return not asks_what_it_is(handler.body, variable) and not mentions(handler.body, word)

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        [caught] = found.related
        handler = file.at(caught.location, cst.ExceptHandler)
        http = file.name("werkzeug.exceptions.HTTPException", handler)
        indent = file.indent_of(handler)
        file.line_before(handler, f"except {http}:\n{indent}{file.indent}raise")
        return f"Let each `{http}` pass"
