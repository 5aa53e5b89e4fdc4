"""Which Flask and Werkzeug a project runs with, as far as its own files tell.

A lock file says it exactly, requirements give a range. Versions are told by their feature releases,
`(3, 0)` for all of 3.0, because those are what changes Flask. Whatever cannot be read is passed
over: the files are looked at as text where that is enough, and all work is bounded.
"""

from __future__ import annotations

import ast
import functools
import os
import re
from typing import TYPE_CHECKING, Any

import msgspec

from flask_gotchas import disk
from flask_gotchas.guard import ask_python
from flask_gotchas.patterns import late_pattern
from flask_gotchas.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Line = tuple[int, ...]

_LINES: dict[str, tuple[Line, ...]] = {
    "flask": (
        *((0, minor) for minor in range(1, 13)),
        *((1, 0), (1, 1), (2, 0), (2, 1), (2, 2), (2, 3), (3, 0), (3, 1)),
    ),
    "werkzeug": (
        *((0, minor) for minor in range(1, 17)),
        *((1, 0), (2, 0), (2, 1), (2, 2), (2, 3), (3, 0), (3, 1)),
    ),
    "flask-sqlalchemy": (
        *((0, minor) for minor in range(5, 17)),
        *((1, 0), *((2, minor) for minor in range(6)), (3, 0), (3, 1)),
    ),
    "sqlalchemy": (
        *((0, minor) for minor in range(1, 10)),
        *((1, minor) for minor in range(5)),
        *((2, 0), (2, 1)),
    ),
}
# What is taken for granted where nothing is known: the releases that are still mended.
_SUPPORTED: tuple[Line, ...] = ((3, 0), (3, 1))
# The oldest Flask for which anything is proved. What is older is treated like it.
_OLDEST: Line = (2, 2)
# The Werkzeug of the day, for projects that name Flask alone.
_OF_THE_DAY: dict[Line, tuple[Line, ...]] = {
    **{(0, minor): ((0, 14),) for minor in range(1, 13)},
    (1, 0): ((0, 14), (0, 15), (0, 16)),
    (1, 1): ((0, 15), (0, 16), (1, 0)),
    (2, 1): ((2, 0), (2, 1)),
}
_PACKAGES = frozenset(_LINES)

_MOST_FILES = 60
_MOST_ENTRIES = 5_000
_DEEPEST_FOLDER = 2
_LOCK_FILES = ("uv.lock", "poetry.lock", "pdm.lock", "pylock.toml", "Pipfile.lock")
_FILES = ("pyproject.toml", "setup.cfg", "setup.py", "Pipfile")
_REQUIREMENTS = re.compile(
    r"(?:.*[-_.])?(?:requirements|reqs|constraints)(?:[-_.].*)?\.(?:txt|in|pip)\Z"
)
_FOLDERS = ("requirements", "reqs")
# Requirements of these files are about tests with old versions.
_MINIMUM = late_pattern(r"(?:^|[-_.])(?:min|minimum|minimal|low|lowest|old|oldest)(?:[-_.]|$)")
_SKIPPED = frozenset({"node_modules", "venv", "env", "site-packages", "build", "dist"})

_REQUIREMENT = late_pattern(
    r"(flask|werkzeug|flask[-_.]sqlalchemy|sqlalchemy)(?![\w.-])\s*(?:\[[^\]]*\])?\s*\(?([^;#@()]*)\)?\s*(?:;(.*))?\Z",
    re.IGNORECASE,
)
_CLAUSE = re.compile(
    r"(===|==|~=|!=|<=|>=|<|>|\^|~|=)?\s*v?((?:\d+\.)*(?:\d+|\*))(?:[-._+]?[a-z][\w.+-]*)?"
)
_NAME_IN_LOCK = late_pattern(
    r'^name = "(flask|werkzeug|flask[-_.]sqlalchemy|sqlalchemy)"\r?$', re.IGNORECASE | re.MULTILINE
)
_VERSION_IN_LOCK = late_pattern(r'^version = "([^"\n]+)"', re.MULTILINE)
_OPTION = late_pattern(r"(?:-r|-c|--requirement|--constraint)[ =]?\s*(\S+)")
_KEY = late_pattern(r"(?:install_requires|requires|deps)\s*=\s*")


