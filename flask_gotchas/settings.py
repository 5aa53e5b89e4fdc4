"""Settings: pyproject.toml's `[tool.flask-gotchas]` and the command line, with their origins.

Rules are never imported here, so that start-up stays light. What depends on the rules (selectors,
options) is kept as written and checked by `validate` when they are known.
"""

from __future__ import annotations

import functools
import itertools
import os
import re
from typing import TYPE_CHECKING, Annotated, Any, Protocol, TypeVar

import msgspec

from flask_gotchas import disk, ways
from flask_gotchas.patterns import late_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

T = TypeVar("T")

DEFAULT = "default"
COMMAND_LINE = "command line"
_FILE = "pyproject.toml: "

DEFAULT_EXCLUDE = (
    *(".git", ".hg", ".svn", ".venv", "venv", ".tox", ".nox", ".eggs", "__pycache__"),
    *("node_modules", "build", "dist", "site-packages", "__pypackages__", ".mypy_cache"),
    *(".pytest_cache", ".ruff_cache", ".flask_gotchas_cache"),
)

_SELECTION = ("select", "extend-select", "ignore", "extend-ignore")
_TYPES: dict[str, Any] = {
    **dict.fromkeys(_SELECTION, tuple[str, ...]),
    "per-file-ignores": dict[str, Any],
    "exclude": tuple[str, ...],
    "extend-exclude": tuple[str, ...],
    "output-format": str,
    "cache-dir": str,
    "jobs": Annotated[int, msgspec.Meta(ge=1)],
    "project-root": str,
    "flask-version": str,
}
_ADDING = ("extend-select", "extend-ignore", "extend-exclude")
_VERSION = late_pattern(r"auto|\d+(\.\d+)*")


class SettingsError(Exception):
    """Settings that cannot be used; the message is one printable line with the file and the key."""

    def __init__(self, message: str) -> None:
        super().__init__(_printable(message))


class RuleInfo(Protocol):
    """What settings need to know of a rule; it may also have `options`, a msgspec.Struct class."""

    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def default(self) -> bool: ...


class Glob(msgspec.Struct, frozen=True):
    """A path pattern and the absolute folder that it is relative to."""

    pattern: str
    folder: str


class Selection(msgspec.Struct, frozen=True):
    """The selectors of one origin, as written; `select` is None where it is not set."""

    origin: str
    select: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    extend_ignore: tuple[str, ...] = ()

    def by_key(self) -> dict[str, tuple[str, ...]]:
        """Return the selectors by the key that they are written under."""
        values = (self.select or (), self.extend_select, self.ignore, self.extend_ignore)
        return dict(zip(_SELECTION, values, strict=True))


class Settings(msgspec.Struct, frozen=True):
    """Everything that can be set, and for each key where its value is from.

    `root` is the absolute project folder, and so is `cache_dir` unless it is empty, which means
    that folder's usual place for it. Selections are in the order in which they apply.
    """

    root: str
    selections: tuple[Selection, ...] = ()
    per_file_ignores: tuple[tuple[Glob, tuple[str, ...]], ...] = ()
    exclude: tuple[Glob, ...] = tuple(Glob(name, "") for name in DEFAULT_EXCLUDE)
    extend_exclude: tuple[Glob, ...] = ()
    output_format: str = "concise"
    flask_version: str = "auto"
    cache_dir: str = ""
    jobs: int | None = None
    rule_options: dict[str, dict[str, Any]] = msgspec.field(default_factory=dict)
    origins: dict[str, str] = msgspec.field(default_factory=dict)


# Reading


def common_folder(paths: Sequence[str]) -> str:
    """Return the deepest absolute folder that holds all paths; without paths, the working one."""
    absolute = [os.path.abspath(path) for path in paths] or [os.getcwd()]
    try:
        return os.path.commonpath([_folder_of(path) for path in absolute])
    except ValueError:  # different drives
        return os.getcwd()


