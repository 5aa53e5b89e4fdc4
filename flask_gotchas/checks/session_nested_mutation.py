"""FLG207 session-nested-mutation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flask_gotchas.editing import NoFix
from flask_gotchas.facts.model import Guard
from flask_gotchas.literals import source_of
from flask_gotchas.rule import Fixing, ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.editing import FileEditor
    from flask_gotchas.facts.model import FileFacts
    from flask_gotchas.model import Diagnostic
    from flask_gotchas.project import Finding, Project


class SessionNestedMutation(ProjectRule):
    """A list or dictionary in the session is changed in place, which does not save the session."""

    code = "FLG207"
    name = "session-nested-mutation"
    message = (
        "this changes what `{value}` holds, but not the session itself, "
        "so that no cookie is sent and the change is lost"
    )
    fixing = Fixing.SUGGESTED
    help = "Set `session.modified = True` afterwards, or assign the new value to the key."

    def check(self, project: Project) -> Iterator[Finding]:
        if not project.complete or any(file.saves_sessions for file in project.files):
            return
        for file in project.files:
            saved: set[tuple[str, str]] = set()
            for change in file.nested_changes:
                if not project.is_test(file) and not _writes(project, file, change.runs):
                    # One line serves all that comes after it.
                    key = change.runs, change.value if ".get(" in change.value else ""
                    hints = () if key in saved else (change.value,)
                    if not change.guards & Guard.CONDITIONAL:
                        saved.add(key)
                    yield self.finding(file, change.anchor, hints=hints, value=change.value)

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        change = file.at(found.location, cst.BaseSmallStatement, cst.BaseExpression)
        line = file.around(change, cst.SimpleStatementLine)
        # What returns or raises leaves no line below it.
        if not found.hints or any(isinstance(one, (cst.Return, cst.Raise)) for one in line.body):
            raise NoFix
        kept = _kept(change, found.hints[0], file)
        if kept is None:
            session = file.name("flask.session", line)
            file.line_after(line, f"{session}.modified = True")
            return f"Set `{session}.modified`"
        file.line_after(line, kept)
        return "Put the value into the session"


def _kept(change: cst.CSTNode, value: str, file: FileEditor) -> str | None:
    """Write what puts a value into the session that may be a default, and not be there yet.

    None for a value that is surely there.
    """
    read = cst.parse_expression(value)
    if not isinstance(read, cst.Call) or len(read.args) < 2 or not value.endswith(")"):
        return None
    if not isinstance(read.func, cst.Attribute) or read.func.attr.value != "get":
        return None
    names = {name.value for name in file.inside(change, cst.Name)}
    for assign in file.inside(file.function(change).body, cst.Assign):
        target = assign.targets[0].target
        is_variable = isinstance(target, cst.Name) and target.value in names
        if is_variable and source_of(assign.value) == value:
            session, key = source_of(read.func.value), source_of(read.args[0].value)
            return f"{session}[{key}] = {source_of(target)}"
    raise NoFix


def _writes(project: Project, file: FileFacts, function: str) -> bool:
    """Tell whether a function, or one that it calls, writes to the session itself."""
    seen = {function}
    todo = [(file, function)]
    while todo:
        where, runs = todo.pop()
        if runs in where.session_writers:
            return True
        for call in where.calls:
            inner = project.called(call.target, where) if call.runs == runs else None
            if inner is not None and inner[1].reference not in seen:
                seen.add(inner[1].reference)
                todo.append((inner[0], inner[1].reference))
    return False
