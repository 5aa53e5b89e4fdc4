"""Measure missed alarms: plant mistakes in correct code, one at a time, and see who reports them.

    python tests/planting/plant.py [FOLDER ...] [--most N] [--only FLG101,...] [--misses]

Without a folder the apps under `fixtures/projects` and the good examples of the documents get the
mistakes. Code in folders is copied first and never changed.

No mistake is made for FLG209, FLG407, FLG506 and FLG611, because correct code has no place for it.
"""

from __future__ import annotations

import argparse
import collections
import random
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parent.parent)]

import mistakes_requests  # noqa: E402, F401 - these register their operators
import mistakes_routes  # noqa: E402, F401
import mistakes_setup  # noqa: E402, F401
from places import OPERATORS, Change, Operator, Project  # noqa: E402
from support import all_fixtures  # noqa: E402

from flask_gotchas import docs, settings  # noqa: E402
from flask_gotchas.cache.folder import CacheFolder  # noqa: E402
from flask_gotchas.run import run  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from flask_gotchas.model import Diagnostic

NEAR = 4  # so many lines from the changed ones a report is still about them
# What is true as well once a mistake has been made.
CONSEQUENCES = {
    "FLG102": {"FLG802"},
    "FLG101": {"FLG305", "FLG802"},
    "FLG106": {"FLG107"},
    "FLG107": {"FLG101", "FLG102"},
    "FLG108": {"FLG105"},
    "FLG109": {"FLG104", "FLG507"},
    "FLG112": {"FLG101", "FLG305", "FLG802"},
    "FLG113": {"FLG305"},
    "FLG114": {"FLG105", "FLG108", "FLG118"},
    "FLG116": {"FLG104"},
    "FLG301": {"FLG305"},
    "FLG501": {"FLG104"},
    "FLG504": {"FLG108"},
}
_MARK = "pyproject.toml"


class Planting(NamedTuple):
    """A change of one file of a project."""

    operator: Operator
    path: str
    change: Change


class Result(NamedTuple):
    """What came of a planted mistake: whether its rule reports it, and what others say newly."""

    planting: Planting
    is_found: bool
    others: tuple[str, ...]


class Field:
    """A folder of correct code in which mistakes can be planted, one after the other."""

    def __init__(self, name: str, folder: Path, cache: Path) -> None:
        self.name = name
        self.folder = folder
        self._settings = settings.load(folder, {"select": "ALL", "ignore": "FLG002"}, isolated=True)
        self._cache = CacheFolder(str(cache))
        self.project = Project(folder)
        self._before = collections.Counter(map(_identity, self._reports()))

    def plantings(self, operator: Operator, most: int) -> list[Planting]:
        """Pick places for an operator, the same ones at each run."""
        found = []
        for source in self.project.sources if operator.find else ():
            assert operator.find is not None
            found += [Planting(operator, source.path, one) for one in operator.find(source)]
        for template in self.project.templates if operator.find_in_template else ():
            assert operator.find_in_template is not None
            found += [
                Planting(operator, template.path, one)
                for one in operator.find_in_template(template)
            ]
        if len(found) <= most:
            return found
        return random.Random(f"{self.name} {operator.name}").sample(found, most)

    def plant(self, planting: Planting) -> Result:
        """Check the folder with one mistake in it, and take that out again."""
        path = Path(planting.path)
        before = path.read_bytes()
        path.write_text(planting.change.make(), encoding="utf-8", newline="")
        try:
            left = self._before.copy()
            new = []
            for found in self._reports():
                if left[_identity(found)] > 0:
                    left[_identity(found)] -= 1
                else:
                    new.append(found)
        finally:
            path.write_bytes(before)
        right = [found for found in new if _is_expected(found, planting)]
        codes = {planting.operator.code, *CONSEQUENCES.get(planting.operator.code, ())}
        others = tuple(
            f"{found.code} {Path(found.location.path).name}:{found.location.line} {found.message}"
            for found in new
            if found not in right and found.code not in codes
        )
        return Result(planting, bool(right), others)

    def _reports(self) -> tuple[Diagnostic, ...]:
        return run([str(self.folder)], self._settings, cache=self._cache).diagnostics