def load(start: str | Path, overrides: Mapping[str, object], isolated: bool = False) -> Settings:
    """Read the settings that apply to a folder.

    `overrides` come from the command line and are named like the keys of the table; an empty one
    counts as not given. Lists may be comma-separated text, `per-file-ignores` is text of the form
    `GLOB:CODE,CODE`. With `isolated` no pyproject.toml is read. Raises SettingsError.
    """
    folder = _folder_of(os.path.abspath(start))
    found = None if isolated else _find_table(folder)
    file_path, file_table = found or ("", {})
    file_origin = _FILE + file_path
    given = {key: _from_text(key, value) for key, value in overrides.items() if value}
    sources = [
        (file_origin, os.path.dirname(file_path), _typed(file_table, file_origin)),
        (COMMAND_LINE, os.getcwd(), _typed(given, COMMAND_LINE)),
    ]
    # Who selects on the command line wants exactly that, whatever the file selects or ignores.
    replaced = _SELECTION if "select" in given else ("ignore",) if "ignore" in given else ()
    for key in replaced:
        sources[0][2].pop(key, None)

    values: dict[str, Any] = {"root": find_root(folder)}
    origins = dict.fromkeys(_TYPES, DEFAULT)
    selections = []
    rule_options = {}
    for origin, base, table in sources:
        selectors = {_field(key): table[key] for key in _SELECTION if key in table}
        if selectors:
            selections.append(Selection(origin, **selectors))
        for key, value in table.items():
            adds = key in _ADDING and origins[key] != DEFAULT
            origins[key] = f"{origins[key]}, {origin}" if adds else origin
            if key not in _TYPES:
                rule_options[key] = value
            elif key == "cache-dir":
                values["cache_dir"] = os.path.normpath(os.path.join(base, value))
            elif key == "project-root":
                values["root"] = _existing_folder(os.path.join(base, value), origin)
            elif key == "per-file-ignores":
                values["per_file_ignores"] = tuple(
                    (_glob(pattern, base, _where(origin, key)), codes)
                    for pattern, codes in value.items()
                )
            elif key in ("exclude", "extend-exclude"):
                globs = tuple(_glob(pattern, base, _where(origin, key)) for pattern in value)
                values[_field(key)] = (*values[_field(key)], *globs) if adds else globs
            elif key not in _SELECTION:
                values[_field(key)] = value
    return Settings(
        selections=tuple(selections), rule_options=rule_options, origins=origins, **values
    )


def cache_folder(settings: Settings) -> str:
    """Give the folder for what later runs may need to know."""
    return settings.cache_dir or os.path.join(settings.root, ways.CACHE_FOLDER)


def _field(key: str) -> str:
    return key.replace("-", "_")


def _find_table(folder: str) -> tuple[str, dict[str, Any]] | None:
    """Find the nearest pyproject.toml that has our table."""
    for ancestor in _ancestors(folder):
        path = os.path.join(ancestor, "pyproject.toml")
        if not disk.is_file(path):
            continue
        try:
            content = disk.read(path)
        except OSError as error:
            raise SettingsError(f"{path}: {error.strerror}") from None
        if b"flask-gotchas" not in content:  # spares importing and running the TOML parser
            continue
        table = _parse(content, path)
        for key in ("tool", "flask-gotchas"):
            table = table.get(key)
            if table is None:
                break
            table = _convert(table, dict[str, Any], f"{path}: {key}")
        else:
            return path, table
    return None


def _parse(content: bytes, path: str) -> Any:
    import tomli  # noqa: PLC0415 - most runs outside of a configured project do not need it

    try:
        return tomli.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise SettingsError(f"{path}: not valid TOML: not encoded in UTF-8") from None
    except (ValueError, RecursionError) as error:
        last = f"at line {len(content.splitlines())}, the last one"
        message = str(error).replace("at end of document", last)
        raise SettingsError(f"{path}: not valid TOML: {message}") from None


def find_root(folder: str, markers: Sequence[str] = ("pyproject.toml", ".git")) -> str:
    """Return the nearest absolute folder that has the first marker, else the next one, or this."""
    for marker in markers:
        for ancestor in _ancestors(folder):
            if disk.exists(os.path.join(ancestor, marker)):
                return ancestor
    return folder


def _existing_folder(path: str, origin: str) -> str:
    if not disk.is_folder(path):
        raise SettingsError(f"{_where(origin, 'project-root')}: {path} is not a folder")
    return os.path.normpath(path)


def _ancestors(folder: str) -> Iterator[str]:
    yield folder
    while (parent := os.path.dirname(folder)) != folder:
        folder = parent
        yield folder


def _folder_of(path: str) -> str:
    return path if disk.is_folder(path) else os.path.dirname(path)


# Checking keys and values


