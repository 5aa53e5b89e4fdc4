"""Modules with routes that nothing in the project imports, starts or even names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flask_gotchas.patterns import late_pattern
from flask_gotchas.project.link import is_test_path
from flask_gotchas.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.facts.model import FileFacts
    from flask_gotchas.project.evaluate import Thing
    from flask_gotchas.project.link import Project
    from flask_gotchas.project.url_map import Own

# What servers, hosts and people start is called so, and routes may well stand there.
_ENTRIES = frozenset(
    {
        "app", "application", "asgi", "autoapp", "cli", "conftest", "function_app", "handler",
        "index", "lambda_function", "main", "main_app", "manage", "passenger_wsgi", "run",
        "run_server", "runserver", "serve", "server", "start", "start_server", "wsgi",
    }
)  # fmt: skip
# Folders whose files are shown, copied, or loaded by whoever finds them there.
_LOOSE = frozenset(
    {
        "addon", "addons", "contrib", "demo", "demos", "doc", "docs", "example", "examples",
        "extension", "extensions", "plugin", "plugins", "sample", "samples", "script", "scripts",
        "snippets", "tool", "tools", "tutorial", "tutorials",
    }
)  # fmt: skip
# Ways to load a module whose name is not written down, which is so unless a plain string follows.
_LOADING = late_pattern(
    r"(?<![.\w])exec\s*\(|\b(?:ExtensionManager|SourceFileLoader|__import__|autodiscover\w*"
    r"|entry_points|exec_module|execfile|find_modules|import_from_string|import_module"
    r"|import_string|iter_entry_points|iter_modules|load_module|load_source|resolve_name|run_module"
    r"|run_path|scan|spec_from_file_location|walk_packages)\s*\("
    r"(?!\s*[\"'][\w.:]+[\"']\s*[,)])"
    r"|\b__all__\s*\+?=\s*(?![\[(]\s*[\"'\])])"
)
_IMPORT = late_pattern(r"\b(?:from|import)\b(?:[^\n(\\]|\\.|\([^)]*\))*", re.DOTALL)
_DOCUMENTS = (".html", ".ipynb", ".markdown", ".md", ".rst", ".txt")
_COMMAND = (
    r"(?:FLASK_APP|\bpython[\d.]*|\bflask|\bg?unicorn|\bhypercorn|\buwsgi|\bwaitress|\bimport)"
)


class Unimported(NamedTuple):
    """A module that nothing imports, and what it registers on an object of another module."""

    file: FileFacts
    thing: Thing
    home: FileFacts
    routes: list[Own]


def unimported_modules(project: Project) -> Iterator[Unimported]:
    """Go through the modules whose routes do not exist, since nothing loads them.

    Nothing when the project is not complete, or when it loads modules by names that are computed.
    """
    if not project.complete:
        return
    found = [module for module in _candidates(project) if _is_live(project, module)]
    if not found:
        return
    texts = dict(project.python_texts())
    for path, text in texts.items():
        if not is_test_path(path) and _LOADING.search(text):
            return
    others = project.other_texts()
    if others is not None:
        texts = {**{path: others[path] for path in others if path.endswith(".py")}, **texts}
        others = {path: others[path] for path in others.keys() - texts.keys()}
        for module in found:
            if not _is_named(project, module.file, texts, others):
                yield module


def _candidates(project: Project) -> Iterator[Unimported]:
    """Go through modules which no file imports and which have routes on what others bind."""
    of_file: dict[str, Unimported] = {}
    for thing, owns in project.url_map.owns():
        home, _ = project.split(thing.reference, thing.file)
        if home is None or project.is_test(home):
            continue
        for own in owns:
            file, site = own.file, own.site
            if site is None or site.fact.runs or site.fact.guards or file is home:
                continue
            if file.module not in of_file:
                if not _may_be_forgotten(project, file):
                    continue
                of_file[file.module] = Unimported(file, thing, home, [])
            if of_file[file.module].thing.reference == thing.reference:
                of_file[file.module].routes.append(own)
    yield from of_file.values()


def _may_be_forgotten(project: Project, file: FileFacts) -> bool:
    """Tell whether a module is made to be imported, and no file that was read does so."""
    folders, _, name = project.relative(file).rpartition("/")
    last = name.removesuffix(".py")
    return (
        last.isidentifier()
        and last not in _ENTRIES
        and not file.is_package
        and not file.runs
        and not project.is_imported(file)
        and not project.is_test(file)
        and not project.is_program(file)
        and not project.is_development(file)
        and _LOOSE.isdisjoint(folders.lower().split("/"))
        and not project.runtime.is_entry(file)
    )


def _is_live(project: Project, module: Unimported) -> bool:
    """Tell whether the application runs without the module.

    What imports the application may be what a server is told to start, unless something else is
    made for that.
    """
    file, home = module.file, module.home
    importers = [other for other, _ in project.importers(home) if other is not file]
    if project.url_map.kind(module.thing) == "blueprint":
        return any(not project.is_test(other) for other in importers)
    if home.is_package and file.module.startswith(f"{home.module}."):
        return True
    return any(
        bool(other.runs) or other.module.rpartition(".")[2] in _ENTRIES
        for other in [home, *importers]
        if not project.is_test(other)
    )


def _is_named(
    project: Project, file: FileFacts, texts: dict[str, str], others: dict[str, str]
) -> bool:
    """Tell whether something may mean a module that the linking did not find: when in doubt, yes.

    Files without Flask are not parsed, an import may fit several files, and what starts the
    program names modules in its own way.
    """
    own, name = project.relative(file), file.module.rpartition(".")[2]
    word = re.compile(rf"\b{name}\b")
    quoted = re.compile(rf"[\"'](?:[^\"'\n]*\.)?{name}(?:[.:][^\"'\n]*)?[\"']|\b{name}\.py\b")
    parsed = {project.relative(other): other for other in project.files}
    for path, text in texts.items():
        if path == own or name not in text:
            continue
        if quoted.search(text):
            return True
        if path not in parsed:
            if any(word.search(statement) for statement in _IMPORT.findall(text)):
                return True
        elif any(
            project.module_of(dotted, parsed[path]) is None
            for fact in parsed[path].imports
            for dotted in _leading_to(name, f"{fact.module}.{fact.name}")
        ):
            return True
    command = re.compile(rf"{_COMMAND}[^\n]*\b{name}\b")
    return any(
        (command if path.lower().endswith(_DOCUMENTS) else word).search(text)
        for path, text in others.items()
    )


def _leading_to(name: str, dotted: str) -> Iterator[str]:
    """Go through the beginnings of a dotted name that end with a module of some name."""
    parts = dotted.split(".")
    for size, part in enumerate(parts, 1):
        if part == name:
            yield ".".join(parts[:size])
