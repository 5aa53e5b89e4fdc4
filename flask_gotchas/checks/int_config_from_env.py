"""FLG511 int-config-from-env."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flask_gotchas.editing import NoFix
from flask_gotchas.facts.flask_api import NUMERIC_SETTINGS
from flask_gotchas.literals import string_value
from flask_gotchas.rule import Fixing, ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.editing import FileEditor
    from flask_gotchas.model import Diagnostic
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
    fixing = Fixing.SUGGESTED
    help = "Convert it, as in `int(os.environ.get(name, default))`."

    def check(self, project: Project) -> Iterator[Finding]:
        for file, setting in project.configuration.settings():
            if setting.key in NUMERIC_SETTINGS and setting.value.kind in _ORIGINS:
                origin = _ORIGINS[setting.value.kind]
                yield self.finding(file, setting.anchor, key=setting.key, origin=origin)

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        value = file.value_given(found.location)
        text = string_value(value)
        if text is not None:
            if not text.isdecimal():
                raise NoFix
            file.replace(value, text)
            return f"Write `{text}`"
        if not _is_given(value):
            raise NoFix  # without the variable there is None, and it takes a person to know better
        file.wrap(value, "int(", ")")
        return "Convert the text to a number"


def _is_given(value: cst.BaseExpression) -> bool:
    """Tell whether there is text, or a number, also when the variable is not set."""
    if isinstance(value, cst.Subscript):
        return True
    if isinstance(value, cst.BooleanOperation):
        return isinstance(value.operator, cst.Or) and _is_number(value.right)
    return isinstance(value, cst.Call) and len(value.args) == 2 and _is_number(value.args[1].value)


def _is_number(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Integer) or (string_value(node) or "").isdecimal()
