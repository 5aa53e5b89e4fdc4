"""A baseline hides what was there, reports what is new, and loses what is gone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

import pytest

from flask_gotchas import cli

ONE = "from flask import g\n\ng.one\n"
TWO = "from flask import g\n\ng.two\n"


class Done(NamedTuple):
    status: int
    out: str
    err: str


class Shop:
    """A folder with files that are checked."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def write(self, name: str, text: str) -> None:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text)

    def check(self, *arguments: str) -> Done:
        status = cli.main(arguments)
        return Done(status, *self.capsys.readouterr())

    def known(self, baseline: str = "known.json") -> list[tuple[str, str, int]]:
        """List what a baseline has: path, code and number."""
        entries = json.loads(Path(baseline).read_text())["entries"]
        return [(entry["path"], entry["code"], entry["count"]) for entry in entries]


@pytest.fixture
def shop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Shop:
    monkeypatch.chdir(tmp_path)
    shop = Shop(capsys)
    shop.write("pyproject.toml", "")
    shop.write("shop/one.py", ONE)
    shop.write("shop/two.py", TWO)
    done = shop.check("--write-baseline", "known.json")
    assert done == (
        0,
        "",
        "known.json: 2 problems written, which --baseline leaves out.\n2 files, no problems.\n",
    )
    return shop


BOTH = [("shop/one.py", "FLG201", 1), ("shop/two.py", "FLG201", 1)]


def test_what_is_in_it_is_not_reported(shop: Shop) -> None:
    assert shop.known() == BOTH
    assert shop.check("--baseline", "known.json") == (
        0,
        "",
        "known.json: 2 known problems left out.\n2 files, no problems.\n",
    )


def test_no_code_stands_in_it(shop: Shop) -> None:
    assert "g.one" not in Path("known.json").read_text()


def test_each_entry_has_its_line_so_that_changes_are_easy_to_join(shop: Shop) -> None:
    lines = Path("known.json").read_text().splitlines()
    assert len([line for line in lines if '"FLG201"' in line]) == 2


def test_it_holds_when_lines_move_and_indentation_changes(shop: Shop) -> None:
    shop.write("shop/one.py", "from flask import g\n# moved\n\n\nif True:\n    g.one\n")
    assert shop.check("--baseline", "known.json").status == 0
    assert shop.known() == BOTH


def test_what_is_new_is_reported(shop: Shop) -> None:
    shop.write("shop/one.py", ONE + "g.other\n")
    done = shop.check("--baseline", "known.json")
    assert done.status == 1
    assert done.out.startswith("shop/one.py:4:1: FLG201")
    assert done.out.count("\n") == 1


def test_one_more_of_the_same_is_reported(shop: Shop) -> None:
    shop.write("shop/one.py", ONE + "g.one\n")
    assert shop.check("--baseline", "known.json").out.count("\n") == 1


def test_another_file_with_the_same_line_is_new(shop: Shop) -> None:
    shop.write("shop/three.py", ONE)
    assert shop.check("--baseline", "known.json").out.startswith("shop/three.py:3:1:")


@pytest.mark.parametrize("paths", [[], ["."], ["shop"], ["shop/"], ["shop/../shop"]])
def test_what_is_gone_is_removed(shop: Shop, paths: list[str]) -> None:
    shop.write("shop/one.py", "")
    done = shop.check("--baseline", "known.json", *paths)
    assert "known.json: 1 problem no longer there, removed.\n" in done.err
    assert shop.known() == BOTH[1:]
    again = shop.check("--baseline", "known.json", *paths)
    assert "removed" not in again.err


def test_a_deleted_file_is_removed(shop: Shop) -> None:
    Path("shop/one.py").unlink()
    shop.check("--baseline", "known.json")
    assert shop.known() == BOTH[1:]


def test_the_number_of_equal_problems_shrinks(shop: Shop) -> None:
    shop.write("shop/one.py", ONE + "g.one\ng.one\n")
    shop.check("--write-baseline", "known.json")
    assert shop.known()[0][2] == 3
    shop.write("shop/one.py", ONE)
    assert "2 problems no longer there" in shop.check("--baseline", "known.json").err
    assert shop.known() == BOTH


