"""FLG301 unreturned-response."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flask_gotchas.editing import NoFix
from flask_gotchas.facts.flask_api import JUST_BODIES, MAKES_RESPONSE
from flask_gotchas.facts.model import Guard
from flask_gotchas.rule import FileRule, Fixing

if TYPE_CHECKING:
    from flask_gotchas.context import FileContext
    from flask_gotchas.editing import FileEditor
    from flask_gotchas.model import Diagnostic

_MAKERS = MAKES_RESPONSE | JUST_BODIES
# Nobody calls these to see whether they work.
_NEVER_A_TRIAL = frozenset({"flask.redirect", "werkzeug.utils.redirect"})
_IN_CONTEXT = Guard.APP_CONTEXT | Guard.REQUEST_CONTEXT


class UnreturnedResponse(FileRule):
    """A response is made by a statement of its own and not returned."""

    code = "FLG301"
    name = "unreturned-response"
    message = (
        "`{call}()` only makes {what}, which is not returned, so nothing is sent "
        "and the function goes on"
    )
    fixing = Fixing.SUGGESTED
    help = "Return it."

    def __init__(self, file: FileContext) -> None:
        super().__init__(file)
        self._tried: set[int] = set()
        self._loops = 0

    def visit_Try(self, node: cst.Try) -> None:
        """Note a statement that stands alone in `try`: whether it works is all that is asked."""
        body = node.body.body
        if len(body) == 1 and type(body[0]) is cst.SimpleStatementLine:
            self._tried.update(id(small) for small in body[0].body)

    def visit_For(self, node: cst.For) -> None:
        self._loops += 1

    def leave_For(self, original_node: cst.For) -> None:
        self._loops -= 1

    def visit_Expr(self, node: cst.Expr) -> None:
        if type(node.value) is not cst.Call:
            return
        target = self.file.names.meaning(node.value.func)
        if target not in _MAKERS or target is None:
            return
        # A template may be rendered to see whether that works, or to have it in the cache.
        is_trial = id(node) in self._tried or self._loops or self.file.guards & _IN_CONTEXT
        if not self.file.runs or (is_trial and target not in _NEVER_A_TRIAL):
            return
        self.report(
            node,
            call=target.rpartition(".")[2],
            what="text" if target in JUST_BODIES else "a response",
        )

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        statement = file.at(found.location, cst.Expr)
        function = file.function(statement)
        if any(file.inside(function.body, cst.Yield)):
            raise NoFix
        file.write(file.start(statement), file.start(statement), "return ")
        return "Return it"
