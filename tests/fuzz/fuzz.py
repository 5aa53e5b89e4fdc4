"""Try odd inputs of all kinds: nothing may crash, hang or be lost.

    python tests/fuzz/fuzz.py --seconds 60
    python tests/fuzz/fuzz.py --kinds templates settings --seed 7 --count 500
    python tests/fuzz/fuzz.py --files /usr/lib/python3/dist-packages

The first two try made-up inputs, the last one all Python files of some folders, as if each spoke of
Flask. What fails is written to a folder, and the status is 1. A made-up input is known by its kind,
the seed and its number, so that it can be tried again.
"""

from __future__ import annotations

import argparse
import ast
import collections
import contextlib
import gc
import io
import os
import random
import re
import shutil
import signal
import sys
import tempfile
import time
import tokenize
import traceback
import warnings
import zlib
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(1, str(Path(__file__).resolve().parents[2]))

from support import FIXTURES

from flask_gotchas import disk
from flask_gotchas import settings as settings_module
from flask_gotchas.__main__ import main as command
from flask_gotchas.deployment import find_starts
from flask_gotchas.editing import FileEditor, NoFix
from flask_gotchas.flask_version import VersionReader
from flask_gotchas.guard import ask_python
from flask_gotchas.rule import all_rules
from flask_gotchas.run import check_sources, check_text
from flask_gotchas.settings import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

LIMIT = 20.0  # seconds of the processor, which may have other work

APP = "from flask import Flask\napp = Flask(__name__)\n@app.get('/x')\ndef x(): pass\n"
RUN = "if __name__ == '__main__':\n    app.run(debug=True)\n"


class FailedError(Exception):
    """The tool did what it must not do."""


class _HangError(BaseException):
    """No handler of the tool may take this for an error of its own."""


def checked(files: dict[str, bytes]) -> None:
    """Check files as one project with every rule."""
    report = check_sources(files, rules=frozenset(all_rules()))
    if report.internal_error:
        broken = [found.message for found in report.diagnostics if found.code == "FLG000"]
        raise FailedError(f"internal error: {broken}")


# Making inputs


def _texts(pattern: str) -> list[str]:
    texts = [path.read_text(encoding="utf-8") for path in sorted(FIXTURES.rglob(pattern))]
    return [text for text in texts if text]


_PYTHON = _texts("*.py")
_TEMPLATES = _texts("*.html")
_TOKENS = (
    "(", ")", "[", "]", "{", "}", ":", ",", ".", "=", "==", "*", "**", "@", "->", ":=",
    "\n", "\n    ",
    "\t", "\\\n",
    "'", '"', "'''", "f'{", "}'", "b''", "rt''", "lambda: ", "await ", "async ", "yield ",
    "def f():", "class C:", "return ", "if ", "else ", "for x in ", "match x:\n",
    "case [", "import ",
    "from flask import *\n", "from . import x\n", "__name__", "None", "...", "-", "not ",
    "\0", "\f",
    "\x1b[31m", "\u202e", "\ud800", "\ufeff", "é", "名", "0x", "1_000", "9" * 5000, "%s",
    "{}", "<int:x>",
    "methods=", "**{'a': 1}", "*[1]", "# noqa", "# noqa: FLG999", "# type: ignore", "global app\n",
    "@app.route('/<')\n", "app.config[", "url_for('", "del app\n", "app = app\n", "nonlocal x\n",
)  # fmt: skip


def mutated(rng: random.Random, texts: list[str]) -> bytes:
    """Take a text and delete, repeat, swap, splice or insert in some places."""
    text = rng.choice(texts)
    for _ in range(rng.choice((1, 1, 2, 3, 8, 30))):
        start = rng.randrange(len(text) + 1)
        end = min(len(text), start + rng.choice((1, 1, 3, 10, 80)))
        what = rng.randrange(6)
        if what == 0:
            text = text[:start] + text[end:]
        elif what == 1:
            text = text[:end] + text[start:end] * rng.choice((1, 1, 2, 50)) + text[end:]
        elif what == 2:
            text = text[:start] + rng.choice(_TOKENS) + text[start:]
        elif what == 3:
            text = text[:start] + rng.choice(_TOKENS) + text[end:]
        elif what == 4:
            other = rng.choice(texts)
            cut = rng.randrange(len(other))
            text = text[:start] + other[cut : cut + rng.choice((10, 100, 1000))] + text[end:]
        else:
            lines = text.splitlines(keepends=True)
            rng.shuffle(lines)
            text = "".join(lines[: rng.randrange(len(lines) + 1)]) if rng.random() < 0.2 else text
    data = text.encode("utf-8", "surrogatepass")
    return data if rng.random() < 0.9 else noisy(rng, data)


