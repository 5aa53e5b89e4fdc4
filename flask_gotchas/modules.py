"""Which file an import means, for any layout of a project.

A file is known by its dotted path from the project root: `src/shop/views.py` is
`src.shop.views`, whatever it is imported as. An import is matched with the end of that path; the
folder that is left over is what must have been on `sys.path`.
"""

from __future__ import annotations

import re

# What has a meaning in a reference, as a file name such as `app (copy).py` may have too.
_PUNCTUATION = re.compile(r"[.()\[\]<>]")
# A file of this name that came first would leave the project without Flask.
_FLASK = frozenset({"flask", "jinja2", "werkzeug"})


def module_id(path: str) -> tuple[str, ...]:
    """Give the parts of a file's dotted path; `path` is relative to the project root."""
    parts = path.replace("\\", "/").strip("/").split("/")
    name = parts.pop().rpartition(".")[0]
    parts = [_PUNCTUATION.sub("_", part) for part in parts if part not in {"", ".", ".."}]
    name = _PUNCTUATION.sub("_", name)
    return tuple(parts if name == "__init__" and parts else [*parts, name])


class ModuleIndex:
    """All Python files of a project, found by the names under which they can be imported.

    `ids` maps the id of each file to its path, `heads` holds every name with which a reference
    into the project can begin, `lasts` every one with which an id ends. A script `app.py` beside a
    package `app` cannot be imported, so it has an id by which no import finds it.
    """

    def __init__(self, paths: list[str]) -> None:
        self.ids: dict[str, str] = {}
        self.heads: set[str] = set()
        self._by_last: dict[str, list[tuple[str, ...]]] = {}
        self.lasts: set[str] = set()
        self._found: dict[tuple[str, str], str | None] = {}
        self._packages = {module_id(path) for path in paths if path.endswith("__init__.py")}
        self._id_of: dict[str, str] = {}
        for path in paths:
            parts = self._parts(path)
            self._id_of[path] = id_ = ".".join(parts)
            self.ids.setdefault(id_, path)
            self.heads.update(parts)
            self.lasts.add(parts[-1].rpartition(".")[2])  # a file may have dots in its name
            self._by_last.setdefault(parts[-1], []).append(parts)

    def _parts(self, path: str) -> tuple[str, ...]:
        parts = module_id(path)
        if parts in self._packages and not path.endswith("__init__.py"):
            return (*parts[:-1], f"{parts[-1]}-py")
        return parts

    def id_of(self, path: str) -> str:
        """Give the id of a file of the project by its path from the root."""
        known = self._id_of.get(path)
        return ".".join(self._parts(path)) if known is None else known

    def find(self, name: str, importer: str) -> str | None:
        """Give the id of the file that `import name` means in the file with the id `importer`.

        None when no file of the project fits, or several do and none is nearer than the others.
        """
        if name[name.rfind(".") + 1 :] not in self._by_last:
            return None
        key = (name, importer)
        if key not in self._found:
            self._found[key] = self._find(tuple(name.split(".")), tuple(importer.split(".")))
        return self._found[key]

    def _find(self, name: tuple[str, ...], importer: tuple[str, ...]) -> str | None:
        size = len(name)
        fitting = [p for p in self._by_last.get(name[-1], ()) if p[-size:] == name]
        around = [p for p in fitting if p[:-size] == importer[: len(p) - size]]
        # A folder which is a package is rarely on sys.path, but scripts do run inside of one.
        tops = [p for p in around if p[:-size] not in self._packages]
        if name[0] in _FLASK:
            return None
        elsewhere = [p for p in fitting if p[:-size] not in self._packages]
        if tops or around:
            nearest = max(len(p) for p in tops or around)
            return ".".join(next(p for p in tops or around if len(p) == nearest))
        return ".".join(elsewhere[0]) if len(elsewhere) == 1 else None
