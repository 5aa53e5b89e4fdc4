"""Say what each collector and each rule about one file adds to the walk over published code.

`python tests/benchmarks/listeners.py FOLDER` parses the files of the folder that have to do with
Flask and walks each of them with all listeners, with none, and with all but one at a time. What is
saved without a listener is what it costs; it is printed as a share of the parse, the dearest first.
All is measured for one file after another in an order by chance, so that a machine whose speed
drifts does no harm. What a listener asks first is in its price only if no other one asks it, too.
"""

from __future__ import annotations

import argparse
import random
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import libcst as cst

from flask_gotchas.analysis import CallDispatcher, no_collector
from flask_gotchas.context import FileContext
from flask_gotchas.facts.collector import Collector, collectors
from flask_gotchas.names import Names
from flask_gotchas.rule import FileRule, all_rules
from flask_gotchas.screen import is_relevant_bytes
from flask_gotchas.source import decode
from flask_gotchas.walk import Walk

if TYPE_CHECKING:
    from collections.abc import Iterable

Listener = type[Collector] | type[FileRule]
ALL = "all"
NONE = "none"


class Measured(NamedTuple):
    """Seconds of CPU for all files: the parse, and the walk with each set of listeners."""

    files: int
    parse: float
    walks: dict[str, float]


class Variant:
    """A walk with some listeners."""

    def __init__(self, listeners: list[Listener]) -> None:
        self._listeners = listeners
        self._walk = Walk([FileContext, CallDispatcher, *listeners])

    def run(self, tree: cst.Module, text: str) -> float:
        """Walk over a module and collect the facts; gives the seconds of CPU."""
        begin = time.process_time()
        names = Names(tree, text, "module", is_package=False)
        file = FileContext("module.py", names)
        made = [listener(file) for listener in self._listeners]
        self._walk.run(tree, [file, CallDispatcher(file, made), *made])
        for listener in made:
            if isinstance(listener, Collector):
                listener.facts()
        names.module_names()
        return time.process_time() - begin


def main() -> None:
    """Measure the files of the folder and print the table."""
    parser = argparse.ArgumentParser(description="Say what each collector and file rule costs.")
    parser.add_argument("folder", type=Path)
    measured = measure(sorted(parser.parse_args().folder.rglob("*.py")))
    if not measured.files:
        parser.error("no file there has to do with Flask")
    print(shown(measured))


def measure(paths: Iterable[Path]) -> Measured:
    """Parse and walk files, those left out that are no good Python or too deep for the stack."""
    rules = [rule for rule in all_rules().values() if issubclass(rule, FileRule)]
    everyone: list[Listener] = [*collectors(), *rules]
    variants = {ALL: Variant(everyone), NONE: Variant([])}
    for left_out in everyone:
        variants[left_out.__name__] = Variant([one for one in everyone if one is not left_out])
    walks = dict.fromkeys(variants, 0.0)
    files, parse = 0, 0.0
    for path in paths:
        data = path.read_bytes()
        if not is_relevant_bytes(data):
            continue
        with no_collector():
            try:
                text = decode(data)
                begin = time.process_time()
                tree = cst.parse_module(text)
                took = time.process_time() - begin
                variants[ALL].run(tree, text)  # whoever comes first pays for cold memory
            except (ValueError, cst.ParserSyntaxError, RecursionError):
                continue
            for name in random.sample(list(variants), len(variants)):
                walks[name] += variants[name].run(tree, text)
        files, parse = files + 1, parse + took
    return Measured(files, parse, walks)


def shown(measured: Measured) -> str:
    """Lay the table out: shares of the parse, of what all cost together and each alone."""
    walks = dict(measured.walks)
    everything, nothing = walks.pop(ALL), walks.pop(NONE)
    rows = [("the walk alone", nothing), ("with all listeners", everything)]
    rows += sorted(((name, everything - took) for name, took in walks.items()), key=_by_cost)
    lines = [f"{measured.files} files, parsed in {measured.parse:.1f} s; shares of that:"]
    lines += [f"{seconds / measured.parse:8.3f}  {name}" for name, seconds in rows]
    return "\n".join(lines)


def _by_cost(row: tuple[str, float]) -> float:
    return -row[1]


if __name__ == "__main__":
    main()
