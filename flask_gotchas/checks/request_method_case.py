"""FLG113 request-method-case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.rule import ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.project import Finding, Project


class RequestMethodCase(ProjectRule):
    """`request.method` is compared with a text that is not upper case."""

    code = "FLG113"
    name = "request-method-case"
    message = "`request.method` is always upper case, so it never equals `{method}`"
    help = "Write the method in upper case."

    def check(self, project: Project) -> Iterator[Finding]:
        for file in project.files:
            for test in () if project.is_test(file) else file.method_tests:
                # One that is right beside it, as in `in {"post", "POST"}`, makes it harmless.
                if not any(method.isupper() for method in test.methods):
                    wrong = next((method for method in test.methods if method), None)
                    if wrong is not None:
                        yield self.finding(file, test.anchor, method=wrong)
