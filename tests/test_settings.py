from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from flask_gotchas import settings
from flask_gotchas.settings import Glob, Settings, SettingsError, path_matcher


class RegisterOptions(msgspec.Struct, frozen=True):
    allow: tuple[str, ...] = ()
    at_most: int = msgspec.field(default=3, name="at-most")


class FakeRule:
    def __init__(self, code: str, name: str, *, default: bool = True, options: Any = None) -> None:
        self.code = code
        self.name = name
        self.default = default
        if options:
            self.options = options


RULES = {
    rule.code: rule
    for rule in (
        FakeRule("FLG101", "route-method-mismatch"),
        FakeRule("FLG102", "decorator-above-route", options=RegisterOptions),
        FakeRule("FLG103", "duplicate-endpoint", default=False),
        FakeRule("FLG601", "debug-enabled"),
    )
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def configure(folder: Path, table: str) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "pyproject.toml"
    file.write_text(f"[tool.flask-gotchas]\n{table}\n")
    return str(file)


def enabled(project: Path, table: str = "", **overrides: Any) -> list[str]:
    configure(project, table)
    given = {key.replace("_", "-"): value for key, value in overrides.items()}
    loaded = settings.load(project, given)
    settings.validate(loaded, RULES)
    return sorted(settings.selected(loaded, RULES))


def error_of(project: Path, table: str = "", **given: Any) -> str:
    with pytest.raises(SettingsError) as caught:
        enabled(project, table, **given)
    return str(caught.value).replace(f"{project}/", "")


# Where settings are from


def test_without_any_file_the_defaults_hold(project: Path) -> None:
    loaded = settings.load(project, {})
    assert loaded.output_format == "concise"
    assert loaded.flask_version == "auto"
    assert {"build", "node_modules", ".venv"} <= {glob.pattern for glob in loaded.exclude}
    assert set(loaded.origins.values()) == {"default"}
    assert settings.selected(loaded, RULES) == {"FLG101", "FLG102", "FLG601"}


def test_each_value_knows_its_origin(project: Path) -> None:
    file = configure(project, 'ignore = ["FLG101"]\nexclude = ["old"]\nflask-version = "3.0"')
    loaded = settings.load(project, {"exclude": ("new",), "extend-exclude": "more"})
    assert loaded.origins["ignore"] == f"pyproject.toml: {file}"
    assert loaded.origins["flask-version"] == f"pyproject.toml: {file}"
    assert loaded.origins["exclude"] == "command line"
    assert loaded.origins["select"] == "default"
    assert loaded.flask_version == "3.0"


def test_the_nearest_file_with_our_table_wins_and_the_nearest_file_is_the_root(
    project: Path,
) -> None:
    configure(project, 'output-format = "full"')
    configure(project / "a", 'output-format = "json"')
    (project / "b" / "src").mkdir(parents=True)
    (project / "b" / "pyproject.toml").write_text('[project]\nname = "b"\n')
    assert settings.load(project / "a", {}).output_format == "json"
    assert settings.load(project / "b" / "src", {}).output_format == "full"
    assert settings.load(project / "b" / "src", {}).root == str(project / "b")


def test_a_file_that_only_mentions_us_is_passed_over(project: Path) -> None:
    configure(project, 'output-format = "full"')
    (project / "sub").mkdir()
    (project / "sub" / "pyproject.toml").write_text('[project]\ndependencies = ["flask-gotchas"]\n')
    assert settings.load(project / "sub", {}).output_format == "full"


def test_a_broken_file_that_does_not_mention_us_does_no_harm(project: Path) -> None:
    (project / "pyproject.toml").write_text("[[[")
    assert settings.load(project, {}).root == str(project)


def test_isolated_reads_no_file(project: Path) -> None:
    configure(project, "nonsense = 1")
    assert settings.load(project, {"output-format": "json"}, isolated=True).output_format == "json"


def test_the_root_is_the_repository_if_there_is_no_project_file(project: Path) -> None:
    (project / "sub").mkdir()
    assert settings.load(project / "sub", {}).root == str(project / "sub")
    (project / ".git").mkdir()
    assert settings.load(project / "sub", {}).root == str(project)


def test_the_root_can_be_set_relative_to_where_it_is_written(project: Path) -> None:
    configure(project / "tools", 'project-root = ".."')
    (project / "elsewhere").mkdir()
    assert settings.load(project / "tools", {}).root == str(project)
    given = {"project-root": Path("elsewhere")}
    assert settings.load(project / "tools", given).root == str(project / "elsewhere")


def test_a_start_may_be_a_file_and_need_not_exist(project: Path) -> None:
    configure(project, 'output-format = "full"')
    (project / "app.py").touch()
    assert settings.load("app.py", {}).output_format == "full"
    assert settings.load("missing/app.py", {}).output_format == "full"


def test_the_common_folder_holds_all_paths(project: Path) -> None:
    (project / "src" / "a").mkdir(parents=True)
    (project / "src" / "b.py").touch()
    assert settings.common_folder(["src/a", "src/b.py"]) == str(project / "src")
    assert settings.common_folder(["src/b.py"]) == str(project / "src")
    assert settings.common_folder(["src/a"]) == str(project / "src" / "a")
    assert settings.common_folder([]) == str(project)


# Selecting rules


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ('select = ["FLG1"]', ["FLG101", "FLG102", "FLG103"]),
        ('select = ["ALL"]', ["FLG101", "FLG102", "FLG103", "FLG601"]),
        ('select = ["debug-enabled"]', ["FLG601"]),
        ("select = []", []),
        ('extend-select = ["FLG103"]', ["FLG101", "FLG102", "FLG103", "FLG601"]),
        ('ignore = ["FLG1"]', ["FLG601"]),
        ('ignore = ["ALL"]', []),
        ('ignore = ["FLG101"]\nextend-ignore = ["debug-enabled"]', ["FLG102"]),
        # The more specific one wins, wherever it is written.
        ('select = ["ALL"]\nignore = ["FLG1"]', ["FLG601"]),
        ('select = ["FLG101"]\nignore = ["FLG1"]', ["FLG101"]),
        ('extend-select = ["FLG103"]\nignore = ["FLG10"]', ["FLG103", "FLG601"]),
        ('select = ["FLG1"]\nignore = ["FLG"]', ["FLG101", "FLG102", "FLG103"]),
        # Between equals, ignore wins; a name is as specific as its code.
        ('select = ["FLG101", "FLG102"]\nignore = ["FLG101"]', ["FLG102"]),
        ('select = ["FLG101", "FLG102"]\nignore = ["route-method-mismatch"]', ["FLG102"]),
    ],
)
def test_selectors_in_the_file(project: Path, table: str, expected: list[str]) -> None:
    assert enabled(project, table) == expected


