"""FLG802 form-method-mismatch."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from flask_gotchas.patterns import late_pattern
from flask_gotchas.rule import ProjectRule, listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.project import Finding, Project
    from flask_gotchas.project.url_map import UrlRule
    from flask_gotchas.template_facts import TemplateForm

_METHODS = {"": "GET", "get": "GET", "post": "POST"}
# A part of a rule that takes exactly one part of a path; other converters may take more.
_ONE_PART = late_pattern(
    r"[^<>]*<(?:(?:any|default|float|int|string|uuid)(?:\([^<>]*\))?:)?\w+>[^<>]*\Z"
)
_TEXT = late_pattern(r"<(?:string:)?\w+>\Z")


class FormMethodMismatch(ProjectRule):
    """A form is sent with a method that the route behind its action does not allow."""

    code = "FLG802"
    name = "form-method-mismatch"
    message = (
        "this form sends {method} to `{target}`, whose {rules} only {allowed}, "
        "so sending it is answered with 405"
    )
    help = "Add the method to `methods=` of the route, or change `method` or `action` of the form."

    def check(self, project: Project) -> Iterator[Finding]:
        for template in project.templates.facts():
            for form in template.forms:
                method = _METHODS.get(form.method or "") if form.method is not None else None
                if method is None or form.is_scripted:
                    continue
                rules = project.url_map.rules
                targets = _targets(form, rules)
                paths = [form.path or rule.rule for rule in targets]
                if not targets or any(_may_take(rule, method, paths) for rule in rules):
                    continue
                allowed = listed(sorted({m for rule in targets for m in rule.methods or ()}))
                yield self.finding(
                    template,
                    form.at,
                    related=[(rule.file, rule.anchor, "registered here") for rule in targets],
                    method=method,
                    target=form.url_for.endpoint if form.url_for is not None else form.path,
                    rules="rule" if len(targets) == 1 else "rules",
                    allowed=f"allows {allowed}" if len(targets) == 1 else f"allow {allowed}",
                )


def _targets(form: TemplateForm, rules: tuple[UrlRule, ...]) -> list[UrlRule]:
    """List the rules that a form is for; none when that cannot be known."""
    call = form.url_for
    if call is not None:
        if call.endpoint is None or call.unpacked or "_method" in call.keywords:
            return []
        targets = [rule for rule in rules if rule.endpoint == call.endpoint]
    elif form.path is not None and re.match(r"/(?!/)", form.path):
        parts = form.path.split("/")
        targets = [rule for rule in rules if rule.rule is not None and _is_for(rule.rule, parts)]
    else:
        return []
    return targets if all(rule.methods for rule in targets) else []


def _is_for(rule: str, path: list[str]) -> bool:
    parts = rule.split("/")
    return len(parts) == len(path) and all(
        part == given or (bool(given) and _TEXT.match(part) is not None)
        for part, given in zip(parts, path, strict=True)
    )


def _may_take(rule: UrlRule, method: str, paths: list[str | None]) -> bool:
    """Tell whether a rule may answer a method under one of some paths, given as text or rules."""
    if rule.methods is not None and method not in rule.methods:
        return False
    return rule.rule is None or any(path is None or _overlap(rule.rule, path) for path in paths)


def _overlap(first: str, second: str) -> bool:
    """Tell whether two rules may match one path."""
    parts = (first.rstrip("/").split("/"), second.rstrip("/").split("/"))
    for one, other in itertools.zip_longest(*parts):
        if any(
            part is not None and "<" in part and not _ONE_PART.match(part) for part in (one, other)
        ):
            return True
        if one is None or other is None:
            return False
        if one != other and "<" not in one and "<" not in other:
            return False
    return True
