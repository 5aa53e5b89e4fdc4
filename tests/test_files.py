from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from support import ROOT

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


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_a_file_that_does_not_fit_is_left_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"before")
    script = (
        "import resource, sys\n"
        "from flask_gotchas import files\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try:\n"
        "    files.replace(sys.argv[1], b'x' * 5000)\n"
        "except OSError as error:\n"
        "    print(error.strerror, error.filename == sys.argv[1])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, tmp_path / "a"],
        check=True,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.stdout == "File too large True\n"
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"before"]


def test_a_file_that_must_not_be_written_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").write_bytes(b"before")
    (tmp_path / "a").chmod(0o444)
    # Root may write all files, and tests may be run by root.
    monkeypatch.setattr(os, "access", lambda path, mode: bool(os.stat(path).st_mode & mode << 6))
    with pytest.raises(PermissionError):
        files.replace(str(tmp_path / "a"), b"after")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"before"]


def test_another_name_of_a_file_keeps_what_it_had(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"before")
    (tmp_path / "b").hardlink_to(tmp_path / "a")
    files.replace(str(tmp_path / "a"), b"after")
    assert [(tmp_path / name).read_bytes() for name in "ab"] == [b"after", b"before"]


def test_a_file_may_have_the_longest_name(tmp_path: Path) -> None:
    path = tmp_path / ("a" * 255)
    files.replace(str(path), b"after")
    assert path.read_bytes() == b"after"


def test_what_a_killed_run_has_left_is_removed_by_the_next_one(tmp_path: Path) -> None:
    script = (
        "import os, sys\n"
        "from flask_gotchas import files\n"
        "os.fsync = lambda _: os._exit(9)\n"
        "files.replace(sys.argv[1], b'after')\n"
    )
    done = subprocess.run([sys.executable, "-c", script, tmp_path / "a"], check=False, cwd=ROOT)
    assert done.returncode == 9
    assert len(list(tmp_path.iterdir())) == 1
    files.replace(str(tmp_path / "b"), b"other")
    assert [path.name for path in tmp_path.iterdir()] == ["b"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows removes no open file")
def test_what_another_run_is_writing_is_not_removed(tmp_path: Path) -> None:
    (tmp_path / ".flask-gotchas-x.tmp").write_bytes(b"of somebody else")
    sync = os.fsync
    seen: list[bool] = []

    def meanwhile(number: int) -> None:
        sync(number)
        before = set(tmp_path.iterdir())
        command = "import sys; from flask_gotchas import files; files.replace(sys.argv[1], b'b')"
        subprocess.run([sys.executable, "-c", command, tmp_path / "b"], check=True, cwd=ROOT)
        seen.append(before <= set(tmp_path.iterdir()))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", meanwhile)
        files.replace(str(tmp_path / "a"), b"a")
    assert seen == [True]
    assert {path.name for path in tmp_path.iterdir()} == {"a", "b", ".flask-gotchas-x.tmp"}


def test_whoever_reads_meanwhile_sees_the_one_or_the_other(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"before")
    with path.open("rb") as reader:
        files.replace(str(path), b"after")
        assert reader.read() == b"before"
    assert path.read_bytes() == b"after"
