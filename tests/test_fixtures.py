"""Every fixture reports exactly where it is marked, can be silenced there, and flake8 agrees."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from support import (
    UNUSED_NOQA,
    Fixture,
    all_fixtures,
    assert_reports,
    check,
    place,
    single_fixtures,
)

from flask_gotchas import settings
from flask_gotchas.flake8_plugin import Plugin
from flask_gotchas.rule import all_rules
from flask_gotchas.run import check_text

if TYPE_CHECKING:
    from pathlib import Path

ALL = [pytest.param(fixture, id=fixture.name) for fixture in all_fixtures()]
SINGLE = [pytest.param(fixture, id=fixture.name) for fixture in single_fixtures()]

# flake8 says itself what does not parse and which noqa comment is unused.
NOT_IN_FLAKE8 = {"FLG001", UNUSED_NOQA}


def codes_of(fixture: Fixture) -> set[str]:
    codes = {expected.code for expected in fixture.expected}
    if fixture.code is None:
        return codes | {code for code, rule in all_rules().items() if rule.default}
    return codes | {fixture.code}


@pytest.mark.parametrize("fixture", ALL)
def test_exactly_the_marked_places_are_reported(fixture: Fixture) -> None:
    assert_reports(check(fixture.files, only=codes_of(fixture)), fixture.expected)


@pytest.mark.parametrize("fixture", ALL)
def test_noqa_in_the_place_of_each_mark_silences_it_and_is_used(fixture: Fixture) -> None:
    codes = codes_of(fixture) | {UNUSED_NOQA}
    assert_reports(check(fixture.silenced(), only=codes), [])


@pytest.mark.parametrize("fixture", SINGLE)
def test_the_plugin_reports_what_check_text_finds(
    fixture: Fixture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Plugin, "selected", ("FLG",))
    ((path, text),) = fixture.files.items()
    tree = ast.parse(text)
    every_rule = settings.load(tmp_path, {"select": "ALL"})
    expected = [
        (found.location.line, found.location.column, f"{found.code} {found.message}", Plugin)
        for found in check_text(path, text, every_rule, tree)
        if found.code not in NOT_IN_FLAKE8
    ]
    found = list(Plugin(tree, text.splitlines(keepends=True), path).run())
    assert sorted(found, key=repr) == sorted(expected, key=repr)


def test_flake8_and_the_command_line_agree_on_every_single_file(tmp_path: Path) -> None:
    fixtures = single_fixtures()
    texts = {path: text for fixture in fixtures for path, text in fixture.marked.items()}
    for path, text in texts.items():
        # Not where they lie: the settings of this project exclude them.
        (tmp_path / path).write_text(text, encoding="utf-8")
    codes = set(all_rules()) - NOT_IN_FLAKE8
    ours = {
        place(found)
        for path, text in texts.items()
        for found in check({path: text}, only=codes, complete=False)
    }
    command = [sys.executable, "-m", "flake8", "--isolated", "--select", "FLG", *texts]
    done = subprocess.run(
        command, check=False, cwd=tmp_path, capture_output=True, encoding="utf-8", timeout=300
    )
    assert done.stderr == ""
    lines = done.stdout.splitlines() if texts else []
    theirs = set()
    for line in lines:
        match = re.fullmatch(r"(.+?):(\d+):(\d+): (FLG\d{3}) (.*)", line)
        assert match, line
        theirs.add((match[1], int(match[2]), int(match[3]), match[4], match[5]))
    assert theirs == ours
