"""Fix copies of whole projects, and see that all is well afterwards.

    python tests/corpus/fixes.py ../packages
    python tests/corpus/fixes.py --plant 2 --diffs fixes.diff ../packages apache-superset

Each folder in the given one is copied, and `--fix --unsafe-fixes` runs over the copy with the
default rules. Then each file that has changed must parse, no report may be new, a second run must
change nothing, and the URL rules must be the same, but for those in the files that have changed:
these are shown. With `--plant` so many mistakes of each kind that can be fixed are made in the copy
before. The status is 1 if something is wrong.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "planting"), str(ROOT / "tests"), str(ROOT)]

import libcst as cst  # noqa: E402
import mistakes_requests  # noqa: E402, F401 - these register their operators
import mistakes_routes  # noqa: E402, F401
import mistakes_setup  # noqa: E402, F401
from places import OPERATORS, Change, Project  # noqa: E402

from flask_gotchas.rule import all_rules  # noqa: E402

REPORT = re.compile(r"^(.+?):\d+:\d+: (FLG\d+) ", re.MULTILINE)
LEFT_OUT = shutil.ignore_patterns("node_modules", ".git", ".flask_gotchas_cache")


class Fixed(NamedTuple):
    """What became of one project: reports by rule and file, what differs, and what is wrong."""

    before: Counter[tuple[str, str]]
    after: Counter[tuple[str, str]]
    diff: str
    routes: list[str]
    said: list[str]
    wrong: list[str]


class Copy:
    """A project in a folder of its own, on which the tool is run as people run it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the tool; raises SystemExit where it fails."""
        done = subprocess.run(
            [sys.executable, "-m", "flask_gotchas", *arguments],
            check=False,
            cwd=self.folder,
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": ":surrogateescape"},
        )
        if done.returncode not in {0, 1}:
            raise SystemExit(f"{self.folder.name}: {done.stderr}")
        return done

    def reports(self) -> Counter[tuple[str, str]]:
        """Count what is reported, by rule and file."""
        found = REPORT.findall(self.run("--isolated", ".").stdout)
        return Counter((code, path) for path, code in found)

    def routes(self) -> Counter[str]:
        """List the URL rules without the lines that they are in."""
        listed = json.loads(self.run("routes", "--isolated", "--format", "json", ".").stdout)
        return Counter(
            json.dumps({key: one[key] for key in one if key != "line"}, sort_keys=True)
            for one in listed
        )


def fixed(copy: Copy) -> Fixed:
    """Fix a project, and say what has changed by that and what is wrong."""
    before = copy.reports()
    diff = copy.run("--isolated", "--diff", "--unsafe-fixes", ".").stdout
    if not diff:
        return Fixed(before, before, "", [], [], [])
    routes = copy.routes()
    said = copy.run("--isolated", "--fix", "--unsafe-fixes", ".").stderr.splitlines()
    changed = re.findall(r"^\+\+\+ (.+\.pyw?)$", diff, re.MULTILINE)
    wrong = [f"does not parse: {path}" for path in changed if not _parses(copy.folder / path)]
    after = copy.reports()
    wrong += [f"new: {code} in {path}" for code, path in after - before]
    if again := copy.run("--isolated", "--diff", "--unsafe-fixes", ".").stdout:
        wrong.append(f"not the same the second time:\n{again}")
    new = copy.routes()
    gone = [f"-{one}" for one in (routes - new).elements()]
    differ = [*gone, *(f"+{one}" for one in (new - routes).elements())]
    wrong += [one for one in differ if json.loads(one[1:])["file"] not in changed]
    return Fixed(before, after, diff, differ, said, wrong)


def _parses(path: Path) -> bool:
    try:
        cst.parse_module(path.read_bytes())
    except cst.ParserSyntaxError:
        return False
    return True


def plant(folder: Path, most: int, seed: int) -> int:
    """Make some mistakes of each kind that can be fixed, each in a file of its own; count them."""
    places: dict[str, list[tuple[str, Change]]] = {}
    project = Project(folder)
    for operator in OPERATORS:
        if operator.find is not None and all_rules()[operator.code].fixing is not None:
            places[operator.name] = [
                (source.path, change)
                for source in project.sources
                for change in operator.find(source)
            ]
    chance = random.Random(seed)
    taken: set[str] = set()
    for found in places.values():
        chance.shuffle(found)
    for found in sorted(places.values(), key=len):  # the rare ones first
        left = most
        for path, change in found:
            if left and path not in taken:
                taken.add(path)
                left -= 1
                Path(path).write_text(change.make(), encoding="utf-8", newline="")
    return len(taken)


def main() -> int:
    """Fix the projects, print what there is to say, and give the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, help="where the projects are")
    parser.add_argument("projects", nargs="*", metavar="PROJECT", help="only these")
    parser.add_argument("--plant", type=int, default=0, help="so many mistakes of each kind before")
    parser.add_argument("--seed", type=int, default=1, help="chooses the places of the mistakes")
    parser.add_argument("--diffs", type=Path, help="where to write what the fixes have changed")
    chosen = parser.parse_args()
    names = chosen.projects or sorted(
        path.name for path in chosen.folder.iterdir() if path.is_dir()
    )
    fixes: Counter[str] = Counter()
    reports: Counter[str] = Counter()
    wrong = 0
    for name in names:
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch, name)
            shutil.copytree(chosen.folder / name, folder, ignore=LEFT_OUT, symlinks=True)
            planted = plant(folder, chosen.plant, chosen.seed) if chosen.plant else 0
            result = fixed(Copy(folder))
        here = _by_rule(result.before - result.after)
        fixes += here
        reports += _by_rule(result.before)
        wrong += len(result.wrong)
        counts = ", ".join(f"{code} {count}" for code, count in sorted(here.items()))
        print(f"{name}: {planted} planted, {result.before.total()} reports, fixed: {counts or '-'}")
        for line in [*result.said, *result.routes, *(f"WRONG {one}" for one in result.wrong)]:
            print(f"    {line}", flush=True)
        if chosen.diffs is not None and result.diff:
            with chosen.diffs.open("a", encoding="utf-8", errors="surrogateescape") as out:
                out.write(f"# {name}\n{result.diff}")
    for code in sorted(reports):
        print(f"{code}: {fixes[code]} of {reports[code]} fixed")
    print(f"{len(names)} projects, {fixes.total()} of {reports.total()} fixed, {wrong} wrong")
    return int(bool(wrong))


def _by_rule(reports: Counter[tuple[str, str]]) -> Counter[str]:
    found: Counter[str] = Counter()
    for (code, _), count in reports.items():
        found[code] += count
    return found


if __name__ == "__main__":
    sys.exit(main())
