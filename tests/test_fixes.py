"""Fixes: what they do to files, and what they leave alone."""

from __future__ import annotations

import ast
import functools
import io
import json
import re
import subprocess
import sys
from collections import defaultdict
from typing import TYPE_CHECKING

import libcst as cst
import pytest
from support import ROOT, Fixture, all_fixtures, check, fixed

from flask_gotchas import docs, files, fixes
from flask_gotchas.checks.route_method_mismatch import RouteMethodMismatch
from flask_gotchas.cli import main
from flask_gotchas.editing import FileEditor, NoFix
from flask_gotchas.model import Diagnostic, Edit, Fix, Location, Report, Severity
from flask_gotchas.rule import Fixing, all_rules
from flask_gotchas.run import check_sources
from flask_gotchas.unused_imports import removals

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FIXABLE = sorted(code for code, rule in all_rules().items() if rule.fixing is not None)
FIXTURES = [
    pytest.param(fixture, id=fixture.name) for fixture in all_fixtures() if fixture.code in FIXABLE
]
HEAD = "from flask import Flask, request\napp = Flask(__name__)\n"
# Safe to fix, and only suggested.
SAFE = f"""{HEAD}@app.route("/")
def index():
    if request.method == "POST":
        return "saved"
    return "form"
"""
SUGGESTED = f'{HEAD}if __name__ == "__main__":\n    app.run(debug=True)\n'


# -- documents


def test_documents_say_which_rules_have_a_fix() -> None:
    assert [doc.meta.code for doc in docs.all_docs() if doc.meta.fixable] == FIXABLE


@pytest.mark.parametrize("code", FIXABLE)
def test_a_document_shows_just_what_the_fix_does(code: str) -> None:
    doc = docs.load(code)
    option = "--fix" if all_rules()[code].fixing is Fixing.SAFE else "--fix --unsafe-fixes"
    section = doc.body.partition("\n## Fix\n")[2]
    assert f"`flask-gotchas {option}`" in section
    shown = re.findall(r"^```diff\n(.*?)^```$", section, re.DOTALL | re.MULTILINE)
    done = [fixed(code, example)[1] for example in doc.examples() if example.kind == "bad"]
    assert shown
    assert set(shown) <= set(done)


@pytest.mark.parametrize("code", FIXABLE)
def test_a_proof_runs_each_bad_example_as_it_is_fixed(code: str) -> None:
    bad = [example for example in docs.load(code).examples() if example.kind == "bad"]
    changed = {number for number, example in enumerate(bad) if fixed(code, example)[1]}
    assert changed
    assert changed <= _proved_when_fixed()[code]


@functools.cache
def _proved_when_fixed() -> dict[str, set[int]]:
    """List for each rule the bad examples that proofs ask for as `repaired(rule, number)`."""
    found: dict[str, set[int]] = defaultdict(set)
    for path in (ROOT / "tests" / "proofs").glob("test_*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        values = {
            ast.unparse(target): node.value
            for node in tree.body
            if isinstance(node, ast.Assign)
            for target in node.targets
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "repaired":
                rule = values.get(ast.unparse(node.args[0]), node.args[0])
                number = node.args[1] if len(node.args) > 1 else ast.Constant(0)
                meta = docs.load(ast.literal_eval(rule)).meta
                found[meta.code].add(ast.literal_eval(number))
    return found


# -- fixtures: the odd cases of each rule


@pytest.mark.parametrize("fixture", FIXTURES)
def test_fixing_odd_cases_leaves_less_reports_and_changes_nothing_twice(fixture: Fixture) -> None:
    example = docs.Example("bad", fixture.files, [], 1)
    code = fixture.code or ""
    after, diff = fixed(code, example)
    before = check(example.files, only={code, "FLG001"})
    left = check(after.files, only={code, "FLG001"})
    assert (len(left) < len(before)) == bool(diff)
    assert not [found for found in left if found.code == "FLG001"]
    assert fixed(code, after)[1] == ""


# -- the command line


def test_fix_writes_what_is_safe_and_reports_what_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "safe.py").write_text(SAFE)
    (tmp_path / "suggested.py").write_text(SUGGESTED)
    assert main(["--fix", "--isolated"]) == 1
    assert (tmp_path / "safe.py").read_text() == SAFE.replace(
        'route("/")', 'route("/", methods=["GET", "POST"])'
    )
    assert (tmp_path / "suggested.py").read_text() == SUGGESTED
    shown = capsys.readouterr()
    assert "FLG601" in shown.out
    assert "FLG101" not in shown.out
    assert "Found 2 problems (1 fixed, 1 left)." in shown.err
    assert "1 more can be fixed with --unsafe-fixes." in shown.err
    assert main(["--fix", "--unsafe-fixes", "--isolated"]) == 0
    assert (tmp_path / "suggested.py").read_text() == SUGGESTED.replace("debug=True", "")


