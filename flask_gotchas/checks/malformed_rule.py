"""FLG121 malformed-rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.editing import NoFix
from flask_gotchas.project.rule_faults import malformed
from flask_gotchas.rule import Fixing, ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.editing import FileEditor
    from flask_gotchas.model import Diagnostic
    from flask_gotchas.project import Finding, Project


class MalformedRule(ProjectRule):
    """Werkzeug cannot read a rule."""

    code = "FLG121"
    name = "malformed-rule"
    message = "the rule `{rule}` {why}, so Flask raises an exception when {moment}"
    fixing = Fixing.SAFE
    help = "Begin with a slash and write each variable once, as `<name>` or `<converter:name>`."

    def check(self, project: Project) -> Iterator[Finding]:
        for fault in malformed(project):
            yield self.finding(
                fault.file,
                fault.anchor,
                hints=fault.hints,
                rule=fault.text,
                why=fault.more,
                moment=fault.moment,
            )

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        if not found.hints:
            raise NoFix
        old, new = found.hints
        file.rewrite(file.rule(found.location), old, new)
        return "Write the slash" if not old else f"Write `{new}`"
