"""Compare whole runs of the tool with the bare LibCST parse of the same files.

`python tests/benchmarks/run.py FOLDER` starts, in each of some rounds: Python alone, the bare parse
of the files that have to do with Flask, a cold run in one process, a cold run in several, and a run
where nothing has changed since the last one. It prints the medians of CPU and wall time, and of
their ratios to the bare parse within a round: times drift on a busy machine, ratios much less.
`tests/corpus/verdicts.py` fetches packages to measure. Needs a system with `os.wait4`.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
PARSE = "bare parse"
_PARSE = """
import gc, pathlib, sys
gc.disable()
from flask_gotchas.screen import is_relevant_bytes
import libcst
for path in sorted(pathlib.Path(sys.argv[1]).rglob("*.py")):
    data = path.read_bytes()
    if is_relevant_bytes(data):
        try:
            libcst.parse_module(data)
        except (ValueError, libcst.ParserSyntaxError):
            pass
"""


class Cost(NamedTuple):
    """Seconds of CPU, of all processes together, and of the clock."""

    cpu: float
    wall: float


def main() -> None:
    """Run the rounds and print the table."""
    parser = argparse.ArgumentParser(description="Compare runs with the bare parse.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    if not chosen.folder.is_dir() or chosen.rounds < 1:
        parser.error("give a folder, and at least one round")
    with tempfile.TemporaryDirectory() as cache:
        commands = commands_for(chosen.folder.resolve(), cache)
        for command in commands.values():
            cost_of(command)  # fills the caches: Python's own, the system's and the tool's
        rounds = [
            {name: cost_of(command) for name, command in commands.items()}
            for _ in range(chosen.rounds)
        ]
    print(shown(rounds))


def commands_for(folder: Path, cache: str) -> dict[str, list[str]]:
    """Give what is measured, by name."""
    tool = [sys.executable, "-m", "flask_gotchas", "--isolated", "--exit-zero"]
    return {
        "start": [sys.executable, "-c", "pass"],
        PARSE: [sys.executable, "-c", _PARSE, str(folder)],
        "cold, one process": [*tool, "--no-cache", "-j1", str(folder)],
        "cold": [*tool, "--no-cache", str(folder)],
        "nothing changed": [*tool, "--cache-dir", cache, str(folder)],
    }


def cost_of(command: list[str]) -> Cost:
    """Run a command and say what it took, its children included.

    Raises SystemExit if it fails.
    """
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    # Without its bytecode each run would compile the tool first.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    begin = time.perf_counter()
    child = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - begin
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{' '.join(command[:4])} ... failed with status {child.returncode}")
    return Cost(usage.ru_utime + usage.ru_stime, wall)


def shown(rounds: list[dict[str, Cost]]) -> str:
    """Lay the table out, medians of all rounds."""
    lines = [f"{'':20}{'CPU s':>8}{'wall s':>8}{'CPU / parse':>13}{'wall / parse':>14}"]
    for name in rounds[0]:
        cpu, wall, cpu_ratio, wall_ratio = (
            statistics.median(values)
            for values in zip(
                *(
                    (
                        *each[name],
                        each[name].cpu / each[PARSE].cpu,
                        each[name].wall / each[PARSE].wall,
                    )
                    for each in rounds
                ),
                strict=True,
            )
        )
        lines.append(f"{name:20}{cpu:8.2f}{wall:8.2f}{cpu_ratio:13.2f}{wall_ratio:14.2f}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
