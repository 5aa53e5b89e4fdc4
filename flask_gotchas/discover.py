"""From paths to Python files: excludes, `.gitignore`, links, and spelling as the user would."""

from __future__ import annotations

import itertools
import os
import re
from typing import TYPE_CHECKING

from flask_gotchas import disk, ways
from flask_gotchas.patterns import late_pattern
from flask_gotchas.records import NamedTuple
from flask_gotchas.settings import absolute_path, path_matcher, translate

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping, Sequence
    from typing import TypeAlias

    from flask_gotchas.settings import Settings

    # Folders and what is ignored below them, those first which win.
    IgnoreRules: TypeAlias = tuple[tuple[str, "GitIgnore"], ...]

SUFFIXES = ways.SUFFIXES
# What is taken for a template when it is named; in a folder called so, whatever has other suffixes.
TEMPLATE_SUFFIXES = (".html", ".htm", ".xhtml", ".jinja", ".jinja2", ".j2")
TEMPLATES = "templates"
_LONGEST_TEMPLATE = 1_000_000

_MOST_TEXTS = 20_000
_LONGEST_TEXT = 1_000_000
_SKIPPED = frozenset({".git", "__pycache__", "node_modules", "site-packages", ways.CACHE_FOLDER})
_TEXTS = (
    *SUFFIXES, ".cfg", ".conf", ".env", ".flaskenv", ".html", ".ini", ".ipynb", ".json",
    ".markdown", ".md", ".ps1", ".rst", ".service", ".sh", ".tf", ".toml", ".txt", ".wsgi", ".yaml",
    ".yml",
)  # fmt: skip
_NOTHING = late_pattern("(?!)")
_LINE_END = late_pattern("\r\n?|\n")


