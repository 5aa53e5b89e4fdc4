"""FLG112 unknown-http-method."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flask_gotchas.editing import NoFix
from flask_gotchas.literals import string_value
from flask_gotchas.project.rule_faults import clear_methods, unknown_methods
from flask_gotchas.rule import Fixing, ProjectRule, listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.editing import FileEditor
    from flask_gotchas.model import Diagnostic
    from flask_gotchas.project import Finding, Project


class UnknownHttpMethod(ProjectRule):
    """A route allows a method that no client sends."""

    code = "FLG112"
    name = "unknown-http-method"
    message = "{what}, so the requests that are meant are answered with 405{suggestion}"
    fixing = Fixing.SAFE
    help = 'Spell each method as one text of a list, as in `methods=["GET", "POST"]`.'

    def check(self, project: Project) -> Iterator[Finding]:
        for fault in unknown_methods(project):
            yield self.finding(
                fault.file,
                fault.anchor,
                hints=[fault.text, *clear_methods(fault.text)],
                what=f"no client sends `{fault.text}`" if fault.text else "no method is allowed",
                suggestion=f"; perhaps {fault.more} is meant" if fault.more else "",
            )

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        text, *methods = found.hints
        value = file.value_of(file.methods(found.location))
        if not methods or not isinstance(value, (cst.List, cst.Tuple, cst.Set)):
            raise NoFix
        for element in value.elements:
            node = element.value
            if isinstance(node, cst.SimpleString) and string_value(node) == text:
                quote = node.quote[0]
                file.replace(node, ", ".join(f"{quote}{method}{quote}" for method in methods))
        return f"Allow {listed(methods)}"