def test_a_fix_may_be_only_suggested_where_others_of_its_rule_are_safe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    text = f'{HEAD}@app.post("/")\ndef index():\n    return str(request.method == "GET")\n'
    (tmp_path / "app.py").write_text(text)
    assert main(["--fix", "--isolated"]) == 1
    assert (tmp_path / "app.py").read_text() == text
    assert "1 more can be fixed with --unsafe-fixes." in capsys.readouterr().err
    assert main(["--fix", "--unsafe-fixes", "--isolated"]) == 0
    assert '@app.route("/", methods=["GET", "POST"])' in (tmp_path / "app.py").read_text()


@pytest.mark.parametrize(
    ("line", "safe"),
    [
        ('return str(request.args.get("page", 1) + 1)', True),
        ('return str(request.args.get("page", 1) == 2)', False),
        ('return str(request.args.get("page", 1) * 2)', False),
        ('return str(request.args.get("page", 1) + 0.5)', False),
        ('return str(request.args.get("page", 1.5) + 1)', True),
        ("return request.POST", True),
        ("return request.params", False),
        ('return request.get("page")', False),
        ('abort("404")', True),
        ('abort("gone", 410)', False),
        ('abort(jsonify(error="gone"), 410)', False),
    ],
)
def test_a_fix_is_safe_if_nobody_can_have_relied_on_what_was(line: str, safe: bool) -> None:
    text = f"""from flask import Flask, abort, jsonify, request
app = Flask(__name__)


@app.get("/")
def index():
    {line}
"""
    rules = frozenset({"FLG307", "FLG311", "FLG313"})
    report = check_sources({"app.py": text.encode()}, rules=rules)
    [found] = fixes.with_fixes(report, lambda _: text.encode()).diagnostics
    assert found.fix is not None
    assert found.fix.safe is safe