def _from_text(key: str, value: Any) -> Any:
    """Bring a value of the command line into the form which it has in the table."""
    if key == "project-root":
        return os.fspath(value)
    if _TYPES.get(key, str) is str or isinstance(value, int):
        return value
    texts = [value] if isinstance(value, str) else value
    # A comma inside of braces belongs to the glob.
    parts = [part.strip() for text in texts for part in re.split(r",(?![^{}]*\})", text)]
    parts = [part for part in parts if part]
    if key != "per-file-ignores":
        return parts
    table: dict[str, list[str]] = {}
    pattern = ""
    for part in parts:
        before, colon, selector = part.rpartition(":")
        pattern = before if colon else pattern
        if not pattern or not selector:
            raise SettingsError(f"--{key}: expected `GLOB:CODE`, found `{part}`")
        table.setdefault(pattern, []).append(selector.strip())
    return table


def _typed(table: dict[str, Any], origin: str) -> dict[str, Any]:
    """Return the table with every value of ours converted to its type."""
    return {key: _typed_value(key, value, _where(origin, key)) for key, value in table.items()}


def _typed_value(key: str, value: Any, where: str) -> Any:
    if key not in _TYPES:
        if isinstance(value, dict):  # for a rule, or so it seems: `validate` knows
            return value
        raise SettingsError(f"{where}: unknown key{_suggestion(key, _TYPES)}")
    value = _convert(value, _TYPES[key], where)
    if key == "per-file-ignores":
        return {
            glob: _convert(selectors, tuple[str, ...], f'{where}."{glob}"')
            for glob, selectors in value.items()
        }
    if key == "output-format":
        from flask_gotchas import reporters  # noqa: PLC0415 - looks into a folder

        if value not in (formats := reporters.names()):
            suggestion = _suggestion(value, formats)
            raise SettingsError(
                f"{where}: expected one of {', '.join(formats)}, found `{value}`{suggestion}"
            )
    if key == "flask-version" and not _VERSION.fullmatch(value):
        raise SettingsError(f'{where}: expected "auto" or a version such as "3.0", found `{value}`')
    return value


def _convert(value: object, type: type[T], where: str) -> T:  # noqa: A002 - as in msgspec
    try:
        return msgspec.convert(value, type)
    except msgspec.ValidationError as error:
        message = str(error).replace(", got ", ", found ")
        raise SettingsError(f"{where}: {message[0].lower()}{message[1:]}") from None


def _where(origin: str, key: str) -> str:
    if origin == COMMAND_LINE:
        return f"--{key}"
    return f"{origin.removeprefix(_FILE)}: {key}"


def _suggestion(word: str, known: Iterable[str]) -> str:
    import difflib  # noqa: PLC0415 - for errors only

    by_folded = {name.casefold(): name for name in known}
    close = difflib.get_close_matches(word.casefold()[:100], by_folded, n=1)
    return f"; did you mean `{by_folded[close[0]]}`?" if close else ""


