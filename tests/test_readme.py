"""The README tells the truth: its outputs, its settings, its commands and its promises."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import msgspec
from fences import blocks
from readme import README, ROOT, rendered
from support import all_fixtures, check

from flask_gotchas import cli, docs, reporters, settings
from flask_gotchas.rule import all_rules

if TYPE_CHECKING:
    from pathlib import Path

TEXT = README.read_text(encoding="utf-8")


def test_the_outputs_are_what_the_tool_prints_now() -> None:
    assert rendered(TEXT).split("\n") == TEXT.split("\n"), "run `python tests/readme.py`"


def test_the_quick_start_is_one_command_to_use_it_and_one_to_test_it() -> None:
    commands = re.findall(r"^python3 -m venv \.venv && .*", TEXT, re.MULTILINE)
    assert len(commands) == 2
    use, test = commands
    assert use.endswith("flask-gotchas fixtures/projects/quickstart")
    assert test.endswith("pytest")


def test_the_settings_are_those_there_are() -> None:
    section = TEXT.partition("\n## Settings\n")[2].partition("\n## ")[0]
    shown = re.findall(r"^\| `([\w.-]+)` \|", section, re.MULTILINE)
    options = [
        f"{rule.name}.{field.encode_name}"
        for rule in all_rules().values()
        if (kind := getattr(rule, "options", None)) is not None
        for field in msgspec.structs.fields(kind)
    ]
    assert shown == [*settings._TYPES, *options]


def test_the_first_ten_settings_are_options_of_the_command_line() -> None:
    given = {option.removeprefix("--") for one in cli.check.params for option in one.opts}
    assert list(settings._TYPES)[:10] == [key for key in settings._TYPES if key in given]


def test_the_formats_are_those_there_are() -> None:
    section = TEXT.partition("\n## Output\n")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `([\w-]+)` \| ", section, re.MULTILINE) == reporters.names()
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    listed = changelog.partition("\nOutput formats: ")[2].partition(";")[0]
    assert re.findall(r"`([\w-]+)`", listed) == reporters.names()
    helped = next(one for one in cli.check.params if one.name == "formats")
    assert f": {', '.join(reporters.names())} (" in getattr(helped, "help", "")


def test_flake8_is_silent_where_the_readme_says_so() -> None:
    section = TEXT.partition("\n### What takes the whole project\n")[2].partition("Every other")[0]
    silent = tuple(re.findall(r"`(FLG\d+)`", section))
    examples = [example.files for doc in docs.all_docs() for example in doc.examples()]
    fixtures = [fixture.files for fixture in all_fixtures()]
    found = {
        report.code
        for files in (*examples, *fixtures)
        for path, text in files.items()
        if path.endswith(".py")
        for report in check({path: text}, complete=False)
    }
    rules = {code for code in all_rules() if not code.startswith("FLG0")}
    said = {code for code in rules if code.startswith(silent)}
    assert rules - found == said, "name them under `What takes the whole project`"


def test_the_table_of_settings_is_understood(tmp_path: Path) -> None:
    write_table(tmp_path, "[tool.flask-gotchas]")
    loaded = settings.load(tmp_path, {})
    settings.validate(loaded, all_rules())
    normally_off = {code for code, rule in all_rules().items() if not rule.default}
    left_out = set(all_rules()) - settings.selected(loaded, all_rules())
    assert left_out == {"FLG102"} | normally_off


def test_ruff_leaves_the_comments_alone_with_the_table_for_it(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("x = 1  # noqa: FLG201\n")
    assert "FLG201" in unused_for_ruff(tmp_path)
    write_table(tmp_path, "[tool.ruff.lint]")
    assert unused_for_ruff(tmp_path) == "All checks passed!\n"


def test_nothing_is_imported_run_or_written(tmp_path: Path) -> None:
    trap = "from flask import Flask\nopen('sprung', 'w')\nopen(__file__ + '.sprung', 'w')\n"
    for name in ("app.py", "conftest.py", "setup.py", "flask_gotchas.py", "shop/__init__.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(trap)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    # Not `-m`, by which Python itself would look for modules in the working folder.
    command = [sys.executable, "-I", "-c", "from flask_gotchas.cli import main; main(['-n', '.'])"]
    done = subprocess.run(
        command, check=True, cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert done.stderr == "5 files, no problems.\n"
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def write_table(folder: Path, table: str) -> None:
    """Write the README's block with a table as the settings of a folder."""
    (block,) = (one for one in blocks(TEXT) if table in one.text)
    (folder / "pyproject.toml").write_text(block.text, encoding="utf-8")


def unused_for_ruff(folder: Path) -> str:
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "--select", "RUF10", "."]
    done = subprocess.run(
        command, check=False, cwd=folder, capture_output=True, text=True, timeout=60
    )
    return done.stdout


def test_every_option_is_in_the_readme() -> None:
    options = [name for one in cli.check.params for name in one.opts if name.startswith("--")]
    keys = [f"--{key}" for key in settings._TYPES]
    assert [name for name in options if name not in keys and name not in TEXT] == []
