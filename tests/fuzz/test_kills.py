"""A few kills: `kills.py` itself makes as many as one has time for."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from kills import attempt

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.skipif(sys.platform == "win32", reason="a run cannot be killed like that")
def test_killed_while_it_fixes_it_leaves_whole_files(tmp_path: Path) -> None:
    results = attempt(tmp_path, kills=2, files=10, seed=3)
    assert len(results) == 2
