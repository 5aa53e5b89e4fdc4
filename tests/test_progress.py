"""The line on stderr which tells how far a long run is."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from flask_gotchas import cli, progress
from flask_gotchas.progress import Progress


class Terminal(io.StringIO):
    """Takes what is written, and knows what a person would see of it."""

    def isatty(self) -> bool:
        return True

    @property
    def screen(self) -> str:
        line: list[str] = []
        column = 0
        for character in self.getvalue():
            if character == "\r":
                column = 0
                continue
            line[column : column + 1] = character
            column += 1
        return "".join(line).rstrip(" ")


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(progress, "_PATIENCE", 0)
    monkeypatch.setattr(progress, "_INTERVAL", 0)
    return Terminal()


def test_a_terminal_shows_how_many_files_are_done(terminal: Terminal) -> None:
    with Progress(terminal) as told:
        for done in range(1, 13):
            told(done, 12)
            assert terminal.screen == f"{done} of 12 files"
        told(1, 2)
        assert terminal.screen == "1 of 2 files"
    assert terminal.screen == ""


def test_nothing_is_left_after_an_interruption(terminal: Terminal) -> None:
    def run() -> None:
        with Progress(terminal) as told:
            told(1, 2)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run()
    assert terminal.screen == ""
    assert "1 of 2" in terminal.getvalue()


def test_a_short_run_shows_nothing(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_PATIENCE", 60)
    with Progress(terminal) as told:
        told(1, 2)
    assert terminal.getvalue() == ""


@pytest.mark.parametrize(("name", "value"), [("CI", "true"), ("CI", "1"), ("TERM", "dumb")])
def test_nobody_watches_a_build(
    terminal: Terminal, name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with Progress(terminal) as told:
        told(1, 2)
    assert terminal.getvalue() == ""


def test_nothing_is_shown_to_a_pipe_or_to_nobody(terminal: Terminal) -> None:
    pipe = io.StringIO()
    for stream in (pipe, None):
        with Progress(stream) as told:
            told(1, 2)
    assert pipe.getvalue() == ""


def test_a_terminal_that_is_gone_stops_nothing(terminal: Terminal) -> None:
    with Progress(terminal) as told:
        told(1, 3)
        terminal.close()
        told(2, 3)


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_run_tells_how_far_it_is_on_stderr(
    terminal: Terminal,
    tmp_path: Path,
    jobs: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("flask_gotchas.checking.WORTH_WORKERS", 0)
    for number in range(5):
        Path(f"file{number}.py").write_text("import flask\n", encoding="utf-8")
    monkeypatch.setattr(sys, "stderr", terminal)
    assert cli.main(["-n", "-j", jobs]) == 0
    shown = terminal.getvalue()
    assert [f"{done} of 5 files" in shown for done in range(1, 6)] == [True] * 5
    assert terminal.screen == "5 files, no problems.\n"
    assert capsys.readouterr().out == ""
