"""Nest and repeat all that can be, to any depth: each is checked, or refused with a reason.

    python tests/fuzz/nesting.py
    python tests/fuzz/nesting.py --how fix flake8 --depths 99 3000 30000 --shapes lambda elif

Each input has a process of its own, which may neither die nor work for longer than some seconds.
What flake8 does not survive without the plugin is not held against it. The status is 1 if one
fails.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import resource
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from flask_gotchas import cli

if TYPE_CHECKING:
    from collections.abc import Callable

LIMIT = 20.0  # seconds of the processor
DEPTHS = (10, 50, 99, 150, 300, 1_000, 3_000, 10_000, 30_000, 100_000)
# Python itself takes a hundred levels of indentation, and time by the square of their number.
MOST_INDENTED = 2_000
HEAD = """\
from flask import Flask, request, url_for
app = Flask(__name__)
@app.route('/x')
def x(a):
    return url_for('y', z=a)
"""
FLAKE8 = "[flake8]\njobs = 1\nselect = FLG,E9,F\n"
PLUGIN = "[flake8:local-plugins]\nextension = FLG = flask_gotchas.flake8_plugin:Plugin\n"


def around(before: str, after: str, inner: str = "url_for('y')") -> Callable[[int], str]:
    return lambda depth: f"v = {before * depth}{inner}{after * depth}\n"


def repeated(text: str, start: str = "", end: str = "\n") -> Callable[[int], str]:
    return lambda depth: f"{start}{text * depth}{end}"


def indented(*lines: str) -> Callable[[int], str]:
    def make(depth: int) -> str:
        depth = min(depth, MOST_INDENTED)
        blocks = [" " * level + lines[level % len(lines)] + "\n" for level in range(depth)]
        return "".join(blocks) + " " * depth + "app.run()\n"

    return make


def in_case(before: str, after: str = "", inner: str = "a") -> Callable[[int], str]:
    return lambda depth: f"match app:\n    case {before * depth}{inner}{after * depth}: pass\n"


SHAPES: dict[str, Callable[[int], str]] = {
    "and": repeated(" and a", "v = a"),
    "annotation": lambda depth: f"v: {'a[' * depth}int{']' * depth} = 1\n",
    "arguments": repeated("a, ", "url_for(", ")\n"),
    "assignments": repeated("v = ", "", "1\n"),
    "attributes": repeated(".config", "v = app"),
    "await": lambda depth: f"async def f():\n    {around('await (', ')')(depth)}",
    "backslashes": repeated("\\\n", "v = ", "1\n"),
    "braces": around("{", "}"),
    "brackets": around("[", "]"),
    "brackets left open": repeated("(", "v = "),
    "call of call": repeated("(1)", "v = app"),
    "calls": around("url_for('x', a=", ")"),
    "cases": repeated("    case 1: pass\n", "match app:\n"),
    "classes": indented("class C:"),
    "comments": repeated("# flask noqa\n"),
    "comparison": repeated(" < a", "v = a"),
    "comprehension": around("[a for a in ", "]"),
    "comprehension, for": repeated(" for a in b", "v = [a", "]\n"),
    "comprehension, if": repeated(" if a", "v = [a for a in b", "]\n"),
    "conditional": around("url_for('y') if a else ", ""),
    "decorators": repeated("@app.route('/y')\n", "", "def y(): pass\n"),
    "decorator of calls": repeated(".get('/x')", "@app", "\ndef y(): pass\n"),
    "dictionaries": around("{1: ", "}"),
    "elif": repeated("elif request.method == 'POST': pass\n", "if a: pass\n"),
    "else": indented("if a: pass", "else:"),
    "exceptions": repeated("except Exception: pass\n", "try: pass\n"),
    "f-strings": around("f'{", "}'", "app"),
    "f-strings, format": around("{app:", "}", "f'x'"),
    "f-strings in a row": repeated("f'{app}' ", "v = "),
    "functions": indented("def f():", "async def g():"),
    "import": repeated(".a", "import flask"),
    "import from": repeated(".a", "from flask", " import b\n"),
    "lambda": around("lambda: ", ""),
    "lambda, default": around("lambda a=", ": 1", "1"),
    "list": repeated("1,", "v = [", "]\n"),
    "loops": indented("for a in b:", "while a:"),
    "many operators": repeated(" | a*b*c << -d + e", "v = 1"),
    "method calls": repeated(".get('/x', 1, 2, 3)", "v = app"),
    "minus": around("-", ""),
    "not": around("not ", ""),
    "or": repeated(" and a or b", "v = a"),
    "parameters": lambda depth: f"def f({', '.join(f'a{n}' for n in range(depth))}): pass\n",
    "parentheses": around("(", ")"),
    "pattern, alternatives": in_case("1 | "),
    "pattern, attributes": lambda depth: in_case("", "", "a" + ".b" * depth)(1),
    "pattern, classes": in_case("A(", ")"),
    "pattern, mappings": in_case("{1: ", "}"),
    "pattern, parentheses": in_case("(", ")"),
    "pattern, sequences": in_case("[", "]"),
    "plus": repeated(" + 'a'", "v = 'a'"),
    "power": repeated(" ** 2", "v = 2"),
    "quotes": repeated("''", "v = "),
    "route": lambda depth: f"@app.get('/{'<a>/' * depth}')\ndef y(a): pass\n",
    "routes": lambda depth: "".join(
        f"@app.get('/{n}')\ndef v{n}(): return url_for('v{n}')\n" for n in range(min(depth, 3_000))
    ),
    "semicolons": repeated("app.x; "),
    "slices": around("app[1:", "]", "2"),
    "stars": around("*[", "]", ""),
    "strings": repeated("'a' ", "v = "),
    "subscripts": repeated("['x']", "v = app.config"),
    "try": indented("try:"),
    "tuples": around("(", ",)"),
    "type parameter": lambda depth: f"class A[T: {'a[' * depth}int{']' * depth}]: pass\n",
    "walrus": around("(w := ", ")"),
    "with": indented("with a:"),
    "with many": repeated("app.app_context(), ", "with ", "b: pass\n"),
    "yield": lambda depth: f"def f():\n    {around('(yield ', ')')(depth)}",
}


class End(NamedTuple):
    """How a process ended, after how many seconds of the processor, and what it said."""

    status: int
    seconds: float
    text: str

    @property
    def problem(self) -> str:
        """What is wrong with it; empty if nothing is."""
        if self.status not in (0, 1):
            return f"status {self.status}"
        if self.seconds > LIMIT:
            return f"{self.seconds:.0f} s"
        return "internal error" if "FLG000" in self.text else ""


def start(work: Callable[[], int]) -> End:
    """Do some work in a process of its own."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        limit = int(3 * LIMIT)
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
        said_by_child = io.BytesIO()
        text = io.TextIOWrapper(said_by_child, "utf-8", "replace", write_through=True)
        status = 99
        with (
            contextlib.redirect_stdout(text),
            contextlib.redirect_stderr(text),
            contextlib.suppress(Exception),
        ):
            status = work()
        os.write(writer, said_by_child.getvalue()[:60_000])
        os._exit(status)
    os.close(writer)
    with open(reader, "rb") as file:
        said = file.read().decode("utf-8", "replace")
    _, code, used = os.wait4(child, 0)
    return End(os.waitstatus_to_exitcode(code), used.ru_utime + used.ru_stime, said)


