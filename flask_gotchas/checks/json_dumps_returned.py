"""FLG304 json-dumps-returned."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flask_gotchas.editing import NoFix
from flask_gotchas.model import Severity
from flask_gotchas.rule import Fixing, ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.editing import FileEditor
    from flask_gotchas.facts.model import Shape
    from flask_gotchas.model import Diagnostic
    from flask_gotchas.project import Finding, Project

_DUMPS = frozenset({"flask.json.dumps", "json.dumps", "simplejson.dumps", "ujson.dumps"})


class JsonDumpsReturned(ProjectRule):
    """A view returns JSON as text, which is sent as an HTML page."""

    code = "FLG304"
    name = "json-dumps-returned"
    message = (
        "`{view}` returns the text of `{call}`, which is sent as HTML, so clients do not "
        "take it for JSON and browsers show it as a page"
    )
    fixing = Fixing.SUGGESTED
    help = "Return the value itself or `jsonify(value)`."
    severity = Severity.WARNING

    def check(self, project: Project) -> Iterator[Finding]:
        handlers = project.handlers
        if handlers.sets_content_type:
            return
        for handler in handlers.answering:
            for found, call in handlers.judged(handler, _dumped):
                yield self.finding(handler.file, found.anchor, view=handler.name, call=call)

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        call = file.at(found.location, cst.Return).value
        if isinstance(call, cst.Tuple):
            call = call.elements[0].value
        # Other arguments say how the text shall look.
        if not isinstance(call, cst.Call) or len(call.args) != 1 or call.args[0].star:
            raise NoFix
        if file.meaning(call.func) not in _DUMPS:
            raise NoFix
        value = call.args[0].value
        if isinstance(value, (cst.Dict, cst.DictComp)):
            file.replace(call, file.source(value))
            return "Return the dictionary itself"
        jsonify = file.name("flask.jsonify", file.function(call))
        file.replace(call.func, jsonify)
        return f"Return a response of `{jsonify}()`"


def _dumped(value: Shape) -> str:
    """Name what made JSON as text, alone or with a status; headers may say what it is."""
    if value.kind == "tuple" and len(value.items) == 2:
        body, status = value.items
        has_status = status.kind == "int" or (status.meaning or "").startswith("http.HTTPStatus.")
        return _dumped(body) if has_status else ""
    is_dumped = value.kind == "call" and value.meaning in _DUMPS
    return f"{value.meaning}()" if is_dumped else ""
