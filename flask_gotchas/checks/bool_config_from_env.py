"""FLG502 bool-config-from-env."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flask_gotchas.editing import NoFix
from flask_gotchas.facts.flask_api import BOOLEAN_SETTINGS
from flask_gotchas.literals import is_name, string_value
from flask_gotchas.rule import Fixing, ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.editing import FileEditor
    from flask_gotchas.facts.model import Value
    from flask_gotchas.model import Diagnostic
    from flask_gotchas.project import Finding, Project

_BOOLEAN_ARGUMENTS = frozenset({"debug", "threaded", "use_debugger", "use_reloader"})

# With None these depend on other settings.
_UNSET = frozenset({"PROPAGATE_EXCEPTIONS", "TEMPLATES_AUTO_RELOAD"})
_YES = ("1", "on", "true", "yes")
_READING = frozenset({"os.environ.get", "os.getenv"})


class BoolConfigFromEnv(ProjectRule):
    """A setting that is tested for truth holds text from the environment."""

    code = "FLG502"
    name = "bool-config-from-env"
    message = (
        "`{setting}` gets text from the environment, where any text is true but the empty one, "
        "so `{variable}=False` switches it on"
    )
    fixing = Fixing.SUGGESTED
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
                    hints=[setting.key],
                    setting=setting.key,
                    variable=setting.value.text or "NAME",
                )

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        value = file.value_given(found.location)
        read = value
        if isinstance(read, cst.Call) and is_name(read.func, "bool") and len(read.args) == 1:
            read = read.args[0].value
        if isinstance(read, cst.BooleanOperation) and is_name(read.right, "False"):
            read = read.left
        text = _text(read, file)
        words = ", ".join(f"{file.quote}{word}{file.quote}" for word in _YES)
        is_unset = text.endswith(f"{file.quote * 2})")
        if is_unset and value is read and _UNSET.intersection(found.hints):
            raise NoFix
        file.write(file.start(value), file.end(value), f"{text}.lower() in {{{words}}}")
        return "Compare it with what means yes"


def _text(read: cst.BaseExpression, file: FileEditor) -> str:
    """Write what reads the variable so that it always gives text."""
    if isinstance(read, cst.Subscript) and file.reference(read.value) == "os.environ":
        return file.source(read)
    if not isinstance(read, cst.Call) or file.reference(read.func) not in _READING:
        raise NoFix
    if len(read.args) == 1 and not read.args[0].star:
        return f"{file.text[file.start(read) : file.end(read.args[0])]}, {file.quote * 2})"
    if len(read.args) != 2 or any(arg.star for arg in read.args):
        raise NoFix
    default = read.args[1].value
    if string_value(default) is not None:
        return file.source(read)
    texts = {"True": "true", "False": "", "None": ""}
    if not isinstance(default, cst.Name) or default.value not in texts:
        raise NoFix
    before = file.text[file.start(read) : file.start(default)]
    text = f"{file.quote}{texts[default.value]}{file.quote}"
    return f"{before}{text}{file.text[file.end(default) : file.end(read)]}"


def _is_text(value: Value) -> bool:
    return value.kind == "environment"
