"""Check published packages, and compare the reports with the verdicts of those who read them.

`python tests/corpus/verdicts.py FOLDER` fetches what is missing into the folder and checks all
packages of `verdicts.toml` there with the default rules. It prints the table of verdicts, reports
that nobody has read and verdicts whose report is gone. The status is 1 if there is any of these, or
a report that is known to be wrong. Name packages after the folder to check only these.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import tomli

if TYPE_CHECKING:
    from collections.abc import Iterable

VERDICTS = Path(__file__).with_name("verdicts.toml")
ROOT = Path(__file__).resolve().parents[2]


class Read(NamedTuple):
    """A report as it is known: where it is, its rule, and whether it is true."""

    package: str
    place: str
    rule: str
    true: bool


class Comparison(NamedTuple):
    """Reports beside verdicts; the new ones have nobody's verdict."""

    known: list[Read]
    new: list[tuple[str, str, str]]
    gone: list[Read]


def main() -> int:
    """Check the packages, print what there is to say, and give the exit status."""
    parser = argparse.ArgumentParser(description="Compare reports on packages with verdicts.")
    parser.add_argument("folder", type=Path, help="where the packages are, or will be")
    parser.add_argument("packages", nargs="*", metavar="PACKAGE", help="only these")
    chosen = parser.parse_args()
    table = tomli.loads(VERDICTS.read_text(encoding="utf-8"))
    versions: dict[str, str] = table["packages"]
    unknown = set(chosen.packages) - versions.keys()
    if unknown:
        parser.error(f"no verdicts on {', '.join(sorted(unknown))}")
    names = chosen.packages or list(versions)
    found: list[tuple[str, str, str]] = []
    for name in names:
        folder = fetched(chosen.folder, name, versions[name])
        found += [(name, *report) for report in reports(folder)]
        print(f"{name} {versions[name]}: checked", file=sys.stderr, flush=True)
    compared = compare(found, [read for read in verdicts(table) if read.package in names])
    print(shown(compared))
    return 1 if compared.new or compared.gone or not all(r.true for r in compared.known) else 0


def verdicts(table: dict[str, object]) -> list[Read]:
    """Read the verdicts: by package and rule, the places of true and of wrong reports."""
    found = []
    for verdict, true in (("true", True), ("false", False)):
        packages = table.get(verdict, {})
        assert isinstance(packages, dict)
        for package, rules in packages.items():
            for rule, places in rules.items():
                found += [Read(package, place, rule, true) for place in places]
    return found


def compare(found: Iterable[tuple[str, str, str]], known: Iterable[Read]) -> Comparison:
    """Put reports (package, place, rule) beside verdicts; one place may have several."""
    left = Counter(found)
    kept, gone = [], []
    for read in known:
        key = read[:3]
        if left[key]:
            left[key] -= 1
            kept.append(read)
        else:
            gone.append(read)
    return Comparison(kept, sorted(left.elements()), gone)


def shown(compared: Comparison) -> str:
    """Render the table of verdicts by rule, what is new and what is gone."""
    rules = sorted({read.rule for read in compared.known})
    lines = ["rule     read  true  false  packages"]
    for rule in rules:
        read = [one for one in compared.known if one.rule == rule]
        true = sum(one.true for one in read)
        packages = Counter(one.package for one in read)
        where = ", ".join(f"{name} {count}" for name, count in sorted(packages.items()))
        lines.append(f"{rule} {len(read):6} {true:5} {len(read) - true:6}  {where}")
    true = sum(one.true for one in compared.known)
    lines.append(f"all    {len(compared.known):6} {true:5} {len(compared.known) - true:6}")
    lines += [f"not read: {rule} {package} {place}" for package, place, rule in compared.new]
    lines += [f"gone: {read.rule} {read.package} {read.place}" for read in compared.gone]
    return "\n".join(lines)


def reports(folder: Path) -> list[tuple[str, str]]:
    """Check a folder with the default rules; gives `path:line` and rule of each report."""
    command = [sys.executable, "-m", "flask_gotchas", "--isolated", "--no-cache"]
    done = subprocess.run(
        [*command, "--output-format", "json", "."], check=False, cwd=folder, capture_output=True
    )
    if done.returncode not in {0, 1}:
        raise SystemExit(f"{folder}: {done.stderr.decode(errors='replace')}")
    found = json.loads(done.stdout)["diagnostics"]
    return [(f"{one['filename']}:{one['line']}", one["code"]) for one in found]


def fetched(folder: Path, name: str, version: str) -> Path:
    """Give the folder of a package, downloaded and unpacked if it is not there."""
    place = folder / name
    if place.is_dir():
        return place
    with tempfile.TemporaryDirectory(dir=_made(folder)) as temporary:
        base = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", temporary]
        wheel = ["--python-version", "3.12", "--only-binary", ":all:"]
        source = ["--no-binary", ":all:"]
        for options in (wheel, source):
            if not subprocess.run([*base, *options, f"{name}=={version}"], check=False).returncode:
                break
        archives = [path for path in Path(temporary).iterdir() if path.is_file()]
        if len(archives) != 1:
            raise SystemExit(f"{name} {version} cannot be fetched")
        unpacked = Path(temporary, "unpacked")
        if archives[0].suffix in {".whl", ".zip"}:
            zipfile.ZipFile(archives[0]).extractall(unpacked)
        else:
            with tarfile.open(archives[0]) as archive:
                archive.extractall(unpacked, filter="data")
        unpacked.rename(place)
    return place


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


if __name__ == "__main__":
    sys.exit(main())
