"""FLG502 bool-config-from-env."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.facts.flask_api import BOOLEAN_SETTINGS
from flask_gotchas.rule import ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.facts.model import Value
    from flask_gotchas.project import Finding, Project

_BOOLEAN_ARGUMENTS = frozenset({"debug", "threaded", "use_debugger", "use_reloader"})


class BoolConfigFromEnv(ProjectRule):
    """A setting that is tested for truth holds text from the environment."""

    code = "FLG502"
    name = "bool-config-from-env"
    message = (
        "`{setting}` gets text from the environment, where any text is true but the empty one, "
        "so `{variable}=False` switches it on"
    )
    help = 'Compare the text, as in `os.environ.get("NAME") == "1"`.'

    def check(self, project: Project) -> Iterator[Finding]:
        for file, run in project.configuration.app_runs():
            for argument in run.arguments:
                if argument.name in _BOOLEAN_ARGUMENTS and _is_text(argument.value):
                    yield self.finding(
                        file,
                        argument.anchor,
                        setting=argument.name,
                        variable=argument.value.text or "NAME",
                    )
        for file, setting in project.configuration.settings():
            if setting.key in BOOLEAN_SETTINGS and _is_text(setting.value):
                yield self.finding(
                    file,
                    setting.anchor,
                    setting=setting.key,
                    variable=setting.value.text or "NAME",
                )


def _is_text(value: Value) -> bool:
    return value.kind == "environment"
