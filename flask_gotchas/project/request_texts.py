"""Text of requests at places where it can do harm, with what the routes say of it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from flask_gotchas.facts.model import Guard
from flask_gotchas.project.registrations import variables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.facts.model import FileFacts, Origin, RequestTextFact
    from flask_gotchas.project.link import Project

# What stands in a link or a form, so that a visitor can be made to send it.
OF_LINKS = frozenset({"args", "form", "url", "values"})
ANY_TEXT = OF_LINKS | {"cookies", "headers", "json"}
TEXT_CONVERTERS = frozenset({"default", "path", "string"})


class RequestTexts:
    """Answers about text of requests; ask it through `Project.request_texts`."""

    def __init__(self, project: Project) -> None:
        self.project = project

    def reaching(
        self, sink: str, kinds: frozenset[str], converters: frozenset[str] = TEXT_CONVERTERS
    ) -> Iterator[tuple[FileFacts, RequestTextFact, Origin]]:
        """Go through the places of a sort which text of some kinds gets to.

        Variables of the URL count if they have one of the converters. Tests and what is meant for
        development are left out.
        """
        for file in self.project.files:
            for fact in file.request_texts:
                if fact.sink != sink or fact.guards & Guard.TYPING:
                    continue
                for origin in fact.origins:
                    if origin.kind in kinds or (
                        origin.kind == "parameter"
                        and self.converters(fact.runs).get(origin.key, "") in converters
                    ):
                        if not self.project.is_test(file) and not self.project.is_development(
                            file, fact.runs
                        ):
                            yield file, fact, origin
                        break

    def is_view(self, function: str) -> bool:
        """Tell whether a function answers requests, and what it returns is not changed."""
        return function in self._views

    def converters(self, function: str) -> dict[str, str]:
        """Map the parameters of a view that are variables of its URL to their converters."""
        return self._views.get(function, {})

    @cached_property
    def _views(self) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        registrations = self.project.url_map.registrations
        for thing, owns in registrations.of_flask():
            changes = registrations.may_change_arguments(thing)
            for own in owns:
                definition = registrations.definition(own)
                if definition is None:
                    continue
                for file, function in registrations.handlers(own, definition):
                    if any(
                        self.project.routing.replacement(decorator, file) is not None
                        for decorator in (*definition.decorators, *function.decorators)
                    ):
                        continue  # it may look at the text first, or change the answer
                    taken = found.setdefault(function.reference, {})
                    parts = variables(own.rule) if isinstance(own.rule, str) else None
                    for variable in parts or ():
                        if not changes and not variable.arguments:
                            taken.setdefault(variable.name, variable.converter)
        return found