def test_diff_shows_the_change_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app.py").write_text(SAFE)
    assert main(["--diff", "--isolated"]) == 1
    shown = capsys.readouterr()
    assert shown.out.startswith("--- app.py\n+++ app.py\n")
    assert '+@app.route("/", methods=["GET", "POST"])\n' in shown.out
    assert "Would fix 1 problem in 1 file." in shown.err
    assert (tmp_path / "app.py").read_text() == SAFE
    subprocess.run(["patch", "-p0"], input=shown.out, text=True, check=True, cwd=tmp_path)
    assert main(["--diff", "--isolated"]) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "arguments",
    [["--unsafe-fixes"], ["--fix", "-"], ["--fix", "--add-noqa"], ["--diff", "--baseline", "x"]],
)
def test_what_does_not_go_together_is_refused(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert "-" in capsys.readouterr().err


def test_json_has_the_fixes_without_being_asked_to_fix(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app.py").write_text(SAFE)
    for _ in range(2):  # the second answer is remembered
        assert main(["--isolated", "--output-format", "json"]) == 1
        [found] = json.loads(capsys.readouterr().out)["diagnostics"]
        assert found["fix"]["safe"] is True
        [edit] = found["fix"]["edits"]
        assert (edit["line"], edit["column"], edit["text"]) == (
            3,
            15,
            ', methods=["GET", "POST"]',
        )


def test_json_has_no_fix_that_would_not_be_applied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app.py").write_text(
        SAFE + SAFE[len(HEAD) :].replace("index", "more").replace("/", "/more")
    )
    fix = RouteMethodMismatch.fix

    def breaks(found: Diagnostic, file: FileEditor) -> str:
        if "index" in found.message:
            file.write(0, 0, "(")
        return fix(found, file)

    monkeypatch.setattr(RouteMethodMismatch, "fix", breaks)
    for path in ("app.py", "-"):
        stdin = io.TextIOWrapper(io.BytesIO((tmp_path / "app.py").read_bytes()))
        monkeypatch.setattr(sys, "stdin", stdin)
        assert main(["--isolated", "--select=FLG101", "--output-format", "json", path]) == 1
        found = json.loads(capsys.readouterr().out)["diagnostics"]
        assert [bool(one.get("fix")) for one in found] == [False, True]


# -- files


@pytest.mark.parametrize(
    ("before", "line"),
    [
        (SAFE.encode().replace(b"\n", b"\r\n"), b'@app.route("/", methods=["GET", "POST"])\r\n'),
        (b"\xef\xbb\xbf" + SAFE.encode(), b'@app.route("/", methods=["GET", "POST"])\n'),
        (
            f"# coding: latin-1\n# \xe4\n{SAFE}".encode("latin-1"),
            b'@app.route("/", methods=["GET", "POST"])\n',
        ),
        (SAFE.replace("saved", "\U0001f600 gespeichert").encode(), b'methods=["GET", "POST"])\n'),
        (SAFE.replace("\n", "\r").encode(), b'@app.route("/", methods=["GET", "POST"])\r'),
        (
            SAFE.encode().replace(b"\n", b"\r\n", 2).replace(b":\n", b":\r"),
            b'@app.route("/", methods=["GET", "POST"])\n',
        ),
        (SAFE.rstrip().encode(), b'@app.route("/", methods=["GET", "POST"])\n'),
        (SAFE.encode() + b"\x0c\n# \t", b'@app.route("/", methods=["GET", "POST"])\n'),
    ],
    ids=[
        "CRLF",
        "byte order mark",
        "latin-1",
        "emoji",
        "CR",
        "mixed line ends",
        "no line end",
        "form feed",
    ],
)
def test_all_else_in_a_file_stays_as_it_is(tmp_path: Path, before: bytes, line: bytes) -> None:
    path = tmp_path / "app.py"
    path.write_bytes(before)
    path.chmod(0o750)
    assert main(["--fix", "--isolated", str(path)]) == 0
    after = path.read_bytes()
    assert line in after
    assert after.replace(b', methods=["GET", "POST"]', b"") == before
    assert path.stat().st_mode & 0o777 == 0o750


def test_new_lines_end_as_the_others_do(tmp_path: Path) -> None:
    path = tmp_path / "app.py"
    path.write_bytes(HEAD.replace("\n", "\r\n").encode() + b"app.run()")
    assert main(["--fix", "--isolated", str(path)]) == 0
    assert path.read_bytes().endswith(b'if __name__ == "__main__":\r\n    app.run()')


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    real = tmp_path / "real" / "app.py"
    real.write_text(SAFE)
    link = tmp_path / "app.py"
    link.symlink_to(real)
    assert main(["--fix", "--isolated", str(link)]) == 0
    assert link.is_symlink()
    assert "POST" in real.read_text().splitlines()[2]


def test_a_file_that_changes_meanwhile_is_left_alone() -> None:
    outcome = fixes.Outcome(Report((), 1), {"app.py": b"old"}, {"app.py": b"new"}, [])
    said = fixes.write(outcome, lambda _: b"edited")
    assert said == ["app.py is not written, because it has changed meanwhile"]


def test_a_file_that_cannot_be_written_is_named_and_the_others_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.py", "b.py", "c.py"):
        (tmp_path / name).write_text(SAFE)
    replace = files.replace

    def full(path: str, data: bytes) -> None:
        if path == "b.py":
            raise OSError(28, "No space left on device")
        replace(path, data)

    monkeypatch.setattr(files, "replace", full)
    assert main(["--fix", "--isolated", "--no-cache", "--select=FLG101"]) == 1
    shown = capsys.readouterr()
    assert "b.py:5:8: FLG101 " in shown.out
    assert "b.py is not written: No space left on device" in shown.err
    assert "Found 3 problems (2 fixed, 1 left)." in shown.err


def test_what_is_killed_in_the_middle_leaves_whole_files(tmp_path: Path) -> None:
    wanted = SAFE.replace('route("/")', 'route("/", methods=["GET", "POST"])')
    for number in range(12):
        (tmp_path / f"app{number}.py").write_text(SAFE)
    script = (
        "import os, sys\n"
        "from flask_gotchas import cli\n"
        "replace, left = os.replace, [3]\n"
        "def last(*args):\n"
        "    left[0] -= 1\n"
        "    os._exit(9) if left[0] < 0 else replace(*args)\n"
        "os.replace = last\n"
        "cli.main(['--fix', '--isolated', '-n', sys.argv[1]])\n"
    )
    done = subprocess.run([sys.executable, "-c", script, tmp_path], check=False, cwd=ROOT)
    assert done.returncode == 9
    texts = [path.read_text() for path in tmp_path.glob("*.py")]
    assert texts.count(wanted) == 3
    assert texts.count(SAFE) == 9


# -- rounds


def _report(*edits: tuple[int, int, str], code: str = "FLG101", line: int = 1) -> Report:
    def one(start: int, end: int, text: str) -> Diagnostic:
        place = Location("app.py", line, start, line, end)
        fix = Fix("", (Edit(place, text),), safe=True)
        return Diagnostic(place, code, "", Severity.ERROR, "", "", fix=fix)

    return Report(tuple(one(*edit) for edit in edits), 1)


def test_edits_at_the_same_place_wait_for_the_next_round(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fixes._Maker, "with_fixes", lambda _, report: report)
    reports = {b"ab": _report((0, 1, "x"), (0, 2, "yy")), b"xb": _report((1, 2, "z"))}
    seen: list[bytes] = []

    def checked(texts: Mapping[str, bytes]) -> Report:
        seen.append(texts.get("app.py", b"ab"))
        return reports.get(seen[-1], Report((), 1))

    outcome = fixes.fix(checked, lambda _: b"ab", unsafe=False)
    assert seen == [b"ab", b"xb", b"xz"]
    assert outcome.after == {"app.py": b"xz"}
    assert outcome.report.fixed == 2


def test_a_fix_that_gives_a_new_report_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fixes._Maker, "with_fixes", lambda _, report: report)
    good, bad = (0, 1, "x"), (2, 3, "!")

    def checked(texts: Mapping[str, bytes]) -> Report:
        text = texts.get("app.py", b"a b")
        if b"!" in text:
            return _report((0, 1, "?"), code="FLG001")
        return _report(*([bad] if b"x" in text else [good, bad]))

    outcome = fixes.fix(checked, lambda _: b"a b", unsafe=False)
    assert outcome.after == {"app.py": b"x b"}
    assert outcome.said == [
        "app.py:1: FLG101 is not fixed: that would lead to FLG001 in app.py",
    ]


