"""FLG314 header-read-by-subscript."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.model import Severity
from flask_gotchas.patterns import late_pattern
from flask_gotchas.project import requests
from flask_gotchas.rule import ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.project import Finding, Project

# Headers that every request has, or gets from a server in front of the application.
_ALWAYS = late_pattern(
    r"(?:host\Z|x-(?:forwarded|real|original|request|remote|amz|amzn|appengine|envoy|client)-|"
    r"cf-|cloudfront-|fly-|remote-|true-client-)"
)


class HeaderReadBySubscript(ProjectRule):
    """A view takes a header for granted which the client may leave out."""

    code = "FLG314"
    name = "header-read-by-subscript"
    default = False
    severity = Severity.WARNING
    message = (
        "without the header `{header}` this raises KeyError, which is an error 500, "
        "unlike a missing field of a form"
    )
    help = "Read it by `request.headers.get()`, and answer a missing one with 400 or 401."

    def check(self, project: Project) -> Iterator[Finding]:
        if not project.complete or requests.has_own_class(project):
            return
        asked = requests.headers_asked(project)
        if "*" in asked:
            return
        for file, use in requests.uses(project, "header"):
            header = use.name.lower()
            if header in asked or _ALWAYS.match(header):
                continue
            view = project.routing.view(use.runs, file)
            found = project.function(use.runs)
            if view is None or found is None or view.is_handler:
                continue
            # What else stands around a view may ask for the header first.
            if all(d.gives_rule for d in found[1].decorators):
                yield self.finding(file, use.anchor, header=use.name)
