"""FLG307 abort-bad-code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import libcst as cst

from flask_gotchas.editing import NoFix
from flask_gotchas.facts.flask_api import ABORTS, JUST_BODIES
from flask_gotchas.literals import source_of, string_value
from flask_gotchas.rule import FileRule, Fixing

if TYPE_CHECKING:
    from flask_gotchas.editing import FileEditor
    from flask_gotchas.model import Diagnostic

_ERRORS = range(400, 600)
_RAISES = "{} is no error that `abort()` knows, so it raises LookupError and the answer is 500"
_TEXTS = frozenset({cst.ConcatenatedString, cst.FormattedString, cst.SimpleString})


class AbortBadCode(FileRule):
    """`abort()` gets something for which it has no exception, or a status that it ignores."""

    code = "FLG307"
    name = "abort-bad-code"
    message = "{fault}"
    fixing = Fixing.SAFE
    help = "Give the number of an HTTP error, or a response that has its status."
    calls = ABORTS

    def visit_called(self, node: cst.Call, target: str) -> None:
        if not node.args or node.args[0].star or node.args[0].keyword is not None:
            return
        first = node.args[0].value
        fault = self._fault(first, with_status=len(node.args) > 1 and not node.args[1].star)
        if fault:
            self.report(first, fault=fault)

    def _fault(self, first: Any, *, with_status: bool) -> str:
        kind = type(first)
        if kind is cst.Call:
            called = self.file.names.meaning(first.func)
            if called == "flask.jsonify" and with_status:
                return (
                    "`abort()` ignores the status after a response, so the answer of `jsonify()` "
                    "is sent with 200"
                )
            return _RAISES.format("text") if called in JUST_BODIES else ""
        if kind is cst.Integer:
            known = len(first.value) > 3 or int(first.value, 0) in _ERRORS
            return "" if known else _RAISES.format(f"`{first.value}`")
        if kind in _TEXTS:
            text = string_value(first)
            return _RAISES.format("text" if text is None else f"the text `{source_of(first, 20)}`")
        return ""

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        first = file.at(found.location, cst.BaseExpression)
        call = file.around(first, cst.Call)
        others = call.args[1:]
        text = string_value(first)
        if text is not None and text.isascii() and text.isdigit() and int(text) in _ERRORS:
            file.replace(first, text)
            return "Give the number"
        if len(others) != 1 or others[0].keyword is not None or others[0].star:
            raise NoFix
        file.only_suggest()
        status = others[0].value
        if isinstance(first, cst.Call):
            make = file.name("flask.make_response", file.function(call))
            file.write(file.start(first), file.start(first), f"{make}(")
            file.write(file.end(status), file.end(status), ")")
            return f"Give a response of `{make}()`"
        if not isinstance(status, cst.Integer) or isinstance(first, cst.Integer):
            raise NoFix
        file.replace(first, file.source(status))
        file.replace(status, file.source(first))
        return "Give the number first"
