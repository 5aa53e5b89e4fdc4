"""FLG113 request-method-case."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flask_gotchas.editing import NoFix
from flask_gotchas.facts.flask_api import KNOWN_METHODS
from flask_gotchas.literals import string_value
from flask_gotchas.rule import Fixing, ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.editing import FileEditor
    from flask_gotchas.model import Diagnostic
    from flask_gotchas.project import Finding, Project


class RequestMethodCase(ProjectRule):
    """`request.method` is compared with a text that is not upper case."""

    code = "FLG113"
    name = "request-method-case"
    message = "`request.method` is always upper case, so it never equals `{method}`"
    fixing = Fixing.SAFE
    help = "Write the method in upper case."

    def check(self, project: Project) -> Iterator[Finding]:
        for file in project.files:
            for test in () if project.is_test(file) else file.method_tests:
                # One that is right beside it, as in `in {"post", "POST"}`, makes it harmless.
                if not any(method.isupper() for method in test.methods):
                    wrong = next((method for method in test.methods if method), None)
                    if wrong is not None:
                        yield self.finding(file, test.anchor, method=wrong)

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        test = file.at(found.location, cst.Comparison, cst.MatchPattern)
        for text in file.inside(test, cst.SimpleString):
            method = string_value(text) or ""
            if method.upper() not in KNOWN_METHODS:
                raise NoFix
            file.rewrite(text, method, method.upper())
        return "Write it in upper case"
