"""FLG104 url-for-unknown-endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.editing import NoFix
from flask_gotchas.rule import Fixing, ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.editing import FileEditor
    from flask_gotchas.model import Diagnostic
    from flask_gotchas.project import Finding, Project


class UrlForUnknownEndpoint(ProjectRule):
    """`url_for` is asked for an endpoint that no route has."""

    code = "FLG104"
    name = "url-for-unknown-endpoint"
    message = (
        "no route has the endpoint `{endpoint}`, so `url_for` raises BuildError, "
        "which is answered with 500{suggestion}"
    )
    fixing = Fixing.SUGGESTED
    help = "Name an endpoint that `flask-gotchas routes` lists."

    def check(self, project: Project) -> Iterator[Finding]:
        if not project.complete:
            return
        endpoints = project.url_map.endpoints
        for use in endpoints.uses() if endpoints.is_known else ():
            if use.is_path or not all(map(endpoints.is_missing, use.endpoints)):
                continue
            near = endpoints.nearest(use.endpoints[0])
            yield self.finding(
                use.file,
                use.at,
                related=[
                    (rule.file, rule.anchor, f"`{near}` is registered here")
                    for rule in endpoints.rules.get(near or "", ())[:1]
                ],
                hints=[use.endpoints[0], near] if near and endpoints.is_nearest(use, near) else (),
                endpoint=use.endpoints[0],
                suggestion=f"; there is `{near}`" if near else "",
            )

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        if not found.hints:
            raise NoFix
        old, near = found.hints
        file.rewrite_first(found.location, old, near)
        return f"Name the endpoint `{near}`"
