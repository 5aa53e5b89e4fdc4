"""FLG511 int-config-from-env."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.facts.flask_api import NUMERIC_SETTINGS
from flask_gotchas.rule import ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.project import Finding, Project

_ORIGINS = {"environment": "text from the environment", "string": "text"}


class IntConfigFromEnv(ProjectRule):
    """A setting with which Flask calculates holds text."""

    code = "FLG511"
    name = "int-config-from-env"
    message = (
        "`{key}` gets {origin}, but Flask calculates with it, "
        "so requests that need it raise TypeError"
    )
    help = "Convert it, as in `int(os.environ.get(name, default))`."

    def check(self, project: Project) -> Iterator[Finding]:
        for file, setting in project.configuration.settings():
            if setting.key in NUMERIC_SETTINGS and setting.value.kind in _ORIGINS:
                origin = _ORIGINS[setting.value.kind]
                yield self.finding(file, setting.anchor, key=setting.key, origin=origin)
