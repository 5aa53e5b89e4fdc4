"""What the project itself makes of the request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.facts import flask_api

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.facts.model import FileFacts, RequestUseFact
    from flask_gotchas.project.link import Project


def has_own_class(project: Project) -> bool:
    """Tell whether the project has a class of requests, or names one to an application."""
    return any(
        file.changes_request_class
        or any(
            project.is_subclass(base, file, flask_api.REQUEST_CLASSES)
            for cls in file.classes
            for base in cls.bases
            if base is not None
        )
        for file in project.files
    )


def attributes(project: Project) -> frozenset[str]:
    """Give the attributes which the project sets on the request, or asks for; a star for any."""
    return frozenset().union(*(file.request_attributes for file in project.files))


def headers_asked(project: Project) -> frozenset[str]:
    """Give the headers, in small letters, of which the project asks whether they are there."""
    return frozenset().union(*(file.headers_asked for file in project.files))


def uses(project: Project, kind: str) -> Iterator[tuple[FileFacts, RequestUseFact]]:
    """Go through the doubtful uses of the request, outside of test code."""
    for file in project.files:
        for use in () if project.is_test(file) else file.request_uses:
            if use.kind == kind:
                yield file, use
