from __future__ import annotations

import argparse
import ast
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest

from flask_gotchas import run
from flask_gotchas.flake8_plugin import Plugin, settings_for
from flask_gotchas.model import Diagnostic, Location, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

APP = "from flask import Flask\napp = Flask(__name__)\n\n\napp.run(debug=True)\n"
RULE = "FLG601"


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    settings_for.cache_clear()
    before = Plugin.selected
    yield
    Plugin.selected = before


def flake8(folder: Path, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "flake8", *arguments],
        check=False,
        cwd=folder,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
    )


def codes(done: subprocess.CompletedProcess[str]) -> list[str]:
    """List the reports of the rule that these tests watch; others may see the same code."""
    assert done.stderr == ""
    return [code for line in done.stdout.splitlines() if (code := line.split()[1]) == RULE]


@pytest.fixture
def app(tmp_path: Path) -> Path:
    (tmp_path / "app.py").write_text(APP)
    return tmp_path


def configure(folder: Path, table: str) -> None:
    (folder / "pyproject.toml").write_text(f"[tool.flask-gotchas]\n{table}\n")


def reports(text: str, filename: str = "app.py") -> list[tuple[int, int, str, type[Plugin]]]:
    return list(Plugin(ast.parse(text), text.splitlines(keepends=True), filename).run())


# The class


def test_each_problem_is_line_column_from_zero_and_text(app: Path) -> None:
    found = reports(APP, str(app / "app.py"))
    assert (5, 8, RULE, Plugin) in [(line, col, text[:6], cls) for line, col, text, cls in found]


