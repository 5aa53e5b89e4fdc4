"""Kill `--fix` at random moments: no file may be damaged, and nothing may be left for ever.

    python tests/fuzz/kills.py --kills 200
    python tests/fuzz/kills.py --kills 20 --files 500 --seed 7

Each run gets a new copy of a project in which every file can be fixed. One half of the kills comes
at any moment of a run, the other one while files are written. Afterwards each file must be as it
was before or as it is to be, and a run that nobody disturbs must finish the work and leave nothing
behind. The status is 1 if that is not so.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
HEAD = "from flask import Flask, request\n\napp = Flask(__name__)\n\n\n"
VIEW = """@app.route("/{name}")
def {name}():
    if request.method == "POST":
        return "saved"
    return "form"


"""
FIXED = '@app.route("/{name}", methods=["GET", "POST"])'


class Damage(Exception):  # noqa: N818 - reads as what it says
    """A file is neither old nor new, or something is left behind."""


class Result(NamedTuple):
    """What a run had done when it was killed: how many files it had written of how many."""

    written: int
    files: int
    stale: int
    ended: bool


class Project:
    """A folder with files which can be fixed, each with some views."""

    def __init__(self, folder: Path, files: int) -> None:
        self.folder = folder
        self.before: dict[Path, str] = {}
        self.after: dict[Path, str] = {}
        for number in range(files):
            names = [f"view{number}_{index}" for index in range(1 + number % 3)]
            text = HEAD + "".join(VIEW.format(name=name) for name in names)
            path = folder / f"part{number % 5}" / f"module{number}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            self.before[path] = text
            for name in names:
                text = text.replace(f'@app.route("/{name}")', FIXED.format(name=name))
            self.after[path] = text

    def restore(self) -> None:
        """Put all files back."""
        for path, text in self.before.items():
            path.write_text(text, encoding="utf-8")

    def start(self) -> subprocess.Popen[bytes]:
        """Start a run that fixes all files."""
        command = [sys.executable, "-m", "flask_gotchas", "--fix", "--isolated", "--no-cache"]
        return subprocess.Popen(
            [*command, "--select=FLG101", "-j1", str(self.folder)],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def written(self) -> int:
        """Count the files that are as they are to be; raises Damage for what is neither."""
        count = 0
        for path, text in self.before.items():
            found = path.read_text(encoding="utf-8")
            if found not in (text, self.after[path]):
                raise Damage(f"{path.name} is damaged: {len(found)} characters")
            count += found != text
        return count

    def others(self) -> list[str]:
        """List the files that do not belong to the project."""
        return [
            str(path)
            for path in self.folder.rglob("*")
            if not path.is_dir() and path not in self.before
        ]

    def is_being_written(self) -> bool:
        """Tell whether there is anything new."""
        return any(path.stat().st_size != len(text) for path, text in self.before.items())

    def finish(self) -> float:
        """Let a run do the work, and say how long it takes; raises Damage."""
        start = time.monotonic()
        if self.start().wait(timeout=300):
            raise Damage("a run that nobody kills fails")
        taken = time.monotonic() - start
        if self.written() < len(self.before):
            raise Damage("a run that nobody kills leaves files unfixed")
        return taken

    def kill(self, whole: float, chance: random.Random) -> Result:
        """Kill a run and look what is there; raises Damage."""
        self.restore()
        process = self.start()
        if chance.random() < 0.5:
            time.sleep(chance.uniform(0, whole))
        else:
            while process.poll() is None and not self.is_being_written():
                time.sleep(0.001)
            time.sleep(chance.uniform(0, 0.1))
        ended = process.poll() is not None
        process.kill()
        process.wait()
        return Result(self.written(), len(self.before), len(self.others()), ended)


def attempt(folder: Path, kills: int, files: int, seed: int) -> list[Result]:
    """Kill so many runs over a project that is made in a folder; raises Damage."""
    chance = random.Random(seed)
    project = Project(folder, files)
    project.restore()
    whole = project.finish()
    results = []
    for _ in range(kills):
        results.append(project.kill(whole, chance))
        if results[-1].stale or len(results) == kills:
            project.finish()
            # What is left in a folder in which nothing was to be written is nobody's business yet.
            if project.others() and results[-1].written < len(project.before):
                raise Damage(f"left behind: {project.others()}")
    return results


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--files", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        try:
            results = attempt(Path(folder), options.kills, options.files, options.seed)
        except Damage as damage:
            print(damage)
            return 1
    midway = sum(0 < result.written < result.files for result in results)
    print(
        f"{len(results)} kills: {sum(result.written == 0 for result in results)} before a file was "
        f"written, {midway} between two files, {sum(result.ended for result in results)} too late; "
        f"{sum(result.stale for result in results)} temporary files left, all removed by the next "
        "run; no file damaged"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
