"""FLG000: a rule that fails takes neither the run nor other reports along."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from flask_gotchas import cli
from flask_gotchas.checks.body_read_in_get_route import BodyReadInGetRoute
from flask_gotchas.checks.route_method_mismatch import RouteMethodMismatch
from flask_gotchas.facts.asking import AskingCollector
from flask_gotchas.run import check_sources

if TYPE_CHECKING:
    from pathlib import Path

APP = """\
from flask import Flask, request

app = Flask(__name__)


@app.get("/")
def index():
    if request.method == "POST":
        return "sent"
    return "form"


@app.get("/greet")
def greet():
    return {"name": request.form["name"]}
"""


def fail(*_: Any) -> None:
    raise KeyError("shop\x1b[31m")


def test_a_failing_rule_is_named_with_its_error_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(RouteMethodMismatch, "check", fail)
    report = check_sources({"app.py": APP})
    assert report.internal_error
    crash, other = report.diagnostics
    assert (crash.code, crash.location.path, crash.location.line) == ("FLG000", "app.py", 1)
    assert "`route-method-mismatch` crashed at test_internal_error.py:" in crash.message
    assert "KeyError: 'shop" in crash.message
    assert other.code == BodyReadInGetRoute.code


def test_a_file_whose_facts_fail_is_left_out_and_the_others_are_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail_for_one(collector: AskingCollector, node: Any) -> None:
        if collector.file.path == "bad.py":
            raise RecursionError

    monkeypatch.setattr(AskingCollector, "visit_Match", fail_for_one)
    odd = "\n\nmatch app.name:\n    case _:\n        pass\n"
    report = check_sources({"app.py": APP + odd, "bad.py": APP + odd})
    assert report.internal_error
    found = [(one.location.path, one.code) for one in report.diagnostics]
    assert found == [("app.py", "FLG101"), ("app.py", "FLG102"), ("bad.py", "FLG000")]


@pytest.mark.parametrize(
    ("table", "status"),
    [("", 2), ('per-file-ignores = {"app.py" = ["FLG101"]}', 2), ('ignore = ["FLG101"]', 1)],
)
def test_only_a_rule_that_is_switched_off_in_the_whole_run_is_not_asked(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    table: str,
    status: int,
) -> None:
    monkeypatch.setattr(RouteMethodMismatch, "check", fail)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text(f"[tool.flask-gotchas]\n{table}\n", encoding="utf-8")
    (tmp_path / "app.py").write_text(APP, encoding="utf-8")
    assert cli.main(["app.py"]) == status
    out = capsys.readouterr().out
    assert "FLG102" in out
    assert ("FLG000" in out) is (status == 2)
    assert "\x1b" not in out
