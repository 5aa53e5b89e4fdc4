"""FLG605 upload-raw-filename."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flask_gotchas.editing import NoFix
from flask_gotchas.rule import Fixing, ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.editing import FileEditor
    from flask_gotchas.model import Diagnostic
    from flask_gotchas.project import Finding, Project

_KINDS = frozenset({"filename"})


class UploadRawFilename(ProjectRule):
    """An upload is stored under the name that the client gives it."""

    code = "FLG605"
    name = "upload-raw-filename"
    message = (
        "`{target}` gets `{text}` as the client sent it, "
        "so a file called `../app.py` is written outside of its folder"
    )
    fixing = Fixing.SUGGESTED
    help = "Put the name through `werkzeug.utils.secure_filename`."

    def check(self, project: Project) -> Iterator[Finding]:
        for file, fact, origin in project.request_texts.reaching("upload", _KINDS):
            yield self.finding(
                file,
                fact.anchor,
                hints=(origin.spelling,),
                target=fact.target,
                text=origin.spelling,
            )

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        [spelling] = found.hints
        path = file.at(found.location, cst.BaseExpression)
        names = file.ways_in(path, spelling)
        if not names:
            raise NoFix
        secured = file.name("werkzeug.utils.secure_filename", path)
        for name in names:
            file.wrap(name, f"{secured}(", ")")
        return f"Put the name through `{secured}`"