def test_a_file_without_flask_is_left_at_once() -> None:
    code = """if True:
        import ast, sys
        from flask_gotchas.flake8_plugin import Plugin
        assert list(Plugin(ast.parse("x = 1"), ["x = 1"], "app.py").run()) == []
        sys.exit(bool({"libcst", "msgspec"} & set(sys.modules)))
    """
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_flake8s_garbage_collections_find_nothing_of_ours() -> None:
    code = """
        import ast, gc, sys
        from flask_gotchas.flake8_plugin import Plugin
        text = "import flask\\napp = flask.Flask('x')\\n"
        gc.disable()
        for name in ("one.py", "two.py"):
            list(Plugin(ast.parse(text), text.splitlines(True), name).run())
        import libcst
        nodes = [thing for thing in gc.get_objects() if isinstance(thing, libcst.Module)]
        classes = [thing for thing in gc.get_objects() if thing is libcst.Module]
        sys.exit(bool(nodes or classes))
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=True, timeout=60)


def test_messages_are_free_of_control_characters_and_of_unused_noqa(
    app: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def check_text(path: str, *_: object) -> list[Diagnostic]:
        at = Location(path, 1, 0, 1, 1)
        return [
            Diagnostic(at, code, "x", Severity.ERROR, "a\x1b\nb", "Repair it.")
            for code in ("FLG001", "FLG002", RULE)
        ]

    monkeypatch.setattr(run, "check_text", check_text)
    assert [text for _, _, text, _ in reports(APP, str(app / "app.py"))] == [
        r"FLG001 a\x1b\x0ab",
        rf"{RULE} a\x1b\x0ab",
    ]


@pytest.mark.parametrize(
    ("select", "extend_select", "expected"),
    [
        (None, None, ()),
        (["E", "F", "W"], [], ()),
        (["E", "FLG"], None, ("FLG",)),
        (None, [RULE, "B9"], (RULE,)),
    ],
)
def test_only_selectors_that_are_surely_ours_turn_rules_on(
    select: list[str] | None, extend_select: list[str] | None, expected: tuple[str, ...]
) -> None:
    options = argparse.Namespace(select=select, extend_select=extend_select)
    Plugin.parse_options(options)
    assert Plugin.selected == expected


def test_settings_are_read_once_for_a_folder(app: Path) -> None:
    configure(app, 'ignore = ["ALL"]')
    first = settings_for(str(app), ())
    assert settings_for(str(app), ()) is first
    (app / "pyproject.toml").unlink()
    assert reports(APP, str(app / "app.py")) == []


def test_a_crash_of_ours_is_one_report(app: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object) -> list[Diagnostic]:
        raise RecursionError("too\x1bdeep")

    monkeypatch.setattr(run, "check_text", crash)
    [(line, column, text, _)] = reports(APP, str(app / "app.py"))
    assert (line, column) == (1, 0)
    assert text.startswith("FLG000 ")
    assert r"RecursionError: too\x1bdeep" in text


# Under flake8


def test_flake8_loads_the_plugin_and_names_it() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "flake8", "--version"], check=True, capture_output=True, text=True
    )
    assert "flask-gotchas" in done.stdout or "FLG" in done.stdout


def test_problems_are_shown_in_flake8s_own_form(app: Path) -> None:
    done = flake8(app, "--select", RULE)
    assert done.stdout.startswith(f"./app.py:5:9: {RULE} ")
    assert done.returncode == 1


def test_several_processes_see_the_same(app: Path) -> None:
    for number in range(4):
        (app / f"app{number}.py").write_text(APP)
    assert codes(flake8(app, "-j2")) == [RULE] * 5


@pytest.mark.parametrize("jobs", ["-j1", "-j2"])
def test_what_would_kill_the_parser_is_a_report_and_the_others_are_checked(
    app: Path, jobs: str
) -> None:
    pattern = "{1: " * 20 + "y" + "}" * 20
    code = f"import flask\nmatch x:\n    case {pattern}:\n        pass\n"
    (app / "patterns.py").write_text(code)
    done = flake8(app, jobs, "--select", "FLG")
    assert codes(done) == [RULE]
    assert "./patterns.py:3:10: FLG001 " in done.stdout


def test_stdin_is_checked_with_the_settings_of_its_display_name(app: Path) -> None:
    assert codes(flake8(app, "-", stdin=APP)) == [RULE]
    (app / "sub").mkdir()
    configure(app / "sub", f'ignore = ["{RULE}"]')
    assert codes(flake8(app, "-", "--stdin-display-name", "sub/x.py", stdin=APP)) == []


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--select", "FLG"], [RULE]),
        (["--select", "E"], []),
        (["--ignore", RULE], []),
        (["--extend-ignore", "FLG6"], []),
        (["--per-file-ignores", f"app.py:{RULE}"], []),
    ],
)
def test_flake8s_own_options_count(app: Path, arguments: list[str], expected: list[str]) -> None:
    assert codes(flake8(app, *arguments)) == expected


@pytest.mark.parametrize("comment", [f"noqa: {RULE}", "noqa", "noqa:E501,FLG601"])
def test_noqa_is_flake8s_business(app: Path, comment: str) -> None:
    (app / "app.py").write_text(APP.replace("(debug=True)", f"(debug=True)  # {comment}"))
    assert codes(flake8(app)) == []
    assert codes(flake8(app, "--disable-noqa")) == [RULE]


def test_a_file_that_does_not_parse_is_flake8s_report_alone(app: Path) -> None:
    (app / "app.py").write_text("from flask import Flask\napp = Flask(\n")
    done = flake8(app, "--select", "E9,FLG")
    assert "E999" in done.stdout
    assert "FLG" not in done.stdout


@pytest.mark.parametrize(
    "table",
    [
        f'ignore = ["{RULE}"]',
        'select = ["FLG0"]',
        f'per-file-ignores = {{ "app.py" = ["{RULE}"] }}',
        'exclude = ["app.py"]',
    ],
)
def test_the_table_in_pyproject_counts(app: Path, table: str) -> None:
    assert codes(flake8(app)) == [RULE]
    configure(app, table)
    assert codes(flake8(app)) == []


def test_an_excluded_folder_is_excluded_here_too(app: Path) -> None:
    configure(app, 'extend-exclude = ["gen"]')
    (app / "gen" / "deep").mkdir(parents=True)
    (app / "app.py").rename(app / "gen" / "deep" / "app.py")
    assert codes(flake8(app)) == []


def test_ignore_in_the_table_wins_over_a_broad_selection_of_flake8(app: Path) -> None:
    configure(app, f'ignore = ["{RULE}"]')
    assert codes(flake8(app, "--extend-select", "FLG")) == []


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("selct = []", "pyproject.toml: selct: unknown key; did you mean `select`?"),
        ('ignore = ["FLG999"]', "pyproject.toml: ignore: unknown rule `FLG999`"),
        ("ignore = [", "pyproject.toml: not valid TOML"),
    ],
)
@pytest.mark.parametrize("jobs", ["-j1", "-j2"])
def test_wrong_settings_are_one_clear_report(
    app: Path, table: str, message: str, jobs: str
) -> None:
    configure(app, table)
    (app / "other.py").write_text(APP)
    done = flake8(app, jobs)
    assert done.returncode == 1
    assert done.stderr == ""
    assert done.stdout.count("flask-gotchas: ") == 1
    assert message in done.stdout


# Rules that are off by default


@pytest.fixture
def off_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    from flask_gotchas.rule import all_rules

    if all_rules()[RULE].default:
        monkeypatch.setattr(all_rules()[RULE], "default", False)


def found(app: Path) -> list[str]:
    reported = [text.split()[0] for _, _, text, _ in reports(APP, str(app / "app.py"))]
    return [code for code in reported if code == RULE]


@pytest.mark.usefixtures("off_by_default")
def test_a_rule_off_by_default_is_off_until_it_is_asked_for(
    app: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert found(app) == []
    monkeypatch.setattr(Plugin, "selected", (RULE,))
    assert found(app) == [RULE]


@pytest.mark.usefixtures("off_by_default")
def test_the_table_turns_on_a_rule_that_is_off_by_default(app: Path) -> None:
    configure(app, f'extend-select = ["{RULE}"]')
    assert found(app) == [RULE]
