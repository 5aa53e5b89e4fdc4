"""FLG204 stream-without-context."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.project.runtime import shown
from flask_gotchas.project.streams import streamed
from flask_gotchas.rule import ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.project import Finding, Project


class StreamWithoutContext(ProjectRule):
    """A streamed response needs a context, which is gone when the generator runs."""

    code = "FLG204"
    name = "stream-without-context"
    message = (
        "`{function}` needs {what}, but runs while the response is sent, "
        "after the context is gone, which raises RuntimeError"
    )
    help = "Wrap the generator in `stream_with_context`, or read what it needs before."

    def check(self, project: Project) -> Iterator[Finding]:
        for stream in streamed(project):
            where, touch = stream.needs
            yield self.finding(
                where,
                touch.anchor,
                related=[(stream.file, stream.anchor, "streamed from here")],
                function=stream.function.name,
                what=shown(touch.what),
            )