@pytest.mark.parametrize(
    ("table", "given", "expected"),
    [
        ('select = ["FLG6"]', {"select": ("FLG101,FLG102",)}, ["FLG101", "FLG102"]),
        ('extend-select = ["FLG103"]', {"select": ("FLG6",)}, ["FLG601"]),
        ('ignore = ["FLG101"]', {"select": ("FLG101", "FLG6")}, ["FLG101", "FLG601"]),
        ('select = ["FLG6"]', {"extend_select": ("FLG103",)}, ["FLG103", "FLG601"]),
        ('extend-select = ["FLG103"]\nselect = ["FLG6"]', {"extend_select": "FLG101"},
         ["FLG101", "FLG103", "FLG601"]),
        ('ignore = ["FLG101"]', {"extend_select": ("FLG101",)}, ["FLG101", "FLG102", "FLG601"]),
        ('ignore = ["FLG101"]', {"ignore": ("FLG102",)}, ["FLG101", "FLG601"]),
        ('ignore = ["FLG101"]', {"extend_ignore": ("FLG102",)}, ["FLG601"]),
        ('extend-ignore = ["FLG101"]', {"ignore": ("FLG102",)}, ["FLG601"]),
        ('select = ["FLG101", "FLG601"]', {"ignore": ("FLG1",)}, ["FLG601"]),
        ('ignore = ["FLG101"]', {"select": ()}, ["FLG102", "FLG601"]),
    ],
)  # fmt: skip
def test_selectors_on_the_command_line(
    project: Path, table: str, given: dict[str, Any], expected: list[str]
) -> None:
    assert enabled(project, table, **given) == expected


