"""FLG123 method-chain-misses-head."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.model import Severity
from flask_gotchas.project.head_requests import forgotten
from flask_gotchas.rule import ProjectRule, listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.project import Finding, Project


class MethodChainMissesHead(ProjectRule):
    """A view tests for GET, and a HEAD request takes the way of other methods, or none."""

    code = "FLG123"
    name = "method-chain-misses-head"
    message = "`{view}` also gets HEAD requests, which are not `GET` here, so {outcome}"
    help = 'Test for the other method, or write `in {"GET", "HEAD"}`.'
    severity = Severity.WARNING

    def check(self, project: Project) -> Iterator[Finding]:
        for found in forgotten(project):
            handler = found.handler
            yield self.finding(
                handler.file,
                found.anchor,
                related=[(file, at, "registered here") for file, at in handler.places],
                view=handler.name,
                outcome="it returns None for them, which is answered with 500"
                if found.returns_nothing
                else f"they run the code for {listed(found.others)}",
            )
