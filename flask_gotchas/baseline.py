"""A list of the problems that were there already, so that only new ones are reported.

It lies in a JSON file: for each rule and path the fingerprints and how often each occurs. Paths are
relative to the folder of the file. Nothing of the code itself stands in it.
"""

from __future__ import annotations

import collections
import json
import os
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from flask_gotchas import files, fingerprints
from flask_gotchas.records import NamedTuple
from flask_gotchas.settings import absolute_path, path_matcher, selected
from flask_gotchas.ways import read_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import TypeAlias

    from flask_gotchas.model import Diagnostic, Report
    from flask_gotchas.settings import RuleInfo, Settings

    Key: TypeAlias = tuple[str, str, str]
    # Gives the text of a path, or None.
    Sources: TypeAlias = Callable[[str], str | None]

# What hides other problems is never accepted.
NEVER: Final = frozenset({"FLG000", "FLG001"})


class BaselineError(Exception):
    """A baseline that cannot be used; the text says which one and why."""


class Entry(msgspec.Struct, frozen=True, order=True):
    """Problems of a rule in a file that have the same fingerprint, and how many there are."""

    path: str
    code: str
    fingerprint: str
    count: int


class Document(msgspec.Struct, frozen=True):
    """The file. Its version changes with the way in which fingerprints are made."""

    version: Literal[1]
    entries: tuple[Entry, ...]


class Checked(NamedTuple):
    """What a run was about: the paths that it was given, settings, rules, and the text of files."""

    paths: Sequence[str]
    settings: Settings
    rules: Mapping[str, RuleInfo]
    sources: Sources


def accept(path: str, report: Report, checked: Checked) -> tuple[Report, list[str]]:
    """Write all problems into a baseline.

    Gives a report of what cannot be in one, and what to say. Raises BaselineError for a file that
    is something else, and OSError.
    """
    if os.path.exists(path):
        read(path)
    counted = collections.Counter(_keys(report.diagnostics, checked.sources, path))
    entries = [Entry(*key, count) for key, count in counted.items() if key[1] not in NEVER]
    write(path, entries)
    left = tuple(found for found in report.diagnostics if found.code in NEVER)
    written = len(report.diagnostics) - len(left)
    said = f"{path}: {_count(written, 'problem')} written, which --baseline leaves out."
    return msgspec.structs.replace(report, diagnostics=left), [said]


def apply(path: str, report: Report, checked: Checked) -> tuple[Report, list[str]]:
    """Take out of a report what a baseline has; of several that agree, the first ones.

    Entries that are known to be gone are removed from the file. Gives what is new, and what to say.
    Raises BaselineError, and OSError if it cannot be read.
    """
    entries = read(path)
    free = _counted(entries)
    keys = _keys(report.diagnostics, checked.sources, path)
    new = []
    for found, key in zip(report.diagnostics, keys, strict=True):
        if free[key] > 0 and found.code not in NEVER:
            free[key] -= 1
        else:
            new.append(found)
    said = []
    if known := len(report.diagnostics) - len(new):
        said.append(f"{path}: {_count(known, 'known problem')} left out.")
    gone = [Entry(*key, number) for key, number in free.items() if number > 0]
    # What cannot be read may hide a problem that is still there.
    if not any(found.code in NEVER for found in new):
        gone = list(_known_to_be_gone(gone, path, checked))
        if gone:
            said.append(_remove(gone, entries, path))
    return msgspec.structs.replace(report, diagnostics=tuple(new)), said


def read(path: str) -> list[Entry]:
    """Read a baseline; raises BaselineError, and OSError if it cannot be read."""
    try:
        return list(msgspec.json.decode(read_file(path), type=Document).entries)
    except FileNotFoundError:
        raise BaselineError(f"{path}: no such file; --write-baseline makes it") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BaselineError(f"{path}: this is no baseline: {error}") from None


def write(path: str, entries: Iterable[Entry]) -> None:
    """Write a baseline as a whole, or not at all; raises OSError."""
    rows = [json.dumps(msgspec.to_builtins(entry)) for entry in sorted(entries)]
    listed = ",".join(f"\n    {row}" for row in rows)
    end = "\n  " if rows else ""
    files.replace(path, f'{{\n  "version": 1,\n  "entries": [{listed}{end}]\n}}\n'.encode())


def _known_to_be_gone(entries: Iterable[Entry], path: str, checked: Checked) -> Iterator[Entry]:
    """Yield those entries without a problem whose file and rule were certainly checked.

    That is: the file lies in a folder that was given and is not excluded, and the rule was on. A
    run over single files, as before a commit, knows nothing of the others.
    """
    on = selected(checked.settings, checked.rules)
    excluded = path_matcher(checked.settings.exclude + checked.settings.extend_exclude)
    folders = [absolute_path(folder) for folder in checked.paths if os.path.isdir(folder)]
    for entry in entries:
        file = absolute_path(os.path.join(os.path.dirname(path), entry.path))
        for folder in folders if entry.code in on else ():
            below = _below(folder, file)
            if below and not any(map(excluded.matches, below)):
                yield entry
                break


def _remove(gone: Iterable[Entry], entries: Iterable[Entry], path: str) -> str:
    """Write a baseline without some entries, and give what to say about it."""
    left = _counted(entries)
    removed = _counted(gone)
    left.subtract(removed)
    number = sum(removed.values())
    try:
        write(path, (Entry(*key, count) for key, count in left.items() if count > 0))
    except OSError as error:
        return f"{path}: {_count(number, 'problem')} no longer there, but {error.strerror}."
    return f"{path}: {_count(number, 'problem')} no longer there, removed."


def _counted(entries: Iterable[Entry]) -> collections.Counter[Key]:
    counted: collections.Counter[Key] = collections.Counter()
    for entry in entries:
        counted[entry.path, entry.code, entry.fingerprint] += entry.count
    return counted


def _keys(diagnostics: Sequence[Diagnostic], sources: Sources, path: str) -> list[Key]:
    base = os.path.dirname(os.path.abspath(path))
    spelled = [_spelled(found.location.path, base) for found in diagnostics]
    marks = fingerprints.unnumbered(diagnostics, sources, spelled)
    codes = [found.code for found in diagnostics]
    return list(zip(spelled, codes, marks, strict=True))


def _spelled(path: str, base: str) -> str:
    """Spell a path as seen from a folder, with forward slashes."""
    try:
        path = os.path.relpath(path, base)
    except ValueError:  # on another drive
        path = os.path.abspath(path)
    # A name that is no Unicode would make a file that is no JSON.
    return path.replace(os.sep, "/").encode("utf-8", "backslashreplace").decode()


def _below(folder: str, file: str) -> list[str]:
    """List a file and the folders between it and a folder above it; nothing if there is none."""
    folder = folder.rstrip("/")
    if not file.startswith(f"{folder}/"):
        return []
    found = []
    while file != folder:
        found.append(file)
        file = file.rpartition("/")[0]
    return found


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
