"""Compare the tool with the bare LibCST parse of the same files, and with other tools.

`python tests/benchmarks/run.py FOLDER` starts, in each of some rounds: the bare parse of the files
that mention Flask, cold runs in one process and in two, runs over projects of small files in which
nothing or one file has changed (where its lines are, or what other files may depend on), and what
these are compared with. It prints the medians of time and memory, and then each figure that matters
with its goal; those without one tell more. All ratios are made within a round before their median
is taken: times drift on a busy machine, ratios much less.

The tool itself leaves files out which mention Flask and yet do not use it, in a comment for one.
How a run compares with the bare parse of only those that it parses is shown, too.

`--peers PYTHON` names the Python of an environment with the dependencies of this project, bandit,
fixit, flake8 without plugins, and ruff; it may not have the project itself. Without it the rows of
these are left out. `tests/corpus/verdicts.py` fetches packages to measure. Needs a system with
`os.wait4`.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]
PARSE = "bare parse"
PARSE_FEWER = "bare parse, fewer files"
COLD = "cold, one process"
TWO = "cold, two processes"
TWICE = "cold, all of it twice"
SAME_1000 = "nothing changed, 1,000"
SAME_10000 = "nothing changed, 10,000"
CHANGED = "one changed of 1,000"
RENAMED = "one view renamed of 1,000"
CLICK = "import click"
LIBCST = "import libcst"
SHORT = "flake8, files without Flask"
BANDIT = "bandit, one test"
FIXIT = "fixit, one rule"
FLAKE8 = "flake8"
WITH_PLUGIN = "flake8 with the plugin"
RUFF = "ruff, S201, no cache"
RUFF_10000 = "ruff, nothing changed, 10,000"
SHOPS = {SAME_1000: 1_000, CHANGED: 1_000, RENAMED: 1_000, SAME_10000: 10_000}

_PARSE = """
import gc, pathlib, sys
gc.disable()
import libcst
if sys.argv[2:]:
    from flask_gotchas.screen import is_relevant_bytes as is_wanted
else:
    def is_wanted(data):
        return b"flask" in data.lower()
for path in sorted(pathlib.Path(sys.argv[1]).rglob("*.py")):
    data = path.read_bytes()
    if is_wanted(data):
        try:
            libcst.parse_module(data)
        except (ValueError, libcst.ParserSyntaxError):
            pass
"""
# Gives the mean time for a file as flake8 hands it over, in microseconds.
_SHORT = """
import ast, pathlib, sys, time
from flask_gotchas.flake8_plugin import Plugin
from flask_gotchas.screen import is_relevant_bytes
tree, texts = ast.Module([], []), []
for path in sorted(pathlib.Path(sys.argv[1]).rglob("*.py")):
    data = path.read_bytes()
    if not is_relevant_bytes(data):
        texts.append(data.decode("utf-8", "replace").splitlines(keepends=True))
begin = time.process_time()
for lines in texts:
    list(Plugin(tree, lines, "module.py").run())
took = time.process_time() - begin
assert "libcst" not in sys.modules
print(took / max(len(texts), 1) * 1e6)
"""
_SCRIPT = "import sys; from flask_gotchas.__main__ import main; sys.exit(main())"
_PLUGIN = """
[flake8:local-plugins]
extension =
    FLG = flask_gotchas.flake8_plugin:Plugin
"""
_PLAIN_MODULE = '''"""Part {number} of the shop."""

from __future__ import annotations

import dataclasses
import logging

log = logging.getLogger(__name__)


@dataclasses.dataclass
class Item:
    name: str
    price: int = {number}

    def total(self, count: int) -> int:
        log.debug("total of %s", self.name)
        return self.price * count


def load(path: str) -> list[Item]:
    with open(path, encoding="utf-8") as file:
        return [Item(line.strip()) for line in file]
'''
_FLASK_MODULE = """from flask import Blueprint, jsonify, request, url_for

bp = Blueprint("part{number}", __name__, url_prefix="/part{number}")


@bp.route("/")
def index():
    return jsonify(items=[], next=url_for("part{number}.show", key=1))


@bp.route("/<int:key>")
def show(key):
    return jsonify(key=key, size=request.args.get("size", 10, type=int))
