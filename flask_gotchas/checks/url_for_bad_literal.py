"""FLG118 url-for-bad-literal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.editing import NoFix
from flask_gotchas.rule import Fixing, ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.editing import FileEditor
    from flask_gotchas.model import Diagnostic
    from flask_gotchas.project import Finding, Project


class UrlForBadLiteral(ProjectRule):
    """`url_for` gets a path or a file name for the endpoint, or values without their names."""

    code = "FLG118"
    name = "url-for-bad-literal"
    message = "`url_for` {wrong}, so it raises {error}, which is answered with 500{suggestion}"
    fixing = Fixing.SAFE
    help = "Give the endpoint first, and each value by its name."

    def check(self, project: Project) -> Iterator[Finding]:
        endpoints = project.url_map.endpoints
        for use in endpoints.uses():
            endpoint = use.endpoints[0]
            if use.positional > 1:
                names = endpoints.only_value(use)
                is_static = endpoint.rpartition(".")[2] == "static"
                name = names[0] if names else "filename" if is_static else "name"
                yield self.finding(
                    use.file,
                    use.at,
                    hints=names,
                    wrong="takes the values of the URL by name only",
                    error="TypeError",
                    suggestion=f"; write `{name}=` before the value",
                )
            elif use.is_path and endpoints.is_missing(endpoint):
                meant = endpoints.at_path(endpoint)
                yield self.finding(
                    use.file,
                    use.at,
                    hints=[endpoint, meant] if meant and "<" not in endpoint else (),
                    wrong=f"takes an endpoint, and `{endpoint}` is none",
                    error="BuildError",
                    suggestion=f"; the endpoint of this URL is `{meant}`" if meant else "",
                )

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        match found.hints:
            case [name]:
                file.name_second(found.location, name)
                return f"Write `{name}=` before the value"
            case [path, endpoint]:
                file.rewrite_first(found.location, path, endpoint)
                return f"Name the endpoint `{endpoint}`"
        raise NoFix