# Ignoring by file


def ignored(project: Path, path: str, table: str, **overrides: object) -> set[str]:
    configure(project, f"[tool.flask-gotchas.per-file-ignores]\n{table}")
    given = {key.replace("_", "-"): value for key, value in overrides.items()}
    return set(settings.ignored_in(settings.load(project, given), path, RULES))


@pytest.mark.parametrize(
    ("glob", "path", "matches"),
    [
        ("tests/*", "tests/test_app.py", True),
        ("tests/*", "tests/unit/test_app.py", True),
        ("tests/*", "src/tests/test_app.py", False),
        ("**/tests/*", "src/tests/test_app.py", True),
        ("**/tests/*", "tests/test_app.py", True),
        ("src/**/views.py", "src/views.py", True),
        ("src/**/views.py", "src/a/b/views.py", True),
        ("src/**/views.py", "src/previews.py", False),
        ("conftest.py", "deep/down/conftest.py", True),
        ("conftest.py", "deep/down/my_conftest.py", False),
        ("test_*.py", "deep/down/test_app.py", True),
        ("test_?.py", "test_ab.py", False),
        ("[a-c].py", "b.py", True),
        ("[!a-c].py", "b.py", False),
        ("[]].py", "].py", True),
        ("[[]x].py", "[x].py", True),
        (r"\*.py", "*.py", True),
        (r"\*.py", "a.py", False),
        (r"\!a.py", "!a.py", True),
        ("**/{tests,docs}/*", "a/docs/conf.py", True),
        ("**/{tests,docs}/*", "a/doc/conf.py", False),
        ("./tests/*", "tests/test_app.py", True),
        ("tests/*", "./tests/test_app.py", True),
        ("a.py", "a_py", False),
        ("!src/*", "tests/test_app.py", True),
        ("!src/*", "src/app.py", False),
        ("*", "line\nbreak.py", True),
        ("src/*", "../outside.py", False),
    ],
)
def test_globs_of_per_file_ignores(project: Path, glob: str, path: str, matches: bool) -> None:
    assert ignored(project, path, f"'{glob}' = ['FLG101']") == ({"FLG101"} if matches else set())


def test_globs_belong_to_the_folder_of_their_file_and_may_be_absolute(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "sub").mkdir()
    monkeypatch.chdir(project / "sub")
    assert ignored(project, "app.py", '"sub/*" = ["FLG1"]') == {"FLG101", "FLG102", "FLG103"}
    assert ignored(project, "app.py", f'"{project}/sub/*" = ["debug-enabled"]') == {"FLG601"}


def test_all_globs_that_match_count(project: Path) -> None:
    table = '"tests/*" = ["FLG101"]\n"test_*" = ["FLG601"]\n"*.txt" = ["FLG102"]'
    assert ignored(project, "tests/test_app.py", table) == {"FLG101", "FLG601"}


@pytest.mark.parametrize(
    "given",
    [
        ["tests/*:FLG101,FLG601", "{a,b}.py:FLG102"],
        ["tests/*:FLG101, tests/*:FLG601,{a,b}.py:FLG102"],
        "tests/*:FLG101,FLG601,{a,b}.py:FLG102",
    ],
)
def test_per_file_ignores_on_the_command_line_replace_those_of_the_file(
    project: Path, given: object
) -> None:
    table = '"*" = ["ALL"]'
    assert ignored(project, "tests/x.py", table, per_file_ignores=given) == {"FLG101", "FLG601"}
    assert ignored(project, "b.py", table, per_file_ignores=given) == {"FLG102"}