def test_fixes_that_never_end_are_not_applied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fixes._Maker, "with_fixes", lambda _, report: report)
    counter = iter(range(1000))

    def checked(texts: Mapping[str, bytes]) -> Report:
        # Each time one problem less of very many, and always another text.
        left = 500 - next(counter)
        return _report(*[(0, 1, chr(900 + left))] * left)

    outcome = fixes.fix(checked, lambda _: b"ab", unsafe=False)
    assert outcome.after == {}
    assert "20 rounds" in outcome.said[0]


# -- imports

FLASK = "from flask import Flask\n"
DECORATED = """
def guard(view):
    def inner(*args):
        return view(*args)
    return inner
app = Flask(__name__)
@app.get("/")
@guard
def index():
    return "hello"
"""


@pytest.mark.parametrize(
    ("imports", "after", "name"),
    [
        ("", "from functools import wraps\n\n", "wraps"),
        ("import functools as f\n", None, "f.wraps"),
        ("from functools import wraps as w\n", None, "w"),
        ("from functools import cache\n", "from functools import cache, wraps\n", "wraps"),
        (
            "from functools import (\n    cache,\n    partial,\n)\n",
            "from functools import (\n    cache,\n    partial,\n    wraps,\n)\n",
            "wraps",
        ),
        (
            '"""About."""\nfrom __future__ import annotations\nimport os\n',
            '"""About."""\nfrom __future__ import annotations\nimport os\n'
            "from functools import wraps\n",
            "wraps",
        ),
        (
            "from functools import cache, \\\n    partial, \\\n    wraps_not\n",
            "from functools import cache, \\\n    partial, \\\n    wraps, wraps_not\n",
            "wraps",
        ),
        (
            "from functools import (\n    cache  # for speed\n)\n",
            "from functools import (\n    cache, wraps  # for speed\n)\n",
            "wraps",
        ),
        (
            "from functools import (cache, partial,)\n",
            "from functools import (cache, partial, wraps,)\n",
            "wraps",
        ),
        (
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import os\n",
            "from functools import wraps\n"
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import os\n",
            "wraps",
        ),
        (
            '"""About."""; import os\n\ntry:\n    import re\nexcept ImportError:\n    pass\n',
            '"""About."""; import os\n\ntry:\n    import re\nexcept ImportError:\n    pass\n'
            "from functools import wraps\n\n",
            "wraps",
        ),
        (
            "import os\nfrom typing import Any\n",
            "import os\nfrom functools import wraps\nfrom typing import Any\n",
            "wraps",
        ),
        (
            "#!/usr/bin/python\n# Ours.\n",
            "#!/usr/bin/python\n# Ours.\nfrom functools import wraps\n\n",
            "wraps",
        ),
    ],
)
def test_an_import_is_added_where_it_belongs(imports: str, after: str | None, name: str) -> None:
    result, _ = fixed("FLG111", docs.Example("bad", {"app.py": imports + FLASK + DECORATED}, [], 1))
    wanted = DECORATED.replace("    def inner", f"    @{name}(view)\n    def inner")
    assert result.files["app.py"] == (after or imports) + FLASK + wanted


