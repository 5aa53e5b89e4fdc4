from __future__ import annotations

from typing import TYPE_CHECKING

from fixes import Copy, fixed, plant

if TYPE_CHECKING:
    from pathlib import Path

VIEW = """\
from flask import Flask, request

app = Flask(__name__)


@app.route("/")
def index():
    if request.method == "POST":
        return "saved"
    return "form"
"""


def test_a_project_is_fixed_and_the_routes_that_differ_are_shown(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(VIEW)
    (tmp_path / "other.py").write_text("import flask\n\nflask.abort(99)\n")
    result = fixed(Copy(tmp_path))
    assert dict(result.before - result.after) == {("FLG101", "app.py"): 1}
    assert '+@app.route("/", methods=["GET", "POST"])\n' in result.diff
    assert [line[0] for line in result.routes] == ["-", "+"]
    assert result.wrong == []


def test_a_project_without_anything_to_fix_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("import flask\n\nflask.abort(99)\n")
    result = fixed(Copy(tmp_path))
    assert result.diff == ""
    assert result.before == result.after


def test_mistakes_are_planted_each_in_a_file_of_its_own(tmp_path: Path) -> None:
    fine = VIEW.replace('"/"', '"/", methods=["GET", "POST"]')
    for name in ("one.py", "two.py"):
        (tmp_path / name).write_text(fine)
    assert plant(tmp_path, most=1, seed=1) == 2
    assert fine not in {path.read_text() for path in tmp_path.iterdir()}
