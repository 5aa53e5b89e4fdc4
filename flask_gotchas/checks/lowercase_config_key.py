"""FLG510 lowercase-config-key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.facts.flask_api import (
    BOOLEAN_SETTINGS,
    NUMERIC_SETTINGS,
    OWN_SETTINGS,
    SETTINGS_READ_AT_INIT,
)
from flask_gotchas.rule import ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

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
                yield self.finding(file, setting.anchor, key=setting.key, upper=upper)
