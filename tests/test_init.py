"""`flask-gotchas init` adds to what is there, and overwrites nothing."""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
import tomli
import yaml

from flask_gotchas import cli, init, settings
from flask_gotchas.rule import all_rules

ADDED = "pyproject.toml: table for flask-gotchas added\n"
HOOKED = ".pre-commit-config.yaml: hook for flask-gotchas added\n"


class Done(NamedTuple):
    status: int
    out: str
    err: str


class Project:
    """An empty project to set up."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys
        self.table = Path("pyproject.toml")
        self.hooks = Path(".pre-commit-config.yaml")

    def init(self, *arguments: str) -> Done:
        status = cli.main(["init", *arguments])
        return Done(status, *self.capsys.readouterr())


@pytest.fixture
def project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Project:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    return Project(capsys)


class Typed(io.StringIO):
    """What a person types at a terminal."""

    def isatty(self) -> bool:
        return True


# The table


def test_the_table_shows_every_setting() -> None:
    assert re.findall(r"^# ([a-z-]+) = ", init.TABLE, re.MULTILINE) == list(settings._TYPES)


def test_the_table_changes_nothing_until_it_is_filled_in(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(init.TABLE)
    assert tomli.loads(init.TABLE) == {"tool": {"flask-gotchas": {}}}
    loaded = settings.load(tmp_path, {})
    assert loaded == settings.Settings(root=str(tmp_path), origins=loaded.origins)


def test_every_example_in_the_table_is_valid(tmp_path: Path) -> None:
    filled = re.sub(r"^# (?=[a-z-]+ = )", "", init.TABLE, flags=re.MULTILINE)
    (tmp_path / "pyproject.toml").write_text(filled)
    loaded = settings.load(tmp_path, {})
    settings.validate(loaded, all_rules())
    assert "default" not in {loaded.origins[key] for key in settings._TYPES}


def test_a_project_without_pyproject_gets_one(project: Project) -> None:
    assert project.init() == (0, ADDED, "")
    assert project.table.read_text() == init.TABLE
    assert not project.hooks.exists()


@pytest.mark.parametrize(
    "before",
    [
        b'[project]\nname = "x"\n',
        b'[project]\nname = "x"',
        b'[project]\nname = "x"\n\n\n',
        b"[tool.ruff]\nline-length = 100\n\n[[tool.x.y]]\nz = 1\n",
        b"# only a comment\n",
        b'\xef\xbb\xbf[project]\nname = "gr\xc3\xb6\xc3\x9fe"\n',
        b'[project]\r\nname = "x"\r\n',
    ],
)
def test_what_is_there_stays(project: Project, before: bytes) -> None:
    project.table.write_bytes(before)
    assert project.init() == (0, ADDED, "")
    after = project.table.read_bytes()
    assert after.startswith(before.rstrip())
    assert after.count(b"\r\n") == (after.count(b"\n") if b"\r\n" in before else 0)
    tables = tomli.loads(after.decode("utf-8-sig"))
    assert tables["tool"].pop("flask-gotchas") == {}
    others = tomli.loads(before.decode("utf-8-sig"))
    assert {**others, "tool": others.get("tool", {})} == tables


@pytest.mark.parametrize(
    "before",
    ['[tool.flask-gotchas]\nselect = ["FLG1"]\n', "tool = { flask-gotchas = { select = [] } }\n"],
)
def test_a_table_that_is_there_is_not_touched(project: Project, before: str) -> None:
    project.table.write_text(before)
    done = project.init()
    assert done == (0, "pyproject.toml: has a table for flask-gotchas, nothing changed\n", "")
    assert project.table.read_text() == before


@pytest.mark.parametrize(
    ("before", "complaint"),
    [
        ("[project", "pyproject.toml: not valid TOML: "),
        ("tool = { ruff = {} }\n", "pyproject.toml: there is no room for a table"),
        ("tool = 1\n", "pyproject.toml: there is no room for a table"),
    ],
)
def test_a_file_that_cannot_be_added_to_is_not_touched(
    project: Project, before: str, complaint: str
) -> None:
    project.table.write_text(before)
    done = project.init("--pre-commit")
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith(f"flask-gotchas: error: {complaint}")
    assert project.table.read_text() == before
    assert not project.hooks.exists()


def test_the_files_are_those_of_the_project(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "backend" / "src").mkdir(parents=True)
    (tmp_path / "backend" / "pyproject.toml").touch()
    monkeypatch.chdir(tmp_path / "backend" / "src")
    done = project.init("--pre-commit")
    assert done.out.replace("\\", "/") == f"../{ADDED}../../{HOOKED}"
    assert (tmp_path / "backend" / "pyproject.toml").read_text() == init.TABLE


# The hook


def hooks_in(path: Path) -> list[list[str]]:
    """List the hooks of each repository."""
    document = yaml.safe_load(path.read_bytes())
    return [[hook["id"] for hook in repo["hooks"]] for repo in document["repos"]]


def test_the_hook_is_added_on_demand(project: Project) -> None:
    assert project.init("--pre-commit") == (0, ADDED + HOOKED, "")
    assert hooks_in(project.hooks) == [["flask-gotchas"]]
    again = project.init("--pre-commit")
    assert again.out.endswith("has a hook for flask-gotchas, nothing changed\n")
    assert hooks_in(project.hooks) == [["flask-gotchas"]]


def test_the_hook_does_what_that_of_the_repository_does() -> None:
    root = Path(__file__).resolve().parent.parent
    offered = yaml.safe_load((root / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))[0]
    (added,) = yaml.safe_load(init.HOOK)[0]["hooks"]
    same = ("id", "name", "entry", "types_or", "require_serial")
    assert {key: added[key] for key in same} == {key: offered[key] for key in same}


@pytest.mark.parametrize(
    ("before", "number"),
    [
        ("repos:\n- repo: x\n  rev: y\n  hooks:\n  - id: a\n", 2),
        ("repos:\n  - repo: x\n    rev: y\n    hooks:\n      - id: a", 2),
        ("repos: # mine\n\n  # first\n  - repo: x\n    hooks:\n      - id: a\n\n# end\n", 2),
        ("fail_fast: true\nrepos:\n-   repo: x\n    hooks:\n    -   id: a\nci: {}\n", 2),
        ("---\nrepos:\n- repo: x\n  hooks: [{id: a}]\n- repo: y\n  hooks: [{id: b}]\n...\n", 3),
        ("repos:\r\n- repo: x\r\n  hooks:\r\n  - id: a\r\n", 2),
        ("", 1),
        ("\n", 1),
    ],
)
def test_the_hook_goes_behind_the_others(project: Project, before: str, number: int) -> None:
    project.hooks.write_bytes(before.encode())
    assert project.init("--pre-commit").out.endswith(HOOKED)
    found = hooks_in(project.hooks)
    assert len(found) == number
    assert found[-1] == ["flask-gotchas"]
    text = project.hooks.read_bytes().decode()
    for line in before.split("\n"):
        assert line in text
    assert text.count("\r\n") == (text.count("\n") if "\r" in before else 0)
    if before.strip():
        old, new = yaml.safe_load(before), yaml.safe_load(text)
        assert {**new, "repos": new["repos"][:-1]} == old


@pytest.mark.parametrize(
    "before", ["repos: []\n", "fail_fast: true\n", "repos:\n", "repos: [{repo: x, hooks: []}]\n"]
)
def test_a_configuration_without_a_list_is_not_touched(project: Project, before: str) -> None:
    project.hooks.write_text(before)
    done = project.init("--pre-commit")
    assert done.status == 2
    assert "no list of `repos`" in done.err
    assert project.hooks.read_text() == before


@pytest.mark.parametrize(("typed", "added"), [("y\n", True), ("n\n", False), ("\n", False)])
def test_on_a_terminal_it_asks(
    project: Project, typed: str, added: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", Typed(typed))
    done = project.init()
    assert "Add a hook to .pre-commit-config.yaml, too? [y/N]" in done.out
    assert project.hooks.exists() == added


@pytest.mark.parametrize("option", ["--pre-commit", "--no-pre-commit"])
def test_it_does_not_ask_what_it_was_told(
    project: Project, option: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", Typed(""))
    assert project.init(option).status == 0
    assert project.hooks.exists() == (option == "--pre-commit")


def test_it_does_not_ask_for_a_hook_that_is_there(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.init("--pre-commit")
    monkeypatch.setattr(sys, "stdin", Typed(""))
    assert project.init().status == 0
