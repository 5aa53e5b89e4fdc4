"""The order in which modules are loaded, where they import each other in a circle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.facts.model import Guard
from flask_gotchas.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.facts.model import FileFacts, ImportFact, RunFact
    from flask_gotchas.project.link import Project

_NEVER = Guard.CONDITIONAL | Guard.TYPING


class Step(NamedTuple):
    """An import that surely runs while its module is loaded, and the file that it leads to."""

    importer: FileFacts
    fact: ImportFact
    target: FileFacts


class Circle(NamedTuple):
    """A module which makes an application or blueprint, and is imported back for it too early.

    `app` is the variable, `first` the import in the module, `last` the import of `app` from it.
    """

    maker: FileFacts
    app: str
    made: int
    first: Step
    last: Step


class Doubled(NamedTuple):
    """A script whose application a module imports, and so makes once more, for its routes."""

    script: FileFacts
    run: RunFact
    app: str
    first: Step
    last: Step


def failing_circles(project: Project) -> Iterator[Circle]:
    """Go through the circles in which an application or blueprint is imported too early."""
    steps = _steps(project)
    for maker, app, made in _makers(project, "app", "blueprint"):
        is_script = any(run.runs == "" for run in maker.runs)
        seen: set[str] = set()
        for first in steps.get(maker.module, ()):
            if first.fact.anchor > made or first.fact.guards & Guard.MAIN:
                continue
            if first.target.module in seen:
                continue
            chain = next(_ways(project, steps, first, app), None)
            if (
                chain is not None
                and (not is_script or _needs_more(project, first, chain[1]))
                and _is_entered_here(project, chain)
            ):
                seen.add(first.target.module)
                yield Circle(maker, app, made, first, chain[-1])


def doubled_scripts(project: Project) -> Iterator[Doubled]:
    """Go through the modules whose routes go to a second application when a script runs."""
    steps = _steps(project)
    for script, app, _ in _makers(project, "app"):
        run = _run_as_script(project, script, app)
        # By a star or by its name, a script may get the second application in place of its own.
        if run is None or script.is_package or script.stars or _imports_itself(project, script):
            continue
        if any(fact.name == app for fact in script.imports):
            continue
        done: set[str] = set()
        for first in steps.get(script.module, ()):
            for way in _ways(project, steps, first, app):
                last = way[-1]
                if (
                    last.importer.module not in done
                    and _has_routes_on(project, last.importer, f"{script.module}.{app}")
                    and not any(_is_refused(project, step, way) for step in steps[script.module])
                ):
                    done.add(last.importer.module)
                    yield Doubled(script, run, app, first, last)


# -- imports


def _steps(project: Project) -> dict[str, list[Step]]:
    """List what each module imports for sure while it is loaded, in order.

    What only runs in a script is among them, for the script itself.
    """
    found: dict[str, list[Step]] = {}
    for file in project.files:
        for importer, fact in project.importers(file):
            if (
                not fact.runs
                and not fact.guards & _NEVER
                and fact.anchor not in importer.caught_imports
                and not project.is_test(importer)
            ):
                found.setdefault(importer.module, []).append(Step(importer, fact, file))
    for steps in found.values():
        steps.sort(key=lambda step: step.fact.anchor)
    return found


def _makers(project: Project, *kinds: str) -> Iterator[tuple[FileFacts, str, int]]:
    """Go through the modules that make an object of a kind: its variable, its call's anchor."""
    for file in project.files:
        for reference, made in file.made_at.items():
            holder, _, name = reference.rpartition(".")
            if (
                holder == file.module
                and reference not in file.rebound
                and file.names.get(name) == reference
                and not project.is_test(file)
                and project.kind(reference, file) in kinds
            ):
                yield file, name, made


def _ways(
    project: Project, steps: dict[str, list[Step]], first: Step, app: str
) -> Iterator[list[Step]]:
    """Go through the ways from an import back to its module, to the application in it.

    One for each module that imports the application, the shortest first.
    """
    maker = first.importer
    seen = {maker.module, first.target.module}
    todo = [[first]]
    while todo:
        way = todo.pop(0)
        for step in steps.get(way[-1].target.module, ()):
            if step.fact.guards & Guard.MAIN:
                continue
            if step.target is maker:
                whole = f"{step.fact.module}.{step.fact.name}"
                if step.fact.name == app and project.split(whole, step.importer) == (maker, app):
                    yield [*way, step]
            elif step.target.module not in seen:
                seen.add(step.target.module)
                todo.append([*way, step])


def _is_entered_here(project: Project, chain: list[Step]) -> bool:
    """Tell whether the modules of a circle are loaded by the one that makes the application.

    A package always comes before what is in it; otherwise nobody else may import the others.
    """
    maker = chain[0].importer
    inside = {maker.module, *(step.target.module for step in chain)}
    for step in chain[:-1]:
        if maker.is_package and step.target.module.startswith(f"{maker.module}."):
            continue
        if not project.complete:
            return False
        for importer, _ in project.importers(step.target):
            if importer.module not in inside and not project.is_test(importer):
                return False
    return True


def _is_plain(project: Project, step: Step) -> bool:
    """Tell an import of a whole module, which works while that is being loaded."""
    name = step.fact.name
    if name is None or name == "*":
        return True
    return project.split(f"{step.fact.module}.{name}", step.importer) == (step.target, "")


def _needs_more(project: Project, first: Step, second: Step) -> bool:
    """Tell whether a module imports a name which the other has not bound when it is imported back.

    A script is loaded again under its own name in a circle, and then gets the other half done.
    """
    name, target = first.fact.name, first.target
    if _is_plain(project, first):
        return False
    reference = f"{target.module}.{name}"
    anchors = [fact.anchor for fact in target.functions if fact.reference == reference]
    anchors += [fact.anchor for fact in target.classes if fact.reference == reference]
    if reference in target.made_at and reference not in target.rebound:
        anchors.append(target.made_at[reference])
    return bool(anchors) and min(anchors) > second.fact.anchor


# -- scripts


def _run_as_script(project: Project, file: FileFacts, app: str) -> RunFact | None:
    """Find where a module runs its application under a main guard."""
    for run in file.runs:
        receiver = project.resolve(run.receiver or "", file)
        if run.guards & Guard.MAIN and receiver == f"{file.module}.{app}":
            return run
    return None


def _imports_itself(project: Project, file: FileFacts) -> bool:
    """Tell whether a script imports the module that it is, to go on with that one."""
    return any(
        project.split(name, file)[0] is file
        for fact in file.imports
        for name in (fact.module, f"{fact.module}.{fact.name}")
    )


def _has_routes_on(project: Project, file: FileFacts, app: str) -> bool:
    """Tell whether loading a module adds routes to an application."""
    return any(
        own.file is file and own.site is not None and own.site.fact.runs == ""
        for thing, owns in project.url_map.owns()
        if thing.reference == app
        for own in owns
    )


def _is_refused(project: Project, step: Step, way: list[Step]) -> bool:
    """Tell whether a script, loaded again, finds a module of a circle without what it imports."""
    partial = {passed.target.module for passed in way[:-1]}
    return (
        step.target.module in partial
        and not step.fact.guards & Guard.MAIN
        and not _is_plain(project, step)
    )