KEPT = None
OTHERS = {"shop/clock.py": "", "shared/db.py": "", "star.py": "from calendar import *\n"}


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("import time\ntime.sleep(1)", ""),
        ("import os\nimport time\n\nos.getcwd()\ntime.sleep(1)", "import os\n\nos.getcwd()\n"),
        ("import time\n\nimport flask\ntime.sleep(flask)", ""),
        ('"""Doc."""\n\nimport time\n\n\nx = 1\ntime.x', '"""Doc."""\n\n\nx = 1\n'),
        ("from time import time, sleep\ntime()\nsleep(1)", "from time import time\ntime()\n"),
        ("from time import sleep, time\ntime()\nsleep(1)", "from time import time\ntime()\n"),
        (
            "from time import (\n    altzone,  # west\n    sleep,\n    time,\n)\naltzone\n"
            "sleep(time)",
            "from time import (\n    altzone,  # west\n)\naltzone\n",
        ),
        (
            "from time import (\n    sleep,\n    time,\n)\nsleep\ntime()",
            "from time import (\n    sleep,\n)\nsleep\n",
        ),
        (
            "from time import sleep, \\\n    time\nsleep(1)\ntime()",
            "from time import sleep\nsleep(1)\n",
        ),
        ("from time import sleep, time\nsleep(time())", ""),
        ("from time import sleep as wait\nwait(1)", ""),
        ("import os.path\nos.path.join()", ""),
        (
            "def f():\n    from time import sleep\n    return 1\n\nsleep(1)",
            "def f():\n    return 1\n\n",
        ),
        ('import time\nprint("the time is")\ntime.x', 'print("the time is")\n'),
        ("import time\nprint(a.time, time=1)\ntime.x", "print(a.time, time=1)\n"),
        # What follows has to stay.
        ("import time\ntime.x\ntime.y", KEPT),
        ("import time\ndef f(time): ...\ntime.y", KEPT),
        ("import time\n__all__ = ['time']\ntime.y", KEPT),
        ("import time\nx: 'list[time.time]'\ntime.y", KEPT),
        ("import time\nx = []  # type: list[time.time]\ntime.y", KEPT),
        ("import time  # noqa: F401\ntime.x", KEPT),
        ("import time  # the clock\ntime.x", KEPT),
        ("from time import (\n    sleep,  # waits\n    time,\n)\ntime()\nsleep(1)", KEPT),
        ("from time import time as time\ntime()", KEPT),
        ("from . import time\ntime()", KEPT),
        ("import os; import time\ntime()", KEPT),
        ("import os\nprint(1)", KEPT),
        ("try:\n    import time\n    import os\nexcept ImportError:\n    x = 1\ntime()", KEPT),
        ("if x:\n    import time\ntime()", KEPT),
        ("try:\n    import time\nexcept ImportError:\n    import mytime as time\ntime()", KEPT),
        ("from time import *\nsleep(1)", KEPT),
        ("from shop.clock import time\ntime()", KEPT),
        ("import shared\nshared.time()", KEPT),
    ],
)
def test_imports_go_that_a_fix_makes_needless(text: str, left: str | None) -> None:
    before, _, _ = text.rpartition("\n")
    assert _without_last_line(text) == (before + "\n" if left is KEPT else left)


