"""Which templates there are, and what they say."""

from __future__ import annotations

import posixpath
import re
from functools import cached_property
from typing import TYPE_CHECKING

from flask_gotchas.discover import NOTHING, TemplateFiles
from flask_gotchas.facts import flask_api
from flask_gotchas.patterns import late_pattern
from flask_gotchas.project.evaluate import Scope
from flask_gotchas.records import NamedTuple
from flask_gotchas.settings import Settings
from flask_gotchas.similar import similar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.facts.model import FileFacts
    from flask_gotchas.model import Location
    from flask_gotchas.project.link import Project
    from flask_gotchas.template_facts import TemplateFacts

_FOLDER = "templates"
_EXTENSION = late_pattern(r"^flask|_flask$|^flasgger$|^apiflask$", re.IGNORECASE)
# With what the names of the templates begin that an extension brings; most bring none.
_BROUGHT: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        (
            "flask", "flask_assets", "flask_babel", "flask_bcrypt", "flask_caching",
            "flask_compress", "flask_cors", "flask_httpauth", "flask_jwt_extended",
            "flask_limiter", "flask_login", "flask_mail", "flask_marshmallow", "flask_migrate",
            "flask_moment", "flask_paginate", "flask_principal", "flask_redis", "flask_restful",
            "flask_script", "flask_session", "flask_socketio", "flask_sock", "flask_sqlalchemy",
            "flask_talisman", "flask_testing", "flask_wtf",
        ),
        (),
    ),
    "flask_admin": ("admin/",),
    "flask_appbuilder": ("appbuilder/",),
    "flask_bootstrap": ("bootstrap",),
    "flask_debugtoolbar": ("debug_toolbar/",),
    "flask_restx": ("restx", "swagger-ui"),
    "flask_security": ("security/",),
    "flask_user": ("flask_user",),
}  # fmt: skip


class Unescaped(NamedTuple):
    """A variable that a template puts out as it is."""

    template: TemplateFacts
    variable: str
    at: Location


