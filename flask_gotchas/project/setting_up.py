"""When applications and blueprints are set up: beside the start of the server, and in requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.facts.expressions import Ref
from flask_gotchas.facts.flask_api import APP_CLASSES, ROUTE_METHODS
from flask_gotchas.facts.model import Guard
from flask_gotchas.project.evaluate import Scope, Thing
from flask_gotchas.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.facts.model import FileFacts, RegisteringFact, RunFact, SetupFact
    from flask_gotchas.project.handlers import Handler
    from flask_gotchas.project.link import Project

_ADDING = frozenset({*ROUTE_METHODS, "add_url_rule", "register_blueprint"})
_UNCERTAIN = Guard.CONDITIONAL | Guard.TYPING | Guard.AFTER_EXIT
# Hooks which run in each request, or in each one that fails.
_IN_REQUESTS = (
    "after_app_request", "after_request", "before_app_request", "before_request", "errorhandler",
    "teardown_app_request", "teardown_request", "url_value_preprocessor",
)  # fmt: skip


class Addition(NamedTuple):
    """A call or decorator that adds something to an application or blueprint."""

    method: str
    thing: Thing
    fact: SetupFact | RegisteringFact


class Late(NamedTuple):
    """A start of the server, and what is added to its application below."""

    file: FileFacts
    run: RunFact
    additions: list[Addition]


class InRequest(NamedTuple):
    """Something that is added to an application while it answers a request."""

    handler: Handler
    addition: Addition
    name: str


def additions(project: Project, file: FileFacts, kind: str) -> Iterator[Addition]:
    """Go through the calls and decorators of a file that add something to objects of a kind."""
    evaluator, scope = project.evaluator, Scope(file, {})
    for setup in file.setups:
        if not setup.guards & Guard.TYPING:
            thing = evaluator.value(Ref(setup.receiver), scope)
            if isinstance(thing, Thing) and project.url_map.kind(thing) == kind:
                yield Addition(setup.method, thing, setup)
    for fact in file.registering:
        if fact.method in _ADDING and fact.call.base and not fact.guards & Guard.TYPING:
            thing = evaluator.value(fact.call.base, scope)
            if isinstance(thing, Thing) and project.url_map.kind(thing) == kind:
                yield Addition(fact.method, thing, fact)


def after_run(project: Project) -> Iterator[Late]:
    """Go through the starts of a server that surely come before additions to its application."""
    for file in project.files:
        runs = [run for run in file.runs if run.receiver and _is_followed(run, file)]
        if not runs or project.is_test(file):
            continue
        found = list(additions(project, file, "app"))
        for run in runs:
            app = project.evaluator.thing(run.receiver or "", file)
            late = [
                added
                for added in found
                if _follows(added.fact, run)
                and app is not None
                and project.url_map.key(added.thing) == project.url_map.key(app)
            ]
            if late:
                yield Late(file, run, sorted(late, key=lambda added: added.fact.anchor))


def _is_followed(run: RunFact, file: FileFacts) -> bool:
    """Tell whether anything is set up after a start, whatever it is that starts there."""
    facts: list[SetupFact | RegisteringFact] = [*file.setups, *file.registering]
    return any(_follows(fact, run) for fact in facts)


def _follows(fact: SetupFact | RegisteringFact, run: RunFact) -> bool:
    return (
        fact.runs == run.runs
        and fact.anchor > run.anchor
        and not (fact.guards | run.guards) & _UNCERTAIN
    )


def in_requests(project: Project) -> Iterator[InRequest]:
    """Go through what views and hooks add to the application that they belong to."""
    if _allows_it(project):
        return
    handlers = [*project.handlers.views, *project.handlers.hooks(*_IN_REQUESTS)]
    own = _made_outside(project, {handler.function.reference for handler in handlers})
    by_file: dict[str, list[Addition]] = {}
    seen: set[tuple[str, int]] = set()
    for handler in handlers:
        function, file = handler.function, handler.file
        if project.routing.is_called(function.reference):
            continue
        if file.path not in by_file:
            by_file[file.path] = list(additions(project, file, "app"))
        for added in by_file[file.path]:
            place = (file.path, added.fact.anchor)
            is_caught = added.fact.guards & Guard.CHECKED
            if added.fact.runs == function.reference and place not in seen and not is_caught:
                is_only = own == {project.url_map.key(added.thing)}
                if is_only or _is_present(project, added.thing, file):
                    seen.add(place)
                    name = added.thing.reference.rpartition(".")[2]
                    yield InRequest(handler, added, name)


def _is_present(project: Project, app: Thing, file: FileFacts) -> bool:
    """Tell `current_app`, which surely is the application that answers."""
    return project.meaning(app.reference, file).startswith("flask.current_app")


def _made_outside(project: Project, handlers: set[str]) -> set[str]:
    """List the applications that are made in view, those aside that only handlers make."""
    return {
        project.url_map.key(thing)
        for thing, _ in project.url_map.owns()
        if project.url_map.kind(thing) == "app"
        and thing.call is not None
        and thing.reference.rpartition(".<locals>.")[0] not in handlers
        and not _is_present(project, thing, thing.file)
    }


def _allows_it(project: Project) -> bool:
    """Tell whether an application class of the project lifts the ban on late additions."""
    return any(
        "_check_setup_finished" in cls.methods
        and project.is_subclass(cls.reference, file, APP_CLASSES)
        for file in project.files
        for cls in file.classes
    )