def _printable(text: str) -> str:
    """Escape what would break a line or steer a terminal."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )


# Selecting rules


def validate(settings: Settings, rules: Mapping[str, RuleInfo]) -> None:
    """Check selectors and rule options against the rules, given by code; raises SettingsError."""
    for selection in settings.selections:
        for key, selectors in selection.by_key().items():
            _check_selectors(selectors, rules, _where(selection.origin, key))
    where = _where(settings.origins.get("per-file-ignores", DEFAULT), "per-file-ignores")
    for glob, selectors in settings.per_file_ignores:
        _check_selectors(selectors, rules, f'{where}."{glob.pattern}"')
    by_name = {rule.name: rule for rule in rules.values()}
    for name in settings.rule_options:
        if name not in by_name:
            where = _where(settings.origins.get(name, DEFAULT), name)
            raise SettingsError(f"{where}: unknown key{_suggestion(name, [*by_name, *_TYPES])}")
        options_for(settings, by_name[name])


def options_for(settings: Settings, rule: RuleInfo) -> msgspec.Struct | None:
    """Return the options of a rule with its defaults filled in, None if it has no options.

    Raises SettingsError for an unknown option or one of the wrong type.
    """
    kind: type[msgspec.Struct] | None = getattr(rule, "options", None)
    table = settings.rule_options.get(rule.name, {})
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)} if kind else {}
    for key, value in table.items():
        where = _where(settings.origins.get(rule.name, DEFAULT), f"{rule.name}.{key}")
        if key not in fields:
            raise SettingsError(f"{where}: unknown option{_suggestion(key, fields)}")
        _convert(value, fields[key].type, where)
    return msgspec.convert(table, kind) if kind else None


def selected(settings: Settings, rules: Mapping[str, RuleInfo]) -> frozenset[str]:
    """Return the codes of the enabled rules.

    `ALL` gives way to a prefix, a short prefix to a longer one, and that to a code or name; between
    equals `ignore` wins. The command line goes over the file.
    """
    return frozenset(code for code, off in _reasons(settings, rules).items() if not off)


def ignored_in(settings: Settings, path: str, rules: Mapping[str, RuleInfo]) -> frozenset[str]:
    """Return the codes that `per-file-ignores` switches off in a file."""
    absolute = absolute_path(path)
    codes: set[str] = set()
    for glob, selectors in settings.per_file_ignores:
        matcher = path_matcher((Glob(glob.pattern.removeprefix("!"), glob.folder),))
        if matcher.matches(absolute) != glob.pattern.startswith("!"):
            codes.update(*(_expand(selector, rules) for selector in selectors))
    return frozenset(codes)


def show(settings: Settings, rules: Mapping[str, RuleInfo]) -> str:
    """Return the settings as text, a `key = value  # origin` a line, and which rules are on."""
    origins = {**dict.fromkeys(_TYPES, DEFAULT), **settings.origins}
    values: dict[str, Any] = {key: [] for key in _SELECTION}
    for selection in settings.selections:
        for key, selectors in selection.by_key().items():
            values[key] += selectors
    values["exclude"] = [glob.pattern for glob in settings.exclude]
    values["extend-exclude"] = [glob.pattern for glob in settings.extend_exclude]
    values["output-format"] = settings.output_format
    values["cache-dir"] = cache_folder(settings)
    values["jobs"] = settings.jobs
    values["project-root"] = settings.root
    values["flask-version"] = settings.flask_version

    lines = []
    if settings.flask_version == "auto":
        from flask_gotchas import flask_version  # noqa: PLC0415 - for --show-settings only

        found = flask_version.VersionReader(settings.root).versions().flask
        origins["flask-version"] += f": {flask_version.describe(found)}"
    for key, value in values.items():
        if key == "select" and origins[key] == DEFAULT:
            lines.append("# select is not set: the rules that are on by default")
        elif key == "jobs" and settings.jobs is None:
            lines.append("# jobs is not set: one for each processor")
        else:
            lines.append(f"{key} = {_toml(value)}  # {origins[key]}")
    for glob, selectors in settings.per_file_ignores:
        key = f"per-file-ignores.{_toml(glob.pattern)}"
        lines.append(f"{key} = {_toml(selectors)}  # {origins['per-file-ignores']}")
    for rule in rules.values():
        options = msgspec.to_builtins(options_for(settings, rule) or {})
        given = settings.rule_options.get(rule.name, {})
        for key, value in options.items():
            origin = origins[rule.name] if key in given else DEFAULT
            lines.append(f"{rule.name}.{key} = {_toml(value)}  # {origin}")

    reasons = _reasons(settings, rules)
    lines += ["", "# enabled rules"]
    lines += [f"{code} {rules[code].name}" for code, off in reasons.items() if not off]
    lines += ["", "# disabled rules"]
    lines += [f"{code} {rules[code].name}  # {off}" for code, off in reasons.items() if off]
    return "".join(f"{_printable(line)}\n" for line in lines)


def _reasons(settings: Settings, rules: Mapping[str, RuleInfo]) -> dict[str, str]:
    """Say of each rule why it is off; nothing if it is on."""
    reasons = {code: "" if rule.default else "off by default" for code, rule in rules.items()}
    for selection in settings.selections:
        chosen = [
            (selector, f"ignored by {selector} ({selection.origin})" if "ignore" in key else "")
            for key, selectors in selection.by_key().items()
            for selector in selectors
        ]
        chosen.sort(key=lambda choice: (_specificity(choice[0]), choice[1]))
        if selection.select is not None:
            reasons = dict.fromkeys(rules, "not selected")
        for selector, reason in chosen:
            reasons.update(dict.fromkeys(_expand(selector, rules), reason))
    return reasons


def _specificity(selector: str) -> int:
    if selector == "ALL":
        return 0
    return len(selector) if selector.startswith("FLG") else len("FLG000")


def _expand(selector: str, rules: Mapping[str, RuleInfo]) -> list[str]:
    if selector == "ALL":
        return list(rules)
    if selector.startswith("FLG"):
        return [code for code in rules if code.startswith(selector)]
    return [code for code, rule in rules.items() if rule.name == selector]


def _check_selectors(selectors: Sequence[str], rules: Mapping[str, RuleInfo], where: str) -> None:
    for selector in selectors:
        if not _expand(selector, rules):
            names = (rule.name for rule in rules.values())
            suggestion = _suggestion(selector, ["ALL", *rules, *names])
            raise SettingsError(f"{where}: unknown rule `{selector}`{suggestion}")


def _toml(value: object) -> str:
    import json  # noqa: PLC0415 - for --show-settings only

    return json.dumps(value, ensure_ascii=False)


# Globs


def absolute_path(path: str) -> str:
    """Return the absolute path with forward slashes, links not resolved."""
    path = os.path.abspath(path)
    return path if os.sep == "/" else path.replace(os.sep, "/")


class PathMatcher:
    """Compiled globs.

    A glob without a slash is compared with the last part of a path, any other one with what follows
    the folder of the glob. `*` also matches slashes, `**/` any number of folders, and `{a,b}`
    either. The time to match is bounded by the product of both lengths.
    """

    def __init__(self, globs: Iterable[Glob]) -> None:
        """Compile; raises re.error for a glob that makes no sense."""
        serial = itertools.count()
        self._literals: set[str] = set()
        names: list[str] = []
        paths: dict[str, list[str]] = {}
        for glob in globs:
            for alternative in _alternatives(glob.pattern):
                pattern = alternative.rstrip("/")
                if "/" in pattern:
                    folder = "" if os.path.isabs(pattern) else glob.folder.rstrip("/") + "/"
                    translated = translate(pattern.removeprefix("./"), serial)
                    paths.setdefault(folder, []).append(translated)
                elif any(char in pattern for char in "*?[\\"):
                    names.append(translate(pattern, serial))
                else:
                    self._literals.add(pattern)
        self._names = re.compile("|".join(names), re.DOTALL) if names else None
        self._paths = [
            (folder, re.compile("|".join(patterns), re.DOTALL))
            for folder, patterns in paths.items()
        ]

    def matches(self, path: str) -> bool:
        """Tell whether any glob matches an absolute path with forward slashes."""
        name = path[path.rfind("/") + 1 :]
        if name in self._literals or (self._names and self._names.fullmatch(name)):
            return True
        return any(
            path.startswith(folder) and regex.fullmatch(path, len(folder))
            for folder, regex in self._paths
        )


@functools.cache
def path_matcher(globs: tuple[Glob, ...]) -> PathMatcher:
    """Return the globs compiled, the same object each time."""
    return PathMatcher(globs)


def _glob(pattern: str, folder: str, where: str) -> Glob:
    glob = Glob(pattern, folder if os.sep == "/" else folder.replace(os.sep, "/"))
    try:
        PathMatcher([glob])
    except re.error as error:
        raise SettingsError(f"{where}: `{pattern}` is not a valid glob: {error.msg}") from None
    return glob


_MOST_ALTERNATIVES = 1000
_BRACES = re.compile(r"\{([^{}]*)\}")
_PARTS = late_pattern(r"\\.|\[[!^]?\]?[^]]*\]|(?<![^/])(?:\*\*/)+|\*+|.", re.DOTALL)


def _alternatives(pattern: str) -> list[str]:
    """Write out the braces."""
    done: list[str] = []
    todo = [pattern]
    while todo:
        if len(done) + len(todo) > _MOST_ALTERNATIVES:
            raise re.error("too many alternatives in braces")
        pattern = todo.pop()
        if braces := _BRACES.search(pattern):
            before, after = pattern[: braces.start()], pattern[braces.end() :]
            todo += [before + part + after for part in braces[1].split(",")]
        else:
            done.append(pattern)
    return done


def translate(pattern: str, serial: Iterator[int]) -> str:
    """Write a glob without braces as a regular expression that takes no exponential time.

    `serial` numbers the groups, so that expressions can be joined. Compile it with re.DOTALL.
    The earliest place at which the text after a wildcard fits is always good enough if another
    wildcard follows, so it is fixed by a captured lookahead: an atomic group for Python 3.10.
    """
    done = piece = ""
    for part in _PARTS.findall(pattern):
        if part.startswith("*"):
            if piece:
                name = f"g{next(serial)}"
                done += f"(?=(?P<{name}>{piece}))(?P={name})"
            piece = "(?:.*?/)??" if part.endswith("/") else ".*?"
        elif part == "?":
            piece += "."
        elif part.startswith("\\"):
            piece += re.escape(part[-1])
        elif len(part) > 1:
            negation = "^" if part[1] in "!^" else ""
            members = re.escape(part[1 + len(negation) : -1])
            piece += "[" + negation + re.sub(r"(?:\\-)+", "-", members) + "]"
        else:
            piece += re.escape(part)
    return done + piece
