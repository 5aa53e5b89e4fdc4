"""FLG801 missing-template."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.editing import NoFix
from flask_gotchas.rule import Fixing, ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.editing import FileEditor
    from flask_gotchas.facts.model import FileFacts
    from flask_gotchas.model import Diagnostic, Location
    from flask_gotchas.project import Finding, Project
    from flask_gotchas.template_facts import TemplateFacts


class MissingTemplate(ProjectRule):
    """A template is rendered, extended or included that no template folder has."""

    code = "FLG801"
    name = "missing-template"
    message = (
        "no template folder has `{name}`{perhaps}, so using it raises `TemplateNotFound`, "
        "which is answered with 500"
    )
    fixing = Fixing.SAFE
    help = "Write the name as it is from the template folder, in the same case and with `/`."

    def check(self, project: Project) -> Iterator[Finding]:
        for file in project.files:
            for use in () if project.is_test(file) else file.template_uses:
                yield from self._missing(project, use.names, file, use.anchor)
        for template in project.templates.facts():
            for reference in template.references:
                if not reference.ignores_missing:
                    yield from self._missing(project, reference.names, template, reference.at)

    def _missing(
        self,
        project: Project,
        names: tuple[str, ...],
        file: FileFacts | TemplateFacts,
        place: int | Location,
    ) -> Iterator[Finding]:
        if names and all(map(project.templates.is_missing, names)):
            nearest = project.templates.nearest(names[0])
            perhaps = "" if nearest is None else f" (perhaps `{nearest}` is meant)"
            yield self.finding(
                file,
                place,
                hints=() if nearest is None or len(names) > 1 else (names[0], nearest),
                name="` or `".join(names),
                perhaps=perhaps,
            )

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        if not found.hints:
            raise NoFix
        name, nearest = found.hints
        start, end = file.span(found.location)
        text = file.text[start:end]
        if text[1:-1] not in {name, name.replace("\\", "\\\\")} or text[0] not in "'\"":
            raise NoFix
        file.write(start + 1, end - 1, nearest)
        # Anything else than the way to write it is a guess.
        if _plain(name) != _plain(nearest):
            file.only_suggest()
        return f"Write `{nearest}`"


def _plain(name: str) -> str:
    return name.replace("\\", "/").removeprefix("templates/").lower()
