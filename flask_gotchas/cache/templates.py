"""What is known of templates: to read them takes Jinja, whose import costs more than many rules."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import msgspec

from flask_gotchas import ways
from flask_gotchas.template_facts import TemplateFacts

if TYPE_CHECKING:
    from flask_gotchas.cache.folder import CacheFolder


class _Known(msgspec.Struct, array_like=True):
    """What a template says that has this content; None where it makes no sense."""

    digest: bytes
    facts: TemplateFacts | None


class KnownTemplates:
    """The facts of templates, by the paths under which they are reported.

    They are kept for this process, and in a folder, if there is one, for later ones.
    """

    def __init__(self, folder: CacheFolder | None = None, key: str = "") -> None:
        self._folder = folder
        self._key = key
        self._known: dict[str, _Known] | None = None
        self._used: dict[str, _Known] = {}

    def read(self, path: str, name: str, text: str) -> TemplateFacts | None:
        """Give the facts of a template, by its name and source; None if it makes no sense."""
        digest = ways.digest(f"{name}\0{text}".encode("utf-8", "surrogatepass"))
        known = self._before().get(path)
        if known is None or known.digest != digest:
            from flask_gotchas.templates import read_template  # noqa: PLC0415 - most are known

            known = _Known(digest, read_template(path, name, text))
        self._used[path] = known
        return known.facts

    def save(self) -> None:
        """Write what is new, and forget templates that are gone."""
        known = self._before() if self._used else {}
        new = {path: one for path, one in self._used.items() if known.get(path) is not one}
        gone = [path for path in known if path not in self._used and not os.path.lexists(path)]
        self._used = {}
        if new or gone:
            known.update(new)
            for path in gone:
                del known[path]
            if self._folder is not None:
                self._folder.write("templates", self._key, known)

    def _before(self) -> dict[str, _Known]:
        if self._known is None:
            form = dict[str, _Known]
            kept = self._folder and self._folder.read("templates", self._key, form)
            self._known = kept or {}
        return self._known
