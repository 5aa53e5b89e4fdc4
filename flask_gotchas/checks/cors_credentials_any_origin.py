"""FLG610 cors-credentials-any-origin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.rule import ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.project import Finding, Project


class CorsCredentialsAnyOrigin(ProjectRule):
    """Flask-CORS lets every site send requests with credentials."""

    code = "FLG610"
    name = "cors-credentials-any-origin"
    default = False
    message = (
        "any origin together with `supports_credentials=True` lets every site "
        "read pages with the session of a visitor"
    )
    help = "List the origins that may, or leave `supports_credentials` out."

    def check(self, project: Project) -> Iterator[Finding]:
        for file in project.files:
            if not project.is_test(file) and not project.is_development(file):
                for anchor in file.cors_for_all:
                    yield self.finding(file, anchor)
