"""Decorators of the project that give views another name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.facts.model import FunctionFact
from flask_gotchas.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.facts.model import FileFacts
    from flask_gotchas.project.link import Project
    from flask_gotchas.project.registrations import Definition
    from flask_gotchas.project.url_map import Own


class Unnamed(NamedTuple):
    """A function that takes the place of views without their names; `owns` are their routes."""

    file: FileFacts
    wrapper: FunctionFact
    view: str
    owns: list[Own]


def unnamed(project: Project) -> Iterator[Unnamed]:
    """Go through the wrappers whose name is the endpoint of views, without a clash so far.

    Where code builds the URL of that very endpoint, it is meant to be so.
    """
    registrations = project.url_map.registrations
    found: dict[str, Unnamed] = {}
    for _, owns in registrations.of_flask():
        for own in owns:
            definition = registrations.definition(own)
            if definition is None or registrations.names_endpoint(own):
                continue
            wrapper = _wrapper(project, definition)
            if wrapper is None or wrapper[1].name == definition.name:
                continue
            file, function = wrapper
            known = found.setdefault(
                function.reference, Unnamed(file, function, definition.name, [])
            )
            known.owns.append(own)
    if not found:
        return
    clashing = {
        (own.file.path, own.anchor)
        for double in registrations.doubled_endpoints()
        if double.is_of_wrapper
        for own in (double.first, double.second)
    }
    asked = {
        endpoint.rpartition(".")[2]
        for use in project.url_map.endpoints.uses()
        for endpoint in use.endpoints
    }
    for one in found.values():
        clashes = any((own.file.path, own.anchor) in clashing for own in one.owns)
        if not clashes and one.wrapper.name not in asked and not project.is_test(one.file):
            yield one


def _wrapper(project: Project, definition: Definition) -> tuple[FileFacts, FunctionFact] | None:
    """Find the function which surely gives a view its name in the place of the view itself."""
    view = definition.fact
    if not isinstance(view, FunctionFact) or not definition.decorators:
        return None
    if project.url_map.registrations.name_doubts(definition):
        return None
    if any(view.reference in file.renamed for file in project.files):
        return None
    name = None
    for decorator in definition.decorators:
        inner = project.routing.replacement(decorator, definition.file)
        if inner is not None and not project.routing.keeps_name(inner):
            name = inner
    return None if name is None else project.function(name)
