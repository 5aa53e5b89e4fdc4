"""FLG122 url-prefix-without-slash."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flask_gotchas.project.rule_faults import prefixes_without_slash
from flask_gotchas.rule import Fixing, ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.editing import FileEditor
    from flask_gotchas.model import Diagnostic
    from flask_gotchas.project import Finding, Project


class UrlPrefixWithoutSlash(ProjectRule):
    """The prefix of a blueprint does not begin with a slash."""

    code = "FLG122"
    name = "url-prefix-without-slash"
    message = (
        "the prefix `{prefix}` does not begin with a slash, "
        "so Flask raises ValueError when `{blueprint}` is registered"
    )
    fixing = Fixing.SAFE
    help = "Begin the prefix with a slash."

    def check(self, project: Project) -> Iterator[Finding]:
        for fault in prefixes_without_slash(project):
            yield self.finding(
                fault.file,
                fault.anchor,
                prefix=fault.text,
                blueprint=fault.more,
            )

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        call = file.at(found.location, cst.Call)
        file.rewrite(file.argument(call, "url_prefix", 5).value, "", "/")
        return "Write the slash"