def noisy(rng: random.Random, data: bytes) -> bytes:
    """Set some bytes to anything."""
    changed = bytearray(data or b" ")
    for _ in range(rng.choice((1, 5, 50))):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def still_python(rng: random.Random, text: str) -> str:
    """Delete, repeat and swap tokens where what comes out is Python, too."""
    for _ in range(rng.choice((1, 3, 10, 30))):
        with contextlib.suppress(SyntaxError, tokenize.TokenError, ValueError, RecursionError):
            changed = _other_tokens(rng, text)
            ast.parse(changed)
            text = changed
    return text


def _other_tokens(rng: random.Random, text: str) -> str:
    lines = [0, *accumulate(map(len, text.splitlines(keepends=True)))]
    spans = [
        (lines[token.start[0] - 1] + token.start[1], lines[token.end[0] - 1] + token.end[1])
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.string.strip()
    ]
    if not spans:
        return text
    (start, end), (other_start, other_end) = sorted(rng.choices(spans, k=2))
    one, other = text[start:end], text[other_start:other_end]
    what = rng.randrange(4)
    if what == 0:
        return text[:start] + text[end:]
    if what == 1:
        return f"{text[:end]} {one}{text[end:]}"
    if what == 2:
        return f"{text[:start]}{rng.choice(_TOKENS)}{text[end:]}"
    if end > other_start:
        return text
    return text[:start] + other + text[end:other_start] + one + text[other_end:]


_FIELDS: dict[str, list[Any]] = {
    "identifier": ["app", "bp", "request", "session", "f", "x", "g", "Flask", "url_for", "self"],
    "string": [
        "app",
        "route",
        "config",
        "get",
        "args",
        "register_blueprint",
        "run",
        "x",
        "methods",
    ],
    "int": [0, 1, 2],
    "constant": ["/x", "/<int:x>", "GET", "", 0, 1.5, None, True, b"x", ..., "SECRET_KEY", 10**50],
}
_CATEGORIES = ("expr", "stmt", "operator", "unaryop", "boolop", "cmpop", "pattern")
_NODES = {
    name: [cls for cls in getattr(ast, name).__subclasses__() if cls.__name__[0].isupper()]
    for name in _CATEGORIES
}
_LEAVES = {"expr": ast.Name, "stmt": ast.Pass, "pattern": ast.MatchAs}


def grown(rng: random.Random, kind: type[Any], depth: int) -> Any:
    """Make a random node; many are no Python, which `ast.unparse` may notice or not."""
    values: dict[str, Any] = {}
    shape = (kind.__doc__ or "").partition("(")[2].partition(")")[0]
    for item in filter(None, shape.split(", ")):
        kind_name, name = item.split(" ")
        base, mark = kind_name.rstrip("?*"), kind_name[-1]
        if mark == "?" and rng.random() < 0.5:
            values[name] = None
        elif mark == "*":
            count = rng.choice((0, 1, 1, 2)) or (name in {"body", "targets", "names", "values"})
            values[name] = [_field(rng, base, depth) for _ in range(count)]
        else:
            values[name] = _field(rng, base, depth)
    return kind(**values)


def _field(rng: random.Random, base: str, depth: int) -> Any:
    if base in _FIELDS:
        return rng.choice(_FIELDS[base])
    if base == "expr_context":
        return ast.Load()
    if base in _NODES:
        leaf = _LEAVES.get(base)
        if leaf is not None and (depth <= 0 or rng.random() < 0.2):
            return grown(rng, leaf, 0) if leaf is not ast.MatchAs else ast.MatchAs()
        return grown(rng, rng.choice(_NODES[base]), depth - 1)
    return grown(rng, getattr(ast, base), depth - 1)


def generated(rng: random.Random) -> bytes:
    """Write random trees out, as statements of an application."""
    parts = [APP]
    while len(parts) < 12:
        with contextlib.suppress(Exception):
            tree = grown(rng, rng.choice(_NODES["stmt"]), rng.randrange(1, 6))
            text = ast.unparse(ast.fix_missing_locations(tree))
            if rng.random() < 0.8:
                ast.parse(text)
            parts.append(f"{text}\n")
    return "".join(parts).encode("utf-8", "surrogatepass")


