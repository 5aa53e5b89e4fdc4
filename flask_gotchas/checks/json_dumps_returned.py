"""FLG304 json-dumps-returned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.model import Severity
from flask_gotchas.rule import ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.facts.model import Shape
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
    help = "Return the value itself or `jsonify(value)`."
    severity = Severity.WARNING

    def check(self, project: Project) -> Iterator[Finding]:
        handlers = project.handlers
        if handlers.sets_content_type:
            return
        for handler in handlers.answering:
            for found, call in handlers.judged(handler, _dumped):
                yield self.finding(handler.file, found.anchor, view=handler.name, call=call)


def _dumped(value: Shape) -> str:
    """Name what made JSON as text, alone or with a status; headers may say what it is."""
    if value.kind == "tuple" and len(value.items) == 2:
        body, status = value.items
        has_status = status.kind == "int" or (status.meaning or "").startswith("http.HTTPStatus.")
        return _dumped(body) if has_status else ""
    is_dumped = value.kind == "call" and value.meaning in _DUMPS
    return f"{value.meaning}()" if is_dumped else ""
