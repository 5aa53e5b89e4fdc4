"""Files that are checked side by side: nothing depends on it but the time that a run takes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from flask_gotchas import checking, cli, workers
from flask_gotchas.model import Location
from flask_gotchas.one_file import Checker, FileTask, Job, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flask_gotchas.disk import Seen
    from flask_gotchas.one_file import FileResult

LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs fork and /proc")
VIEW = """\
from flask import Blueprint, request, url_for

bp = Blueprint("{name}", __name__)


@bp.get("/{name}")
def {name}():
    if request.method == "POST":
        return url_for("{name}.none")
    return ""
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a project with two reports in each of twelve files, one of which is bad."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(checking, "WORTH_WORKERS", 0)
    monkeypatch.setattr(checking, "_WORTH_ONE_MORE", 1)
    monkeypatch.setattr(workers, "start_method", lambda: "fork")
    names = [f"view{number}" for number in range(12)]
    for name in names:
        Path(f"{name}.py").write_text(VIEW.format(name=name), encoding="utf-8")
    Path("bad.py").write_text("from flask import\n", encoding="utf-8")
    Path("surrogate.py").write_text(
        "from flask import Flask\napp = Flask(__name__)\n\n\n"
        "@app.get('/\\ud800')\ndef page():\n    return ''\n",
        encoding="utf-8",
    )
    lines = [f"from {name} import bp as {name}\napp.register_blueprint({name})" for name in names]
    text = "from flask import Flask\napp = Flask(__name__)\n" + "\n".join(lines) + "\n"
    Path("app.py").write_text(text, encoding="utf-8")
    Path("pyproject.toml").write_text("", encoding="utf-8")
    return tmp_path


