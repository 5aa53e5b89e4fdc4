"""FLG608 send-file-path-traversal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.project.request_texts import ANY_TEXT
from flask_gotchas.rule import ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.project import Finding, Project

# Others take no slash.
_PATH = frozenset({"path"})


class SendFilePathTraversal(ProjectRule):
    """A file is opened by a path that a visitor can choose."""

    code = "FLG608"
    name = "send-file-path-traversal"
    message = (
        "`{target}` takes `{text}` for a part of a path, "
        "so `../` in it leads a visitor to any file of the server"
    )
    help = "Use `send_from_directory` with the folder first, or `werkzeug.security.safe_join`."

    def check(self, project: Project) -> Iterator[Finding]:
        for file, fact, origin in project.request_texts.reaching("path", ANY_TEXT, _PATH):
            yield self.finding(file, fact.anchor, target=fact.target, text=origin.spelling)