class Releases(msgspec.Struct, frozen=True):
    """The feature releases of one package that a project may run with, the oldest first.

    `requirement` is what the project asks for and `origin` where it does, both empty where it
    says nothing; then the releases are those which are still supported.
    """

    lines: tuple[Line, ...] = _SUPPORTED
    requirement: str = ""
    origin: str = ""

    @property
    def is_known(self) -> bool:
        """Tell whether the project says anything about it."""
        return bool(self.origin)

    def may_be_at_least(self, version: str) -> bool:
        """Tell whether some release that the project may run with is this one or a newer one."""
        return self.lines[-1] >= _line(version)

    def is_at_least(self, version: str) -> bool:
        """Tell whether every release that the project may run with is this one or a newer one."""
        return self.lines[0] >= _line(version)

    def has_lost(self, version: str) -> bool:
        """Tell whether what a version took away is missing.

        That is so if the project may run with that version; without any word of the project, if it
        is missing in all that are supported.
        """
        return self.may_be_at_least(version) if self.is_known else self.is_at_least(version)

    def meets(self, specifier: str) -> bool:
        """Tell whether a range such as `>=2.2` has anything of this, whatever is not known."""
        if not self.is_known:
            return True
        return any(_allows(specifier, max(line, _OLDEST)) for line in self.lines)


class Versions(NamedTuple):
    """What a project, or a folder of it, runs with."""

    flask: Releases = Releases()
    werkzeug: Releases = Releases()
    flask_sqlalchemy: Releases = Releases()
    sqlalchemy: Releases = Releases(((2, 0),))


class VersionReader:
    """Reads the versions below a project root when they are first asked for.

    `setting` is the value of `flask-version`.
    """

    def __init__(self, root: str, setting: str = "auto") -> None:
        self.root = root
        self.setting = setting
        self._said: dict[str, _Said] = {}
        self._versions: dict[str, Versions] = {}

    def versions(self, folder: str = "") -> Versions:
        """Say what the code in a folder runs with; the folder is relative, with forward slashes.

        A lock file in the folder or above decides, else the nearest folder that says something,
        else what is said in a folder below the root.
        """
        found = self._versions.get(folder)
        if found is None:
            found = self._versions[folder] = self._find(folder)
        return found

    def _find(self, folder: str) -> Versions:
        said = [self._folder(above) for above in _upwards(folder)]
        declared = next((one.declared for one in said if _is_about_flask(one.declared)), {})
        if not declared and not any(_is_about_flask(one.locked) for one in said):
            below = (self._folder(name) for name in self._below())
            said = [one for one in below if _is_about_flask({**one.locked, **one.declared})][:1]
            declared = said[0].declared if said else {}
        locked = next((one.locked for one in said if _is_about_flask(one.locked)), {})
        flask = locked.get("flask") or declared.get("flask")
        if self.setting != "auto":
            lines = _matching("flask", f"=={self.setting}.*") or (_line(self.setting),)
            flask = Releases(lines, self.setting, "flask-version")
        werkzeug = locked.get("werkzeug") or declared.get("werkzeug")
        flask = flask or Releases()
        if werkzeug is None and flask.is_known:
            days = {day for line in flask.lines for day in _OF_THE_DAY.get(line, (line,))}
            werkzeug = Releases(tuple(sorted(days)), flask.requirement, flask.origin)
        others = {
            field: found
            for field in ("flask_sqlalchemy", "sqlalchemy")
            for package in [field.replace("_", "-")]
            if (found := locked.get(package) or declared.get(package)) is not None
        }
        return Versions(flask, werkzeug or Releases(), **others)

    def _folder(self, folder: str) -> _Said:
        said = self._said.get(folder)
        if said is None:
            said = self._said[folder] = _Folder(self.root, folder).read()
        return said

    def _below(self) -> Iterator[str]:
        """Go through the folders below the root, by depth."""
        left = _MOST_ENTRIES
        level = [""]
        for _ in range(_DEEPEST_FOLDER):
            deeper: list[str] = []
            for folder in level:
                for entry in _entries(os.path.join(self.root, *folder.split("/")))[:left]:
                    left -= 1
                    if entry.is_dir(follow_symlinks=False) and not (
                        entry.name.startswith(".") or entry.name in _SKIPPED
                    ):
                        deeper.append(f"{folder}/{entry.name}".lstrip("/"))
            yield from deeper
            level = deeper


