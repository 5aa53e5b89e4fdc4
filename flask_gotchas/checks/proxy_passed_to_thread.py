"""FLG208 proxy-passed-to-thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flask_gotchas.facts.expressions import Ref
from flask_gotchas.facts.flask_api import PROXIES, USER_PROXIES
from flask_gotchas.project.elsewhere import started
from flask_gotchas.rule import Fixing, ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.editing import FileEditor
    from flask_gotchas.model import Diagnostic
    from flask_gotchas.project import Finding, Project


class ProxyPassedToThread(ProjectRule):
    """A thread gets a context proxy, which stands for nothing there."""

    code = "FLG208"
    name = "proxy-passed-to-thread"
    message = (
        "the thread gets the proxy `{proxy}`, not what it stands for, "
        "so that using it there raises RuntimeError"
    )
    fixing = Fixing.SAFE
    help = "Pass `current_app._get_current_object()`, or the values that the thread needs."

    def check(self, project: Project) -> Iterator[Finding]:
        for start in started(project):
            for argument in start.arguments:
                if isinstance(argument, Ref) and argument.name in PROXIES | USER_PROXIES:
                    proxy = argument.name.rpartition(".")[2]
                    yield self.finding(start.file, start.fact.anchor, proxy=proxy)
                    break

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        call = file.at(found.location, cst.Call)
        for name in file.inside(call, cst.Name):
            outer = next(file.above(name))
            if isinstance(outer, (cst.Arg, cst.Element)) and (
                file.reference(name) == "flask.current_app"
            ):
                file.write(file.end(name), file.end(name), "._get_current_object()")
        return "Pass the application itself"
