"""FLG303 status-inside-jsonify."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import libcst as cst

from flask_gotchas.editing import NoFix
from flask_gotchas.literals import source_of
from flask_gotchas.rule import FileRule, Fixing

if TYPE_CHECKING:
    from flask_gotchas.editing import FileEditor
    from flask_gotchas.model import Diagnostic

_STATUS_NAMES = frozenset({"code", "status", "status_code"})
_RAISES = "so the call raises TypeError"


class StatusInsideJsonify(FileRule):
    """The status is inside the parentheses of the function that makes the body."""

    code = "FLG303"
    name = "status-inside-jsonify"
    message = "`{status}` stands inside `{call}()`, {consequence}"
    fixing = Fixing.SAFE
    help = "Return the status behind the call, as in `return jsonify(data), 404`."
    calls = frozenset({"flask.jsonify", "flask.render_template", "flask.render_template_string"})

    def visit_called(self, node: cst.Call, target: str) -> None:
        if any(arg.star for arg in node.args) or len(node.args) < 2:
            return
        plain = [arg.value for arg in node.args if arg.keyword is None]
        named = [arg for arg in node.args if arg.keyword is not None]
        call = target.rpartition(".")[2]
        if call == "jsonify" and plain and named:
            # jsonify() takes values or names, never both.
            self._say(named[0], call, _RAISES)
        elif len(plain) > 1 and self._is_status(plain[-1]):
            if call != "jsonify":
                self._say(plain[-1], call, f"where only the name fits, {_RAISES}")
            elif type(plain[0]) not in {cst.Integer, cst.Float}:
                self._say(
                    plain[-1], call, "so it becomes a part of the JSON and the status stays 200"
                )

    def _is_status(self, node: cst.BaseExpression) -> bool:
        if type(node) is cst.Integer:
            return node.value in _statuses()
        return (self.file.names.reference(node) or "").startswith("http.HTTPStatus.")

    def _say(self, node: cst.CSTNode, call: str, consequence: str) -> None:
        self.report(node, status=source_of(node), call=call, consequence=consequence)

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        arg = file.at(found.location, cst.Arg, cst.BaseExpression)
        if not isinstance(arg, cst.Arg):
            arg = file.around(arg, cst.Arg)
        call = file.around(arg, cst.Call)
        named = [one for one in call.args if one.keyword is not None]
        if arg.keyword is not None and (len(named) > 1 or arg.keyword.value not in _STATUS_NAMES):
            raise NoFix
        value = arg.value
        if type(value) is cst.Integer and value.value not in _statuses():
            raise NoFix
        if not isinstance(value, (cst.Integer, cst.Attribute)):
            raise NoFix
        if type(next(file.above(call))) is not cst.Return:
            raise NoFix
        file.remove_argument(call, arg)
        file.write(file.end(call), file.end(call), f", {file.source(value)}")
        return "Return the status behind the call"


@functools.cache
def _statuses() -> frozenset[str]:
    from http import HTTPStatus  # noqa: PLC0415 - few calls ask for it

    return frozenset(str(int(status)) for status in HTTPStatus if status >= HTTPStatus.OK)
