"""FLG510 lowercase-config-key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flask_gotchas.editing import NoFix
from flask_gotchas.facts.flask_api import (
    BOOLEAN_SETTINGS,
    NUMERIC_SETTINGS,
    OWN_SETTINGS,
    SETTINGS_READ_AT_INIT,
)
from flask_gotchas.rule import Fixing, ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.editing import FileEditor
    from flask_gotchas.model import Diagnostic
    from flask_gotchas.project import Finding, Project

_KNOWN = frozenset(
    {
        *BOOLEAN_SETTINGS,
        *NUMERIC_SETTINGS,
        *OWN_SETTINGS,
        *(key for keys in SETTINGS_READ_AT_INIT.values() for key in keys),
    }
)


class LowercaseConfigKey(ProjectRule):
    """A setting is written under a name that is not in capital letters."""

    code = "FLG510"
    name = "lowercase-config-key"
    message = "nothing reads the setting `{key}`, because its name is `{upper}` in capital letters"
    fixing = Fixing.SUGGESTED
    help = "Write the name in capital letters."

    def check(self, project: Project) -> Iterator[Finding]:
        for file, setting in project.configuration.settings():
            upper = setting.key.upper()
            if (
                setting.key != upper
                and upper in _KNOWN
                and not project.configuration.reads(setting.key)
                and not project.templates.mention(setting.key)
            ):
                yield self.finding(
                    file,
                    setting.anchor,
                    hints=(setting.key, upper),
                    key=setting.key,
                    upper=upper,
                )

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        key, upper = found.hints
        node = file.at(found.location, cst.Arg, cst.Assign, cst.AnnAssign, cst.DictElement)
        if isinstance(node, cst.Arg) and node.keyword is not None:
            file.replace(node.keyword, upper)
        elif isinstance(node, cst.DictElement):
            file.rewrite(node.key, key, upper)
        elif isinstance(node, (cst.Assign, cst.AnnAssign)):
            target = node.target if isinstance(node, cst.AnnAssign) else node.targets[0].target
            texts = [one for one in file.inside(target, cst.SimpleString) if one.raw_value == key]
            if len(texts) != 1:
                raise NoFix
            file.rewrite(texts[0], key, upper)
        return f"Write `{upper}`"