# Kinds of inputs


def code(rng: random.Random, folder: Path) -> None:
    """Check damaged Python files, several in one project, and one by itself as flake8 does."""
    files = {f"{name}.py": mutated(rng, _PYTHON) for name in ("app", "views", "pkg/__init__")}
    checked(files)
    text = files["app.py"].decode("utf-8", "replace")
    with contextlib.suppress(SyntaxError, ValueError, RecursionError, MemoryError):
        _as_flake8(text, ast.parse(text), folder)


def trees(rng: random.Random, folder: Path) -> None:
    """Check Python that nobody would write."""
    data = generated(rng)
    checked({"app.py": data, "b.py": b"from app import *\n" + generated(rng)})
    with contextlib.suppress(SyntaxError, ValueError):
        _as_flake8(data.decode(), ast.parse(data), folder)


def mutants(rng: random.Random, folder: Path) -> None:
    """Check and fix Python that is nearly what is meant to be found, or fixed."""
    sources = {f"{name}.py": still_python(rng, rng.choice(_PYTHON)) for name in ("app", "views")}
    checked({name: text.encode("utf-8", "surrogatepass") for name, text in sources.items()})
    (folder / "pyproject.toml").write_text("")
    for name, text in sources.items():
        (folder / name).write_bytes(text.encode("utf-8", "replace"))
    before = {path: _parses(path) for path in folder.glob("*.py")}
    with _no_fix_crashes():
        _run(folder, "--diff", "--unsafe-fixes", "--no-cache", "--select", "ALL")
        _run(folder, "--fix", "--unsafe-fixes", "--no-cache", "--select", "ALL")
    broken = [path.name for path, parsed in before.items() if parsed and not _parses(path)]
    if broken:
        raise FailedError(f"a fix has broken {broken}")
    if "Would fix 0 " not in _run(folder, "--diff", "--unsafe-fixes", "--select", "ALL")[2]:
        raise FailedError("there is more to fix after all has been fixed")


def _parses(path: Path) -> bool:
    return isinstance(ask_python(path.read_text("utf-8")), ast.Module)


@contextlib.contextmanager
def _no_fix_crashes() -> Iterator[None]:
    """Raise what a fix raises, which is no more than a fix that is missing for whoever wants it."""
    edits = FileEditor.edits
    crashes: list[Exception] = []

    def noting(self: FileEditor, make: Any) -> Any:
        try:
            return edits(self, make)
        except NoFix:
            raise
        except Exception as error:
            crashes.append(error)
            raise

    FileEditor.edits = noting  # type: ignore[method-assign]
    try:
        yield
    finally:
        FileEditor.edits = edits  # type: ignore[method-assign]
    if crashes:
        raise FailedError("a fix has crashed") from crashes[0]


def _as_flake8(text: str, tree: ast.Module, folder: Path) -> None:
    found = check_text(str(folder / "app.py"), text, settings_module.Settings(root="."), tree)
    if any(report.code == "FLG000" for report in found):
        raise FailedError(f"internal error: {[report.message for report in found]}")


def noise(rng: random.Random, folder: Path) -> None:
    """Check bytes that are no Python at all."""
    start = rng.choice((
        b"", b"from flask import Flask\n", b"\xef\xbb\xbf", b"# coding: latin-1\nflask\n",
        b"# coding: utf-16\nflask\n", b"# coding: rot13\nflask\n", b"\xff\xfef\x00l\x00",
        b"# coding: utf-7\nflask +2AA-\n", b"# coding: idna\nflask\n",
    b"# coding: punycode\nflask\n",
    ))  # fmt: skip
    checked({"app.py": start + rng.randbytes(rng.choice((1, 10, 1000)))})


def templates(rng: random.Random, folder: Path) -> None:
    """Check damaged templates beside an application that uses them."""
    app = "from flask import Flask, render_template\napp = Flask(__name__)\n@app.get('/')\n"
    app += "def a(): return render_template('a.html')\n"
    files = {f"templates/{name}.html": mutated(rng, _TEMPLATES) for name in "ab"}
    checked({"app.py": app.encode(), **files})


