from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from flask_gotchas import reporters, settings
from flask_gotchas.model import Diagnostic, Edit, Fix, Location, Related, Report, Severity

if TYPE_CHECKING:
    from pathlib import Path

APP = """\
from flask import Flask

app = Flask(__name__)


@app.route("/")
def index():
    return "home"
"""


def place(
    path: str = "app.py", line: int = 7, column: int = 4, end: int = 9, end_line: int | None = None
) -> Location:
    return Location(path, line, column, end_line or line, end)


def problem(
    at: Location,
    message: str = "endpoint `index` is taken",
    related: tuple[Related, ...] = (),
    fix: Fix | None = None,
) -> Diagnostic:
    return Diagnostic(
        location=at,
        code="FLG103",
        name="duplicate-endpoint",
        severity=Severity.ERROR,
        message=message,
        help="Rename the view function.",
        related=related,
        fix=fix,
    )


def written(format_name: str, *diagnostics: Diagnostic, **sources: str) -> str:
    out = io.StringIO()
    texts = {f"{name}.py": text for name, text in sources.items()}
    reporters.get(format_name)(Report(diagnostics, files=3), out, texts.get)
    return out.getvalue()


def test_formats_are_the_modules_of_the_package() -> None:
    others = {"github", "gitlab", "json-lines", "junit", "sarif"}
    assert {"concise", "full", "json"} | others == set(reporters.names())


@pytest.mark.parametrize("name", reporters.names())
def test_every_format_can_be_set_in_pyproject(name: str, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(f'[tool.flask-gotchas]\noutput-format = "{name}"\n')
    assert settings.load(tmp_path, {}).output_format == name


def test_a_format_that_does_not_exist_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        reporters.get("os")


def test_concise_is_one_line_as_flake8_writes_it() -> None:
    assert written("concise", problem(place())) == "app.py:7:5: FLG103 endpoint `index` is taken\n"


def test_full_shows_the_code_with_two_lines_around_it() -> None:
    assert written("full", problem(place()), app=APP) == (
        "app.py:7:5: FLG103 [duplicate-endpoint] endpoint `index` is taken\n"
        "  |\n"
        '6 | @app.route("/")\n'
        "7 | def index():\n"
        "  |     ^^^^^\n"
        '8 |     return "home"\n'
        "help: Rename the view function.\n"
    )


def test_full_shows_related_places_after_the_code() -> None:
    other = Related(place("views.py", line=12, column=0, end=3), "first used here")
    text = written("full", problem(place(), related=(other,)), app=APP, views="\n" * 11 + "old()\n")
    assert text.splitlines()[-4:] == [
        "   ::: views.py:12",
        "12 | old()",
        "   | --- first used here",
        "help: Rename the view function.",
    ]


def test_full_names_a_related_place_whose_text_is_unknown() -> None:
    other = Related(place("gone.py", line=2), "first used here")
    text = written("full", problem(place(), related=(other,)), app=APP)
    assert "::: gone.py:2: first used here\n" in text


@pytest.mark.parametrize("line", [0, 99])
def test_full_does_without_the_code_when_the_place_is_not_in_the_text(line: int) -> None:
    assert written("full", problem(place(line=line)), app=APP).splitlines() == [
        f"app.py:{line}:5: FLG103 [duplicate-endpoint] endpoint `index` is taken",
        "help: Rename the view function.",
    ]


def test_full_separates_diagnostics_by_an_empty_line() -> None:
    text = written("full", problem(place()), problem(place()), app=APP)
    assert "help: Rename the view function.\n\napp.py:7:5" in text
    assert not text.endswith("\n\n")


@pytest.mark.parametrize(
    ("code", "column", "end", "carets"),
    [
        pytest.param("\tx = index", 5, 10, "        ^^^^^", id="tab"),
        pytest.param("a\tindex", 2, 7, "    ^^^^^", id="tab after text"),
        pytest.param("x = '日本', index", 10, 15, "            ^^^^^", id="wide characters"),
        pytest.param("x = 'e\u0301', index", 10, 15, "         ^^^^^", id="combining accent"),
        pytest.param("x = '\x1b', index", 9, 14, "            ^^^^^", id="escaped control"),
        pytest.param("index", 5, 5, "     ^", id="empty range at the end"),
    ],
)
def test_carets_stand_under_what_is_meant(code: str, column: int, end: int, carets: str) -> None:
    text = written("full", problem(place(line=1, column=column, end=end)), app=code)
    assert text.splitlines()[3] == f"  | {carets}"


def test_carets_of_a_range_over_several_lines_end_with_the_first() -> None:
    at = place(line=1, column=4, end_line=3, end=1)
    text = written("full", problem(at), app="x = run(\n  1,\n)\n")
    assert text.splitlines()[2:4] == ["1 | x = run(", "  |     ^^^^"]


def test_lines_are_counted_as_python_counts_them() -> None:
    text = written("full", problem(place(line=3, column=0, end=1)), app="a\x0cb\r\n\u2028c\rd")
    assert "3 | d\n" in text


def test_a_very_long_line_is_shown_around_its_problem() -> None:
    code = "x" * 5000 + "index" + "y" * 5000
    text = written("full", problem(place(line=1, column=5000, end=5005)), app=code)
    shown, carets = text.splitlines()[2:4]
    assert len(shown) < 200
    assert shown[carets.index("^") : carets.rindex("^") + 1] == "index"


def test_json_is_one_ascii_document_with_lines_and_columns_from_one() -> None:
    other = Related(place("views.py", line=12, column=0, end=3), "first used here")
    edit = Edit(place(), "größe\n##[x]")
    fix = Fix("Rename it.", (edit,), safe=True)
    text = written("json", problem(place(), "`größe` is taken", (other,), fix))
    at = {"line": 7, "column": 5, "end_line": 7, "end_column": 10}
    assert text.isascii()
    assert "##" not in text
    assert json.loads(text) == {
        "version": 1,
        "diagnostics": [
            {
                "filename": "app.py",
                **at,
                "code": "FLG103",
                "name": "duplicate-endpoint",
                "severity": "error",
                "message": "`größe` is taken",
                "help": "Rename the view function.",
                "fix": {
                    "message": "Rename it.",
                    "safe": True,
                    "edits": [{"filename": "app.py", **at, "text": "größe\n##[x]"}],
                },
                "related": [
                    {
                        "filename": "views.py",
                        "line": 12,
                        "column": 1,
                        "end_line": 12,
                        "end_column": 4,
                        "message": "first used here",
                    }
                ],
            }
        ],
    }


def test_json_of_nothing_is_still_a_document() -> None:
    assert json.loads(written("json")) == {"version": 1, "diagnostics": []}
    assert json.loads(written("json", problem(place())))["diagnostics"][0]["fix"] is None


NASTY = "a\x1b[2Jb\rc\nd\x7fe\x9bf\u202eg\u2066h\u200bi\u2028j\udcffk\U000e0041l##[group]m##vso[x]"
FORBIDDEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\U000e0041]"
)


