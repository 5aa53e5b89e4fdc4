"""A few shapes of code that is nested: `nesting.py` itself tries all of them at any depth."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.skipif(sys.platform == "win32", reason="needs a fork")
@pytest.mark.parametrize(
    ("shape", "how", "depths"),
    [
        ("import", "command", (99, 1_000, 30_000)),
        ("pattern, classes", "command", (5, 30, 1_000)),
        ("semicolons", "command", (10, 3_000)),
        ("brackets", "flake8", (99, 3_000)),
    ],
)
def test_what_is_nested_or_repeated_is_checked_or_refused(
    shape: str, how: str, depths: tuple[int, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nesting import HEAD, SHAPES, WAYS

    monkeypatch.chdir(tmp_path)
    for depth in depths:
        (tmp_path / "x.py").write_text(HEAD + SHAPES[shape](depth))
        assert WAYS[how]().problem == ""