@pytest.mark.parametrize(
    "arguments",
    [
        ["shop/one.py"],
        ["shop/one.py", "shop/two.py"],
        ["other"],
        ["--select", "FLG1"],
        ["--ignore", "FLG201"],
        ["--extend-exclude", "shop"],
        ["--extend-exclude", "shop/one.py"],
    ],
)
def test_a_run_that_did_not_look_there_removes_nothing(shop: Shop, arguments: list[str]) -> None:
    shop.write("other/fine.py", "")
    shop.write("shop/one.py", "")
    assert shop.check("--baseline", "known.json", *arguments).status == 0
    assert shop.known() == BOTH


def test_what_cannot_be_parsed_removes_nothing(shop: Shop) -> None:
    shop.write("shop/one.py", "from flask import g\ng.one(\n")
    assert "FLG001" in shop.check("--baseline", "known.json").out
    assert shop.known() == BOTH


def test_a_syntax_error_is_never_accepted(shop: Shop) -> None:
    shop.write("shop/one.py", "from flask import g\ng.one(\n")
    done = shop.check("--write-baseline", "known.json")
    assert done.status == 1
    assert done.out.startswith("shop/one.py:2:")
    assert shop.known() == BOTH[1:]


def test_a_rule_of_the_whole_project_is_known_in_a_run_over_one_file(shop: Shop) -> None:
    shop.write("shop/app.py", "from flask import Flask\napp = Flask(__name__)\n")
    shop.write("shop/sales.py", "from flask import Blueprint\nbp = Blueprint('s', __name__)\n")
    shop.write("shop/sales.py", Path("shop/sales.py").read_text() + "@bp.get('/')\ndef x(): ...\n")
    shop.check("--write-baseline", "known.json")
    assert ("shop/sales.py", "FLG501", 1) in shop.known()
    done = shop.check("--baseline", "known.json", "shop/sales.py")
    assert (done.status, done.out) == (0, "")


def test_it_does_not_matter_where_one_stands(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path / "shop")
    assert shop.check("--baseline", "../known.json").status == 0
    assert shop.known("../known.json") == BOTH
    monkeypatch.chdir(tmp_path.parent)
    assert shop.check("--baseline", str(tmp_path / "known.json"), str(tmp_path)).status == 0
    assert shop.known(str(tmp_path / "known.json")) == BOTH


def test_it_may_lie_in_a_folder_of_its_own(shop: Shop) -> None:
    Path("lint").mkdir()
    shop.check("--write-baseline", "lint/known.json")
    assert shop.known("lint/known.json")[0][0] == "../shop/one.py"
    assert shop.check("--baseline", "lint/known.json").status == 0
    shop.write("shop/one.py", "")
    shop.check("--baseline", "lint/known.json")
    assert [path for path, *_ in shop.known("lint/known.json")] == ["../shop/two.py"]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (None, "bad.json: no such file; --write-baseline makes it"),
        ("{", "bad.json: this is no baseline: "),
        ("[]", "bad.json: this is no baseline: "),
        ('{"version": 2, "entries": []}', "bad.json: this is no baseline: "),
        ('{"version": 1, "entries": [{"path": 1}]}', "bad.json: this is no baseline: "),
    ],
)
def test_a_bad_baseline_is_one_line_and_status_2(
    shop: Shop, content: str | None, complaint: str
) -> None:
    if content is not None:
        shop.write("bad.json", content)
    done = shop.check("--baseline", "bad.json")
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith(f"flask-gotchas: error: {complaint}")
    assert done.err.count("\n") == 1


def test_another_file_is_not_overwritten(shop: Shop) -> None:
    done = shop.check("--write-baseline", "shop/one.py")
    assert done.status == 2
    assert "this is no baseline" in done.err
    assert Path("shop/one.py").read_text() == ONE


def test_both_options_together_make_no_sense(shop: Shop) -> None:
    done = shop.check("--baseline", "known.json", "--write-baseline", "known.json")
    assert done.status == 2


def test_statistics_count_what_is_new(shop: Shop) -> None:
    shop.write("shop/one.py", ONE + "g.other\n")
    assert shop.check("--baseline", "known.json", "--statistics").out.startswith("    1  FLG201")