@pytest.mark.parametrize("format_name", reporters.names())
def test_nothing_that_a_terminal_or_a_build_log_obeys_is_written(format_name: str) -> None:
    path = f"::error::{NASTY}.py"
    related = Related(place(path, line=1), NASTY)
    out = io.StringIO()
    report = Report((problem(place(path, line=1), NASTY, (related,)),), files=1)
    reporters.get(format_name)(report, out, lambda _: NASTY.replace("\n", " ").replace("\r", " "))
    text = out.getvalue()
    assert not FORBIDDEN.search(text)
    assert not re.search(r"##(\[|vso\[)", text)
    commands = re.findall(r"^\s*::\w", text, re.MULTILINE)
    assert len(commands) == (1 if format_name == "github" else 0)


def test_control_characters_are_made_visible() -> None:
    assert reporters.clean("a\x1b[0m\u202eb\U000e0041") == r"a\x1b[0m\u202eb\U000e0041"
    assert reporters.clean("`größe` 日本 🌶") == "`größe` 日本 🌶"


def test_a_path_that_looks_like_a_command_is_still_that_path() -> None:
    assert reporters.clean_path("::error::x.py") == "./::error::x.py"
    assert reporters.clean_path("a::b.py") == "a::b.py"


@pytest.mark.parametrize(
    ("paths", "files", "expected"),
    [
        ([], 41, "41 files, no problems."),
        ([], 1, "1 file, no problems."),
        (
            ["a.py", "a.py", "b.py"],
            41,
            "Found 3 problems in 2 of 41 files. `flask-gotchas explain FLG103` says more.",
        ),
        (
            ["a.py"],
            1,
            "Found 1 problem in 1 of 1 file. `flask-gotchas explain FLG103` says more.",
        ),
        (
            ["Procfile", "x.html"],
            1,
            "Found 2 problems in 2 of 2 files. `flask-gotchas explain FLG103` says more.",
        ),
    ],
)
def test_the_summary_counts_in_good_english(paths: list[str], files: int, expected: str) -> None:
    report = Report(tuple(problem(place(path)) for path in paths), files)
    assert reporters.summary(report) == expected


def test_reporters_do_without_libcst() -> None:
    code = "import sys; from flask_gotchas import reporters as r; [r.get(n) for n in r.names()]; "
    subprocess.run(
        [sys.executable, "-c", code + "sys.exit('libcst' in sys.modules)"], check=True, timeout=60
    )