@pytest.mark.parametrize(
    ("path", "other", "keeps"),
    [
        ("shop/clock.py", "from shop.clock import now\n", False),
        ("shop/clock.py", "from shop.clock import now, time\n", True),
        ("shop/clock.py", "from .clock import (\n    now,\n    time,\n)\n", True),
        ("shop/clock.py", "from .clock import now, \\\n    time\n", True),
        ("shop/clock.py", "from .clock import *\n", True),
        ("shop/clock.py", "from . import clock\nclock.time.sleep()\n", True),
        ("shop/clock.py", "import shop.clock as c\nc.time.sleep()\n", True),
        ("shop/clock.py", "patch('shop.clock.time')\n", True),
        ("shop/clock.py", "patch.object(clock, 'time')\n", True),
        ("shop/clock.py", "import shop.clock, time\n", False),
        ("shop/__init__.py", "", True),
        ("clock.py", "from time import time\n", False),
        ("clock (1.py", "with_('clock (1').time\n", False),
    ],
)
def test_an_import_stays_that_another_file_may_take(path: str, other: str, keeps: bool) -> None:
    left = _without_last_line("import time\ntime.x", path, {"other.py": other})
    assert left == ("import time\n" if keeps else "")


def test_an_import_stays_where_the_project_is_not_known() -> None:
    assert _without_last_line("import time\ntime.x", "app.py", None) == "import time\n"


def _without_last_line(
    text: str,
    path: str = "app.py",
    others: Mapping[str, str] | None = OTHERS,
) -> str:
    editor = FileEditor(path, text)

    def remove() -> str:
        editor.remove_lines(editor.tree.body[-1])
        return ""

    _, edits = editor.edits(remove)
    edits += removals(editor, edits, lambda: others)
    return fixes.apply(text.encode(), edits).decode()


def test_what_two_fixes_together_make_needless_goes_as_well(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fixes._Maker, "with_fixes", lambda _, report: report)
    text = b"import time; print()\nimport re\n[re.A, 1, re.B]\n"

    def checked(texts: Mapping[str, bytes]) -> Report:
        if texts:
            return Report((), 1)
        return _report((1, 5, "2"), (10, 14, "3"), line=3)

    outcome = fixes.fix(checked, lambda _: text, unsafe=False, texts=dict)
    assert outcome.after == {"app.py": b"import time; print()\n[2, 1, 3]\n"}


@pytest.mark.parametrize(
    ("imports", "after"),
    [
        (
            "import os\n\nimport flask\n\nfrom shop import db\nfrom . import x\n",
            "import os\n\nimport flask\nfrom werkzeug import y\n\n"
            "from shop import db\nfrom . import x\n",
        ),
        (
            "import os\n\nfrom shop import db\n",
            "import os\n\nfrom werkzeug import y\n\nfrom shop import db\n",
        ),
        ("import os\n", "import os\n\nfrom werkzeug import y\n"),
        ("from . import x\n", "from werkzeug import y\n\nfrom . import x\n"),
        ("from models import db\n", "from models import db\nfrom werkzeug import y\n"),
    ],
)
def test_an_import_comes_before_those_of_the_package_itself(imports: str, after: str) -> None:
    editor = FileEditor("src/shop/views.py", f"{imports}f()\n")
    _, edits = editor.edits(lambda: editor.name("werkzeug.y", editor.tree.body[-1]))
    assert fixes.apply(editor.text.encode(), edits).decode() == f"{after}f()\n"


