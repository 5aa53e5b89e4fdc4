"""FLG702 silent-removed-setting."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flask_gotchas.editing import NoFix
from flask_gotchas.facts.removed_settings import KEYS
from flask_gotchas.literals import is_name, string_value
from flask_gotchas.model import Severity
from flask_gotchas.rule import Fixing, ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.editing import FileEditor
    from flask_gotchas.model import Diagnostic
    from flask_gotchas.project import Finding, Project

_IN_CONFIG = frozenset(
    {
        "send_file_max_age_default",
        "session_cookie_name",
        "templates_auto_reload",
        "use_x_sendfile",
    }
)


class SilentRemovedSetting(ProjectRule):
    """A setting is written that neither the project's Flask reads any more nor the project."""

    code = "FLG702"
    name = "silent-removed-setting"
    message = (
        "nothing reads `{what}` since Flask {version}, so it is set without any effect; {cure}"
    )
    fixing = Fixing.SUGGESTED
    help = "Set what took its place."
    severity = Severity.WARNING

    def check(self, project: Project) -> Iterator[Finding]:
        for file, place, spelling, row in project.removals.dead_settings():
            yield self.finding(file, place, what=spelling, version=row.version, cure=row.cure)

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        node = file.at(found.location, cst.Assign, cst.Attribute)
        made = node if isinstance(node, cst.Assign) else file.around(node, cst.Assign)
        if len(made.targets) != 1:
            raise NoFix
        target = made.targets[0].target
        if isinstance(target, cst.Subscript):
            new = _attribute(target, made, file)
        elif isinstance(target, cst.Attribute) and target.attr.value in _IN_CONFIG:
            new = f'{file.source(target.value)}.config["{target.attr.value.upper()}"]'
        else:
            raise NoFix
        file.replace(target, new)
        return f"Set `{new}`"


def _attribute(target: cst.Subscript, made: cst.Assign, file: FileEditor) -> str:
    """Give what is set now in the place of a key of the configuration."""
    index = target.slice[0].slice
    key = string_value(index.value) if isinstance(index, cst.Index) else None
    row = KEYS.get(key or "")
    config = target.value
    if row is None or not row.instead or not isinstance(config, cst.Attribute):
        raise NoFix
    if config.attr.value != "config":
        raise NoFix
    if row.instead == "compact":
        if not is_name(made.value, "True") and not is_name(made.value, "False"):
            raise NoFix
        file.replace(made.value, "False" if is_name(made.value, "True") else "True")
    return f"{file.source(config.value)}.json.{row.instead}"
