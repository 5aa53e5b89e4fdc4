"""FLG613 unsafe-session-cookie."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.editing import NoFix
from flask_gotchas.literals import is_name
from flask_gotchas.rule import Fixing, ProjectRule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask_gotchas.editing import FileEditor
    from flask_gotchas.facts.model import Value
    from flask_gotchas.model import Diagnostic
    from flask_gotchas.project import Finding, Project

_READABLE = "shows the session cookie to JavaScript, so one injected script can send it away"
_REFUSED = (
    "without `SESSION_COOKIE_SECURE` makes browsers refuse the session cookie, "
    "so nobody stays logged in"
)
# Extensions which set these settings by themselves.
_SETTING = frozenset({"flask_talisman"})


class UnsafeSessionCookie(ProjectRule):
    """A setting gives the session cookie less protection than it has without it."""

    code = "FLG613"
    name = "unsafe-session-cookie"
    message = "`{setting}` {consequence}"
    fixing = Fixing.SUGGESTED
    help = "Remove it, or set `SESSION_COOKIE_SECURE = True` with `SESSION_COOKIE_SAMESITE`."

    def check(self, project: Project) -> Iterator[Finding]:
        if any(fact.module in _SETTING for file in project.files for fact in file.imports):
            return
        wrong: list[tuple[str, Callable[[Value], bool], str]] = [
            ("SESSION_COOKIE_HTTPONLY", _is_false, _READABLE)
        ]
        if project.complete and _is_insecure(project):
            wrong.append(("SESSION_COOKIE_SAMESITE", _is_text_none, _REFUSED))
        for key, is_wrong, consequence in wrong:
            if len(project.configuration.written(key)) > 1:
                continue
            for file, setting in project.configuration.fixed(key):
                if is_wrong(setting.value):
                    yield self.finding(
                        file, setting.anchor, setting=setting.spelling, consequence=consequence
                    )

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        value = file.value_given(found.location)
        if not is_name(value, "False"):
            raise NoFix
        file.replace(value, "True")
        return "Keep the cookie from JavaScript"


def _is_insecure(project: Project) -> bool:
    """Tell whether nothing sends the session cookie over HTTPS only."""
    values = project.configuration.written("SESSION_COOKIE_SECURE")
    return project.configuration.is_settled("SESSION_COOKIE_SECURE") and all(
        value.kind == "false" for value in values
    )


def _is_false(value: Value) -> bool:
    return value.kind == "false"


def _is_text_none(value: Value) -> bool:
    return value.kind == "string" and value.text.lower() == "none"