def describe(releases: Releases) -> str:
    """Say in a few words which version is assumed and from where that is."""
    if releases.is_known:
        return f"{releases.requirement or 'any version'} from {releases.origin}"
    return f"unknown, so {_dotted(_SUPPORTED[0])} or newer is assumed"


# -- reading one folder


def _is_about_flask(said: dict[str, Releases]) -> bool:
    return "flask" in said or "werkzeug" in said


class _Said(NamedTuple):
    """What the files of one folder say, by package."""

    locked: dict[str, Releases]
    declared: dict[str, Releases]


class _Requirement(NamedTuple):
    package: str
    specifier: str
    conditional: bool


class _Folder:
    """Reads the files of one folder."""

    def __init__(self, root: str, folder: str) -> None:
        self.path = os.path.join(root, *folder.split("/"))
        self.folder = folder
        self._files_left = _MOST_FILES
        self._seen: set[str] = set()

    def read(self) -> _Said:
        names = [entry.name for entry in _entries(self.path)[:_MOST_ENTRIES]]
        present = set(names)
        locked: dict[str, Releases] = {}
        for name in _LOCK_FILES:
            if name in present and not locked:
                locked = self._locked(name)
        declared: dict[str, Releases] = {}
        chosen = [name for name in _FILES if name in present]
        texts = [name for name in names if _REQUIREMENTS.match(name) and not _MINIMUM.search(name)]
        chosen += sorted(texts, key=lambda name: (name != "requirements.txt", name))
        for folder in _FOLDERS:
            if folder in present:
                inside = [entry.name for entry in _entries(os.path.join(self.path, folder))]
                chosen += [
                    f"{folder}/{name}"
                    for name in sorted(inside)
                    if name.endswith((".txt", ".in", ".pip")) and not _MINIMUM.search(name)
                ]
        if "PKG-INFO" in present:
            chosen.append("PKG-INFO")
        for name in chosen:
            self._declare(declared, name)
        return _Said(locked, declared)

    def _shown(self, name: str) -> str:
        return f"{self.folder}/{name}".lstrip("/")

    def _text(self, name: str) -> str:
        if self._files_left <= 0:
            return ""
        self._files_left -= 1
        try:
            content = disk.read_text(os.path.join(self.path, *name.split("/")))
        except (OSError, ValueError):
            return ""
        return content.decode("utf-8-sig", "replace")

    # -- lock files

    def _locked(self, name: str) -> dict[str, Releases]:
        text = self._text(name)
        found: dict[str, set[str]] = {}
        pairs = _in_pipfile_lock(text) if name == "Pipfile.lock" else _in_lock(text)
        for package, version in pairs:
            found.setdefault(package, set()).add(version)
        result = {}
        for package, versions in found.items():
            lines = {_line(version) for version in versions if _CLAUSE.match(version)}
            if lines:
                shown = ", ".join(sorted(versions))
                result[package] = Releases(tuple(sorted(lines)), shown, self._shown(name))
        return result

    # -- requirements

    def _declare(self, declared: dict[str, Releases], name: str) -> None:
        """Narrow what is declared by one file; one that contradicts the others is passed over."""
        by_package: dict[str, list[_Requirement]] = {}
        for requirement in self._requirements(name):
            by_package.setdefault(requirement.package, []).append(requirement)
        for package, requirements in by_package.items():
            lines = _lines_of(package, requirements)
            text = " or ".join(dict.fromkeys(r.specifier for r in requirements if r.specifier))
            known = declared.get(package)
            if known is None:
                if lines:
                    declared[package] = Releases(lines, text, self._shown(name))
                continue
            both = tuple(line for line in known.lines if line in lines)
            if both and both != known.lines:
                declared[package] = Releases(
                    both,
                    ", ".join(part for part in (known.requirement, text) if part),
                    f"{known.origin}, {self._shown(name)}",
                )

    def _requirements(self, name: str) -> list[_Requirement]:
        if name == "pyproject.toml":
            return _in_pyproject(self._text(name))
        if name == "Pipfile":
            return _in_tables(_toml(self._text(name)), ("packages", "dev-packages"))
        if name == "setup.py":
            return list(_parsed(_strings(self._text(name))))
        if name == "PKG-INFO":
            return _first_choice(_in_metadata(self._text(name)))
        return list(_parsed(self._requirement_lines(name)))

    def _requirement_lines(self, name: str) -> Iterator[str]:
        """Go through the lines of a requirements file and of those which it includes."""
        todo = [name]
        while todo:
            current = todo.pop()
            if current in self._seen:
                continue
            self._seen.add(current)
            text = self._text(current).replace("\\\r\n", " ").replace("\\\n", " ")
            for line in text.splitlines():
                stripped = line.strip()
                option = _OPTION.match(stripped)
                if option is None:
                    yield _KEY.sub("", re.split(r"\s(?:#|--)", stripped, maxsplit=1)[0], count=1)
                    continue
                path = os.path.normpath(os.path.join(os.path.dirname(current), option[1]))
                path = path.replace(os.sep, "/")
                if not os.path.isabs(path):
                    todo.append(path)


