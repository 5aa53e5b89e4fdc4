"""FLG607 reflected-html."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flask_gotchas.editing import NoFix
from flask_gotchas.project.request_texts import OF_LINKS
from flask_gotchas.rule import Fixing, ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.editing import FileEditor
    from flask_gotchas.model import Diagnostic
    from flask_gotchas.project import Finding, Project


class ReflectedHtml(ProjectRule):
    """A view returns text of the request as HTML."""

    code = "FLG607"
    name = "reflected-html"
    message = (
        "`{view}` returns `{text}` as HTML without escaping it, "
        "so a link can run a script in the browser of whoever follows it"
    )
    fixing = Fixing.SUGGESTED
    help = "Put it through `markupsafe.escape`, or render a template."

    def check(self, project: Project) -> Iterator[Finding]:
        if any(file.sets_content_type for file in project.files if not project.is_test(file)):
            return
        for file, fact, origin in project.request_texts.reaching("html", OF_LINKS - {"url"}):
            found = project.function(fact.runs)
            if found is not None and project.request_texts.is_view(fact.runs):
                yield self.finding(
                    file,
                    fact.anchor,
                    hints=(origin.spelling,),
                    view=found[1].name,
                    text=origin.spelling,
                )

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        [spelling] = found.hints
        answer = file.at(found.location, cst.BaseExpression)
        texts = file.ways_in(answer, spelling)
        if not texts:
            raise NoFix
        escape = file.name("markupsafe.escape", answer)
        for text in texts:
            outer = next(file.above(text))
            if isinstance(outer, cst.BinaryOperation) and isinstance(outer.operator, cst.Add):
                # What is added to markup would be escaped itself.
                file.wrap(text, f"str({escape}(", "))")
            else:
                file.wrap(text, f"{escape}(", ")")
        return f"Put the text through `{escape}`"
