"""FLG102 body-read-in-get-route."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.model import Severity
from flask_gotchas.rule import ProjectRule, listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.project import Finding, Project

_WITHOUT_BODY = frozenset({"GET", "HEAD", "OPTIONS"})
_CONSEQUENCE = {
    "form": "where browsers send no form",
    "files": "where browsers send no files",
    "json": "where a missing JSON body raises 400 or 415",
    "get_json()": "where a missing JSON body raises 400 or 415",
}


class BodyReadInGetRoute(ProjectRule):
    """A view that only GET reaches reads the request's body."""

    code = "FLG102"
    name = "body-read-in-get-route"
    severity = Severity.WARNING
    message = (
        "`{view}` reads `request.{attribute}`, but is only reached by {methods}, {consequence}"
    )
    help = "Allow POST with `methods=`, or read `request.args`."

    def check(self, project: Project) -> Iterator[Finding]:
        for file in project.files:
            reported: set[str] = set()
            for read in file.body_reads:
                if read.runs in reported or read.runs in file.method_readers:
                    continue
                view = project.routing.view(read.runs, file)
                if view is None or view.methods is None or not view.methods <= _WITHOUT_BODY:
                    continue
                if project.routing.is_called(read.runs):
                    continue
                reported.add(read.runs)
                yield self.finding(
                    file,
                    read.anchor,
                    related=view.places,
                    view=view.name,
                    attribute=read.attribute,
                    methods=listed(sorted(view.methods)),
                    consequence=_CONSEQUENCE.get(read.attribute, "where clients send no body"),
                )
