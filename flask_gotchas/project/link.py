"""Linking: which object a reference means in any file, and what kind of object it is."""

from __future__ import annotations

import os
import re
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from flask_gotchas.cache.templates import KnownTemplates
from flask_gotchas.facts import flask_api
from flask_gotchas.model import Location, Severity
from flask_gotchas.names import expand
from flask_gotchas.screen import imported_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from flask_gotchas.deployment import Start
    from flask_gotchas.discover import TemplateFiles
    from flask_gotchas.facts.model import ClassFact, FileFacts, FunctionFact, ImportFact
    from flask_gotchas.flask_version import Releases, VersionReader, Versions
    from flask_gotchas.modules import ModuleIndex
    from flask_gotchas.project.callers import Callers
    from flask_gotchas.project.configuration import Configuration
    from flask_gotchas.project.evaluate import Evaluator
    from flask_gotchas.project.handlers import Handlers
    from flask_gotchas.project.removals import Removals
    from flask_gotchas.project.request_texts import RequestTexts
    from flask_gotchas.project.routing import Routing
    from flask_gotchas.project.runtime import Runtime
    from flask_gotchas.project.templates import Templates
    from flask_gotchas.project.url_map import UrlMap
    from flask_gotchas.rule import Rule

_SPLIT = re.compile(r"[.(\[]")
_CALL = re.compile(r"[(\[<]")
_HEAD = re.compile(r"[^.(\[<]*")
_MAX_STEPS = 20
_TEST_PATH = re.compile(
    r"(?:^|/)(?:tests?/|testing/|conftest\.py$|test_[^/]*\.py$|[^/]*_tests?\.py$)"
)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_DEVELOPMENT = frozenset(
    {
        "debug", "demo", "demos", "dev", "develop", "development", "devel", "example", "examples",
        "local", "playground", "sandbox", "test", "testing", "tests",
    }
)  # fmt: skip


def is_test_path(path: str) -> bool:
    """Tell test code by its path from the project root, with forward slashes."""
    return _TEST_PATH.search(path) is not None


class Finding(msgspec.Struct, frozen=True, array_like=True):
    """A report of the project rule with a code, before its anchor is located.

    In a template, places are known from the start: there a location stands for the anchor. `hints`
    are for the fix of the rule.
    """

    code: str
    path: str
    anchor: int | Location
    message: str
    severity: Severity
    related: tuple[tuple[str, int | Location, str], ...] = ()
    hints: tuple[str, ...] = ()


