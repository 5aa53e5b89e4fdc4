"""A few odd inputs of each kind: `fuzz.py` itself tries as many as one has time for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fuzz import KINDS, attempt_file, attempt_kind
from support import ROOT

from flask_gotchas import settings
from flask_gotchas.flask_version import Releases, VersionReader
from flask_gotchas.settings import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

SEED = 20
EACH = 12


@pytest.mark.parametrize("kind", KINDS)
def test_odd_inputs_neither_crash_nor_hang_nor_get_lost(kind: str) -> None:
    failures = [attempt_kind(kind, SEED, number) for number in range(EACH)]
    assert [failure for failure in failures if failure] == []


def test_real_files_are_checked_as_if_they_spoke_of_flask() -> None:
    paths = sorted((ROOT / "flask_gotchas").glob("*.py"))[:10]
    assert [failure for failure in map(attempt_file, paths) if failure] == []


def test_a_failure_is_told_with_the_input_it_comes_from(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object) -> None:
        raise RecursionError("too deep")

    monkeypatch.setitem(KINDS, "code", crash)
    failure = attempt_kind("code", 1, 2)
    assert failure is not None
    assert failure.name == "code 1 2"
    assert "too deep" in failure.trace


def test_numbers_of_thousands_of_digits_in_pyproject_are_no_crash(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(f"[tool.flask-gotchas]\njobs = {'9' * 5000}\n")
    assert VersionReader(str(tmp_path)).versions().flask == Releases()
    with pytest.raises(SettingsError, match="not valid TOML"):
        settings.load(str(tmp_path), {})