_DEPLOYMENT = {
    "Procfile": "web: FLASK_DEBUG=1 flask --app app run --debug\nweb: gunicorn 'app:app' -w 2\n",
    "Dockerfile": "FROM python AS a\nWORKDIR /app\nCOPY . .\nENV FLASK_DEBUG=1\n"
    'CMD ["python", "app.py"]\n',
    "docker-compose.yml": "services:\n  web: &w\n    command: python app.py\n    environment:\n"
    "      - FLASK_DEBUG=1\n  b:\n    <<: *w\n    build: {context: ., dockerfile: Dockerfile}\n",
    "app.service": "[Service]\nWorkingDirectory=/srv\nEnvironment=FLASK_DEBUG=1 A='b c'\n"
    "ExecStart=/bin/sh -c 'cd x && python app.py'\n",
    "uwsgi.ini": "[uwsgi]\nmodule = app:app\nenv = FLASK_DEBUG=1\n",
    "supervisord.conf": "[program:web]\ncommand=python app.py\ndirectory=%(here)s\n",
    "app.yaml": "entrypoint: python app.py\nenv_variables:\n  FLASK_DEBUG: '1'\n",
    "render.yaml": "services:\n  - type: web\n    startCommand: python app.py\n",
    "fly.toml": '[processes]\nweb = "python app.py"\n[env]\nFLASK_DEBUG = "1"\n',
    "railway.json": '{"deploy": {"startCommand": "python app.py"}}',
    "start.sh": "#!/bin/sh\nset -e\ncat <<EOF\nx\nEOF\nexec python ${APP:-app.py}\n",
}  # fmt: skip


def deployment(rng: random.Random, folder: Path) -> None:
    """Look for what damaged deployment files start."""
    (folder / "app.py").write_text(APP + RUN)
    for name, text in _DEPLOYMENT.items():
        (folder / name).write_bytes(mutated(rng, [text]))
    find_starts(str(folder))
    if rng.random() < 0.2:
        _run(folder)


_PINS = {
    "requirements.txt": "flask==2.2.5 ; python_version > '3'\n-r other.txt\nwerkzeug>=2,<3\n-e .\n",
    "other.txt": "-r requirements.txt\nFlask[async]~=3.0\n",
    "poetry.lock": '[[package]]\nname = "flask"\nversion = "2.3.1"\n',
    "uv.lock": 'version = 1\n[[package]]\nname = "flask"\nversion = "3.0"\n',
    "Pipfile.lock": '{"default": {"flask": {"version": "==2.2.2"}}}',
    "Pipfile": '[packages]\nflask = "*"\n',
    "setup.cfg": "[options]\ninstall_requires =\n    flask>=2\n",
    "setup.py": "from setuptools import setup\nsetup(install_requires=['flask>=2,<4'])\n",
    "pyproject.toml": '[project]\ndependencies = ["flask>=2.2"]\n[tool.poetry.dependencies]\n'
    'flask = {version = "^2.2", extras = ["async"]}\n',
}


def versions(rng: random.Random, folder: Path) -> None:
    """Ask damaged requirements and lock files which Flask they want."""
    for name, text in _PINS.items():
        if rng.random() < 0.7:
            (folder / name).write_bytes(mutated(rng, [text]))
    VersionReader(str(folder)).versions()


_KEYS = (*settings_module._TYPES, *(rule.name for rule in all_rules().values()), "x", "", "selct")
_VALUES = (
    "[]", '["ALL"]', '["FLG1", "FLG999"]', '"FLG"', "1", "-1", "true", "{}", '{"*.py" = ["FLG"]}',
    '["**/[", "{a,b}{c,d}", "\\\\"]', '["*a*a*a*a*b"]', '"3.0"', '"\\u001b[31m"',
    "1979-05-27", "nan",
    '{"[" = 1}', "[[1]]", '["' + "{a,b}" * 30 + '"]', '"json"', "99999999999999999999",
    '"' + "x" * 999 + '"',
)  # fmt: skip


def settings(rng: random.Random, folder: Path) -> None:
    """Run with settings that make no sense: they are refused in one line, or they are in force."""
    table = "".join(
        f'"{rng.choice(_KEYS)}" = {rng.choice(_VALUES)}\n' for _ in range(rng.randrange(4))
    )
    data = f"[tool.flask-gotchas]\n{table}".encode()
    (folder / "pyproject.toml").write_bytes(noisy(rng, data) if rng.random() < 0.2 else data)
    (folder / "app.py").write_text(APP + RUN)
    try:
        loaded = settings_module.load(str(folder), {})
        settings_module.validate(loaded, all_rules())
    except SettingsError as error:
        if not str(error).isprintable():
            raise FailedError(f"an unprintable complaint: {error!r}") from None
    if rng.random() < 0.3:
        _run(folder, "--jobs", "1")


