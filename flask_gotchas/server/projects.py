"""The projects that the documents of an editor belong to, checked anew after each change.

What is known of their files stays in memory. So an edit costs the parse of one file, and joining
the facts of all.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import msgspec

from flask_gotchas import discover, disk, fixes, run
from flask_gotchas import settings as settings_module
from flask_gotchas.cache.folder import CacheFolder
from flask_gotchas.cache.memory import Memory
from flask_gotchas.model import Report
from flask_gotchas.records import NamedTuple
from flask_gotchas.rule import all_rules
from flask_gotchas.settings import DEFAULT, Settings, SettingsError, absolute_path
from flask_gotchas.source import decode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from flask_gotchas.model import Diagnostic
    from flask_gotchas.server.documents import Document


class Superseded(BaseException):
    """Something has changed in the meantime, so nobody waits for this check any more."""


class Project(NamedTuple):
    """Files that are checked together, with a key of their own.

    `complete` tells that they are all below the root, not just one file somewhere.
    """

    key: tuple[str, bool]
    settings: Settings
    complete: bool
    memory: Memory


class Checked(NamedTuple):
    """What was found in a document.

    `others` are the documents of its project, by path, as they were then.
    """

    document: Document
    path: str
    diagnostics: tuple[Diagnostic, ...]
    project: Project
    others: Mapping[str, bytes]


class Projects:
    """Checks documents with the projects around them, one check at a time.

    `said` is what is wrong with settings, as of the last check.
    """

    def __init__(self) -> None:
        self.said: list[str] = []
        self._memories: dict[tuple[str, bool], Memory] = {}
        self._known: set[tuple[str, bool]] = set()
        self._settings: dict[str, Settings] = {}

    def check(
        self,
        documents: Sequence[Document],
        folders: Sequence[str],
        changed: set[str] | None,
        *,
        steady: bool,
        progress: Callable[[int, int], None],
        pause: Callable[[], None],
    ) -> list[Checked]:
        """Check the documents to which some changes may matter.

        `folders` are those of the workspace, `changed` the URIs of documents, or None if anything
        may have changed; `steady` tells that no file has. `progress` and `pause` are called often;
        what they raise ends the check.
        """
        self.said = []
        results: list[Checked] = []
        texts = {document.path: document.data for document in documents if document.path}
        loaded: dict[str, Settings] = {}
        groups: dict[tuple[str, bool, str], list[Document]] = {}
        projects: dict[tuple[str, bool, str], Project] = {}
        for document in documents:
            folder = self._folder(document, folders)
            if folder not in loaded:
                loaded[folder] = self._load(folder)
            project = self._project(document, loaded[folder], folders)
            key = (*project.key, repr(project.settings))
            groups.setdefault(key, []).append(document)
            projects.setdefault(key, project)
        self._memories = {project.key: project.memory for project in projects.values()}
        self._known &= self._memories.keys()
        for key, members in groups.items():
            project = projects[key]
            others = self._others(project, members, texts)
            names = {document.uri for document in documents if document.path in others}
            if changed is None or not changed.isdisjoint(names | {one.uri for one in members}):
                pause()
                results += self._check(
                    project, members, others, steady=steady, progress=progress, pause=pause
                )
        return results

    def with_fixes(self, checked: Checked, pause: Callable[[], None]) -> tuple[Diagnostic, ...]:
        """Give what was found in a document with the fixes that stand the test."""
        trial = _Trial(checked, pause)
        report = Report(checked.diagnostics, 1)
        return fixes.with_tried_fixes(trial.check, trial.read, report, trial.texts).diagnostics

    def fixed(self, checked: Checked, pause: Callable[[], None]) -> str:
        """Give the text of a document with all safe fixes."""
        trial = _Trial(checked, pause)
        first = Report(checked.diagnostics, 1)
        outcome = fixes.fix(trial.check, trial.read, unsafe=False, first=first, texts=trial.texts)
        return decode(outcome.after.get(checked.path, checked.document.data))

    def _check(
        self,
        project: Project,
        members: Iterable[Document],
        others: dict[str, bytes],
        *,
        steady: bool,
        progress: Callable[[int, int], None],
        pause: Callable[[], None],
    ) -> list[Checked]:
        paths = {document.uri: _path(document, project) for document in members}
        cache = None
        if project.complete and project.key not in self._known:
            cache = CacheFolder(settings_module.cache_folder(project.settings))
        report = run.check_documents(
            others,
            project.settings,
            project.memory,
            complete=project.complete,
            wanted=set(paths.values()),
            cache=cache,
            progress=progress,
            pause=pause,
            steady=steady,
        )
        self._known.add(project.key)
        found: dict[str, list[Diagnostic]] = {}
        for diagnostic in report.diagnostics:
            found.setdefault(diagnostic.location.path, []).append(diagnostic)
        return [
            Checked(document, path, tuple(found.get(path, ())), project, others)
            for document in members
            for path in [paths[document.uri]]
        ]

    # -- projects

    def _folder(self, document: Document, folders: Sequence[str]) -> str:
        if document.path is not None:
            return os.path.dirname(document.path)
        return folders[0] if folders else os.getcwd()

    def _load(self, folder: str) -> Settings:
        """Load the settings that hold in a folder; if they are wrong, keep to those from before."""
        try:
            loaded = settings_module.load(folder, {})
            settings_module.validate(loaded, all_rules())
        except SettingsError as error:
            before = self._settings.get(folder)
            instead = "the usual ones are used" if before is None else "those from before stay"
            message = f"flask-gotchas: wrong settings, so {instead}: {error}"
            if message not in self.said:
                self.said.append(message)
            return before or settings_module.load(folder, {}, isolated=True)
        self._settings[folder] = loaded
        return loaded

    def _project(self, document: Document, settings: Settings, folders: Sequence[str]) -> Project:
        root, complete = settings.root, document.path is not None
        is_set = settings.origins.get("project-root", DEFAULT) != DEFAULT
        if complete and not is_set and not run.is_marked(root):
            # Without a mark the folder that is open in the editor is the project.
            around = [folder for folder in folders if _is_below(str(document.path), folder)]
            root = max(around, key=len, default="")
            complete = bool(around)
        if not complete:
            root = settings.root
        key = (root if complete else document.uri, complete)
        if root != settings.root:
            settings = msgspec.structs.replace(settings, root=root)
        return Project(key, settings, complete, self._memories.get(key) or Memory())

    def _others(
        self, project: Project, members: Iterable[Document], texts: Mapping[str, bytes]
    ) -> dict[str, bytes]:
        """Give what stands in place of files of the project."""
        root = project.settings.root
        if project.complete:
            others = {path: data for path, data in texts.items() if _is_below(path, root)}
            others |= {_path(document, project): document.data for document in members}
            return others
        return {
            _path(document, project): document.data
            for document in members
            if document.path is None
            or not discover.is_excluded(document.path, project.settings, os.sep)
        }


class _Trial:
    """What it takes to try fixes of a document in its project."""

    def __init__(self, checked: Checked, pause: Callable[[], None]) -> None:
        self._checked = checked
        self._pause = pause

    def check(self, texts: Mapping[str, bytes]) -> Report:
        """Check the document with other texts."""
        project = self._checked.project
        return run.check_documents(
            {**self._checked.others, **texts},
            project.settings,
            project.memory,
            complete=project.complete,
            wanted={self._checked.path},
            pause=self._pause,
        )

    def read(self, path: str) -> bytes:
        """Read what stands in a file."""
        others = self._checked.others
        return others[path] if path in others else disk.read(path)

    def texts(self) -> dict[str, str] | None:
        """Read the files of the project, if it is known which they are."""
        project = self._checked.project
        root = project.settings.root
        found = discover.other_texts(root) if project.complete else None
        if found is not None:
            for path, data in self._checked.others.items():
                found[os.path.relpath(path, root).replace(os.sep, "/")] = data.decode(
                    errors="replace"
                )
        return found


def _path(document: Document, project: Project) -> str:
    """Give the path of a document, or where a new one could be."""
    if document.path is not None:
        return document.path
    name = re.sub(r"\W", "_", document.uri.rpartition("/")[2].removeprefix("untitled:"))
    return absolute_path(os.path.join(project.settings.root, f"{name}.py"))


def _is_below(path: str, folder: str) -> bool:
    return path.startswith(absolute_path(folder).rstrip("/") + "/")