def by_command(*arguments: str) -> Callable[[], End]:
    return lambda: start(lambda: cli.main(["x.py", "-n", "-j1", "--select", "ALL", *arguments]))


def by_flake8() -> End:
    from flake8.main.cli import main as flake8  # type: ignore[import-untyped]

    def with_settings(text: str) -> End:
        Path("flake8.cfg").write_text(text)
        return start(lambda: int(flake8(["--config", "flake8.cfg", "x.py"])))

    end = with_settings(FLAKE8 + PLUGIN)
    without = with_settings(FLAKE8) if end.problem else end
    is_own_fault = end.problem and without.problem == end.problem
    return without._replace(status=0, seconds=0) if is_own_fault else end


WAYS: dict[str, Callable[[], End]] = {
    "command": by_command(),
    "diff": by_command("--diff", "--unsafe-fixes"),
    "fix": by_command("--fix", "--unsafe-fixes"),
    "flake8": by_flake8,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--how", nargs="*", choices=WAYS, default=["command"])
    parser.add_argument("--depths", nargs="*", type=int, default=DEPTHS)
    parser.add_argument("--shapes", nargs="*", choices=SHAPES, default=list(SHAPES))
    chosen = parser.parse_args()
    tried = refused = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        Path("pyproject.toml").touch()
        for shape in chosen.shapes:
            for depth in chosen.depths:
                for how in chosen.how:
                    Path("x.py").write_text(HEAD + SHAPES[shape](depth))
                    end = WAYS[how]()
                    tried += 1
                    refused += "FLG001" in end.text
                    if end.problem:
                        failed += 1
                        print(f"{shape}, {depth}, {how}: {end.problem}", flush=True)
    print(f"{tried} tried, {refused} of them refused, {failed} failed")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
