"""FLG605 upload-raw-filename."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.rule import ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.project import Finding, Project

_NAMES = frozenset({"filename"})


class UploadRawFilename(ProjectRule):
    """An upload is stored under the name that the client gives it."""

    code = "FLG605"
    name = "upload-raw-filename"
    message = (
        "`{target}` gets `{text}` as the client sent it, "
        "so a file called `../app.py` is written outside of its folder"
    )
    help = "Put the name through `werkzeug.utils.secure_filename`."

    def check(self, project: Project) -> Iterator[Finding]:
        for file, fact, origin in project.request_texts.reaching("upload", _NAMES):
            yield self.finding(file, fact.anchor, target=fact.target, text=origin.spelling)
