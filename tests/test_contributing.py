"""CONTRIBUTING.md is followed to the letter: its tutorial, its map, its commands."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from fences import blocks
from support import ROOT

if TYPE_CHECKING:
    from pathlib import Path

TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
BLOCKS = list(blocks(TEXT))
LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "build", "dist", "test_contributing.py")


def test_the_tutorial_makes_a_rule(tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    shutil.copytree(ROOT, checkout, ignore=LEFT_OUT)
    steps = [block for block in BLOCKS if block.section == "A rule from nothing to green"]
    assert {step.language for step in steps} == {"markdown", "python", "console"}
    for step in steps:
        if step.language == "console":
            for command, shown in commands_of(step.text):
                done = run(command, checkout)
                assert_shown(shown, done.stdout)
                fails = any("failed" in line for line in shown)
                assert bool(done.returncode) == fails, done.stdout
        elif to := re.fullmatch(r"`([\w./-]+)`:", step.before):
            path = checkout / to[1]
            assert not path.exists(), f"{to[1]} is there already"
            path.write_text(step.text, encoding="utf-8")
        else:
            added = re.fullmatch(r"Add to `([\w./-]+)` under `([^`]+)`:", step.before)
            assert added, f"what is to be done with the block below: {step.before}"
            path = checkout / added[1]
            text = path.read_text(encoding="utf-8")
            assert f"\n{added[2]}\n" in text
            new = text.replace(f"\n{added[2]}\n", f"\n{added[2]}\n\n{step.text}", 1)
            path.write_text(new, encoding="utf-8")


def test_the_map_has_every_part_of_the_code() -> None:
    section = TEXT.partition("\n## What is where\n")[2].partition("\n## ")[0]
    named = set(re.findall(r"`([\w.]+(?:\.py|/))`", section))
    package = ROOT / "flask_gotchas"
    modules = {path.name for path in package.glob("*.py")} - {"__init__.py"}
    folders = {f"{path.parent.name}/" for path in package.glob("*/__init__.py")}
    assert (modules | folders) - named == set(), "add it to the table of modules"
    there = {path.name for path in package.rglob("*.py")} | folders
    assert named - there == {"flask_gotchas/", "rules/", "fixtures/", "tests/"} & named


def test_the_piece_of_code_for_finding_bugs_works() -> None:
    (block,) = (block for block in BLOCKS if block.section == "When something is wrong")
    done = run(f"python -c {shlex.quote(block.text)}", ROOT)
    assert "this touches `current_app`" in done.stdout


@pytest.mark.parametrize("arguments", [[], ["tree"], ["leaves", "app.py"]])
def test_look_explains_itself(arguments: list[str]) -> None:
    done = run(shlex.join(["python", "tests/look.py", *arguments]), ROOT)
    assert "python tests/look.py tree FILE" in done.stdout
    assert done.returncode == 1


def commands_of(text: str) -> list[tuple[str, list[str]]]:
    """List the commands of a console with the lines that are shown below each."""
    found: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        else:
            found[-1][1].append(line.strip())
    return found


def run(command: str, checkout: Path) -> subprocess.CompletedProcess[str]:
    """Run a command of the text in a checkout with this Python; all it prints is in `stdout`."""
    tool, *arguments = shlex.split(command)
    module = [] if tool == "python" else ["-m", tool]
    inherited = {key: at for key, at in os.environ.items() if not key.startswith("PYTEST_")}
    return subprocess.run(
        [sys.executable, *module, *arguments],
        check=False,
        cwd=checkout,
        env={
            **inherited,
            "PYTHONPATH": os.pathsep.join([str(checkout), str(checkout / "tests")]),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTEST_ADDOPTS": "-n 0",
            "NO_COLOR": "1",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=300,
    )


def assert_shown(shown: list[str], printed: str) -> None:
    """Assert that the shown lines are parts of printed ones, in order."""
    rest = iter(printed.splitlines())
    for line in shown:
        assert any(line in one for one in rest), f"not printed: {line}\n{printed}"
