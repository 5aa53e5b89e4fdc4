"""FLG603 hardcoded-secret-key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.editing import NoFix
from flask_gotchas.model import Severity
from flask_gotchas.rule import Fixing, ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.editing import FileEditor
    from flask_gotchas.facts.model import Value
    from flask_gotchas.model import Diagnostic
    from flask_gotchas.project import Finding, Project

_CONSEQUENCE = "so whoever reads it can sign a session cookie as any user"


class HardcodedSecretKey(ProjectRule):
    """The key that signs sessions stands in the source.

    What the message shows is the name of the setting, never the key.
    """

    code = "FLG603"
    name = "hardcoded-secret-key"
    message = "`{setting}` {fault}, {consequence}"
    fixing = Fixing.SUGGESTED
    help = 'Read it from the environment, as in `os.environ["SECRET_KEY"]`, and make a new key.'

    def check(self, project: Project) -> Iterator[Finding]:
        if not all(_is_known(value) for value in project.configuration.written("SECRET_KEY")):
            return
        for file, setting in project.configuration.fixed("SECRET_KEY"):
            value = setting.value
            fault = "is written in the source"
            if value.kind == "environment":
                fault = f"is text of the source where `{value.text or 'the variable'}` is not set"
            yield self.finding(
                file,
                setting.anchor,
                hints=(value.text,) if value.kind == "environment" and value.text else (),
                severity=Severity.WARNING if value.kind == "environment" else Severity.ERROR,
                setting=setting.place,
                fault=fault,
                consequence=_CONSEQUENCE,
            )

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        value = file.value_given(found.location)
        [variable] = found.hints or ["SECRET_KEY"]
        if not variable.isidentifier():
            raise NoFix
        environ = file.name("os.environ", value)
        file.replace(value, f"{environ}[{file.quote}{variable}{file.quote}]")
        return "Read it from the environment"


def _is_known(value: Value) -> bool:
    """Tell whether who reads the source knows a value, or may."""
    if value.kind == "environment":
        return value.fallback != ""
    return value.kind == "bytes" or (value.kind == "string" and value.text != "")
