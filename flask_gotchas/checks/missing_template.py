"""FLG801 missing-template."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.rule import ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.facts.model import FileFacts
    from flask_gotchas.model import Location
    from flask_gotchas.project import Finding, Project
    from flask_gotchas.templates import TemplateFacts


class MissingTemplate(ProjectRule):
    """A template is rendered, extended or included that no template folder has."""

    code = "FLG801"
    name = "missing-template"
    message = (
        "no template folder has `{name}`{perhaps}, so using it raises `TemplateNotFound`, "
        "which is answered with 500"
    )
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
            yield self.finding(file, place, name="` or `".join(names), perhaps=perhaps)
