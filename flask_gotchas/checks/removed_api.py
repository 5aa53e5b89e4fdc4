"""FLG701 removed-api."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.rule import Fixing, ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.editing import FileEditor
    from flask_gotchas.model import Diagnostic
    from flask_gotchas.project import Finding, Project

_CONSEQUENCES = {
    "import": "importing it raises ImportError",
    "name": "this raises AttributeError",
    "attribute": "this raises AttributeError",
    "keyword": "this call raises TypeError",
    "cookie": "this call raises TypeError",
    "password": "this call raises ValueError",
}


class RemovedApi(ProjectRule):
    """Something is used that a version of Flask or Werkzeug took away, which the project may run.

    Versions are those that the project asks for. Where nothing is said, only what is missing in
    all supported versions counts.
    """

    code = "FLG701"
    name = "removed-api"
    message = "`{what}` is gone since {package} {version}, so {consequence}; {cure}"
    fixing = Fixing.SAFE
    help = "Replace it, or require a version that has it."

    def check(self, project: Project) -> Iterator[Finding]:
        for file, use, row in project.removals.uses():
            wanted = {fact.name or "*" for _, fact in project.importers(file)}
            yield self.finding(
                file,
                use.anchor,
                hints=(use.way, use.what, project.removals.owner(file, use), *sorted(wanted)),
                what=use.spelling,
                package=row.package.capitalize(),
                version=row.version,
                consequence=_CONSEQUENCES[use.way],
                cure=row.cure,
            )

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        from flask_gotchas.replacing import Gone, replace  # noqa: PLC0415 - only fixes need it

        way, what, owner, *wanted = found.hints
        return replace(Gone(found.location, way, what, owner, frozenset(wanted)), file)