@pytest.mark.parametrize(
    "glob", ["*a" * 60 + "b", "**/" * 60 + "b", "a*" * 60 + "/b", "*/" * 60 + "b"]
)
def test_matching_takes_no_time_whatever_the_glob(glob: str) -> None:
    matcher = path_matcher((Glob(glob, "/"),))
    start = time.perf_counter()
    assert not matcher.matches("/" + "a" * 4000 + "c")
    assert not matcher.matches("/" + "a/" * 2000 + "c")
    assert time.perf_counter() - start < 2


# Bad settings


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("selct = []", "pyproject.toml: selct: unknown key; did you mean `select`?"),
        ("extend_select = []", "extend_select: unknown key; did you mean `extend-select`?"),
        ("zzz = 1", "pyproject.toml: zzz: unknown key"),
        ('select = "FLG101"', "pyproject.toml: select: expected `array`, found `str`"),
        ('ignore = ["FLG101", 3]', "ignore: expected `str`, found `int` - at `$[1]`"),
        ("flask-version = 3.0", "flask-version: expected `str`, found `float`"),
        ('flask-version = "new"', 'expected "auto" or a version such as "3.0", found `new`'),
        (
            'output-format = "jsno"',
            "output-format: expected one of concise, full, github, gitlab, json, ",
        ),
        ('output-format = "jsno"', "did you mean `json`?"),
        ('per-file-ignores = ["a"]', "per-file-ignores: expected `object`, found `array`"),
        ('per-file-ignores."a.py" = "FLG1"', 'per-file-ignores."a.py": expected `array`, found'),
        ('project-root = "missing"', "pyproject.toml: project-root: missing is not a folder"),
        ('exclude = ["[z-a]"]', "exclude: `[z-a]` is not a valid glob"),
        ('exclude = ["' + "{a,b}" * 20 + '"]', "too many alternatives"),
        ("exclude = [", "pyproject.toml: not valid TOML: "),
        ("exclude = [", "at line 2"),
        ('a = 1\na = "é', "line 3"),
        ('select = ["FLG104"]', "select: unknown rule `FLG104`; did you mean"),
        ('ignore = ["debug-enable"]', "did you mean `debug-enabled`?"),
        ('ignore = ["E501"]', "pyproject.toml: ignore: unknown rule `E501`"),
        ('select = ["flg101"]', "unknown rule `flg101`; did you mean `FLG101`?"),
        ('select = ["all"]', "did you mean `ALL`?"),
        ('select = [""]', "select: unknown rule ``"),
        ('per-file-ignores."*" = ["F1"]', 'per-file-ignores."*": unknown rule `F1`'),
        ("[tool.flask-gotchas.debug-enable]", "did you mean `debug-enabled`?"),
        ("[tool.flask-gotchas.extend-rule]", "extend-rule: unknown key"),
        ("[tool.flask-gotchas.per-file-ignore]", "did you mean `per-file-ignores`?"),
        ("[tool.flask-gotchas.debug-enabled]\nallow = 1", "debug-enabled.allow: unknown option"),
        (
            "[tool.flask-gotchas.decorator-above-route]\nalow = []",
            "pyproject.toml: decorator-above-route.alow: unknown option; did you mean `allow`?",
        ),
        (
            '[tool.flask-gotchas.decorator-above-route]\nallow = "x"',
            "decorator-above-route.allow: expected `array`, found `str`",
        ),
    ],
)
def test_bad_tables_are_refused_with_file_and_key(project: Path, table: str, message: str) -> None:
    assert message in error_of(project, table)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"select": ("FLG104",)}, "--select: unknown rule `FLG104`; did you mean"),
        ({"extend_ignore": "debug-enable"}, "--extend-ignore: unknown rule `debug-enable`; did"),
        ({"per_file_ignores": ("FLG101",)}, "--per-file-ignores: expected `GLOB:CODE`, found"),
        ({"per_file_ignores": ("a.py:",)}, "--per-file-ignores: expected `GLOB:CODE`, found"),
        ({"per_file_ignores": ("a.py:F1",)}, '--per-file-ignores."a.py": unknown rule `F1`'),
        ({"project_root": "missing"}, "--project-root: "),
        ({"output_format": "xml"}, "--output-format: expected one of"),
    ],
)
def test_bad_options_are_refused_by_name(
    project: Path, given: dict[str, Any], message: str
) -> None:
    assert error_of(project, **given).startswith(message)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"tool = 3 # flask-gotchas", "tool: expected `object`, found `int`"),
        (b"tool.flask-gotchas = []", "flask-gotchas: expected `object`, found `array`"),
        (b"# flask-gotchas \xff", "not valid TOML: not encoded in UTF-8"),
        (b"flask-gotchas = " + b"[" * 100_000, "not valid TOML: "),
    ],
)
def test_a_file_that_makes_no_sense_is_refused(project: Path, content: bytes, message: str) -> None:
    (project / "pyproject.toml").write_bytes(content)
    with pytest.raises(SettingsError, match=r"pyproject\.toml: ") as caught:
        settings.load(project, {})
    assert message in str(caught.value)


