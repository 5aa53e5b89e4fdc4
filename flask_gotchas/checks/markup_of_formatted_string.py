"""FLG609 markup-of-formatted-string."""

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

# An operation may stand under these without parentheses.
_LOOSE = (cst.Arg, cst.Assign, cst.DictElement, cst.Element, cst.Expr, cst.Return)
_LITERALS = (cst.SimpleString, cst.ConcatenatedString)


class MarkupOfFormattedString(ProjectRule):
    """Text of a request is declared to be safe HTML."""

    code = "FLG609"
    name = "markup-of-formatted-string"
    message = (
        "`{target}` declares `{text}` to be safe, so templates show it without escaping "
        "and a link can run a script"
    )
    fixing = Fixing.SUGGESTED
    help = 'Format the markup instead, as in `Markup("<b>{}</b>").format(name)`.'

    def check(self, project: Project) -> Iterator[Finding]:
        for file, fact, origin in project.request_texts.reaching("markup", OF_LINKS | {"json"}):
            yield self.finding(file, fact.anchor, target=fact.target, text=origin.spelling)

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        text = file.at(found.location, cst.BaseExpression)
        call = next(file.above(next(file.above(text))))
        if not isinstance(call, cst.Call) or len(call.args) != 1 or text.lpar:
            raise NoFix
        if isinstance(text, cst.FormattedString):
            file.replace(text, _template(text, file))
            values = [
                file.source(part.expression)
                for part in text.parts
                if isinstance(part, cst.FormattedStringExpression)
            ]
            file.write(file.end(call), file.end(call), f".format({', '.join(values)})")
        elif isinstance(text, cst.Call) and file.is_method(text, "format"):
            template = next(iter(text.func.children))
            _only_literals(template)
            file.write(file.end(template), file.end(template), ")")
            file.write(file.end(text), file.end(call), "")
        elif isinstance(text, cst.BinaryOperation) and isinstance(text.operator, cst.Modulo):
            _only_literals(text.left)
            file.write(file.end(text.left), file.end(text.left), ")")
            file.write(file.end(text), file.end(call), "")
            if not isinstance(next(file.above(call)), _LOOSE):
                file.wrap(call, "(", ")")
        else:
            _add_up(text, call, file)
        return "Format the markup, which escapes the values"


def _template(text: cst.FormattedString, file: FileEditor) -> str:
    """Turn a formatted string into one for `format`."""
    pieces = []
    for part in text.parts:
        if isinstance(part, cst.FormattedStringExpression):
            if part.conversion or part.format_spec or part.equal:
                raise NoFix
            pieces.append("{}")
        else:
            pieces.append(file.source(part))
    start = text.start.lower().replace("f", "")
    return f"{start}{''.join(pieces)}{text.end}"


def _add_up(text: cst.BaseExpression, call: cst.Call, file: FileEditor) -> None:
    """Make markup of each literal of a sum, which escapes what is added to it."""
    parts: list[cst.BaseExpression] = []
    part = text
    while isinstance(part, cst.BinaryOperation) and not part.lpar:
        if not isinstance(part.operator, cst.Add):
            raise NoFix
        parts.append(part.right)
        part = part.left
    literals = [one for one in [*parts, part] if isinstance(one, _LITERALS)]
    if not parts or not literals:
        raise NoFix
    if not isinstance(next(file.above(call)), _LOOSE):
        file.wrap(call, "(", ")")
    file.write(file.start(call), file.start(text), "")
    for literal in literals:
        file.wrap(literal, f"{file.source(call.func)}(", ")")
    file.write(file.end(text), file.end(call), "")


def _only_literals(node: cst.CSTNode) -> None:
    if not isinstance(node, _LITERALS):
        raise NoFix
