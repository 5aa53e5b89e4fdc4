from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from flask_gotchas import files

if TYPE_CHECKING:
    from pathlib import Path


def test_a_new_file_has_the_usual_mode(tmp_path: Path) -> None:
    usual = tmp_path / "usual"
    usual.write_bytes(b"")
    files.replace(str(tmp_path / "new"), b"x")
    assert (tmp_path / "new").read_bytes() == b"x"
    assert (tmp_path / "new").stat().st_mode == usual.stat().st_mode


def test_a_failure_leaves_the_file_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").write_bytes(b"before")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        files.replace(str(tmp_path / "a"), b"after")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"before"]


def test_whoever_reads_meanwhile_sees_the_one_or_the_other(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"before")
    with path.open("rb") as reader:
        files.replace(str(path), b"after")
        assert reader.read() == b"before"
    assert path.read_bytes() == b"after"
