"""FLG123 method-chain-misses-head."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flask_gotchas.editing import NoFix
from flask_gotchas.literals import string_value
from flask_gotchas.model import Severity
from flask_gotchas.project.head_requests import forgotten
from flask_gotchas.rule import Fixing, ProjectRule, listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.editing import FileEditor
    from flask_gotchas.model import Diagnostic
    from flask_gotchas.project import Finding, Project


class MethodChainMissesHead(ProjectRule):
    """A view tests for GET, and a HEAD request takes the way of other methods, or none."""

    code = "FLG123"
    name = "method-chain-misses-head"
    message = "`{view}` also gets HEAD requests, which are not `GET` here, so {outcome}"
    fixing = Fixing.SAFE
    help = 'Test for the other method, or write `in {"GET", "HEAD"}`.'
    severity = Severity.WARNING

    def check(self, project: Project) -> Iterator[Finding]:
        for found in forgotten(project):
            handler = found.handler
            yield self.finding(
                handler.file,
                found.anchor,
                related=[(file, at, "registered here") for file, at in handler.places],
                hints=["only"] if found.is_only else (),
                view=handler.name,
                outcome="it returns None for them, which is answered with 500"
                if found.returns_nothing
                else f"they run the code for {listed(found.others)}",
            )

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        if not found.hints:
            raise NoFix
        test = file.at(found.location, cst.Comparison)
        [target] = test.comparisons
        get = target.comparator
        if isinstance(get, (cst.List, cst.Set, cst.Tuple)) and len(get.elements) == 1:
            get = get.elements[0].value
        if test.left.lpar or not isinstance(get, cst.SimpleString) or string_value(get) != "GET":
            raise NoFix
        quote = get.quote[0]
        word = "not in" if isinstance(target.operator, (cst.NotEqual, cst.NotIn)) else "in"
        methods = f"{{{quote}GET{quote}, {quote}HEAD{quote}}}"
        file.write(file.end(test.left), file.end(test), f" {word} {methods}")
        return "Test for HEAD, too"
