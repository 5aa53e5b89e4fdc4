"""FLG208 proxy-passed-to-thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.facts.expressions import Ref
from flask_gotchas.facts.flask_api import PROXIES, USER_PROXIES
from flask_gotchas.project.elsewhere import started
from flask_gotchas.rule import ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.project import Finding, Project


class ProxyPassedToThread(ProjectRule):
    """A thread gets a context proxy, which stands for nothing there."""

    code = "FLG208"
    name = "proxy-passed-to-thread"
    message = (
        "the thread gets the proxy `{proxy}`, not what it stands for, "
        "so that using it there raises RuntimeError"
    )
    help = "Pass `current_app._get_current_object()`, or the values that the thread needs."

    def check(self, project: Project) -> Iterator[Finding]:
        for start in started(project):
            for argument in start.arguments:
                if isinstance(argument, Ref) and argument.name in PROXIES | USER_PROXIES:
                    proxy = argument.name.rpartition(".")[2]
                    yield self.finding(start.file, start.fact.anchor, proxy=proxy)
                    break
