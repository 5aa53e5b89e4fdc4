"""FLG110 setup-after-run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.project.setting_up import after_run
from flask_gotchas.rule import ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.project import Finding, Project


class SetupAfterRun(ProjectRule):
    """Something is added to an application below the line that starts its server."""

    code = "FLG110"
    name = "setup-after-run"
    message = (
        "`{run}` does not return while the server runs, "
        "so this server lacks what `{method}` adds below"
    )
    help = "Start the server in the last line."

    def check(self, project: Project) -> Iterator[Finding]:
        for late in after_run(project):
            yield self.finding(
                late.file,
                late.run.anchor,
                related=[
                    (late.file, added.fact.anchor, f"`{added.method}` comes too late")
                    for added in late.additions
                ],
                run=f"{late.run.spelling}()",
                method=late.additions[0].method,
            )
