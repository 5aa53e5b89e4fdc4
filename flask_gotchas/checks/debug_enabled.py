"""FLG601 debug-enabled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flask_gotchas.editing import NoFix
from flask_gotchas.facts.model import Guard
from flask_gotchas.literals import is_name
from flask_gotchas.model import Severity
from flask_gotchas.project.configuration import shown
from flask_gotchas.rule import Fixing, ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.deployment import Start
    from flask_gotchas.editing import FileEditor
    from flask_gotchas.facts.model import ArgumentFact, FileFacts, RunFact, Value
    from flask_gotchas.model import Diagnostic
    from flask_gotchas.project import Finding, Project

_ALL_INTERFACES = frozenset({"0.0.0.0", "::"})  # noqa: S104 - looked for, not bound
_IN_MAIN = "so `app.run()` offers visitors a Python console"
_EVERYWHERE = f"{_IN_MAIN}, and other servers skip the handlers of error 500"


class DebugEnabled(ProjectRule):
    """Debug mode is switched on where it is not certain to be for development only.

    The argument of `app.run()` turns on the debugger. The setting does so under `app.run()` only:
    `flask run` puts its own in place of it, and other servers know no debugger.
    """

    code = "FLG601"
    name = "debug-enabled"
    message = "`{what}` turns on {mode}, {consequence}{where}"
    fixing = Fixing.SUGGESTED
    help = "Remove it, and use `flask run --debug` while developing."

    def check(self, project: Project) -> Iterator[Finding]:
        for file, run in project.configuration.app_runs():
            debug = _switched_on(run)
            if debug is not None:
                yield from self._run(project, file, run, debug)
        for file, setting in project.configuration.settings():
            if (
                setting.key == "DEBUG"
                and _is_true(setting.value)
                and not setting.guards & Guard.CONDITIONAL
                and not project.is_development(file, setting.owner)
            ):
                where = _started(project.production_start(file))
                main = setting.guards & Guard.MAIN
                yield self.finding(
                    file,
                    setting.anchor,
                    severity=Severity.WARNING if main and not where else Severity.ERROR,
                    what=setting.spelling,
                    mode="debug mode",
                    consequence=_IN_MAIN if main else _EVERYWHERE,
                    where=where,
                )

    def _run(
        self, project: Project, file: FileFacts, run: RunFact, debug: ArgumentFact
    ) -> Iterator[Finding]:
        if run.guards & Guard.CONDITIONAL or project.is_test(file):
            return
        hosts = {a.value.text for a in run.arguments if a.name == "host"}
        severity, where = Severity.ERROR, _started(project.production_start(file))
        if not where:
            if project.is_development(file, run.runs):
                return
            if hosts & _ALL_INTERFACES:
                where = ", and it listens on every network interface"
            elif project.is_program(file) or project.runtime.runs_as_script(run.runs, run.guards):
                severity = Severity.WARNING
        yield self.finding(
            file,
            debug.anchor,
            severity=severity,
            what=f"{run.spelling}({debug.name}={shown(debug.value)})",
            mode="the debugger",
            consequence="in which whoever gets its PIN can run any Python code",
            where=where,
        )

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        node = file.at(found.location, cst.Arg, cst.Assign, cst.Call, cst.BaseExpression)
        if not isinstance(node, (cst.Arg, cst.Assign)):
            node = file.around(node, cst.Arg, cst.Assign)
        if isinstance(node, cst.Arg):
            if node.keyword is None:
                raise NoFix
            file.remove_argument(file.around(node, cst.Call), node)
            return "Remove the argument"
        if not is_name(node.value, "True"):
            raise NoFix
        file.replace(node.value, "False")
        return "Turn it off"


def _started(start: Start | None) -> str:
    return "" if start is None else f", and `{start.file}:{start.line}` starts this file"


def _switched_on(run: RunFact) -> ArgumentFact | None:
    """Find the argument that switches the debugger on, if nothing switches it off again."""
    arguments = {argument.name: argument for argument in run.arguments}
    debugger = arguments.get("use_debugger")
    if debugger is not None:
        return debugger if _is_true(debugger.value) else None
    debug = arguments.get("debug")
    return debug if debug is not None and _is_true(debug.value) else None


def _is_true(value: Value) -> bool:
    if value.kind == "number":
        return value.text.strip("0._") != ""
    return value.kind == "true" or (value.kind == "string" and value.text != "")