def test_messages_are_one_line_without_control_characters(project: Path) -> None:
    message = error_of(project, r'select = ["a\nb\u001b[31m\u202e"]')
    assert message.isprintable()
    assert r"a\nb\x1b[31m\u202e" in message


# Options of rules


def test_a_rule_gets_its_options_with_defaults(project: Path) -> None:
    configure(project, '[tool.flask-gotchas.decorator-above-route]\nallow = ["mylib.register"]')
    loaded = settings.load(project, {})
    settings.validate(loaded, RULES)
    assert settings.options_for(loaded, RULES["FLG102"]) == RegisterOptions(("mylib.register",), 3)
    assert settings.options_for(Settings("/"), RULES["FLG102"]) == RegisterOptions()
    assert settings.options_for(loaded, RULES["FLG101"]) is None


# Showing


def test_show_says_where_each_value_is_from_and_why_rules_are_off(project: Path) -> None:
    file = configure(
        project,
        'ignore = ["FLG101"]\nextend-exclude = ["gen"]\n'
        'per-file-ignores."tests/*" = ["FLG1"]\n'
        "[tool.flask-gotchas.decorator-above-route]\nat-most = 5",
    )
    loaded = settings.load(project, {"extend-exclude": ("tmp",), "extend-ignore": ("FLG6",)})
    lines = settings.show(loaded, RULES).splitlines()
    assert f'ignore = ["FLG101"]  # pyproject.toml: {file}' in lines
    assert 'extend-ignore = ["FLG6"]  # command line' in lines
    assert f'extend-exclude = ["gen", "tmp"]  # pyproject.toml: {file}, command line' in lines
    assert f'per-file-ignores."tests/*" = ["FLG1"]  # pyproject.toml: {file}' in lines
    assert 'output-format = "concise"  # default' in lines
    assert f"decorator-above-route.at-most = 5  # pyproject.toml: {file}" in lines
    assert "decorator-above-route.allow = []  # default" in lines
    assert lines[lines.index("# enabled rules") + 1 :] == [
        "FLG102 decorator-above-route",
        "",
        "# disabled rules",
        f"FLG101 route-method-mismatch  # ignored by FLG101 (pyproject.toml: {file})",
        "FLG103 duplicate-endpoint  # off by default",
        "FLG601 debug-enabled  # ignored by FLG6 (command line)",
    ]


def test_show_says_which_rules_were_not_selected(project: Path) -> None:
    shown = settings.show(settings.load(project, {"select": "FLG6"}), RULES)
    assert "FLG101 route-method-mismatch  # not selected" in shown


def test_what_is_shown_has_no_control_characters(project: Path) -> None:
    configure(project, r'exclude = ["a\nb\u001b"]')
    shown = settings.show(settings.load(project, {}), RULES)
    assert all(line.isprintable() for line in shown.split("\n"))


# Start-up


def test_nothing_heavy_is_imported_without_a_table_of_ours(project: Path) -> None:
    (project / "pyproject.toml").write_text("[project]\n")
    code = (
        "import sys; from flask_gotchas import settings, discover, suppress;"
        "loaded = settings.load('.', {}); discover.discover(['.'], loaded);"
        "suppress.parse_noqa('x = 1');"
        "print(*{'libcst', 'tomli', 'pathspec', 'difflib'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(Path(settings.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == []
