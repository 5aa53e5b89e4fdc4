"""Mistakes planted in correct apps are reported, and the script that plants them counts right."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import plant
import pytest
from places import OPERATORS, Operator

from flask_gotchas.rule import all_rules

# What the rules' documents say that these cannot be seen.
KNOWN_MISSES = {
    # `v1` and `v2` are made by a function.
    ("registration_dropped", "backoffice"),
    # Nothing registers it, so nothing is raised; that is reported already.
    ("slash_dropped_from_prefix", "quickstart"),
    # Flask-RESTful gets the blueprint: it may register it, and makes all of its rules.
    ("registration_dropped", "warehouse"),
    ("slash_dropped_from_prefix", "warehouse"),
}
SCRIPT = Path(plant.__file__)


@pytest.fixture(scope="session")
def fields(tmp_path_factory: pytest.TempPathFactory) -> list[plant.Field]:
    parent = tmp_path_factory.mktemp("planting")
    return [plant.field_of(name, files, parent) for name, files in plant.fixture_projects()]


@pytest.mark.parametrize("operator", OPERATORS, ids=lambda operator: operator.name)
def test_a_mistake_planted_in_an_app_of_the_fixtures_is_reported(
    operator: Operator, fields: list[plant.Field]
) -> None:
    missed = [
        (field.name, planting.path, planting.change.first)
        for field in fields
        if (operator.name, field.name) not in KNOWN_MISSES
        for planting in field.plantings(operator, most=1)
        if not field.plant(planting).is_found
    ]
    assert missed == []


def test_every_mistake_belongs_to_a_rule_and_has_a_name_of_its_own() -> None:
    assert {operator.code for operator in OPERATORS} <= set(all_rules())
    assert len({operator.name for operator in OPERATORS}) == len(OPERATORS)


def test_a_planted_mistake_is_taken_out_again(fields: list[plant.Field]) -> None:
    field = next(field for field in fields if field.name == "library")
    before = {path: path.read_bytes() for path in field.folder.rglob("*.py")}
    [operator] = [one for one in OPERATORS if one.name == "name_made_a_text"]
    plantings = field.plantings(operator, most=9)
    assert plantings
    for planting in plantings:
        assert field.plant(planting).is_found
    assert {path: path.read_bytes() for path in field.folder.rglob("*.py")} == before


def test_the_script_counts_what_is_found_in_a_folder_and_leaves_that_alone(tmp_path: Path) -> None:
    app = tmp_path / "shop" / "app.py"
    app.parent.mkdir()
    text = "from flask import Flask\n\napp = Flask(__name__)\n# flask-gotchas\n"
    app.write_text(text, encoding="utf-8")
    command = [sys.executable, str(SCRIPT), str(app.parent), "--only", "FLG512", "--misses"]
    done = subprocess.run(
        command, check=True, capture_output=True, encoding="utf-8", timeout=120, cwd=tmp_path
    )
    assert re.search(r"\| FLG512 \| name_made_a_text \| 1 \| 1 \| 0 \| 0 \|", done.stdout)
    assert app.read_text(encoding="utf-8") == text
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["app.py", "shop"]