def _normal(name: str) -> str:
    """Give the name of a package as indexes write it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _in_lock(text: str) -> Iterator[tuple[str, str]]:
    """Go through packages and versions in the TOML that uv, Poetry and PDM write."""
    for match in _NAME_IN_LOCK.finditer(text):
        start = text.rfind("\n[[package", 0, match.start())
        end = text.find("\n[", match.end())
        version = _VERSION_IN_LOCK.search(text, max(start, 0), end if end > 0 else len(text))
        if version is not None:
            yield _normal(match[1]), version[1]


def _in_pipfile_lock(text: str) -> Iterator[tuple[str, str]]:
    try:
        document = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return
    for section in ("default", "develop"):
        for package, entry in _items(_get(document, section)):
            version = _get(entry, "version")
            if _normal(package) in _PACKAGES and isinstance(version, str):
                yield _normal(package), version.lstrip("=")


def _in_pyproject(text: str) -> list[_Requirement]:
    document = _toml(text)
    project, tool = _get(document, "project"), _get(document, "tool")
    poetry = _get(tool, "poetry")
    groups = [*_values(_get(project, "optional-dependencies"))]
    groups += _values(_get(document, "dependency-groups"))
    groups += [_get(_get(tool, "uv"), "dev-dependencies")]
    groups += _values(_get(_get(tool, "pdm"), "dev-dependencies"))
    found = [*_parsed(_texts(_get(project, "dependencies")))]
    found += _in_tables(poetry, ("dependencies",))
    found += _parsed(_texts(_get(_get(tool, "uv"), "constraint-dependencies")))
    if found:
        return found
    # The main dependencies leave it open, so those of tests and extras are the best there is.
    for group in groups:
        found += _parsed(_texts(group))
    for group in _values(_get(poetry, "group")):
        found += _in_tables(group, ("dependencies",))
    return found + _in_tables(poetry, ("dev-dependencies",))


def _in_tables(table: Any, keys: tuple[str, ...]) -> list[_Requirement]:
    """Read tables such as `flask = "^3.0"`, as Poetry and Pipenv write them."""
    found = []
    for key in keys:
        for name, value in _items(_get(table, key)):
            package = _normal(name)
            if package not in _PACKAGES:
                continue
            several = value if isinstance(value, list) else [value]
            for one in several:
                version = one if isinstance(one, str) else _get(one, "version")
                text = version if isinstance(version, str) else ""
                found.append(_Requirement(package, text.strip(), len(several) > 1))
    return found


def _in_metadata(text: str) -> Iterator[str]:
    for line in text.partition("\n\n")[0].splitlines():
        key, _, value = line.partition(":")
        if key.lower() == "requires-dist":
            yield value.strip()


def _first_choice(texts: Iterable[str]) -> list[_Requirement]:
    """Leave requirements of extras out where there are others."""
    given = list(texts)
    return list(_parsed(t for t in given if "extra" not in t)) or list(_parsed(given))


def _strings(text: str) -> Iterator[str]:
    """Go through the string literals of a `setup.py`."""
    tree = ask_python(text)
    if not isinstance(tree, ast.Module):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from node.value.splitlines()


def _parsed(texts: Iterable[str]) -> Iterator[_Requirement]:
    for text in texts:
        match = _REQUIREMENT.match(text.strip())
        if match is not None:
            specifier = match[2].strip()
            if not specifier or _CLAUSE.match(specifier):
                yield _Requirement(_normal(match[1]), specifier, bool(match[3]))


def _toml(text: str) -> Any:
    import tomli  # noqa: PLC0415 - only where a version is asked for

    try:
        return tomli.loads(text)
    except (ValueError, RecursionError):  # also for a number of thousands of digits
        return {}


def _get(table: Any, key: str) -> Any:
    return table.get(key) if isinstance(table, dict) else None


def _items(table: Any) -> list[tuple[str, Any]]:
    return list(table.items()) if isinstance(table, dict) else []


def _values(table: Any) -> list[Any]:
    return list(table.values()) if isinstance(table, dict) else []


def _texts(values: Any) -> list[str]:
    return [v for v in values if isinstance(v, str)] if isinstance(values, list) else []


def _entries(path: str) -> list[os.DirEntry[str]]:
    try:
        return sorted(disk.entries(path), key=lambda entry: entry.name)
    except (OSError, ValueError):
        return []


def _upwards(folder: str) -> Iterator[str]:
    while folder and not folder.startswith(".."):
        yield folder
        folder = folder.rpartition("/")[0]
    yield ""


# -- versions and ranges


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part[:9]) for part in re.findall(r"\d+", version.partition("*")[0])[:6])


@functools.cache
def _line(version: str) -> Line:
    """Give the feature release of a version: `3.0.2` is of `(3, 0)`."""
    match = _CLAUSE.match(version)
    numbers = _numbers(match[2]) if match is not None else ()
    return (*numbers, 0, 0)[:2]


def _dotted(line: Line) -> str:
    return ".".join(map(str, line))


def _lines_of(package: str, requirements: list[_Requirement]) -> tuple[Line, ...]:
    """Give the lines that all requirements allow; of conditional ones, any will do."""
    conditional = [r for r in requirements if r.conditional]
    found: set[Line] = set()
    for requirement in conditional:
        found |= set(_matching(package, requirement.specifier))
    sets = [found] if conditional else []
    sets += [set(_matching(package, r.specifier)) for r in requirements if not r.conditional]
    return tuple(sorted(set.intersection(*sets))) if sets else ()


def _matching(package: str, specifier: str) -> tuple[Line, ...]:
    """List the lines of a package that a range allows; for one of the future, its first."""
    found = tuple(line for line in _LINES[package] if _allows(specifier, line))
    if found:
        return found
    named = [_line(match[0].lstrip("=<>!~^ ")) for match in _CLAUSE.finditer(specifier)]
    newest = max(named, default=(0, 0))
    return (newest,) if newest > _LINES[package][-1] else ()


@functools.cache
def _allows(specifier: str, line: Line) -> bool:
    """Tell whether a range of PEP 440, or of Poetry, allows some version of a line."""
    return any(
        all(_meets(match[1] or "", match[2], line) for match in _CLAUSE.finditer(alternative))
        for alternative in specifier.split("||")
    )


def _meets(operator: str, text: str, line: Line) -> bool:
    numbers = _numbers(text)
    wanted = (*numbers, 0, 0)[:2]
    star = text.endswith("*")
    if operator in {">=", ">"}:
        return line >= wanted
    if operator == "<=":
        return line <= wanted
    if operator == "<":
        return line < wanted or (line == wanted and any(numbers[2:]))
    if operator == "!=":
        return not star or line[: len(numbers)] != numbers[:2]
    if operator == "^":
        # The first number that is not zero stays.
        kept = next((i + 1 for i, part in enumerate(numbers[:2]) if part), 2)
        return line >= wanted and line[:kept] == wanted[:kept]
    if operator == "~=":
        return line >= wanted and line[: len(numbers) - 1] == numbers[:-1][:2]
    if star or operator == "~":
        return line[: len(numbers)] == numbers[:2]
    return line == wanted
