"""Set a project up: a table of settings to fill in, and a hook for pre-commit.

Both are added behind what is there; nothing is changed or overwritten.
"""

from __future__ import annotations

import os
import re
from typing import Any, Final

import tomli

from flask_gotchas import files
from flask_gotchas.records import NamedTuple
from flask_gotchas.settings import find_root
from flask_gotchas.ways import read_file

PYPROJECT: Final = "pyproject.toml"
PRE_COMMIT: Final = ".pre-commit-config.yaml"

TABLE: Final = """\
[tool.flask-gotchas]
# All keys are optional. These are examples: take the `#` away from what you need.

# Rules: codes, beginnings of codes, or names. `flask-gotchas rules` lists them.
# select = ["FLG1", "FLG2", "FLG6"]          # only these, not those that are on by default
# extend-select = ["ALL"]                    # these, too
# ignore = ["body-read-in-get-route"]        # not these
# extend-ignore = ["FLG002"]                 # not these either
# per-file-ignores = { "scripts/*.py" = ["FLG6"] }

# Files: globs for paths below this folder, or for names when they have no slash.
# exclude = [".venv", "build"]               # in place of what is excluded by default
# extend-exclude = ["migrations"]            # as well as that

# output-format = "full"                     # concise is the default
# cache-dir = ".cache/flask-gotchas"         # where results are kept for later runs
# jobs = 2                                   # processes; one for each processor is the default
# project-root = "."                         # what counts as the project
# flask-version = "auto"                     # or such as "3.0"
"""

# It runs what is installed in the project's environment, so that both have the same version.
HOOK: Final = """\
- repo: local
  hooks:
    - id: flask-gotchas
      name: flask-gotchas
      entry: flask-gotchas
      language: system
      types_or: [python, html, jinja]
      require_serial: true
"""

REPOS: Final = re.compile(r"^repos:[ \t]*(?:#.*)?$", re.MULTILINE)
TOP_LEVEL: Final = re.compile(r"^[^\s#-]|^---", re.MULTILINE)
ITEM: Final = re.compile(r"^( *)- ", re.MULTILINE)


class InitError(Exception):
    """A file that cannot be added to; the text says which one, why, and what to do."""


class Places(NamedTuple):
    """The files that are written: settings, and the configuration of pre-commit."""

    pyproject: str
    pre_commit: str


def places(folder: str) -> Places:
    """Find the files for the project that a folder belongs to."""
    root = find_root(os.path.abspath(folder))
    top = find_root(root, markers=(".git",))
    return Places(
        os.path.relpath(os.path.join(root, PYPROJECT)),
        os.path.relpath(os.path.join(top, PRE_COMMIT)),
    )


def has_hook(path: str) -> bool:
    """Tell whether the configuration of pre-commit mentions the tool; raises OSError."""
    return b"flask-gotchas" in _read(path)


def add_table(path: str) -> str:
    """Add the settings to pyproject.toml, and say what was done; raises InitError and OSError."""
    data = _read(path)
    before = _parsed(data, path)
    tool = before.get("tool", {})
    if isinstance(tool, dict) and "flask-gotchas" in tool:
        return f"{path}: has a table for flask-gotchas, nothing changed"
    after = _appended(data, TABLE)
    expected = {**before, "tool": {**tool, "flask-gotchas": {}}} if isinstance(tool, dict) else None
    try:
        is_right = tomli.loads(after.decode("utf-8-sig")) == expected
    except tomli.TOMLDecodeError:
        is_right = False
    if not is_right:
        raise InitError(f"{path}: there is no room for a table behind the others, add one yourself")
    files.replace(path, after)
    return f"{path}: table for flask-gotchas added"


def add_hook(path: str) -> str:
    """Add the hook to the configuration of pre-commit, and say what was done.

    Raises InitError and OSError.
    """
    if has_hook(path):
        return f"{path}: has a hook for flask-gotchas, nothing changed"
    data = _read(path)
    text = data.decode("utf-8", "surrogateescape")
    if not text.strip():
        after = _appended(data, "repos:\n" + _indented(HOOK, "  "))
    else:
        after = _in_repos(text, path).encode("utf-8", "surrogateescape")
    files.replace(path, after)
    return f"{path}: hook for flask-gotchas added"


def _in_repos(text: str, path: str) -> str:
    """Put the hook behind the last repository of a configuration."""
    end = "\r\n" if "\r\n" in text else "\n"
    text = text.replace("\r\n", "\n")
    repos = REPOS.search(text)
    item = ITEM.search(text, repos.end()) if repos else None
    if repos is None or item is None or text[repos.end() : item.start()].strip(" \n").count("\n"):
        raise InitError(f"{path}: no list of `repos` to add the hook to, add it yourself")
    following = TOP_LEVEL.search(text, repos.end() + 1)
    block = text[: following.start()] if following else text
    lines = block.split("\n")
    while not lines[-1].strip() or lines[-1].lstrip().startswith("#"):
        lines.pop()
    kept = "\n".join(lines)
    rest = text[len(kept) :].removeprefix("\n")
    return f"{kept}\n{_indented(HOOK, item[1])}{rest}".replace("\n", end)


def _read(path: str) -> bytes:
    try:
        return read_file(path)
    except FileNotFoundError:
        return b""


def _parsed(data: bytes, path: str) -> dict[str, Any]:
    try:
        return tomli.loads(data.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomli.TOMLDecodeError) as error:
        raise InitError(f"{path}: not valid TOML: {error}") from None


def _appended(data: bytes, text: str) -> bytes:
    """Put a text behind the content of a file, with its line ends and an empty line between."""
    end = b"\r\n" if b"\r\n" in data else b"\n"
    if data.strip():
        data = data.rstrip(b"\r\n") + end + end
    return data + text.encode().replace(b"\n", end)


def _indented(text: str, indentation: str) -> str:
    return "".join(f"{indentation}{line}" for line in text.splitlines(keepends=True))
