"""Each format for a program is what that program reads: by its schema, or as it reads it itself."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from junitparser import JUnitXml
from pydantic_sarif import model as sarif_model  # type: ignore[import-untyped]
from snapshots import OUTPUT, REPORT, SOURCES, snapshot

from flask_gotchas import docs, fingerprints, output, reporters
from flask_gotchas.model import Diagnostic, Location, Related, Report, Severity
from flask_gotchas.rule import all_rules

NASTY = (
    "a::set-output name=x::\x1b[2J\r\n::error::b\u2028\u202e##vso[x]"
    '%0A%,:<&>"]]>\udcff\uffff{1}[a](b)'
)


def problem(
    path: str = "app.py",
    line: int = 1,
    message: str = "`x` is wrong",
    code: str = "FLG103",
    related: tuple[Related, ...] = (),
) -> Diagnostic:
    return Diagnostic(
        location=Location(path, line, 0, line, 5),
        code=code,
        name="decorator-above-route",
        severity=Severity.ERROR,
        message=message,
        help="Repair it.",
        related=related,
    )


def written(name: str, *diagnostics: Diagnostic, **sources: str) -> str:
    out = io.StringIO()
    texts = {f"{module}.py": text for module, text in sources.items()}
    reporters.get(name)(Report(diagnostics, files=3), out, texts.get)
    return out.getvalue()


@pytest.mark.parametrize("name", reporters.names())
def test_the_output_is_the_one_in_the_folder(name: str) -> None:
    expected = OUTPUT.joinpath(f"{name}.txt").read_text(encoding="utf-8")
    assert snapshot(name) == expected, "if that is meant, run `python tests/snapshots.py`"


def test_every_file_in_the_folder_is_a_format() -> None:
    assert sorted(path.stem for path in OUTPUT.iterdir()) == reporters.names()


# json-lines


def test_json_lines_has_the_objects_of_json_one_a_line() -> None:
    whole = json.loads(snapshot("json"))
    lines = snapshot("json-lines").splitlines()
    assert [json.loads(line) for line in lines] == whole["diagnostics"]
    assert written("json-lines") == ""


# github


def as_the_runner_reads(line: str) -> tuple[str, dict[str, str], str]:
    """Read a workflow command as the runner does: command, properties, message.

    https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
    """
    assert line.startswith("::")
    head, _, data = line[2:].partition("::")
    command, _, rest = head.partition(" ")
    properties = {}
    for pair in rest.split(","):
        key, _, value = pair.strip().partition("=")
        properties[key] = unescaped(value.replace("%3A", ":").replace("%2C", ","))
    return command, properties, unescaped(data)


def unescaped(text: str) -> str:
    return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")


def test_github_shows_each_problem_at_its_place() -> None:
    first, second, third = map(as_the_runner_reads, snapshot("github").splitlines())
    assert first[1]["file"] == "a b/50%.py"
    assert second == (
        "error",
        {
            "title": "FLG998 second-spoon",
            "file": "shop/views.py",
            "line": "6",
            "col": "1",
            "endLine": "6",
            "endColumn": "16",
        },
        "shop/views.py:6:1: FLG998 `@login_required` stands above the route of `orders`\n"
        "Move it below.",
    )
    assert (first[0], third[0]) == ("warning", "error")


def test_github_gets_columns_within_one_line_only() -> None:
    third = as_the_runner_reads(snapshot("github").splitlines()[2])
    assert third[1].keys() == {"title", "file", "line", "endLine"}
    assert (third[1]["line"], third[1]["endLine"]) == ("9", "11")


def test_github_gets_one_command_whatever_a_file_is_called() -> None:
    text = written("github", problem(path=NASTY, message=NASTY))
    assert text.count("\n") == 1
    command, properties, message = as_the_runner_reads(text.removesuffix("\n"))
    shown = reporters.clean(NASTY)
    assert command == "error"
    assert properties["file"] == shown
    assert list(properties) == ["title", "file", "line", "col", "endColumn", "endLine"]
    assert message == f"{shown}:1:1: FLG103 {shown}\nRepair it."


# gitlab


def test_gitlab_gets_what_its_report_requires() -> None:
    """https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format."""
    issues = json.loads(snapshot("gitlab"))
    for issue in issues:
        assert issue.keys() == {"description", "check_name", "fingerprint", "severity", "location"}
        assert issue["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert not issue["location"]["path"].startswith(("./", "/"))
        assert 1 <= issue["location"]["lines"]["begin"] <= issue["location"]["lines"]["end"]
    marks = [issue["fingerprint"] for issue in issues]
    assert len(set(marks)) == len(marks) == 3
    assert json.loads(written("gitlab")) == []


def test_gitlab_gets_paths_from_the_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for path in ("./shop/app.py", str(tmp_path / "shop" / "app.py"), "shop/../shop/app.py"):
        (issue,) = json.loads(written("gitlab", problem(path)))
        assert issue["location"]["path"] == "shop/app.py"


# fingerprints

CODE = "@login_required\n@app.get('/')\ndef index(): ...\n"


def marks(text: str, *diagnostics: Diagnostic) -> list[str]:
    return fingerprints.numbered(diagnostics, {"app.py": text}.get, os.getcwd())


def test_a_fingerprint_survives_moved_and_indented_lines() -> None:
    before = marks(CODE, problem(line=1))
    assert marks(f"import flask\n\n{CODE}", problem(line=3)) == before
    assert marks("if x:\n\t@login_required  \n", problem(line=2)) == before


def test_a_fingerprint_survives_what_moves_in_the_message() -> None:
    before = marks(CODE, problem(message="`run()` is started by `Procfile:1`"))
    assert marks(CODE, problem(message="`run()` is started in `Procfile:22`, badly")) == before


@pytest.mark.parametrize(
    "other",
    [
        problem(path="other.py"),
        problem(line=3),
        problem(code="FLG104"),
        problem(message="`y` is wrong"),
    ],
)
def test_another_problem_has_another_fingerprint(other: Diagnostic) -> None:
    assert marks(CODE, other) != marks(CODE, problem())


def test_equal_problems_are_told_apart_by_their_order() -> None:
    first, second = marks("x()\nx()\n", problem(line=1), problem(line=2))
    assert first != second
    assert marks("\nx()\n\nx()\n", problem(line=2), problem(line=4)) == [first, second]


def test_a_place_outside_of_the_text_has_a_fingerprint_too() -> None:
    assert len(set(marks("", problem(line=0), problem(line=7)))) == 2


# sarif


def validated(text: str) -> dict[str, Any]:
    """Read a SARIF document and hold it against the schema, which allows no unknown parts."""
    document: dict[str, Any] = json.loads(text)
    sarif_model.StaticAnalysisResultsFormatSarifVersion210JsonSchema.model_validate(document)
    return document


def run_of(text: str) -> dict[str, Any]:
    (run,) = validated(text)["runs"]
    assert isinstance(run, dict)
    return run


def test_the_schema_refuses_what_is_no_sarif() -> None:
    document = json.loads(snapshot("sarif"))
    document["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["row"] = 1
    with pytest.raises(ValueError, match="row"):
        validated(json.dumps(document))


def test_sarif_is_valid_for_its_schema() -> None:
    run = run_of(snapshot("sarif"))
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["FLG997", "FLG998"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    assert run_of(written("sarif"))["results"] == []


def test_sarif_has_related_places_and_fixes() -> None:
    result = run_of(snapshot("sarif"))["results"][1]
    (related,) = result["relatedLocations"]
    assert related["message"]["text"] == "registered here"
    (fix,) = result["fixes"]
    (change,) = fix["artifactChanges"]
    assert change["artifactLocation"]["uri"] == "shop/views.py"
    deleted, inserted = change["replacements"]
    assert (deleted["deletedRegion"]["endLine"], deleted["insertedContent"]["text"]) == (7, "")
    assert inserted["insertedContent"]["text"] == "@login_required\n"


def test_sarif_counts_columns_in_characters_and_says_so() -> None:
    run = run_of(snapshot("sarif"))
    assert run["columnKind"] == "unicodeCodePoints"
    region = run["results"][2]["locations"][0]["physicalLocation"]["region"]
    line = SOURCES["shop/views.py"].split("\n")[region["startLine"] - 1]
    assert line[region["startColumn"] - 1 :] == "run("


@pytest.mark.parametrize(
    "path",
    ["a b.py", "50%.py", "größe.py", "a:b.py", "#1?.py", "../up.py", "\udcff.py", "[x].py"],
)
def test_sarif_has_paths_as_uris(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run = run_of(written("sarif", problem(path)))
    artifact = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    base = (
        run["originalUriBaseIds"][artifact["uriBaseId"]]["uri"] if "uriBaseId" in artifact else ""
    )
    assert artifact["uri"].isascii()
    parts = urlsplit(base + artifact["uri"])
    assert (parts.scheme, parts.netloc, parts.query, parts.fragment) == ("file", "", "", "")
    named = Path(unquote(parts.path, errors="surrogateescape"))
    assert named == Path(os.path.abspath(path))


@pytest.mark.parametrize("code", all_rules())
def test_sarif_has_the_document_of_each_rule(code: str) -> None:
    (rule,) = run_of(written("sarif", problem(code=code)))["tool"]["driver"]["rules"]
    doc = docs.load(code)
    assert rule["shortDescription"]["text"] == doc.meta.summary
    assert rule["defaultConfiguration"]["level"] == doc.meta.severity.value
    assert "## What happens" in rule["help"]["markdown"]
    assert "# error:" not in rule["help"]["markdown"]


def test_sarif_makes_no_links_and_placeholders_of_a_message() -> None:
    result = run_of(written("sarif", problem(message="`x[0](1)` and `{0}` of `{{ y }}`")))[
        "results"
    ]
    text = r"`x\[0\](1)` and `{{0}}` of `{{ y }}`. Repair it."
    assert result[0]["message"]["text"] == text


def test_sarif_says_when_a_rule_crashed() -> None:
    out = io.StringIO()
    report = Report((), files=1, internal_error=True)
    reporters.get("sarif")(report, out, lambda _: None)
    assert run_of(out.getvalue())["invocations"] == [{"executionSuccessful": False}]


# junit


def test_junit_is_read_by_a_reader_of_junit() -> None:
    document = JUnitXml.fromstring(snapshot("junit").encode())
    assert (document.tests, document.failures, document.errors) == (3, 3, 0)
    assert [suite.name for suite in document] == ["a b/50%.py", "shop/views.py"]
    cases = [case for suite in document for case in suite]
    assert [case.name for case in cases][1] == "FLG998 second-spoon in line 6"
    assert cases[2].result[0].message == '`größe` <is> & "odd" in `Procfile:2`'
    assert cases[2].result[0].text.endswith("\nLeave it.")


def test_junit_of_nothing_is_one_test_that_passed() -> None:
    document = JUnitXml.fromstring(written("junit").encode())
    assert (document.tests, document.failures) == (1, 0)
    assert [case.is_passed for suite in document for case in suite] == [True]


@pytest.mark.parametrize("name", ["json", "json-lines", "gitlab", "sarif", "junit"])
def test_documents_stay_documents_whatever_a_file_is_called(name: str) -> None:
    related = Related(Location(NASTY, 1, 0, 1, 1), NASTY)
    text = written(name, problem(path=NASTY, message=NASTY, related=(related,)))
    assert text.isascii()
    if name == "junit":
        assert len(list(JUnitXml.fromstring(text.encode()))) == 1
    else:
        assert json.loads(text)


# Where they go


@pytest.mark.parametrize(
    ("asked", "file", "expected"),
    [
        ([], None, ["full to None"]),
        ([], "x", ["full to x"]),
        (["sarif"], "x", ["sarif to x"]),
        (["sarif:x"], None, ["sarif to x"]),
        (
            ["concise", "sarif:x", "junit:C:\\y"],
            None,
            ["concise to None", "sarif to x", "junit to C:\\y"],
        ),
        (["concise", "sarif:x"], "y", ["concise to y", "sarif to x"]),
    ],
)
def test_each_format_goes_to_its_place(
    asked: list[str], file: str | None, expected: list[str]
) -> None:
    targets = output.plan([output.parse(text) for text in asked], file, "full")
    assert [f"{target.format} to {target.path}" for target in targets] == expected


@pytest.mark.parametrize(
    ("asked", "file", "complaint"),
    [
        (["concise", "sarif"], None, "only one format can go without a file"),
        (["sarif:x"], "y", "--output-file goes with a format that has no file"),
        (["sarif:x", "junit:x"], None, "two reports would go to x"),
        (["sarif:"], None, "`sarif:` names no file"),
        (["yaml:x"], None, "`yaml` is not one of concise, "),
    ],
)
def test_what_would_get_lost_is_refused(asked: list[str], file: str | None, complaint: str) -> None:
    with pytest.raises(output.OutputError, match=re.escape(complaint)):
        output.plan([output.parse(text) for text in asked], file, "full")


def start(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "flask_gotchas", *arguments],
        check=False,
        cwd=cwd,
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, **environment},
        timeout=120,
    )


def test_several_formats_are_written_at_once(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("from flask import current_app\nprint(current_app.name)\n")
    formats = ("concise", "sarif:found.sarif", "junit:found.xml")
    options = [part for name in formats for part in ("--output-format", name)]
    done = start(*options, "--isolated", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout.startswith("app.py:2:7: FLG201 ")
    assert len(run_of((tmp_path / "found.sarif").read_text())["results"]) == 1
    assert JUnitXml.fromfile(str(tmp_path / "found.xml")).failures == 1


def test_a_file_that_cannot_be_written_is_status_2(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("")
    done = start("--output-file", "missing/report", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "flask-gotchas: error: missing/report: No such file or directory\n"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="only Linux has a full disk to try")
def test_a_report_that_finds_no_room_names_its_file(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("")
    done = start("--output-format", "json:/dev/full", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "flask-gotchas: error: /dev/full: No space left on device\n"


# Colour

STYLE = re.compile(r"\x1b\[[\d;]*m")


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("terminal", "environment", "colour"),
    [
        (True, {}, True),
        (False, {}, False),
        (True, {"NO_COLOR": "1"}, False),
        (True, {"NO_COLOR": ""}, True),
        (True, {"TERM": "dumb"}, False),
        (False, {"FORCE_COLOR": "1"}, True),
        (True, {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
    ],
)
def test_full_is_in_colour_where_one_sees_it(
    terminal: bool, environment: dict[str, str], colour: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    if os.name == "nt":
        monkeypatch.setenv("WT_SESSION", "x")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    screen = Screen() if terminal else io.StringIO()
    monkeypatch.setattr(sys, "stdout", screen)
    reporters.get("full")(REPORT, screen, SOURCES.get)
    plain = OUTPUT.joinpath("full.txt").read_text(encoding="utf-8")
    assert ("\x1b" in screen.getvalue()) == colour
    assert STYLE.sub("", screen.getvalue()) == plain


def test_a_file_gets_no_colour(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("from flask import current_app\nprint(current_app.name)\n")
    options = ("--output-format", "full", "--isolated")
    shown = start(*options, cwd=tmp_path, FORCE_COLOR="1", NO_COLOR="")
    assert "\x1b[1;31mFLG201\x1b[0m" in shown.stdout
    start(*options, "--output-file", "x", cwd=tmp_path, FORCE_COLOR="1", NO_COLOR="")
    assert (tmp_path / "x").read_text() == STYLE.sub("", shown.stdout)
