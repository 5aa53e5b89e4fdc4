"""FLG204 stream-without-context."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flask_gotchas.editing import NoFix
from flask_gotchas.project.runtime import shown
from flask_gotchas.project.streams import streamed
from flask_gotchas.rule import Fixing, ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.editing import FileEditor
    from flask_gotchas.model import Diagnostic
    from flask_gotchas.project import Finding, Project


class StreamWithoutContext(ProjectRule):
    """A streamed response needs a context, which is gone when the generator runs."""

    code = "FLG204"
    name = "stream-without-context"
    message = (
        "`{function}` needs {what}, but runs while the response is sent, "
        "after the context is gone, which raises RuntimeError"
    )
    fixing = Fixing.SAFE
    help = "Wrap the generator in `stream_with_context`, or read what it needs before."

    def check(self, project: Project) -> Iterator[Finding]:
        for stream in streamed(project):
            where, touch = stream.needs
            yield self.finding(
                where,
                touch.anchor,
                related=[(stream.file, stream.anchor, "streamed from here")],
                hints=[stream.function.name],
                function=stream.function.name,
                what=shown(touch.what),
            )

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        [name], [streamed_from] = found.hints, found.related
        if streamed_from.location.path != file.path:
            raise NoFix
        view = file.around(file.at(streamed_from.location, cst.Name), cst.FunctionDef)
        if view.name.value == name:
            if view.asynchronous is not None:
                raise NoFix
            wrap = file.name("flask.stream_with_context", view)
            file.line_before(view, f"@{wrap}")
            return f"Decorate it with `{wrap}`"
        calls = [one for one in file.inside(view.body, cst.Call) if _called(one) == name]
        own = [one for one in file.inside(view.body, cst.FunctionDef) if one.name.value == name]
        if len(calls) != 1 and len(own) != 1:
            raise NoFix  # one of the calls may be used up by the view itself
        wrap = file.name("flask.stream_with_context", view)
        if len(calls) != 1:
            file.line_before(own[0], f"@{wrap}")
            return f"Decorate it with `{wrap}`"
        file.wrap(calls[0], f"{wrap}(", ")")
        return f"Wrap the generator in `{wrap}`"


def _called(call: cst.Call) -> str:
    """Give the name of the function or method that is called."""
    if isinstance(call.func, cst.Name):
        return call.func.value
    return call.func.attr.value if isinstance(call.func, cst.Attribute) else ""
