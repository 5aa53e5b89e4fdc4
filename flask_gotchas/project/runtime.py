"""When code runs: what loading a module reaches through the calls of the project."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from flask_gotchas.facts import flask_api
from flask_gotchas.facts.model import Guard
from flask_gotchas.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.facts.model import CallFact, FileFacts, FunctionFact, TouchFact
    from flask_gotchas.project.link import Project

_IN_REQUEST = Guard.REQUEST_CONTEXT | Guard.CHECKED | Guard.TYPING
_IN_APP = _IN_REQUEST | Guard.APP_CONTEXT
_IN_APP_BLOCK = Guard.APP_CONTEXT | Guard.REQUEST_CONTEXT
_MAX_DEPTH = 100
# Decorators of functions that Flask runs with a context.
_WITH_CONTEXT = frozenset(
    {*flask_api.ROUTE_METHODS, *flask_api.HOOKS, "command", "with_appcontext"}
)
_MAYBE = Guard.CONDITIONAL | Guard.AFTER_EXIT
_DATABASES = frozenset(f"{db}()" for db in flask_api.SQLALCHEMY_CLASSES)
_REQUEST = flask_api.REQUEST_PROXIES | flask_api.REQUEST_CONTEXT_FUNCTIONS


class ImportTouch(NamedTuple):
    """Something that needs a context and runs while a module is loaded.

    `through` names the function called at that place, empty when the touch is right there;
    `related` leads to the touch inside of it.
    """

    file: FileFacts
    anchor: int
    what: str
    context: str
    raises: str
    through: str
    related: tuple[tuple[FileFacts, int, str], ...]


class Runtime:
    """Answers about when code runs; ask it through `Project.runtime`."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._entries: dict[str, bool] = {}
        self._touched: dict[str, list[TouchFact]] = {}
        self._bodies: dict[str, dict[str, tuple[list[TouchFact], list[CallFact]]]] = {}
        self._needs: dict[tuple[str, int], tuple[tuple[FileFacts, TouchFact], ...]] = {}

    def touched_at_import(self, what: frozenset[str]) -> Iterator[ImportTouch]:
        """Find touches of proxies, or calls of functions, that no context can be there for."""
        for file in self.project.files:
            if not self.loads_without_context(file):
                continue
            for touch in self._touches(file):
                if touch.runs == "" and _theme(touch) in what:
                    if touch.guards & _context_for(touch):
                        continue
                    yield _touch(file, touch.anchor, touch)
            for call in file.calls:
                if call.runs == "":
                    yield from self._through(file, call, what)

    def _through(
        self, file: FileFacts, call: CallFact, what: frozenset[str]
    ) -> Iterator[ImportTouch]:
        function = self.callee(call.target, file)
        if function is None:
            return
        seen: set[str] = set()
        for where, touch in self.needed(function[1].reference):
            if _theme(touch) in what and touch.what not in seen:
                seen.add(touch.what)
                if not call.guards & _context_for(touch):
                    name = _short(call.target, file)
                    related = ((where, touch.anchor, f"{shown(touch.what)} is needed here"),)
                    yield _touch(file, call.anchor, touch, name, related)

    def callee(self, target: str, file: FileFacts) -> tuple[FileFacts, FunctionFact] | None:
        """Find the function of the project whose body runs when something is called.

        Decorated functions and generators are left out: calling them need not run their body.
        """
        found = self.project.called(target, file)
        if found is None or found[1].is_async or found[1].is_generator:
            return None
        transparent = all(d.meaning in _TRANSPARENT for d in found[1].decorators)
        return found if transparent else None

    def needed(
        self, function: str, *, but_not: int = _MAYBE, depth: int = 0
    ) -> tuple[tuple[FileFacts, TouchFact], ...]:
        """List what a function and those that it calls touch outside any context.

        Leaves out what stands under the guards of `but_not`, by default all that may not happen.
        """
        key = function, but_not
        if key in self._needs:
            return self._needs[key]
        file = self._owner(function)
        if depth > _MAX_DEPTH or file is None:
            return ()
        self._needs[key] = ()  # ends a circle of calls
        touches, calls = self._body(function, file)
        found = [
            (file, touch) for touch in touches if not touch.guards & (_context_for(touch) | but_not)
        ]
        for call in calls:
            inner = None if call.guards & but_not else self.callee(call.target, file)
            if inner is not None:
                reference = inner[1].reference
                found += [
                    (where, touch)
                    for where, touch in self.needed(reference, but_not=but_not, depth=depth + 1)
                    if not call.guards & _context_for(touch)
                ]
        self._needs[key] = tuple(found)
        return self._needs[key]

    def _owner(self, function: str) -> FileFacts | None:
        """Find the file of a function, or of a lambda."""
        owner = self.project.function(function)
        if owner is None and function.endswith("<lambda>"):
            return self.project.split(function, self.project.files[0])[0]
        return None if owner is None else owner[0]

    def _body(self, function: str, file: FileFacts) -> tuple[list[TouchFact], list[CallFact]]:
        """List the touches and calls that a function of a file runs."""
        bodies = self._bodies.get(file.module)
        if bodies is None:
            bodies = self._bodies[file.module] = {}
            for touch in self._touches(file):
                bodies.setdefault(touch.runs, ([], []))[0].append(touch)
            for call in file.calls:
                bodies.setdefault(call.runs, ([], []))[1].append(call)
        return bodies.get(function, ([], []))

    def _touches(self, file: FileFacts) -> list[TouchFact]:
        """List the touches of a file, those of databases as in `flask_sqlalchemy:db.session`."""
        found = self._touched.get(file.module)
        if found is None:
            found = self._touched[file.module] = []
            for touch in file.touches:
                if touch.what.startswith("flask."):
                    found.append(touch)
                elif self._is_of_database(touch.what, file):
                    head, dot, name = touch.what.rpartition(".")
                    shown = f"{flask_api.DATABASE}:{head.rpartition('.')[2]}{dot}{name}"
                    found.append(msgspec.structs.replace(touch, what=shown))
        return found

    def _is_of_database(self, what: str, file: FileFacts) -> bool:
        """Tell whether something is of a `db` of Flask-SQLAlchemy, or the query of a model."""
        owner, _, name = what.rpartition(".")
        if name != "query":
            return self.project.meaning(owner, file) in _DATABASES
        ancestry = self.project.ancestry(self.project.resolve(owner, file))
        return any(self._is_base_of_models(base, file) for base in ancestry) and not any(
            f"{cls.reference}.query" in facts.values or "query" in cls.methods
            for facts, cls in filter(None, map(self.project.cls, ancestry))
        )

    def _is_base_of_models(self, base: str, file: FileFacts) -> bool:
        owner, _, name = base.rpartition(".")
        return name == "Model" and self.project.meaning(owner, file) in _DATABASES

    def loads_without_context(self, file: FileFacts) -> bool:
        """Tell whether a module is surely loaded first while there is no context.

        A module that makes or starts the application is, and so is one that nobody imports or that
        such a module imports. If any import of it runs under `with app.app_context()` or during
        a request, that one may come first. So may a context that is pushed and left by a module or
        function that it loads or calls. Test code is left to its fixtures.
        """
        if self.is_migration(file) or self.project.is_test(file):
            return False
        return self._loading.get(file.module) == "outside"

    def loads_out_of_view(self, file: FileFacts) -> bool:
        """Tell whether a module makes no application and who imports it cannot be seen."""
        return not self.project.complete and not self.is_entry(file)

    @cached_property
    def _loading(self) -> dict[str, str]:
        """Say of each module where it is first loaded: in a context, outside; unknown if absent.

        What a module imports at its own loading is loaded in the same place.
        """
        context: set[str] = set(self._after_a_push)
        outside: set[str] = set()
        for file in self.project.files:
            importers = self.project.importers(file)
            if self.is_entry(file):
                outside.add(file.module)
            elif any(
                fact.guards & _IN_APP_BLOCK or fact.runs in self._in_context
                for _, fact in importers
            ):
                context.add(file.module)
            elif any(fact.runs and self.is_app_factory(fact.runs) for _, fact in importers) or (
                not importers
                and not self._imports_dynamically
                and (self.project.complete or not _hangs_on_current_app(file))
            ):
                outside.add(file.module)
        entries = {file.module for file in self.project.files if self.is_entry(file)}
        self._spread(context, entries)
        outside -= context
        self._spread(outside, context)
        return {**dict.fromkeys(outside, "outside"), **dict.fromkeys(context, "context")}

    @cached_property
    def _after_a_push(self) -> set[str]:
        """Find the modules in which something that they import or call pushes a context."""
        files = [file for file in self.project.files if not self.project.is_test(file)]
        if not any(file.pushes for file in files):
            return set()
        found = {
            file.module
            for file in files
            for call in file.calls
            if call.runs == "" and self._pushes(call.target, file, set())
        }
        todo = [*found, *(file.module for file in files if "" in file.pushes)]
        while todo:
            pushing = self.project.file_of(todo.pop())
            for importer, fact in self.project.importers(pushing) if pushing else ():
                if not fact.runs and importer.module not in found:
                    found.add(importer.module)
                    todo.append(importer.module)
        return found

    def _pushes(self, target: str, file: FileFacts, seen: set[str]) -> bool:
        """Tell whether a call pushes a context and leaves it there."""
        called = self.callee(target, file)
        if called is None or called[1].reference in seen:
            return False
        owner, reference = called[0], called[1].reference
        seen.add(reference)
        return reference in owner.pushes or any(
            self._pushes(call.target, owner, seen) for call in self._body(reference, owner)[1]
        )

    def _spread(self, found: set[str], but_not: set[str]) -> None:
        """Add all that the found modules import while they are loaded themselves."""
        todo = list(found)
        while todo:
            new = self._imported_at_loading.get(todo.pop(), set()) - found - but_not
            found |= new
            todo += new

    @cached_property
    def _imported_at_loading(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for file in self.project.files:
            for importer, fact in self.project.importers(file):
                if not fact.runs:
                    found.setdefault(importer.module, set()).add(file.module)
        return found

    @cached_property
    def _imports_dynamically(self) -> bool:
        return any(file.imports_dynamically for file in self.project.files)

    def is_entry(self, file: FileFacts) -> bool:
        """Tell whether loading a module makes an application or starts one."""
        known = self._entries.get(file.module)
        if known is None:
            known = self._entries[file.module] = any(
                run.guards & Guard.MAIN for run in file.runs
            ) or any(
                name.rpartition(".")[0] == file.module and self.project.kind(name, file) == "app"
                for name in file.meanings
            )
        return known

    @cached_property
    def _in_context(self) -> frozenset[str]:
        """Find the functions that run with a context: called in one, views, hooks, commands."""
        found: set[str] = set()
        todo: list[str] = []
        for file in self.project.files:
            for call in file.calls:
                if call.guards & _IN_APP_BLOCK:
                    inner = self.callee(call.target, file)
                    todo += [inner[1].reference] if inner else []
            for function in file.functions:
                for decorator in function.decorators:
                    name = decorator.spelling.rpartition(".")[2]
                    if name in _WITH_CONTEXT:
                        todo.append(function.reference)
        while todo:
            reference = todo.pop()
            owner = self.project.function(reference)
            if reference in found or owner is None:
                continue
            found.add(reference)
            for call in self._body(reference, owner[0])[1]:
                inner = self.callee(call.target, owner[0])
                todo += [inner[1].reference] if inner else []
        return frozenset(found)

    def is_migration(self, file: FileFacts) -> bool:
        """Tell Alembic's `env.py` and its versions, which run inside of `flask db`."""
        path = self.project.relative(file)
        return path.endswith("/env.py") or path == "env.py" or "/versions/" in path

    def is_app_factory(self, function: str) -> bool:
        """Tell whether a function makes an application and returns it."""
        found = self.project.function(function)
        return found is not None and any(
            value is not None
            and not value.startswith("flask.current_app")
            and self.project.kind(value, found[0]) == "app"
            for value in found[1].returns
        )

    def call_at_import(self, function: str, file: FileFacts) -> CallFact | None:
        """Find where the module of a function calls it for sure while it is loaded itself."""
        for call in file.calls:
            if call.runs == "" and not call.guards & (Guard.MAIN | Guard.TYPING | _MAYBE):
                inner = self.callee(call.target, file)
                if inner is not None and inner[1].reference == function:
                    return call
        return None

    def runs_as_script(self, runs: str, guards: int) -> bool:
        """Tell whether code only runs under `if __name__ == "__main__"` or as a click command."""
        if guards & Guard.MAIN:
            return True
        return bool(runs) and self._only_as_script(runs)

    def _only_as_script(self, function: str) -> bool:
        """Tell whether all that call a function, at however many removes, are scripts."""
        starts = False
        seen = {function}
        todo = [function]
        while todo:
            current = todo.pop()
            found = self.project.function(current)
            if found is None:
                return False
            if any(d.spelling.rpartition(".")[2] == "command" for d in found[1].decorators):
                starts = True
                continue
            calls = [
                call
                for file, call in self.project.callers.may_call(current)
                if self.project.resolve(call.target, file) == current
            ]
            if not calls:
                return False
            for call in calls:
                if call.guards & Guard.MAIN:
                    starts = True
                elif not call.runs:
                    return False
                elif call.runs not in seen:
                    seen.add(call.runs)
                    todo.append(call.runs)
        return starts


_TRANSPARENT = frozenset(
    {
        "builtins.classmethod", "builtins.staticmethod", "functools.cache", "functools.lru_cache",
        "functools.wraps",
    }
)  # fmt: skip


def _hangs_on_current_app(file: FileFacts) -> bool:
    """Tell a module which registers functions on `current_app`, and so is loaded in a context."""
    return any(
        decorator.meaning is not None and decorator.meaning.startswith("flask.current_app.")
        for function in file.functions
        for decorator in function.decorators
        if function.runs == ""
    )


def _context_for(touch: TouchFact) -> int:
    """Name the guards under which a touch does no harm."""
    return _IN_REQUEST if touch.what in _REQUEST else _IN_APP


def _touch(
    file: FileFacts,
    anchor: int,
    touch: TouchFact,
    through: str = "",
    related: tuple[tuple[FileFacts, int, str], ...] = (),
) -> ImportTouch:
    context = "request" if touch.what in _REQUEST else "application"
    return ImportTouch(file, anchor, touch.what, context, touch.raises, through, related)


def _theme(touch: TouchFact) -> str:
    """Give what a touch is about, without the name of a database."""
    return touch.what.partition(":")[0]


def shown(what: str) -> str:
    """Give a proxy, function or database as messages name it."""
    theme, _, database = what.partition(":")
    if theme == flask_api.DATABASE:
        return f"`{database}`"
    name = what.removeprefix("flask.")
    return f"`{name}`" if what in flask_api.PROXIES else f"`{name}()`"


def _short(target: str, file: FileFacts) -> str:
    """Give a reference as short as the source has it: without the module, and the locals."""
    name = target.removeprefix(f"{file.module}.").removesuffix("()")
    return name.rpartition("<locals>.")[2].rpartition(".")[2] if "()" not in name else name