def cache(rng: random.Random, folder: Path) -> None:
    """Run again after what is kept of the first run was damaged."""
    (folder / "pyproject.toml").write_text("")
    (folder / "app.py").write_text(APP + RUN)
    (folder / "b.py").write_text("from app import app\napp.config['debug'] = 1\n")
    expected = _run(folder)
    for path in (folder / ".flask_gotchas_cache").rglob("*"):
        if path.is_file() and rng.random() < 0.7:
            data = path.read_bytes()
            damage = rng.randrange(3)
            if damage == 0:
                data = data[: rng.randrange(len(data) + 1)]
            elif damage == 1:
                data = noisy(rng, data)
            elif damage == 2:
                data = rng.randbytes(rng.randrange(200))
            path.write_bytes(data)
    if _run(folder) != expected:
        raise FailedError("another answer with a damaged cache")
    for name, text in [("b.py", "# more\n"), ("app.py", "\n\ndef more():\n    return 1\n")]:
        with (folder / name).open("a") as file:
            file.write(text)
        if _run(folder) != _run(folder, "--no-cache"):
            raise FailedError("another answer after an edit")
    pattern = rng.choice(["report-*", "*-*"])
    for path in (folder / ".flask_gotchas_cache").glob(pattern):
        if pattern == "*-*" and path.name.startswith("report-"):
            path.unlink()  # the others would not be asked
            continue
        data = path.read_bytes()
        data = noisy(rng, data[: rng.randrange(len(data) + 1)] if rng.random() < 0.3 else data)
        # Somebody who means it makes the sum right.
        path.write_bytes(zlib.crc32(data[4:]).to_bytes(4, "big") + data[4:])
    for shown in _run(folder)[1:]:
        if not shown.replace("\n", "").isprintable():
            raise FailedError(f"an unprintable answer from a forged cache: {shown!r}")


def edits(rng: random.Random, folder: Path) -> None:
    """Edit a project of the fixtures again and again, and run with a cache and without."""
    kinds = [path for path in FIXTURES.iterdir() if path.is_dir()]
    projects = [*kinds, *(path for path in FIXTURES.joinpath("projects").iterdir())]
    shutil.copytree(rng.choice(sorted(projects)), folder, dirs_exist_ok=True)
    (folder / "pyproject.toml").write_text("")
    clock = disk._COARSEST_CLOCK
    disk._COARSEST_CLOCK = rng.choice((clock, 1_000_000))
    try:
        for _ in range(6):
            for _ in range(rng.choice((1, 1, 2))):
                _edit(rng, folder)
            time.sleep(0.003)
            if _run(folder) != _run(folder, "--no-cache"):
                raise FailedError("another answer with a cache after an edit")
    finally:
        disk._COARSEST_CLOCK = clock


def _edit(rng: random.Random, folder: Path) -> None:
    paths = [path for path in folder.rglob("*") if path.is_file() and "_cache" not in str(path)]
    path = rng.choice(sorted(paths))
    text = path.read_text(encoding="utf-8", errors="replace")
    lines = text.splitlines(keepends=True)
    how = rng.randrange(9)
    if how == 0:
        text = rng.choice(("\n", "# more\n", "\n\n")) + text
    elif how == 1 and lines:
        at = rng.randrange(len(lines))
        indent = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
        lines.insert(at, indent + rng.choice(("# more\n", "more = 1\n", "print(2)\n")))
        text = "".join(lines)
    elif how in (2, 3):
        words = sorted(set(re.findall(r"[a-z_]{3,}", text)))
        if words:
            word = rng.choice(words)
            text = re.sub(rf"\b{word}\b", rng.choice((f"{word}_x", rng.choice(words))), text)
    elif how == 4 and path.suffix == ".py":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            text = still_python(rng, text)
    elif how == 5:
        text = rng.choice(sorted(paths)).read_text(encoding="utf-8", errors="replace")
    elif how == 6 and len(paths) > 2:
        path.unlink()
        return
    elif how == 7:
        path = path.with_name(rng.choice(("more.py", "__init__.py", f"more{path.suffix}")))
    elif how == 8:
        path = folder / rng.choice(("pyproject.toml", "requirements.txt", "Procfile"))
        text = rng.choice(
            (
                *("", "flask==2.2\n", "flask>=3\n", "web: python app.py\n"),
                "[tool.flask-gotchas]\nignore = ['FLG1']\n",
                "[tool.flask-gotchas]\nselect = ['ALL']\n",
            )
        )
    path.write_text(text, encoding="utf-8")


