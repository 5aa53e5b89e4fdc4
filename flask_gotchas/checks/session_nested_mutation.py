"""FLG207 session-nested-mutation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.rule import ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.facts.model import FileFacts
    from flask_gotchas.project import Finding, Project


class SessionNestedMutation(ProjectRule):
    """A list or dictionary in the session is changed in place, which does not save the session."""

    code = "FLG207"
    name = "session-nested-mutation"
    message = (
        "this changes what `{value}` holds, but not the session itself, "
        "so that no cookie is sent and the change is lost"
    )
    help = "Set `session.modified = True` afterwards, or assign the new value to the key."

    def check(self, project: Project) -> Iterator[Finding]:
        if not project.complete or any(file.saves_sessions for file in project.files):
            return
        for file in project.files:
            for change in file.nested_changes:
                if not project.is_test(file) and not _writes(project, file, change.runs):
                    yield self.finding(file, change.anchor, value=change.value)


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
