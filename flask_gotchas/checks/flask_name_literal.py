"""FLG512 flask-name-literal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flask_gotchas.facts.flask_api import APP_CLASSES, BLUEPRINT_CLASSES
from flask_gotchas.literals import argument, string_value
from flask_gotchas.rule import FileRule, Fixing

if TYPE_CHECKING:
    from flask_gotchas.editing import FileEditor
    from flask_gotchas.model import Diagnostic


class FlaskNameLiteral(FileRule):
    """An application or blueprint is named after the word `__name__`, not after its module."""

    code = "FLG512"
    name = "flask-name-literal"
    message = (
        "no module is called `__name__`, so templates and static files are looked for "
        "in whichever folder the program is started"
    )
    fixing = Fixing.SUGGESTED
    help = "Write `__name__` without quotes."
    calls = APP_CLASSES | BLUEPRINT_CLASSES

    def visit_called(self, node: cst.Call, target: str) -> None:
        of_app = target in APP_CLASSES
        order = ("import_name",) if of_app else ("name", "import_name")
        name = argument(node, "import_name", order)
        if string_value(name) == "__name__" and name is not None:
            self.report(name)

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        file.replace(file.at(found.location, cst.SimpleString), "__name__")
        return "Take the quotes away"
