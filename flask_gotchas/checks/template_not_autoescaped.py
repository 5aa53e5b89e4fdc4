"""FLG612 template-not-autoescaped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.model import Severity
from flask_gotchas.rule import ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.facts.model import Shape
    from flask_gotchas.project import Finding, Project

# As in Flask.select_jinja_autoescape, which looks at the letters as they are.
_ESCAPED = (".html", ".htm", ".xml", ".xhtml", ".svg")
# What is called so is a template for HTML, or does not say what it is for.
_TEMPLATES = (".j2", ".jinja", ".jinja2", ".tmpl", ".tpl", *_ESCAPED)


class TemplateNotAutoescaped(ProjectRule):
    """A view renders HTML from a template whose name Flask does not take for HTML."""

    code = "FLG612"
    name = "template-not-autoescaped"
    severity = Severity.WARNING
    message = (
        "Flask escapes nothing in `{template}`, going by its name, "
        "so `{variable}` gets into the page as it is, scripts and all"
    )
    help = "Rename the template so that it ends in `.html`."

    def check(self, project: Project) -> Iterator[Finding]:
        if not project.complete or project.handlers.sets_content_type:
            return
        for view in project.handlers.views:
            for found in project.handlers.returns(view):
                name = _rendered(found.value)
                if name.endswith(_ESCAPED) or not name.lower().endswith(_TEMPLATES):
                    continue
                unescaped = project.templates.unescaped(name)
                if unescaped is not None:
                    yield self.finding(
                        view.file,
                        found.anchor,
                        related=[(unescaped.template, unescaped.at, "this is not escaped")],
                        template=name,
                        variable=unescaped.variable,
                    )


def _rendered(value: Shape) -> str:
    """Give the name of the template whose text a view returns, alone or with a status."""
    if value.kind == "tuple" and len(value.items) == 2 and value.items[1].kind == "int":
        value = value.items[0]
    if value.kind != "call" or value.meaning != "flask.render_template" or not value.items:
        return ""
    name = value.items[0]
    return name.value if name.kind == "str" and isinstance(name.value, str) else ""