def _identity(found: Diagnostic) -> tuple[str, ...]:
    return found.code, found.location.path, found.message


def _is_expected(found: Diagnostic, planting: Planting) -> bool:
    change = planting.change
    if found.code not in {planting.operator.code, change.instead}:
        return False
    is_near = change.first - NEAR <= found.location.line <= change.last + NEAR
    return change.elsewhere or (is_near and found.location.path == planting.path)


def fixture_projects() -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield the names and files of the apps that are fixtures."""
    for fixture in all_fixtures():
        if fixture.code is None:
            yield fixture.name.removeprefix("projects/"), fixture.files


def good_examples() -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield the names and files of the good examples."""
    for doc in docs.all_docs():
        for example in doc.examples():
            if example.kind == "good":
                yield f"{doc.meta.code}:{example.line_in_doc}", example.files


def field_of(name: str, files: Mapping[str, str], parent: Path) -> Field:
    """Write files to a folder of their own and make a field of it."""
    folder = parent / name.replace(":", "-")
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="")
    if _MARK not in files:
        (folder / _MARK).write_text("[project]\ndependencies = ['flask>=3']\n", encoding="utf-8")
    return Field(name, folder, parent / f"{folder.name}.cache")


def copied(folder: Path, parent: Path) -> Field:
    """Copy a folder and make a field of the copy."""
    copy = parent / folder.name
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("node_modules", "static", ".git"))
    return Field(folder.name, copy, parent / f"{folder.name}.cache")


def results(field: Field, operators: Iterable[Operator], most: int) -> Iterator[Result]:
    """Plant all mistakes in a folder, one at a time."""
    for operator in operators:
        for planting in field.plantings(operator, most):
            yield field.plant(planting)


def table(found: Iterable[Result]) -> str:
    """Show for each operator how many of its mistakes were found, and how many with others."""
    counts: dict[tuple[str, str], list[int]] = {}
    for result in found:
        operator = result.planting.operator
        count = counts.setdefault((operator.code, operator.name), [0, 0, 0, 0])
        count[0] += 1
        count[1 if result.is_found else 2] += 1
        count[3] += bool(result.others)
    rows = [("rule", "mistake", "planted", "found", "missed", "with others")]
    rows += [(*key, *map(str, count)) for key, count in sorted(counts.items())]  # type: ignore[misc]
    total = [sum(count[at] for count in counts.values()) for at in range(4)]
    rows.append(("all", "", *map(str, total)))  # type: ignore[arg-type]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def main(arguments: Collection[str] | None = None) -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--most", type=int, default=3, help="places for each mistake and folder")
    parser.add_argument("--only", default="", help="codes of rules or names of mistakes")
    parser.add_argument(
        "--misses", action="store_true", help="list what was missed and what else came"
    )
    chosen = parser.parse_args(arguments and list(arguments))
    only = set(filter(None, chosen.only.split(",")))
    operators = [one for one in OPERATORS if not only or only & {one.code, one.name}]
    operators.sort(key=lambda one: one.code)
    everything: list[Result] = []
    with tempfile.TemporaryDirectory() as parent:
        fields: Iterable[Field]
        if chosen.folders:
            fields = (copied(folder.resolve(), Path(parent)) for folder in chosen.folders)
        else:
            given = [*fixture_projects(), *good_examples()]
            fields = (field_of(name, files, Path(parent)) for name, files in given)
        for field in fields:
            here = list(results(field, operators, chosen.most))
            everything += here
            if chosen.folders:
                print(f"\n{field.name}\n{table(here)}", flush=True)
            for result in here if chosen.misses else ():
                _tell(field, result)
    print(f"\n{table(everything)}")


def _tell(field: Field, result: Result) -> None:
    operator, path, change = result.planting
    place = f"{field.name}/{Path(path).relative_to(field.folder)}:{change.first}-{change.last}"
    if not result.is_found:
        print(f"MISSED {operator.code} {operator.name} {place}")
    for other in result.others:
        print(f"OTHER {operator.code} {operator.name} {place}: {other}")


if __name__ == "__main__":
    main()
