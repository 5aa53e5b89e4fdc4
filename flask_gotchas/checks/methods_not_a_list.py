"""FLG119 methods-not-a-list."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flask_gotchas.editing import NoFix
from flask_gotchas.literals import string_value
from flask_gotchas.project.rule_faults import methods_as_text, separated
from flask_gotchas.rule import Fixing, ProjectRule, listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.editing import FileEditor
    from flask_gotchas.model import Diagnostic
    from flask_gotchas.project import Finding, Project


class MethodsNotAList(ProjectRule):
    """The methods of a route are one text."""

    code = "FLG119"
    name = "methods-not-a-list"
    message = (
        "`methods` is the text `{text}` and not a list, so Flask raises TypeError when {moment}"
    )
    fixing = Fixing.SAFE
    help = 'Put the methods into a list, as in `methods=["POST"]`.'

    def check(self, project: Project) -> Iterator[Finding]:
        for fault in methods_as_text(project):
            yield self.finding(
                fault.file,
                fault.anchor,
                text=fault.text,
                moment=fault.moment,
            )

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        value = file.methods(found.location)
        methods = separated(string_value(file.value_of(value)) or "")
        if isinstance(value, cst.Name) and len(methods) == 1:
            file.wrap(value, "[", "]")
            return "Put it into a list"
        if not isinstance(value, cst.SimpleString) or not methods:
            raise NoFix
        if isinstance(next(file.above(value)), cst.AnnAssign):
            raise NoFix  # the annotation would be wrong then
        quote = value.quote[0]
        texts = ", ".join(f"{quote}{method}{quote}" for method in methods)
        if value.lpar:
            # Parentheses are there, so it is the comma that is missing.
            file.replace(value, texts if len(methods) > 1 else f"{texts},")
        else:
            file.replace(value, f"[{texts}]")
        return f"Make a list of {listed(methods)}"
