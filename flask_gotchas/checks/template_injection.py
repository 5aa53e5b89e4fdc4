"""FLG604 template-injection."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flask_gotchas.editing import NoFix
from flask_gotchas.project.request_texts import ANY_TEXT
from flask_gotchas.rule import Fixing, ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.editing import FileEditor
    from flask_gotchas.model import Diagnostic
    from flask_gotchas.project import Finding, Project

_RENDERS = frozenset({"flask.render_template_string", "flask.stream_template_string"})


class TemplateInjection(ProjectRule):
    """Text of a request is compiled as a template."""

    code = "FLG604"
    name = "template-injection"
    message = (
        "`{target}` compiles `{text}` as a template, so a visitor can read `config` in it "
        "and run Python on the server"
    )
    fixing = Fixing.SUGGESTED
    help = "Pass it to the template as a variable."

    def check(self, project: Project) -> Iterator[Finding]:
        for file, fact, origin in project.request_texts.reaching("template", ANY_TEXT):
            yield self.finding(file, fact.anchor, target=fact.target, text=origin.spelling)

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        source = file.at(found.location, cst.BaseExpression)
        arg = next(file.above(source))
        call = next(file.above(arg))
        if not isinstance(call, cst.Call) or call.args[0] is not arg or source.lpar:
            raise NoFix
        if file.meaning(call.func) not in _RENDERS or any(one.star for one in call.args):
            raise NoFix
        if not isinstance(source, cst.FormattedString):
            raise NoFix
        template, names = _template(source, file)
        given = {one.keyword.value for one in call.args if one.keyword is not None}
        if not names or not given.isdisjoint(names):
            raise NoFix
        file.replace(source, template)
        for name in names:
            file.add_argument(call, f"{name}={name}")
        return "Pass it to the template as a variable"


def _template(source: cst.FormattedString, file: FileEditor) -> tuple[str, list[str]]:
    """Turn a formatted string into the source of a template, and list the variables in it."""
    pieces = [source.start.lower().replace("f", "")]
    names: dict[str, None] = {}
    for part in source.parts:
        if not isinstance(part, cst.FormattedStringExpression):
            pieces.append(file.source(part).replace("{{", "{").replace("}}", "}"))
        elif isinstance(part.expression, cst.Name) and not (
            part.conversion or part.format_spec or part.equal
        ):
            names[part.expression.value] = None
            pieces.append(f"{{{{ {part.expression.value} }}}}")
        else:
            raise NoFix
    return f"{''.join(pieces)}{source.end}", list(names)