class Project:
    """Linked facts.

    `files` are the relevant ones in the order of their paths. `complete` tells that nothing of the
    project is out of view: only then may a rule conclude from absence. `broken` are the modules
    that may have to do with Flask and cannot be parsed. `starts` reads what the
    deployment files say, when a rule asks. `load` reads a file that the screen left out, `read`
    gives the bytes of any of its Python files, `imported` the names that one imports, `others` the
    texts of what else may name them; `template_files` reads templates, `known_templates` knows what
    some say, and `versions` which Flask the project asks for. Questions take a reference and the
    file in which it was written.
    """

    def __init__(
        self,
        files: Iterable[FileFacts],
        index: ModuleIndex,
        *,
        complete: bool,
        broken: frozenset[str] = frozenset(),
        root: str = ".",
        starts: Callable[[], tuple[Start, ...]] = tuple,
        load: Callable[[str], FileFacts | None] | None = None,
        read: Callable[[str], bytes] | None = None,
        imported: Callable[[str], frozenset[str]] | None = None,
        others: Callable[[Callable[[str], object]], dict[str, str] | None] = lambda _: {},
        options: Callable[[type[Rule]], object] | None = None,
        template_files: TemplateFiles | None = None,
        known_templates: KnownTemplates | None = None,
        versions: VersionReader | None = None,
    ) -> None:
        self.files = tuple(sorted(files, key=lambda file: file.path))
        self.complete = complete
        self._broken = broken
        self._root = root
        self._starts = starts
        self._index = index
        self._load = load
        self._options = options
        self.template_files = template_files
        self.known_templates = known_templates or KnownTemplates()
        self._versions = versions
        self._by_id: dict[str, FileFacts | None] = {file.module: file for file in self.files}
        self._functions: dict[str, list[tuple[FileFacts, FunctionFact]]] = {}
        self._classes: dict[str, tuple[FileFacts, ClassFact]] = {}
        self._read = read
        self._imported = imported
        self._others = others
        self._passed_on: dict[str, frozenset[str]] = {}
        self._ancestries: dict[str, list[str]] = {}
        self._resolved: dict[tuple[str, str, bool], str] = {}
        self._meanings: dict[tuple[str, str], str] = {}
        self._kinds: dict[tuple[str, str], str] = {}
        self._owners: dict[tuple[str, str], tuple[FileFacts, str]] = {}
        for file in self.files:
            self._enter(file)
        self._relative: dict[str, str] = {}
        self._tests: dict[str, bool] = {}

    def _enter(self, file: FileFacts) -> None:
        for function in file.functions:
            self._functions.setdefault(function.reference, []).append((file, function))
        for cls in file.classes:
            self._classes.setdefault(cls.reference, (file, cls))

    # -- names

    def file_of(self, module: str) -> FileFacts | None:
        """Give the facts of a file by its id, reading it now if the screen had left it out."""
        if module not in self._by_id:
            path = self._index.ids.get(module)
            facts = self._load(path) if self._load is not None and path is not None else None
            self._by_id[module] = facts
            if facts is not None:
                self._enter(facts)
        return self._by_id[module]

    def _may_pass_on(self, module: str, name: str) -> bool:
        """Tell whether a file that the screen had left out may import a name from elsewhere."""
        names = self._passed_on.get(module)
        if names is None:
            path = self._index.ids.get(module)
            names = frozenset() if path is None else self._imports(path)
            self._passed_on[module] = names
        return name in names or "*" in names

    def may_be_function(self, reference: str, file: FileFacts) -> bool:
        """Tell whether a name may be that of a function, without reading a file only for that."""
        resolved = self.resolve(reference, file)
        owner, _, name = resolved.rpartition(".")
        module = self._index.find(owner, file.module) if owner else None
        if module is None or module in self._by_id:
            return True
        data = self._bytes(self._index.ids[module])
        return re.search(rb"\bdef %b\b" % name.encode(), data) is not None

    def _bytes(self, path: str) -> bytes:
        try:
            return b"" if self._read is None else self._read(path)
        except OSError:
            return b""

    def _imports(self, path: str) -> frozenset[str]:
        if self._imported is None:
            return imported_names(self._bytes(path))
        try:
            return self._imported(path)
        except OSError:
            return frozenset()

    def module_of(self, name: str, file: FileFacts) -> str | None:
        """Give the id of the file that `import name` means in a file; None if that is not sure."""
        return self._index.find(name, file.module)

    def is_foreign(self, reference: str) -> bool:
        """Tell a reference that surely leads to nothing of the project, by its first name."""
        head = _HEAD.match(reference)
        return head is None or head[0] not in self._index.heads

    def split(
        self, reference: str, file: FileFacts, *, read: bool = False
    ) -> tuple[FileFacts | None, str]:
        """Cut a reference into the file of the project that it leads to and the rest.

        A file that the screen had left out counts as out of view, unless it passes the name on or
        `read` asks for it: what it defines itself has nothing to do with Flask.
        """
        key = (file.module, reference)
        known = self._owners.get(key)
        if known is None:
            found = self._split(reference, file, read=read)
            if found[0] is None:
                return None, ""  # until somebody asks to read more files
            known = self._owners[key] = (found[0], found[1])
        return known

    def _split(
        self, reference: str, file: FileFacts, *, read: bool
    ) -> tuple[FileFacts | None, str]:
        if self.is_foreign(reference):
            return None, ""
        if not file.is_package and reference.startswith(f"{file.module}."):
            return file, reference[len(file.module) + 1 :]
        called = _CALL.search(reference)
        named = reference[: called.start()] if called else reference
        parts = named.rstrip(".").split(".")
        lasts = self._index.lasts
        for size in range(len(parts), 0, -1):
            if parts[size - 1] not in lasts:
                continue
            name = ".".join(parts[:size])
            if name == file.module:
                return file, reference[len(name) + 1 :]
            module = self._index.find(name, file.module)
            if module is None and name in self._index.ids:
                module = name
            if module is None:
                continue
            if module not in self._by_id and not read:
                wanted = parts[size] if size < len(parts) else ""
                if not wanted or not self._may_pass_on(module, wanted):
                    return None, ""
            found = self.file_of(module)
            if found is not None:
                wanted = parts[size] if size < len(parts) else ""
                package = None if wanted in found.names else self._hiding(module, file)
                if package is not None:
                    return package, reference[len(name) - len(parts[size - 1]) :]
                return found, reference[len(name) + 1 :]
        return None, ""

    def _hiding(self, module: str, file: FileFacts) -> FileFacts | None:
        """Find the package which binds the name of one of its modules to something else.

        After `from .app import app` in the package, `from package import app` gives that.
        """
        parent, _, name = module.rpartition(".")
        if parent == file.module or not (parent in self._by_id or self._may_pass_on(parent, name)):
            return None
        package = self.file_of(parent)
        bound = package.names.get(name, "") if package is not None and package.is_package else ""
        return package if bound.startswith(f"{module}.") else None

    def resolve(self, reference: str, file: FileFacts, *, read: bool = False) -> str:
        """Follow imports and re-exports to where an object is bound; `read` is as for `split`."""
        key = (file.module, reference, read)
        done = self._resolved.get(key)
        if done is None:
            self._resolved[key] = reference  # ends a circle
            done = self._resolved[key] = self._resolve(reference, file, read=read)
        return done

    def _resolve(self, reference: str, file: FileFacts, *, read: bool) -> str:
        for _ in range(_MAX_STEPS):
            owner, rest = self.split(reference, file, read=read)
            if owner is None:
                return flask_api.canonical(reference)
            if not rest:
                return owner.module
            first = _SPLIT.split(rest, maxsplit=1)[0]
            tail = rest[len(first) :]
            bound = owner.names.get(first)
            own = f"{owner.module}.{first}"
            if bound is None:
                return self._starred(owner, first) + tail
            if bound == own:
                return own + tail
            reference, file = bound + tail, owner
        return reference

    def _starred(self, owner: FileFacts, name: str) -> str:
        """Look for a name in what a file imports with `*`, and so on from there."""
        seen = {owner.module}
        todo = [owner]
        while todo:
            file = todo.pop(0)
            for star in file.stars:
                module = self._index.find(star, file.module)
                if module is None or module in seen:
                    continue
                seen.add(module)
                if module in self._by_id or self._may_pass_on(module, name):
                    source = self.file_of(module)
                    if source is not None and name in source.names:
                        return self.resolve(f"{module}.{name}", source)
                    todo += [source] if source is not None else []
        return f"{owner.module}.{name}"

    def meaning(self, reference: str, file: FileFacts) -> str:
        """Say what an object was made by, across modules and through factories."""
        key = (file.module, reference)
        done = self._meanings.get(key)
        if done is None:
            self._meanings[key] = reference  # ends a circle
            done = self._meanings[key] = self._meaning(reference, file)
        return done

    def _meaning(self, reference: str, file: FileFacts) -> str:
        reference = self.resolve(reference, file)
        for _ in range(_MAX_STEPS):
            owner, _ = self.split(reference, file)
            if owner is None:
                return reference
            expanded = expand(reference, owner.meanings, steps=1)
            if expanded == reference:
                expanded = self._returned(reference, owner)
            if expanded == reference:
                return reference
            reference, file = self.resolve(expanded, owner), owner
        return reference

    def _returned(self, reference: str, owner: FileFacts) -> str:
        """Replace a call of a project function by what it always returns."""
        called, parentheses, rest = reference.partition("()")
        found = self._functions.get(called, []) if parentheses else []
        if len(found) != 1 or found[0][1].is_generator or found[0][1].is_async:
            return reference
        returns = {value for value in found[0][1].returns if value != "None"}
        value = returns.pop() if len(returns) == 1 else None
        return reference if value is None else self.resolve(value, owner) + rest

    def function(self, reference: str) -> tuple[FileFacts, FunctionFact] | None:
        """Find a function of the project by its resolved reference, if there is just one."""
        found = self._functions.get(reference, [])
        return found[0] if len(found) == 1 else None

    def cls(self, reference: str) -> tuple[FileFacts, ClassFact] | None:
        """Find a class of the project by its resolved reference."""
        return self._classes.get(reference)

    def called(self, target: str, file: FileFacts) -> tuple[FileFacts, FunctionFact] | None:
        """Find the function, method or `__init__` of the project that a call names."""
        reference = self.resolve(target, file)
        if reference.endswith("()"):
            return None
        if self.cls(reference) is not None:
            reference = f"{reference}.__init__"
        elif "()" in reference:
            made_by, _, method = self.meaning(reference, file).rpartition("().")
            if not made_by or self.cls(made_by) is None:
                return None
            reference = f"{made_by}.{method}"
        return self.function(reference)

    # -- kinds of objects

    def is_subclass(self, reference: str, file: FileFacts, bases: frozenset[str]) -> bool:
        """Tell whether a class is, or derives from, one of the given classes of Flask."""
        resolved = self.resolve(reference, file)
        if resolved not in self._classes:
            return resolved in bases
        seen: set[str] = set()
        todo = [(reference, file)]
        while todo:
            current, where = todo.pop()
            resolved = self.resolve(current, where)
            if resolved in bases:
                return True
            found = self._classes.get(resolved)
            if found is not None and resolved not in seen:
                seen.add(resolved)
                todo += [(base, found[0]) for base in found[1].bases if base is not None]
        return False

    def ancestry(self, reference: str) -> list[str]:
        """List a class and its bases in the order in which Python looks names up in them.

        Bases out of view stand where they are named, without bases of their own. Files that the
        screen had left out are read: a mixin need not mention Flask.
        """
        known = self._ancestries.get(reference)
        if known is None:
            known = self._ancestries[reference] = self._linear(reference, {})
        return known

    def _linear(self, reference: str, known: dict[str, list[str]]) -> list[str]:
        cls = self._classes.get(reference)
        if cls is None:
            return [reference]
        if reference not in known:
            known[reference] = [reference]  # ends a circle
            bases = [self.resolve(base or "builtins.?", cls[0], read=True) for base in cls[1].bases]
            lines = [self._linear(base, known) for base in bases]
            known[reference] = [reference, *merged([*lines, bases])]
        return known[reference]

    def kind(self, reference: str | None, file: FileFacts) -> str:
        """Say what an object is to Flask: app, blueprint, other, or unknown."""
        if reference is None:
            return "unknown"
        key = (file.module, reference)
        known = self._kinds.get(key)
        if known is None:
            known = self._kinds[key] = self._kind(reference, file)
        return known

    def _kind(self, reference: str, file: FileFacts) -> str:
        meaning = self.meaning(reference, file)
        if meaning.removesuffix("._get_current_object()") == "flask.current_app":
            return "app"
        if meaning.endswith("()"):
            made_by = meaning[:-2]
            if self.is_subclass(made_by, file, flask_api.APP_CLASSES):
                return "app"
            if self.is_subclass(made_by, file, flask_api.BLUEPRINT_CLASSES):
                return "blueprint"
            root = made_by.partition(".")[0]
            if root in flask_api.FRAMEWORKS or made_by in self._classes:
                return "other"
        return "unknown"

    def is_app(self, reference: str | None, file: FileFacts) -> bool:
        """Tell whether an object is an application.

        A parameter called `app` counts where Flask is the only framework of the file, and so does a
        variable unless a class out of view made it.
        """
        kind = self.kind(reference, file)
        if kind != "unknown" or reference is None:
            return kind == "app"
        name = reference.rpartition(".<locals>.")[2]
        made_by = self.meaning(reference, file).rpartition(".")[2]
        return (
            ".<locals>." in reference
            and name in {"app", "application"}
            and file.frameworks == {"flask"}
            and not (made_by.endswith("()") and made_by[:1].isupper())
        )

    # -- files

    def relative(self, file: FileFacts) -> str:
        """Give the path of a file from the project root, with forward slashes."""
        path = self._relative.get(file.path)
        if path is None:
            path = os.path.relpath(os.path.abspath(file.path), self._root).replace(os.sep, "/")
            self._relative[file.path] = path
        return path

    def is_imported_unread(self, name: str) -> bool:
        """Tell whether a file that was left out imports something of that name.

        Such a file mentions nothing of Flask, but may pass the object on or keep it.
        """
        return name in self._imported_unread

    @cached_property
    def _imported_unread(self) -> frozenset[str]:
        known = self._broken | {file.module for file in self.files}
        unread = (path for id_, path in self._index.ids.items() if id_ not in known)
        return frozenset().union(*map(self._imports, unread))

    def is_imported_broken(self, reference: str, file: FileFacts) -> bool:
        """Tell whether a file that cannot be parsed imports something by its name or its module."""
        name = reference.removeprefix(f"{file.module}.")
        return not self._imported_broken.isdisjoint({name, file.module.rpartition(".")[2], "*"})

    @cached_property
    def _imported_broken(self) -> frozenset[str]:
        broken = (path for id_, path in self._index.ids.items() if id_ in self._broken)
        return frozenset().union(*map(self._imports, broken))

    def python_texts(self) -> Iterator[tuple[str, str]]:
        """Go through all Python files with their texts, read again, by their paths."""
        for path in self._index.ids.values():
            yield path, self._bytes(path).decode("utf-8", "replace")

    def other_texts(self, wanted: Callable[[str], object] = bool) -> dict[str, str] | None:
        """Give the texts in the project folder by their paths; None if there are too many.

        Only those of files with a `wanted` name are read.
        """
        return self._others(wanted)

    def is_test(self, file: FileFacts) -> bool:
        """Tell whether a file is test code, by its path in the project."""
        known = self._tests.get(file.path)
        if known is None:
            known = self._tests[file.path] = is_test_path(self.relative(file))
        return known

    def is_program(self, file: FileFacts) -> bool:
        """Tell a `__main__.py`, which is run by `python -m` and not imported."""
        return file.module.rpartition(".")[2] == "__main__"

    def is_development(self, file: FileFacts, owner: str = "") -> bool:
        """Tell whether code is only meant for development, by the names around it.

        `owner` is the reference of the function or class that the code stands in.
        """
        path = self.relative(file).rpartition(".")[0]
        names = [*path.split("/"), *owner.removeprefix(file.module).split(".")]
        words = {word.lower() for name in names for word in _WORD.findall(name)}
        return not words.isdisjoint(_DEVELOPMENT)

    def production_start(self, file: FileFacts) -> Start | None:
        """Give the deployment command which starts this very file with Python, if there is one."""
        starts = self._starts()
        if not starts:
            return None
        from flask_gotchas.deployment import starts_file  # noqa: PLC0415 - few runs come here

        return starts_file(starts, self.relative(file), file.module)

    def is_imported(self, file: FileFacts) -> bool:
        """Tell whether another file of the project imports a file."""
        return bool(self.importers(file))

    def importers(self, file: FileFacts) -> list[tuple[FileFacts, ImportFact]]:
        """List the imports of a file, by whichever name, in other files."""
        return self._importers.get(file.module, [])

    @cached_property
    def _importers(self) -> dict[str, list[tuple[FileFacts, ImportFact]]]:
        found: dict[str, list[tuple[FileFacts, ImportFact]]] = {}
        for file in self.files:
            for fact in file.imports:
                targets = {self._index.find(fact.module, file.module)}
                if fact.name is not None:
                    targets.add(self._index.find(f"{fact.module}.{fact.name}", file.module))
                for target in targets - {None, file.module}:
                    found.setdefault(str(target), []).append((file, fact))
        return found

    def options(self, rule: type[Rule]) -> object:
        """Give the settings table of a rule."""
        return None if self._options is None else self._options(rule)

    # -- versions

    @property
    def flask(self) -> Releases:
        """The releases of Flask that the project may run with."""
        return self.versions().flask

    def versions(self, file: FileFacts | None = None) -> Versions:
        """Give the Flask and Werkzeug of a file, or of the project as a whole.

        They differ where folders of the project have requirements of their own.
        """
        from flask_gotchas.flask_version import VersionReader  # noqa: PLC0415 - few runs come here

        if self._versions is None:
            self._versions = VersionReader(self._root)
        folder = "" if file is None else self.relative(file).rpartition("/")[0]
        return self._versions.versions(folder)

    # -- what the facts say together

    @cached_property
    def routing(self) -> Routing:
        """Routes, views and blueprints."""
        from flask_gotchas.project.routing import Routing  # noqa: PLC0415 - it asks this module

        return Routing(self)

    @cached_property
    def runtime(self) -> Runtime:
        """When functions run, and what loading a module reaches."""
        from flask_gotchas.project.runtime import Runtime  # noqa: PLC0415

        return Runtime(self)

    @cached_property
    def evaluator(self) -> Evaluator:
        """Values of expressions, across files, calls and loops."""
        from flask_gotchas.project.evaluate import Evaluator  # noqa: PLC0415

        return Evaluator(self)

    @cached_property
    def callers(self) -> Callers:
        """Who calls functions and passes objects on."""
        from flask_gotchas.project.callers import Callers  # noqa: PLC0415

        return Callers(self)

    @cached_property
    def url_map(self) -> UrlMap:
        """Every rule of every application, composed from its parts."""
        from flask_gotchas.project.url_map import UrlMap  # noqa: PLC0415

        return UrlMap(self)

    @cached_property
    def handlers(self) -> Handlers:
        """Views and hooks, and what Flask gets from them."""
        from flask_gotchas.project.handlers import Handlers  # noqa: PLC0415

        return Handlers(self)

    @cached_property
    def templates(self) -> Templates:
        """Templates, and the folders in which they are found."""
        from flask_gotchas.project.templates import Templates  # noqa: PLC0415

        return Templates(self)

    @cached_property
    def removals(self) -> Removals:
        """Uses of what Flask and Werkzeug no longer have."""
        from flask_gotchas.project.removals import Removals  # noqa: PLC0415

        return Removals(self)

    @cached_property
    def request_texts(self) -> RequestTexts:
        """Text of requests at places where it can do harm."""
        from flask_gotchas.project.request_texts import RequestTexts  # noqa: PLC0415

        return RequestTexts(self)

    @cached_property
    def configuration(self) -> Configuration:
        """Settings and starts of the development server."""
        from flask_gotchas.project.configuration import Configuration  # noqa: PLC0415

        return Configuration(self)


def merged(lines: list[list[str]]) -> list[str]:
    """Merge lists of classes so that each keeps its order, as Python's C3 does.

    Where that is impossible, which only bases out of view can cause, the first comes first.
    """
    found: list[str] = []
    lines = [line for line in lines if line]
    while lines:
        heads = [line[0] for line in lines]
        free = (head for head in heads if not any(head in line[1:] for line in lines))
        chosen = next(free, heads[0])
        found.append(chosen)
        lines = [kept for line in lines if (kept := [name for name in line if name != chosen])]
    return found