def test_a_suggestion_that_takes_an_import_out_is_no_safe_fix(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def suggest(found: Diagnostic, file: FileEditor) -> str:
        call = file.at(found.location, cst.BaseExpression)
        file.replace(file.around(call, cst.If).test, "False")
        file.only_suggest()
        return ""

    monkeypatch.setattr(RouteMethodMismatch, "fix", suggest)
    path = tmp_path / "app.py"
    path.write_text(SAFE)
    command = ["--fix", "--isolated", "--select=FLG101", str(tmp_path)]
    assert main(command) == 1
    assert path.read_text() == SAFE
    assert main([*command, "--unsafe-fixes"]) == 0
    assert path.read_text().startswith("from flask import Flask\napp")


def test_nothing_is_imported_where_the_name_means_something_else() -> None:
    text = f"{FLASK}wraps = 1\n{DECORATED}"
    assert fixed("FLG111", docs.Example("bad", {"app.py": text}, [], 1))[1] == ""


def test_strings_are_quoted_as_in_the_rest_of_the_file() -> None:
    text = SAFE.replace('"', "'")
    after, _ = fixed("FLG101", docs.Example("bad", {"app.py": text}, [], 1))
    assert "methods=['GET', 'POST']" in after.files["app.py"]


def test_a_comment_is_never_lost() -> None:
    text = (
        HEAD
        + 'if __name__ == "__main__":\n    app.run(\n        # here\n        debug=True\n    )\n'
    )
    assert fixed("FLG601", docs.Example("bad", {"app.py": text}, [], 1))[1] == ""


def test_a_run_without_fixes_makes_none() -> None:
    report = check_sources({"app.py": SAFE})
    assert [found.fix for found in report.diagnostics] == [None]


# -- names


@pytest.mark.parametrize(
    ("body", "after"),
    [
        (
            "return f'{id!r:>{id}}', g.id, str(object=id)",
            "f'{key!r:>{key}}', g.id, str(object=key)",
        ),
        ("return dict(id=id), [id for id in 'ab']", "dict(id=key), [key for key in 'ab']"),
        ("return (lambda other=id: id + other)()", "(lambda other=key: key + other)()"),
        ("return (lambda id: id)(1)", None),
        ("return str(locals())", None),
        ("return str(key)", None),
        ("global key\n    return id", None),
        ("class Inner:\n        id = 1\n    return Inner.id", None),
        ("import id\n    return id.name", None),
    ],
)
def test_a_parameter_is_renamed_wherever_its_function_means_it(
    body: str, after: str | None
) -> None:
    text = f'{HEAD}from flask import g\n@app.get("/<key>")\ndef index(id):\n    {body}\n'
    result, diff = fixed("FLG108", docs.Example("bad", {"app.py": text}, [], 1))
    assert bool(diff) == (after is not None)
    if after is not None:
        assert result.files["app.py"].endswith(f"def index(key):\n    return {after}\n")


@pytest.mark.parametrize(
    "view",
    [
        "@app.get('/b')\ndef f():\n    if request.method == 'POST':\n        return 'x'\n"
        "    return ''\n",
        "def f():\n    return ()\n",
    ],
)
def test_what_cannot_be_put_right_is_left_alone_without_a_crash(view: str) -> None:
    text = f"{HEAD}@app.get('/a')\n{view}"
    [found] = check_sources({"app.py": text}).diagnostics
    with pytest.raises(NoFix):
        all_rules()[found.code].fix(found, FileEditor("app.py", text))


def test_no_fix_is_tried_on_a_report_that_is_not_whole() -> None:
    def check(_: object) -> Report:
        raise AssertionError

    report = Report(check_sources({"app.py": SAFE}).diagnostics, files=1, internal_error=True)
    assert report.diagnostics
    assert fixes.with_tried_fixes(check, lambda _: SAFE.encode(), report, lambda: None) == report