def test_reports_are_the_same_whatever_the_number_of_processes(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seen = set()
    for jobs in ("1", "2", "3", "50"):
        assert cli.main(["--no-cache", "--jobs", jobs]) == 1
        seen.add(capsys.readouterr())
    assert len(seen) == 1
    assert next(iter(seen)).out.count("FLG104") == 12
    assert next(iter(seen)).out.count("FLG101") == 12


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_reports_are_the_same_however_processes_are_started(
    project: Path, method: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    if method == "forkserver" and os.name == "nt":
        pytest.skip("there is no such way")
    assert cli.main(["-n", "-j1"]) == 1
    alone = capsys.readouterr()
    monkeypatch.setattr(workers, "start_method", lambda: method)
    started = _count_workers(monkeypatch)
    assert cli.main(["-n", "-j2"]) == 1
    assert capsys.readouterr() == alone
    assert len(started) == 2


def _count_workers(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    started: list[object] = []
    start = workers._Worker.__init__

    def noting(self: workers._Worker, *rest: object) -> None:
        start(self, *rest)  # type: ignore[arg-type]
        started.append(self)

    monkeypatch.setattr(workers._Worker, "__init__", noting)
    return started


def test_few_files_are_worth_no_process(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    started = _count_workers(monkeypatch)
    monkeypatch.setattr(checking, "WORTH_WORKERS", 250_000)
    assert cli.main(["-n", "-j2"]) == 1
    assert not started
    assert cli.main(["-n", "-j2", "--select", "FLG104"]) == 1
    assert not started


def test_what_processes_find_out_is_kept(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["-j2"]) == 1
    first = capsys.readouterr()
    Path("more.py").write_text("X = 1\n", encoding="utf-8")
    started = _count_workers(monkeypatch)
    assert cli.main(["-j2"]) == 1
    assert capsys.readouterr().out == first.out
    assert not started


def _dying(monkeypatch: pytest.MonkeyPatch, name: str, death: object) -> None:
    check = Checker.check_file

    def die(self: Checker, task: FileTask) -> tuple[FileResult, Seen | None]:
        if task.path == name:
            assert callable(death)
            death()
        return check(self, task)

    monkeypatch.setattr(Checker, "check_file", die)


@LINUX
@pytest.mark.parametrize("jobs", ["2", "3"])
@pytest.mark.parametrize("name", ["app.py", "view3.py", "surrogate.py"])
def test_a_process_that_is_killed_costs_one_file(
    project: Path,
    jobs: str,
    name: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    _dying(monkeypatch, name, lambda: os.kill(os.getpid(), signal.SIGKILL))
    assert cli.main(["--jobs", jobs]) == 2
    out = capsys.readouterr().out
    assert out.count("FLG000") == 1
    assert f"{name}:1:1: FLG000 `flask-gotchas` crashed at this file with `SIGKILL`" in out
    assert out.count("FLG101") == (11 if name == "view3.py" else 12)
    assert "bad.py:1" in out
    assert "FLG501" not in out
    monkeypatch.undo()
    os.chdir(project)
    assert cli.main(["--jobs", jobs]) == 1
    assert "FLG000" not in capsys.readouterr().out


@LINUX
@pytest.mark.parametrize("at", ["loading", "locating"])
def test_a_process_that_is_killed_later_costs_one_file_too(
    project: Path, at: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(checking, "WORTH_WORKERS", sum(p.stat().st_size for p in project.iterdir()))
    Path("plain.py").write_text("from view3 import bp\n" * 100, encoding="utf-8")
    with Path("view4.py").open("a", encoding="utf-8") as file:
        file.write("\n\nfrom plain import bp as other\nother.get('/x')(view4)\n")
    if at == "loading":
        _dying(monkeypatch, "plain.py", lambda: os.kill(os.getpid(), signal.SIGKILL))
    else:
        locate = Checker.locate_file

        def die(self: Checker, task: FileTask, anchors: Iterable[int]) -> object:
            if task.path == "view5.py":
                os.kill(os.getpid(), signal.SIGKILL)
            return locate(self, task, anchors)

        monkeypatch.setattr(Checker, "locate_file", die)
    assert cli.main(["-n", "-j2"]) == 2
    out = capsys.readouterr().out
    lost = "plain.py" if at == "loading" else "view5.py"
    assert [line.partition(" `")[0] for line in out.splitlines() if "FLG000" in line] == [
        f"{lost}:1:1: FLG000"
    ]
    assert out.count("FLG104") == 12


@LINUX
def test_each_file_that_kills_a_process_is_named(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Checker, "check_file", lambda *_: os._exit(3))
    assert cli.main(["-n", "-j2"]) == 2
    out = capsys.readouterr().out.splitlines()
    assert len(out) == len(list(project.glob("*.py")))
    assert all("FLG000" in line and "`exit status 3`" in line for line in out)


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_an_error_outside_of_rules_costs_one_file(
    project: Path, jobs: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise ValueError("on purpose")

    _dying(monkeypatch, "view3.py", fail)
    assert cli.main(["-n", "-j", jobs]) == 2
    out = capsys.readouterr().out
    assert "view3.py:1:1: FLG000 `flask-gotchas` crashed at this file with `ValueError: on" in out
    assert out.count("FLG101") == 11


def test_a_file_that_is_lost_is_named_even_if_it_was_not_asked_for(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise ValueError("on purpose")

    _dying(monkeypatch, "view3.py", fail)
    assert cli.main(["-n", "-j2", "view4.py"]) == 2
    assert "view3.py:1:1: FLG000" in capsys.readouterr().out


@LINUX
def test_jobs_that_fill_the_pipe_do_not_wait_for_a_process_that_waits_for_us(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Location("a.py", 1, 0, 1, 0)
    much = dict.fromkeys(range(200_000), place)
    monkeypatch.setattr(workers, "start_method", lambda: "fork")
    monkeypatch.setattr(Checker, "do", lambda *_: Outcome(places=much))
    jobs = [Job(FileTask(f"{name}.py", name), tuple(much)) for name in "abc"]

    def stop(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(60)
    try:
        with workers.Workers(Checker(), 1) as crew:
            assert [len(outcome.places) for _, outcome in crew.run(jobs)] == [len(much)] * 3
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@LINUX
@pytest.mark.parametrize("how", ["no process", "dead at once"])
def test_without_processes_the_work_is_done_all_the_same(
    project: Path, how: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["-n", "-j1"]) == 1
    alone = capsys.readouterr()

    def refuse(*_: object) -> None:
        raise OSError("too many processes")

    if how == "no process":
        monkeypatch.setattr(workers._Worker, "__init__", refuse)
    else:
        monkeypatch.setattr(workers, "_work", lambda *_: os._exit(0))
    assert cli.main(["-n", "-j2"]) == 1
    assert capsys.readouterr() == alone


@LINUX
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL, signal.SIGTERM])
def test_the_end_comes_at_once_and_leaves_no_process_behind(tmp_path: Path, sent: int) -> None:
    body = "".join(f"\n\ndef f{number}(x):\n    return [x + {number}]\n" for number in range(2000))
    for number in range(60):
        (tmp_path / f"file{number}.py").write_text(f"import flask\n{body}", encoding="utf-8")
    # What runs in the background of a script has its SIGINT ignored, and would pass that on.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    run = subprocess.Popen(
        [sys.executable, "-m", "flask_gotchas", "-j", "2", "."],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    signal.signal(signal.SIGINT, before)
    children = Path(f"/proc/{run.pid}/task/{run.pid}/children")
    started: list[str] = []
    while len(started) < 2:
        assert run.poll() is None
        started = children.read_text().split()
        time.sleep(0.02)
    if sent == signal.SIGINT:
        os.killpg(run.pid, sent)  # as a terminal does
    else:
        run.send_signal(sent)
    out, err = run.communicate(timeout=30)
    assert out == ""
    if sent == signal.SIGINT:
        assert run.returncode == 130
        assert err.strip() == "flask-gotchas: error: interrupted"
    end = time.monotonic() + 30
    while any(_is_running(child) for child in started):
        assert time.monotonic() < end
        time.sleep(0.05)


def _is_running(process: str) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


@pytest.mark.parametrize("number", ["0", "-1", "many"])
def test_a_number_of_processes_that_makes_no_sense_is_refused(
    project: Path, number: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([f"--jobs={number}"]) == 2
    assert "--jobs" in capsys.readouterr().err
    Path("pyproject.toml").write_text(f"[tool.flask-gotchas]\njobs = '{number}'\n")
    assert cli.main([]) == 2
    assert "jobs" in capsys.readouterr().err


def test_the_number_of_processes_may_be_set(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    started = _count_workers(monkeypatch)
    Path("pyproject.toml").write_text("[tool.flask-gotchas]\njobs = 1\n")
    assert cli.main(["-n"]) == 1
    assert not started
    assert cli.main(["-n", "-j3"]) == 1
    assert len(started) == 3
