"""FLG607 reflected-html."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.project.request_texts import OF_LINKS
from flask_gotchas.rule import ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.project import Finding, Project


class ReflectedHtml(ProjectRule):
    """A view returns text of the request as HTML."""

    code = "FLG607"
    name = "reflected-html"
    message = (
        "`{view}` returns `{text}` as HTML without escaping it, "
        "so a link can run a script in the browser of whoever follows it"
    )
    help = "Put it through `markupsafe.escape`, or render a template."

    def check(self, project: Project) -> Iterator[Finding]:
        if any(file.sets_content_type for file in project.files if not project.is_test(file)):
            return
        for file, fact, origin in project.request_texts.reaching("html", OF_LINKS - {"url"}):
            found = project.function(fact.runs)
            if found is not None and project.request_texts.is_view(fact.runs):
                yield self.finding(file, fact.anchor, view=found[1].name, text=origin.spelling)