class PathNotFound(Exception):  # noqa: N818 - reads as what it says
    """A path that was asked for does not exist."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


class Discovery(NamedTuple):
    """Sorted Python files, what could not be read with the reason, and templates that were named.

    `folders` are the absolute folders that were named, with their spelling.
    """

    files: list[str]
    problems: list[tuple[str, str]]
    templates: list[str]
    folders: list[tuple[str, str]]


NOTHING = Discovery([], [], [], [])


class Survey(NamedTuple):
    """The Python files of a project, and its absolute folders called `templates`."""

    files: list[str]
    template_folders: list[str]


def discover(paths: Sequence[str], settings: Settings) -> Discovery:
    """Find the files to check, each real file once, spelled like the path that led to it.

    A named file is always taken, as a template if its name says so. A named folder is searched for
    Python files that are neither excluded nor ignored by git; links to folders are not followed.
    Raises PathNotFound.
    """
    search = _Search(settings)
    folders = []
    templates = []
    for path in paths:
        spelled = _spelled(path)
        is_folder = disk.is_folder(path)
        try:
            os.stat(path)
        except (FileNotFoundError, NotADirectoryError, ValueError):
            raise PathNotFound(path) from None
        except OSError as error:
            search.problems.append((spelled, error.strerror or str(error)))
            continue
        disk.real_path(path)  # decides which of several spellings counts
        if is_folder:
            folders.append(spelled)
        elif is_template(absolute_path(path)):
            templates.append(spelled)
        else:
            search.files.setdefault(search.real_path(path), spelled)
    for folder in folders:
        search.walk(absolute_path(folder), folder)
    return Discovery(
        files=sorted(search.found().values()),
        problems=search.problems,
        templates=sorted(set(templates)),
        folders=[(absolute_path(folder), folder) for folder in folders],
    )


def is_template(path: str) -> bool:
    """Tell by its absolute path whether a file is a template rather than Python."""
    if path.endswith(SUFFIXES):
        return False
    return path.lower().endswith(TEMPLATE_SUFFIXES) or f"/{TEMPLATES}/" in path


def is_excluded(path: str, settings: Settings, top: str = "") -> bool:
    """Tell whether the settings exclude a file or a folder that it is in.

    What is not below `top` counts as not excluded, and so do the folders above it; without one it
    is the project root.
    """
    excluded = path_matcher(settings.exclude + settings.extend_exclude)
    top = _with_slash(absolute_path(top or settings.root))
    path = absolute_path(path)
    while path.startswith(top) and path != top:
        if excluded.matches(path):
            return True
        path = path.rpartition("/")[0]
    return False


def project_files(settings: Settings, given: Sequence[str]) -> list[str]:
    """Return the Python files below the project root and the given files, each real file once.

    Given files keep their spelling. The others are relative where they lie below the working
    folder, else absolute.
    """
    return survey(settings, given).files


def survey(settings: Settings, given: Sequence[str]) -> Survey:
    """Find the files of a project as `project_files` does, and its folders of templates."""
    here = _with_slash(absolute_path("."))
    search = _searched(settings)
    files = {real: spelled.removeprefix(here) for real, spelled in search.found().items()}
    files.update((search.real_path(path), path) for path in given)
    return Survey(sorted(files.values()), sorted(search.template_folders))


def survey_with(settings: Settings, documents: Iterable[str]) -> tuple[Survey, Discovery]:
    """Find the files of a project, and among them documents of an editor by absolute paths.

    All files have absolute paths. A document that the project would not hold if it were saved is
    left out.
    """
    search = _searched(settings)
    files = search.found()
    root = _with_slash(absolute_path(settings.root))
    wanted: dict[str, str] = {}
    templates = []
    for path in documents:
        if not path.endswith(SUFFIXES):
            if is_template(path) and not is_excluded(path, settings):
                templates.append(path)
            continue
        real = search.real_path(path)
        is_new = not (path.startswith(root) and os.path.exists(path))
        if real in files or (is_new and not is_excluded(path, settings)):
            files[real] = wanted[real] = path
    found = Discovery(sorted(wanted.values()), [], sorted(templates), [])
    return Survey(sorted(files.values()), sorted(search.template_folders)), found


def _searched(settings: Settings) -> _Search:
    root = absolute_path(settings.root)
    disk.real_path(root)
    search = _Search(settings)
    search.walk(root, root)
    return search


class TemplateFiles:
    """The templates of a project on disk.

    They are told by their paths from the project root with forward slashes; `folders` are those
    called `templates`. Only templates that were named, and those below a folder that was named, are
    to be reported, spelled like the path that led to them; without `given`, all are. `replaced` is
    what stands in place of the content of files, by the path that is shown.
    """

    def __init__(
        self,
        root: str,
        folders: Iterable[str],
        settings: Settings,
        given: Discovery | None = None,
        replaced: Mapping[str, bytes] | None = None,
    ) -> None:
        self.root = absolute_path(root)
        self._replaced = replaced or {}
        self.folders = tuple(os.path.relpath(folder, self.root) for folder in folders)
        self._excluded = path_matcher(settings.exclude + settings.extend_exclude)
        self._given = given
        self._named = {} if given is None else {absolute_path(p): p for p in given.templates}

    def asked(self) -> object:
        """Say all that decides which templates are reported, as something to compare."""
        given = self._given
        return [self.root, self.folders, given and (given.templates, given.folders)]

    def is_folder(self, path: str) -> bool:
        """Tell whether there is such a folder."""
        return disk.is_folder(self._absolute(path))

    def is_file(self, path: str) -> bool:
        """Tell whether there is such a file."""
        return disk.is_file(self._absolute(path))

    def names(self, folder: str) -> list[str]:
        """List the files below a folder, by their paths from there with forward slashes.

        Python files and what the settings exclude are left out: the folder may be the project's.
        """
        top = self._absolute(folder)
        found: list[str] = []
        todo = [""]
        while todo:
            below = todo.pop()
            try:
                entries = sorted(disk.entries(_with_slash(top) + below), key=lambda e: e.name)
            except OSError:
                continue
            folders = []
            for entry in entries:
                name = below + entry.name
                if entry.is_dir(follow_symlinks=False):
                    if not self._excluded.matches(_with_slash(top) + name):
                        folders.append(f"{name}/")
                elif not name.endswith(SUFFIXES):
                    if entry.is_symlink() and disk.is_folder(_with_slash(top) + name):
                        continue
                    found.append(name)
            todo += reversed(folders)
        return found

    def text(self, path: str) -> str | None:
        """Read a template; None if it is no text, or more than anyone writes."""
        try:
            data = self._replaced.get(self.spelling(path)) if self._replaced else None
            if data is None:
                data = disk.read_text(self._absolute(path))
            text = data.decode() if len(data) <= ways.LARGEST_TEXT else None
            return text if text is None or len(text) <= _LONGEST_TEMPLATE else None
        except (OSError, ValueError):
            return None

    def spelling(self, path: str) -> str:
        """Give the path that a report shows."""
        if self._given is None:
            return path
        absolute = self._absolute(path)
        if absolute in self._named:
            return self._named[absolute]
        for folder, spelled in self._given.folders:
            if absolute.startswith(_with_slash(folder)):
                below = absolute[len(_with_slash(folder)) :]
                return _with_slash(spelled) + below if spelled else below
        return absolute.removeprefix(_with_slash(absolute_path(".")))

    def is_wanted(self, path: str) -> bool:
        """Tell whether a template is to be reported on."""
        absolute = self._absolute(path)
        if self._given is None or absolute in self._named:
            return True
        for folder, _ in self._given.folders:
            if absolute.startswith(_with_slash(folder)):
                below = absolute
                while below != folder:
                    if self._excluded.matches(below):
                        break
                    below = os.path.dirname(below)
                else:
                    return True
        return False

    def _absolute(self, path: str) -> str:
        return absolute_path(os.path.join(self.root, path))


class _Search:
    """Collects files by their real path."""

    def __init__(self, settings: Settings) -> None:
        self.files: dict[str, str] = {}
        self.problems: list[tuple[str, str]] = []
        self.template_folders: list[str] = []
        self._links: list[tuple[str, str]] = []
        self._excluded = path_matcher(settings.exclude + settings.extend_exclude)
        self._real_folders: dict[str, str] = {}

    def found(self) -> dict[str, str]:
        """Return spelling by real path; a link only counts where its target was not found."""
        for spelled, real in sorted(self._links):
            self.files.setdefault(real, spelled)
        return self.files

    def real_path(self, path: str) -> str:
        """Return where a file really is, with one costly look-up for each folder only."""
        if os.path.islink(path):
            return absolute_path(disk.real_path(path))
        folder, name = os.path.split(path)
        if folder not in self._real_folders:
            self._real_folders[folder] = _with_slash(absolute_path(os.path.realpath(folder)))
        return self._real_folders[folder] + name

    def walk(self, top: str, spelled: str) -> None:
        """Take all Python files below an absolute folder, whatever is said of the folder itself."""
        top = _with_slash(top)
        real_top = _with_slash(absolute_path(os.path.realpath(top)))
        todo = [(top, _inherited_rules(top))]
        while todo:
            folder, rules = todo.pop()
            below_top = folder[len(top) :]
            prefix = (_with_slash(spelled) if spelled else "") + below_top
            try:
                by_name = {entry.name: entry for entry in disk.python_entries(folder)}
            except OSError as error:
                self.problems.append((prefix.rstrip("/") or ".", error.strerror or str(error)))
                continue
            if below_top and "pyvenv.cfg" in by_name:  # a virtual environment, whatever its name
                continue
            rules = _rules_in(folder, by_name, rules)
            for name, entry in by_name.items():
                is_folder = entry.is_dir(follow_symlinks=False)
                if not is_folder and not (name.endswith(SUFFIXES) and _is_file(entry, folder)):
                    continue
                path = f"{folder}{name}/" if is_folder else folder + name
                if self._excluded.matches(folder + name) or _is_ignored(path, rules):
                    continue
                if is_folder:
                    todo.append((path, rules))
                    if name == TEMPLATES:
                        self.template_folders.append(path.rstrip("/"))
                elif entry.is_symlink():
                    self._links.append((prefix + name, self.real_path(path)))
                else:
                    self.files.setdefault(real_top + below_top + name, prefix + name)


def _spelled(path: str) -> str:
    """Drop what says nothing: `./`, doubled and trailing slashes."""
    path = path if os.sep == "/" else path.replace(os.sep, "/")
    parts = [part for part in path.split("/") if part not in ("", ".")]
    return ("/" if path.startswith("/") else "") + "/".join(parts)


def _with_slash(folder: str) -> str:
    return folder if folder.endswith("/") else folder + "/"


def _is_file(entry: os.DirEntry[str], folder: str) -> bool:
    if entry.is_symlink():
        return disk.is_file(folder + entry.name)
    return entry.is_file(follow_symlinks=False)


# What git ignores. Folders end with a slash here.


def _inherited_rules(top: str) -> IgnoreRules:
    """Read the patterns of the folders above, as far up as the repository reaches.

    If they leave out the folder itself they would leave out everything, so none is returned.
    """
    chain = [top]
    while not disk.exists(chain[-1] + ".git"):
        parent = _with_slash(os.path.dirname(chain[-1].rstrip("/")))
        if parent == chain[-1]:
            return ()  # no repository
        chain.append(parent)
    rules: IgnoreRules = ()
    for folder in reversed(chain):
        if _is_ignored(folder, rules):
            rules = ()
        if folder != top:
            names = [name for name in (".git", ".gitignore") if disk.exists(folder + name)]
            rules = _rules_in(folder, names, rules)
    return rules


def _rules_in(folder: str, names: Container[str], inherited: IgnoreRules) -> IgnoreRules:
    if ".git" in names:  # a repository inside of another one follows its own rules only
        inherited = _read_patterns(folder, ".git/info/exclude")
    if ".gitignore" in names:
        return _read_patterns(folder, ".gitignore") + inherited
    return inherited


def _read_patterns(folder: str, name: str) -> IgnoreRules:
    if not disk.is_file(folder + name):
        return ()
    try:
        text = disk.read(folder + name).decode("utf-8-sig", "surrogateescape")
    except OSError:
        return ()
    lines = [line for line in _LINE_END.split(text) if line.strip() and line[0] != "#"]
    return ((folder, GitIgnore(lines)),) if lines else ()


def _is_ignored(path: str, rules: IgnoreRules) -> bool:
    for folder, patterns in rules:
        verdict = patterns.verdict(path[len(folder) :])
        if verdict is not None:
            return verdict
    return False


class GitIgnore:
    """The patterns of one file.

    They are compared with a path as such, not with the folders above it, because git asks from the
    top down and does not look into a folder that it ignores.
    """

    def __init__(self, lines: Iterable[str]) -> None:
        serial = itertools.count()
        last_parts = []
        # Last pattern first: whether it ignores, is for folders only, its parts with None for `**`.
        self._patterns: list[tuple[bool, bool, list[re.Pattern[str] | None]]] = []
        for line in lines:
            pattern = re.sub(r"(?<!\\) +$", "", line)
            negated = pattern.startswith("!")
            only_folders = pattern.endswith("/")
            pattern = pattern[negated:].removesuffix("/")
            texts = pattern.removeprefix("/").split("/") if "/" in pattern else ["**", pattern]
            if not pattern:
                continue
            try:
                parts = [
                    None if text == "**" else re.compile(translate(text, serial), re.DOTALL)
                    for text in texts
                ]
            except re.error:  # git, too, passes over a pattern that makes no sense
                continue
            self._patterns.insert(0, (not negated, only_folders, parts))
            last_parts.append(parts[-1].pattern if parts[-1] else ".*")
        # Most paths fit nothing, which their name alone tells.
        self._names = re.compile("|".join(last_parts) or _NOTHING.pattern, re.DOTALL)

    def verdict(self, path: str) -> bool | None:
        """Tell whether a relative path is ignored, None if nothing is said of it.

        The path of a folder ends with a slash.
        """
        parts = path.rstrip("/").split("/")
        if self._names.fullmatch(parts[-1]):
            for ignores, only_folders, pattern in self._patterns:
                if (path.endswith("/") or not only_folders) and _fits(pattern, parts):
                    return ignores
        return None


def _fits(pattern: list[re.Pattern[str] | None], parts: list[str]) -> bool:
    """Match part by part; on a mismatch, let the last `**` take one part more."""
    at = done = 0
    after_stars = resume = -1
    while done < len(parts):
        expected = pattern[at] if at < len(pattern) else _NOTHING
        if expected is None:
            at += 1
            after_stars, resume = at, done
        elif expected.fullmatch(parts[done]):
            at += 1
            done += 1
        elif after_stars >= 0:
            resume += 1
            at, done = after_stars, resume
        else:
            return False
    return at == len(pattern)


def other_texts(root: str, wanted: Callable[[str], object] = bool) -> dict[str, str] | None:
    """Read the files below a project root that may name a Python file, by their relative paths.

    These are settings, scripts and documents, what has no suffix, and all Python files, also those
    which are excluded; of these the ones with a `wanted` name. None if there are too many.
    """
    found: dict[str, str] = {}
    todo = [""]
    while todo:
        folder = todo.pop()
        try:
            entries = {entry.name: entry for entry in disk.entries(os.path.join(root, folder))}
        except OSError:
            continue
        if "pyvenv.cfg" in entries:
            continue
        for name, entry in entries.items():
            path = folder + name
            if entry.is_dir(follow_symlinks=False):
                if name not in _SKIPPED:
                    todo.append(f"{path}/")
                continue
            suffix = os.path.splitext(name.lower())[1]
            if suffix and suffix not in _TEXTS and "Dockerfile" not in name:
                continue
            if not wanted(name):
                continue
            if len(found) >= _MOST_TEXTS:
                return None
            read = disk.read if suffix in SUFFIXES else disk.read_text
            try:
                data = read(os.path.join(root, path))[:_LONGEST_TEXT]
            except OSError:
                continue
            if b"\0" not in data:
                found[path] = data.decode("utf-8", "replace")
    return found