class Templates:
    """Answers about templates; ask it through `Project.templates`.

    `folders` are those of applications and blueprints, by their paths from the project root.
    """

    def __init__(self, project: Project) -> None:
        self.project = project
        self.folders: list[str] = []
        self._out_of_view = not project.complete
        self._files = project.template_files or TemplateFiles("", (), Settings(""), NOTHING)
        self._known = project.known_templates
        self._read: dict[str, TemplateFacts | None] = {}
        makes_app = False
        for file in project.files:
            if not project.is_test(file):
                self._out_of_view |= file.loads_templates
                makes_app |= self._take(file)
        self._out_of_view |= not makes_app

    def _take(self, file: FileFacts) -> bool:
        """Note the template folders that a file names; tell whether it makes an application."""
        makes_app = False
        for fact in file.template_folders:
            made_by = fact.made_by or ""
            is_app = self.project.is_subclass(made_by, file, flask_api.APP_CLASSES)
            makes_app |= is_app
            if fact.folder is None:
                if is_app:
                    self._default(file)
                continue
            folder = self.project.evaluator.value(fact.folder, Scope(file, {}))
            if isinstance(folder, str):
                self._add(file, folder, is_own=fact.is_own)
            elif folder is not None:
                self._out_of_view = True
        return makes_app

    def _default(self, file: FileFacts) -> None:
        """Take the folder beside a file, or the nearest one above: the name may be a package's."""
        above = posixpath.dirname(self.project.relative(file))
        while not self._files.is_folder(posixpath.join(above, _FOLDER)):
            if not above or above.startswith(".."):
                return
            above = posixpath.dirname(above)
        self._enter(posixpath.join(above, _FOLDER))

    def _add(self, file: FileFacts, folder: str, *, is_own: bool) -> None:
        beside = posixpath.dirname(self.project.relative(file))
        path = posixpath.normpath(posixpath.join(beside, folder))
        if not path.startswith(("..", "/")) and self._files.is_folder(path):
            self._enter(path)
        elif not is_own or folder != _FOLDER:
            self._out_of_view = True

    def _enter(self, folder: str) -> None:
        if folder not in self.folders:
            self.folders.append(folder)

    # -- questions

    @cached_property
    def known_folders(self) -> tuple[str, ...]:
        """All folders whose templates count as known, whoever uses them."""
        return tuple(dict.fromkeys((*self.folders, *self._files.folders)))

    def is_missing(self, name: str) -> bool:
        """Tell whether there is surely no template of this name.

        False as long as it may come from somewhere out of view, such as an extension.
        """
        if self._out_of_view or not self.known_folders:
            return False
        path = _normal(name)
        if path is None:
            return True
        files = self._files
        if any(files.is_file(f"{folder}/{path}") for folder in self.known_folders):
            return False
        brought = [_BROUGHT.get(extension) for extension in self._extensions]
        if any(path.startswith(beginnings) for beginnings in brought if beginnings is not None):
            return False
        # The others may bring any, but those without a folder would get into the way of all.
        return None not in brought or "/" not in path or path.startswith(f"{_FOLDER}/")

    @cached_property
    def _extensions(self) -> frozenset[str]:
        """The packages from elsewhere that extend Flask."""
        return frozenset(
            root
            for file in self.project.files
            for fact in file.imports
            if _EXTENSION.search(root := fact.module.partition(".")[0])
            and self.project.split(fact.module, file)[0] is None
        )

    def nearest(self, name: str) -> str | None:
        """Give the name that was perhaps meant by one that is missing."""
        path = _normal(name.replace("\\", "/").removeprefix(f"{_FOLDER}/")) or name
        names = [n for folder in self.known_folders for n in self._files.names(folder)]
        if path in names:
            return path
        near = similar(path, names, 0.75)
        if near:
            return near[0]
        same = {n for n in names if posixpath.basename(n) == posixpath.basename(path)}
        return same.pop() if len(same) == 1 else None

    def facts(self) -> Iterator[TemplateFacts]:
        """Go through the templates of applications and blueprints that are to be reported on."""
        seen: set[str] = set()
        for folder in self.folders:
            for name in self._files.names(folder):
                path = posixpath.normpath(f"{folder}/{name}")
                if path not in seen and self._files.is_wanted(path):
                    seen.add(path)
                    found = self._facts(path, name)
                    if found is not None:
                        yield found

    def mention(self, word: str) -> bool:
        """Tell whether any template below a folder called `templates` holds a word."""
        files = self.project.template_files
        return files is not None and any(
            word in (files.text(f"{folder}/{name}") or "")
            for folder in files.folders
            for name in files.names(folder)
        )

    def find(self, name: str) -> TemplateFacts | None:
        """Read a template by its name; None if there is not just one or it makes no sense."""
        path = self._only(name)
        return None if path is None else self._facts(path, _normal(name) or "")

    def _only(self, name: str) -> str | None:
        """Give the path of a template by its name; None if there is not just one."""
        path = _normal(name)
        found = [folder for folder in self.folders if self._files.is_file(f"{folder}/{path or ''}")]
        if path is None or len(found) != 1:
            return None
        return posixpath.normpath(f"{found[0]}/{path}")

    def unescaped(self, name: str) -> Unescaped | None:
        """Find text that a template puts out unescaped, if Flask's own choice leaves it so.

        None also where the project has a say in that, or the template is not the only one.
        """
        path = None if self._out_of_view else self._only(name)
        if path is None or any(file.sets_autoescape for file in self.project.files):
            return None
        template, source = self._facts(path, name), self._files.text(path)
        if template is None or source is None:
            return None
        from flask_gotchas.templates import unescaped_output  # noqa: PLC0415 - few runs come here

        found = unescaped_output(template.path, source)
        return None if found is None else Unescaped(template, *found)

    def _facts(self, path: str, name: str) -> TemplateFacts | None:
        if path not in self._read:
            text = self._files.text(path)
            self._read[path] = (
                None if text is None else self._known.read(self._files.spelling(path), name, text)
            )
        return self._read[path]


def _normal(name: str) -> str | None:
    """Take the parts out of a name that Jinja passes over; None for what it never finds."""
    parts = [part for part in name.split("/") if part not in {"", "."}]
    return "/".join(parts) if parts and ".." not in parts and "\\" not in name else None