"""


class Cost(NamedTuple):
    """Seconds of CPU, of all processes together, and of the clock; megabytes of the largest."""

    cpu: float
    wall: float
    peak: float


class Goal(NamedTuple):
    """A figure that is worked out from a round, and what it should not exceed, if anything."""

    name: str
    needs: tuple[str, ...]
    figure: Callable[[dict[str, Cost]], float]
    most: float | None


def _cpu(first: str, second: str, most: float | None = None) -> Goal:
    return Goal(f"{first} / {second}, CPU", (first, second), _ratio(0, first, second), most)


def _ratio(field: int, first: str, second: str) -> Callable[[dict[str, Cost]], float]:
    return lambda costs: costs[first][field] / costs[second][field]


GOALS = (
    _cpu(COLD, PARSE, 1.15),
    _cpu(COLD, PARSE_FEWER),
    Goal(f"{TWO} / {PARSE}, wall", (TWO, PARSE), _ratio(1, TWO, PARSE), 0.80),
    _cpu(COLD, BANDIT, 0.80),
    _cpu(COLD, FIXIT, 0.10),
    _cpu(COLD, FLAKE8, 0.30),
    _cpu(SAME_1000, CLICK, 1.4),
    Goal(
        f"{SAME_10000} / {RUFF_10000}, wall",
        (SAME_10000, RUFF_10000),
        _ratio(1, SAME_10000, RUFF_10000),
        1.5,
    ),
    _cpu(CHANGED, LIBCST, 1.5),
    _cpu(RENAMED, LIBCST, 1.5),
    Goal(f"{SHORT}, us", (SHORT,), lambda costs: costs[SHORT].cpu * 1e6, 20),
    Goal(
        f"({WITH_PLUGIN} - {FLAKE8}) / {PARSE}, CPU",
        (WITH_PLUGIN, FLAKE8, PARSE),
        lambda costs: (costs[WITH_PLUGIN].cpu - costs[FLAKE8].cpu) / costs[PARSE].cpu,
        1.3,
    ),
    Goal(
        f"({WITH_PLUGIN} - {FLAKE8}) / {PARSE_FEWER}, CPU",
        (WITH_PLUGIN, FLAKE8, PARSE_FEWER),
        lambda costs: (costs[WITH_PLUGIN].cpu - costs[FLAKE8].cpu) / costs[PARSE_FEWER].cpu,
        None,
    ),
    Goal(f"{COLD} / {PARSE}, memory", (COLD, PARSE), _ratio(2, COLD, PARSE), 1.10),
    Goal(f"{TWICE} / {COLD}, memory", (TWICE, COLD), _ratio(2, TWICE, COLD), 1.05),
)


def main() -> None:
    """Run the rounds and print the tables."""
    parser = argparse.ArgumentParser(description="Compare the tool with the bare parse and others.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--peers", type=Path, metavar="PYTHON")
    chosen = parser.parse_args()
    if not chosen.folder.is_dir() or chosen.rounds < 1:
        parser.error("give a folder, and at least one round")
    with tempfile.TemporaryDirectory() as place:
        shops = {name: Path(place, name) for name in SHOPS}
        for name, folder in shops.items():
            write_shop(folder, SHOPS[name])
        time.sleep(2.5)  # what has only just been written might change within a tick of the clock
        for name in ("one", "two"):
            copy_python(chosen.folder, Path(place, "twice", name))
        commands = commands_for(chosen.folder.resolve(), shops, Path(place), chosen.peers)
        rounds = []
        for number in range(-1, chosen.rounds):
            costs = {}
            for name, command in commands.items():
                if name == CHANGED:
                    edit(shops[name], r"\A\n*", "\n" * (number + 2))
                elif name == RENAMED:
                    edit(shops[name], r"(?<=def show)\w*", f"_{number + 2}")
                costs[name] = cost_of(command, shops.get(name), measured=name == SHORT)
            if number >= 0:  # the first one fills the caches: Python's, the system's, the tool's
                rounds.append(costs)
            print(f"round {number + 1} of {chosen.rounds}", file=sys.stderr)
    print(shown(rounds))
    print()
    print(judged(rounds))


def write_shop(folder: Path, size: int) -> None:
    """Write a project of so many small files, a tenth of them with Flask."""
    for number in range(size):
        package = folder / "shop" / f"p{number // 100}"
        package.mkdir(parents=True, exist_ok=True)
        text = _PLAIN_MODULE if number % 10 else _FLASK_MODULE
        (package / f"m{number}.py").write_text(text.format(number=number))
    (folder / "pyproject.toml").write_text('[project]\nname = "shop"\nversion = "1"\n')


def copy_python(folder: Path, target: Path) -> None:
    """Copy the Python files of a folder."""

    def others(place: str, names: list[str]) -> list[str]:
        return [name for name in names if not (name.endswith(".py") or Path(place, name).is_dir())]

    shutil.copytree(folder, target, ignore=others)


def edit(folder: Path, pattern: str, text: str) -> None:
    """Change one file of a project: where its lines are, or what others may depend on."""
    path = folder / "shop" / "p0" / "m0.py"
    path.write_text(re.sub(pattern, text, path.read_text()))


def commands_for(
    folder: Path, shops: dict[str, Path], place: Path, peers: Path | None
) -> dict[str, list[str]]:
    """Give what is measured, by name."""
    python = sys.executable
    tool = [python, "-c", _SCRIPT]
    cold = [*tool, "--isolated", "--exit-zero", "--no-cache"]
    commands = {
        "start": [python, "-c", "pass"],
        CLICK: [python, "-c", "import click"],
        LIBCST: [python, "-c", "import libcst"],
        PARSE: [python, "-c", _PARSE, str(folder)],
        PARSE_FEWER: [python, "-c", _PARSE, str(folder), "screened"],
        COLD: [*cold, "-j1", str(folder)],
        TWO: [*cold, "-j2", str(folder)],
        TWICE: [*cold, "-j1", str(place / "twice")],
        **dict.fromkeys(shops, tool),
        SHORT: [python, "-c", _SHORT, str(folder)],
    }
    if peers is None:
        return commands
    plain, plugin = place / "plain.cfg", place / "plugin.cfg"
    plain.write_text("[flake8]\n")
    plugin.write_text(_PLUGIN)
    other = [str(peers), "-m"]
    ruff = [str(peers.with_name("ruff")), "check", "--isolated", "--select", "S201", "--exit-zero"]
    rule = "fixit.rules.no_static_if_condition"
    return commands | {
        BANDIT: [*other, "bandit", "-r", "-q", "-t", "B201", "--exit-zero", str(folder)],
        FIXIT: [*other, "fixit", "--rules", rule, "lint", str(folder)],
        FLAKE8: [*other, "flake8", "-j1", "--exit-zero", "--config", str(plain), str(folder)],
        WITH_PLUGIN: [*other, "flake8", "-j1", "--exit-zero", "--config", str(plugin), str(folder)],
        RUFF: [*ruff, "--no-cache", str(folder)],
        RUFF_10000: [*ruff, "--cache-dir", str(place / "ruff"), str(shops[SAME_10000])],
    }


def cost_of(command: list[str], folder: Path | None = None, *, measured: bool = False) -> Cost:
    """Run a command, perhaps in a folder, and say what it took, its children included.

    With `measured` the CPU is what the command says of itself, in microseconds. Raises SystemExit
    if it fails.
    """
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    # Without its bytecode each run would compile the tool first.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryFile() as out:
        begin = time.perf_counter()
        child = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=out, stderr=subprocess.DEVNULL
        )
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - begin
        out.seek(0)
        said = out.read()
    child.returncode = os.waitstatus_to_exitcode(status)
    # fixit knows no `--exit-zero`.
    if child.returncode and not (child.returncode == 1 and "fixit" in command):
        raise SystemExit(f"{' '.join(command[:4])} ... failed with status {child.returncode}")
    cpu = float(said) / 1e6 if measured else usage.ru_utime + usage.ru_stime
    return Cost(cpu, wall, usage.ru_maxrss / 1024)


def shown(rounds: list[dict[str, Cost]]) -> str:
    """Lay the table of all costs out, medians of all rounds."""
    heads = ("CPU s", "wall s", "peak MB", "CPU / parse", "wall / parse")
    lines = ["".join([" " * 30, *(f"{head:>13}" for head in heads)])]
    for name in rounds[0]:
        if name != SHORT:
            columns = zip(*(costs[name] for costs in rounds), strict=True)
            values = [statistics.median(column) for column in columns]
            values += [statistics.median(map(_ratio(at, name, PARSE), rounds)) for at in (0, 1)]
            lines.append("".join([f"{name:30}", *(f"{value:13.3f}" for value in values)]))
    return "\n".join(lines)


def judged(rounds: list[dict[str, Cost]]) -> str:
    """Lay the table of figures and goals out, medians of all rounds."""
    width = max(len(goal.name) for goal in GOALS)
    lines = [f"{'':{width}}{'median':>9}{'least':>9}{'most':>9}{'goal':>9}"]
    for goal in GOALS:
        if rounds[0].keys() >= set(goal.needs):
            figures = [goal.figure(costs) for costs in rounds]
            middle = statistics.median(figures)
            line = f"{goal.name:{width}}{middle:9.2f}{min(figures):9.2f}{max(figures):9.2f}"
            if goal.most is not None:
                verdict = "met" if middle <= goal.most else "missed"
                line += f"{goal.most:9.2f}  {verdict}"
            lines.append(line)
    return "\n".join(lines)


if __name__ == "__main__":
    main()
