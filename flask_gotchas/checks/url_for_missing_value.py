"""FLG105 url-for-missing-value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.rule import ProjectRule, listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.project import Finding, Project


class UrlForMissingValue(ProjectRule):
    """A call of `url_for` does not give a variable of the rule."""

    code = "FLG105"
    name = "url-for-missing-value"
    message = (
        "the URL of `{endpoint}` is `{rule}`, but this gives no {values}, "
        "so `url_for` raises BuildError, which is answered with 500"
    )
    help = "Pass a value for each variable of the rule by its name."

    def check(self, project: Project) -> Iterator[Finding]:
        if not project.complete:
            return
        endpoints = project.url_map.endpoints
        for use in endpoints.uses() if endpoints.is_known else ():
            found = endpoints.lacking(use)
            if found is not None:
                rule, names = found
                yield self.finding(
                    use.file,
                    use.at,
                    related=[(rule.file, rule.anchor, "registered here")],
                    endpoint=rule.endpoint,
                    rule=rule.rule,
                    values=listed([f"`{name}`" for name in names]),
                )