def _run(folder: Path, *arguments: str) -> tuple[int, str, str]:
    """Run the command within this process, and give its status and what it writes."""
    out, errors = io.StringIO(), io.StringIO()
    with _in(folder):
        before = sys.argv
        sys.argv = ["flask-gotchas", ".", *arguments]
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
                status = command()
        finally:
            sys.argv = before
            gc.enable()
    if status not in (0, 1, 2) or "FLG000" in out.getvalue():
        raise FailedError(f"status {status}: {errors.getvalue()}")
    return status, out.getvalue(), errors.getvalue()


@contextlib.contextmanager
def _in(folder: Path) -> Iterator[None]:
    before = os.getcwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


KINDS: dict[str, Callable[[random.Random, Path], None]] = {
    kind.__name__: kind
    for kind in (
        code,
        mutants,
        trees,
        noise,
        templates,
        deployment,
        versions,
        settings,
        cache,
        edits,
    )
}


# Trying them


class Failure(NamedTuple):
    """An input by its name, and what it did."""

    name: str
    trace: str


@contextlib.contextmanager
def _no_longer_than(seconds: float) -> Iterator[None]:
    def stop(*_: object) -> None:
        raise _HangError

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def attempt(name: str, work: Callable[[], object]) -> Failure | None:
    """Do some work; give what went wrong, or None."""
    try:
        with _no_longer_than(LIMIT), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            work()
    except (Exception, _HangError):  # noqa: BLE001 - whatever it is, it is a failure
        return Failure(name, traceback.format_exc())
    return None


def attempt_kind(kind: str, seed: int, number: int) -> Failure | None:
    """Try one made-up input."""
    rng = random.Random(f"{kind} {seed} {number}")
    with tempfile.TemporaryDirectory() as folder:
        return attempt(f"{kind} {seed} {number}", lambda: KINDS[kind](rng, Path(folder)))


def attempt_file(path: Path) -> Failure | None:
    """Check a file as if it spoke of Flask, with the rules of flake8 and of a whole project."""
    data = path.read_bytes()
    # The word is added at the end, where it changes no line and no cookie.
    return attempt(str(path), lambda: checked({"app.py": data + b"\n# flask\n"}))


def main() -> int:
    """Try inputs as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kinds", nargs="*", choices=KINDS, default=list(KINDS))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--start", type=int, default=0, help="the number of the first input")
    parser.add_argument("--count", type=int, default=10**9, help="how many of each kind")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--files", nargs="*", type=Path, help="folders of Python files")
    parser.add_argument("--failures", type=Path, help="a file for what went wrong")
    chosen = parser.parse_args()
    tried: collections.Counter[str] = collections.Counter()
    failures = []
    end = time.monotonic() + chosen.seconds
    for kind, failure in _attempts(chosen):
        tried[kind] += 1
        if failure:
            failures.append(failure)
            print(failure.name, failure.trace.strip().splitlines()[-1], flush=True)
        if time.monotonic() > end:
            break
    for kind, count in tried.items():
        print(f"{kind}: {count} tried")
    print(f"all: {sum(tried.values())} tried, {len(failures)} failed")
    if chosen.failures and failures:
        chosen.failures.write_text("\n".join(f"{name}\n{trace}" for name, trace in failures))
    return bool(failures)


def _attempts(chosen: argparse.Namespace) -> Iterator[tuple[str, Failure | None]]:
    if chosen.files is not None:
        for path in _files(chosen.files):
            yield "files", attempt_file(path)
        return
    for number in range(chosen.start, chosen.start + chosen.count):
        for kind in chosen.kinds:
            yield kind, attempt_kind(kind, chosen.seed, number)


def _files(folders: Iterable[Path]) -> Iterator[Path]:
    for folder in folders:
        yield from sorted(path for path in folder.rglob("*.py") if path.is_file())


if __name__ == "__main__":
    sys.exit(main())
