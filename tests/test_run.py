"""A run from files to a report, over odd files, failing rules and whole projects."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import libcst as cst
import pytest
from support import FIXTURES

import flask_gotchas
from flask_gotchas import analysis, cli, discover, settings
from flask_gotchas.facts.collector import Collector, collectors
from flask_gotchas.rule import EngineRule, FileRule, ProjectRule, Rule, all_rules
from flask_gotchas.run import check_sources, check_text, run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.model import Diagnostic, Report
    from flask_gotchas.project import Finding, Project

FLASK = "from flask import Flask\n"
AS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
POSIX = pytest.mark.skipif(os.name == "nt", reason="names and rights of files are others there")


class Marked(FileRule):
    """Reports calls of `mark()`, with those of `also()` before them in the file."""

    code = "FLG901"
    name = "marked"
    message = "marked with {text}"
    help = "Look here."

    def __init__(self, file: Any) -> None:
        super().__init__(file)
        self.others: list[tuple[cst.CSTNode, str]] = []

    def visit_Call(self, node: cst.Call) -> None:
        if isinstance(node.func, cst.Name) and node.func.value == "also":
            self.others.append((node, "also here"))
        if isinstance(node.func, cst.Name) and node.func.value == "mark":
            self.report(node, related=self.others, text=len(node.args))


class Called(FileRule):
    """Reports calls of `flask.abort` and of what an application's `run` is."""

    code = "FLG904"
    name = "called"
    message = "a call of {target}"
    help = "Look here."
    calls = frozenset({"flask.abort", "flask.Flask().run"})

    def visit_called(self, node: cst.Call, target: str) -> None:
        self.report(node, target=target)


class Placed(ProjectRule):
    """Reports functions called `placed`, with all others of that name."""

    code = "FLG902"
    name = "placed"
    message = "placed at {name}"
    help = "Look there."

    def check(self, project: Project) -> Iterator[Finding]:
        found = [(file, one) for file in project.files for one in file.functions]
        places = [(file, one) for file, one in found if one.name == "placed"]
        for file, one in places:
            related = [(f, o.anchor, "another") for f, o in places if o is not one]
            yield self.finding(file, one.anchor, related=related, name=one.name)


class Fixed(Placed):
    """Reports nothing, but is on only where it is selected."""

    code = "FLG903"
    name = "fixed"
    message = "never"
    help = "Look nowhere."
    default = False


RULES: list[type[Rule]] = [Marked, Placed, Fixed]


@pytest.fixture
def own_rules(monkeypatch: pytest.MonkeyPatch) -> list[type[Rule]]:
    """Let runs know the rules of this module and those of the engine only; more may be added."""
    engine = [rule for rule in all_rules().values() if issubclass(rule, EngineRule)]
    rules = [*engine, *RULES]

    def of_test() -> dict[str, type[Rule]]:
        return {rule.code: rule for rule in rules}

    monkeypatch.setattr("flask_gotchas.rule.all_rules", of_test)
    monkeypatch.setattr("flask_gotchas.run.all_rules", of_test)
    return rules


def write(folder: Path, files: dict[str, str | bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def run_in(folder: Path, *paths: str, **overrides: Any) -> Report:
    loaded = settings.load(folder, {key.replace("_", "-"): v for key, v in overrides.items()})
    return run(list(paths) or ["."], loaded)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").touch()
    return tmp_path


def start(*arguments: str | bytes, cwd: Path, stdin: bytes = b"", **env: str) -> Any:
    return subprocess.run(
        [sys.executable, "-m", "flask_gotchas", *arguments],
        check=False, cwd=cwd, input=stdin, capture_output=True, env={**os.environ, **env},
        timeout=120,
    )  # fmt: skip


def places(found: Report | list[Diagnostic]) -> list[tuple[str, int, int, str]]:
    diagnostics = found if isinstance(found, list) else found.diagnostics
    return [(d.location.path, d.location.line, d.location.column, d.code) for d in diagnostics]


def reported(source: str | bytes, **options: Any) -> list[tuple[int, int, str]]:
    return [place[1:] for place in places(check_sources({"a.py": source}, **options))]


# One odd file

MARKED = FLASK.encode() + b"mark()\ndef placed(): pass\n"


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (MARKED, 2),
        (MARKED.rstrip(b"\n"), 2),
        (MARKED.replace(b"\n", b"\r\n"), 2),
        (MARKED.replace(b"\n", b"\r"), 2),
        (b"\xef\xbb\xbf" + MARKED, 2),
        (b"\x0c\n" + MARKED.replace(b"\nmark", b"\n\x0cmark"), 3),
        (b"# coding: latin-1\nx = '\xe9'\n" + MARKED, 4),
        (b"x = '''\n\x0c\x1c\xe2\x80\xa8\n'''\n" + MARKED, 5),
        (b"x = 1 + \\\n    2\n" + MARKED, 4),
    ],
    ids=lambda value: repr(value)[:40],
)
@pytest.mark.usefixtures("own_rules")
def test_places_are_right_in_every_kind_of_file(data: bytes, line: int) -> None:
    assert reported(data) == [(line, 0, "FLG901"), (line + 1, 4, "FLG902")]


def test_an_empty_file_has_no_problems() -> None:
    report = check_sources({"a.py": "", "b.py": "\ufeff", "c.py": "\r\n"})
    assert (report.diagnostics, report.files, report.internal_error) == ((), 3, False)


BROKEN: dict[str, tuple[bytes, str]] = {
    "syntax": (b"from flask import (\n", "'(' was never closed"),
    "bytes": (b"from flask import g  # \xe9\n", "byte 0xe9 is not valid utf-8"),
    "encoding": (b"# coding: no-such\nfrom flask import g\n", "unknown encoding no-such"),
    "no text": (b"# coding: rot13\nfrom flask import g\n", "unknown encoding rot13"),
    "utf-16": ("from flask import g\n".encode("utf-16"), "byte 0xff is not valid utf-8"),
    "NUL": (b"from flask import g\0\n", "source code cannot contain NUL bytes"),
    "brackets": (b"import flask\nx = " + b"[" * 5000 + b"]" * 5000, "too many nested brackets"),
    "tabs": (b"import flask\nif x:\n\ty\n        z\n", "inconsistent use of tabs and spaces"),
}


@pytest.mark.parametrize(("data", "problem"), BROKEN.values(), ids=BROKEN)
@pytest.mark.usefixtures("own_rules")
def test_a_broken_file_is_reported_and_the_others_are_checked(data: bytes, problem: str) -> None:
    report = check_sources({"broken.py": data, "fine.py": MARKED})
    broken, *fine = report.diagnostics
    assert (broken.location.path, broken.code) == ("broken.py", "FLG001")
    assert problem in broken.message
    assert places(fine) == [("fine.py", 2, 0, "FLG901"), ("fine.py", 3, 4, "FLG902")]
    assert not report.internal_error


@pytest.mark.parametrize(
    ("imports", "is_reported"),
    [
        ("from views import bp as views_bp", False),
        ("import views", False),
        ("from views import *", False),
        ("from other import thing", True),
    ],
)
def test_who_may_register_a_blueprint_in_a_broken_file_is_not_blamed(
    imports: str, is_reported: bool
) -> None:
    views = "from flask import Blueprint\nbp = Blueprint('b', __name__)\n"
    views += "@bp.get('/')\ndef index(): return ''\n"
    sources = {
        "views.py": views,
        "other.py": "from flask import Flask\napp = Flask(__name__)\n",
        "main.py": f"from flask import Flask\n{imports}\napp = Flask(__name__)\nx = (\n",
    }
    codes = [found.code for found in check_sources(sources).diagnostics]
    assert codes == ["FLG001", "FLG501"] if is_reported else codes == ["FLG001"]


def test_broken_files_end_the_command_with_status_1(tmp_path: Path) -> None:
    write(tmp_path, {f"{name}.py": data for name, (data, _) in BROKEN.items()})
    done = start(cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout.count(b"FLG001") == len(BROKEN)
    assert done.stderr.startswith(f"Found {len(BROKEN)} problems in {len(BROKEN)} of".encode())


@pytest.mark.usefixtures("own_rules")
def test_a_sum_of_3000_terms_is_checked_like_any_code() -> None:
    source = f"{FLASK}x = {'1 + ' * 3000}mark()\nmark()\n"
    assert reported(source) == [(2, 0, "FLG901"), (3, 0, "FLG901")]


@pytest.mark.skipif(not hasattr(cst, "TemplatedString"), reason="this LibCST is too old for it")
@pytest.mark.usefixtures("own_rules")
def test_newer_syntax_than_that_of_the_running_python_is_checked() -> None:
    source = f"{FLASK}try: x = t'{{y}}'\nexcept A, B: mark(t'')\ndef placed(): pass\n"
    assert reported(source) == [(3, 13, "FLG901"), (4, 4, "FLG902")]


@pytest.mark.parametrize("number", ["9" * 5000, "0x" + "f" * 5000, "1_0" * 5000, "1e9999"])
@pytest.mark.usefixtures("own_rules")
def test_numbers_may_have_any_length(number: str) -> None:
    assert reported(f"{FLASK}X = {number}\napp = Flask({number})\nmark()\n") == [(4, 0, "FLG901")]


# Files that are not there, or closed


def test_a_path_that_does_not_exist_ends_the_command_with_status_2(tmp_path: Path) -> None:
    done = start("no\nsuch.py", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr == b"flask-gotchas: error: no\\x0asuch.py: no such file or folder\n"


@pytest.mark.usefixtures("own_rules")
def test_a_file_that_vanishes_is_reported(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(here, {"a.py": MARKED, "b.py": MARKED})
    found = discover.discover

    def and_then_it_vanishes(*arguments: Any) -> discover.Discovery:
        files = found(*arguments)
        (here / "a.py").unlink(missing_ok=True)
        return files

    monkeypatch.setattr(discover, "discover", and_then_it_vanishes)
    report = run_in(here)
    gone = report.diagnostics[0]
    assert (gone.location.path, gone.code) == ("a.py", "FLG001")
    assert "the file cannot be read: No such file or directory" in gone.message
    assert [place[0] for place in places(report)] == ["a.py", "b.py", "b.py"]


@pytest.mark.usefixtures("own_rules")
def test_a_file_that_changes_between_two_looks_is_reported_at_its_start(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(here, {"a.py": MARKED, "b.py": MARKED})

    def check(self: Placed, project: Project) -> Iterator[Finding]:
        yield from of_rule(self, project)
        write(here, {"a.py": "", "b.py": "from flask import (\n"})

    of_rule = Placed.check
    monkeypatch.setattr(Placed, "check", check)
    assert [place for place in places(run_in(here)) if place[3] == "FLG902"] == [
        ("a.py", 1, 0, "FLG902"),
        ("b.py", 1, 0, "FLG902"),
    ]


@POSIX
@pytest.mark.skipif(AS_ROOT, reason="root may read everything")
def test_closed_files_and_folders_are_reported_and_the_others_are_checked(here: Path) -> None:
    write(here, {"closed.py": FLASK, "folder/a.py": FLASK, "fine.py": FLASK})
    (here / "closed.py").chmod(0)
    (here / "folder").chmod(0)
    try:
        done = start(cwd=here)
    finally:
        (here / "folder").chmod(0o700)
    assert done.returncode == 1
    assert [line.partition(b": ")[0] for line in done.stdout.splitlines()] == [
        b"closed.py:1:1",
        b"folder:1:1",
    ]
    assert done.stdout.count(b"Permission denied") == 2


# Rules and collectors that fail


class Failing(FileRule):
    """Fails in a handler."""

    code = "FLG911"
    name = "failing"
    message = "{field}"
    help = "Mend it."

    def visit_Call(self, node: cst.Call) -> None:
        raise ValueError("\x1b[31mred\n")


class FailingReport(Failing):
    """Fails to fill in its message."""

    def visit_Call(self, node: cst.Call) -> None:
        self.report(node, other=1)


class FailingCalled(Failing):
    """Fails when a call that it is about is handed to it."""

    calls = frozenset({"builtins.print"})

    def visit_Call(self, node: cst.Call) -> None:
        pass

    def visit_called(self, node: cst.Call, target: str) -> None:
        raise ValueError(target)


class FailingAnswer(Failing):
    """Fails because of what it asks."""

    def visit_Call(self, node: cst.Call) -> None:
        self.file.names.reference(node.args)  # type: ignore[arg-type]
        raise TypeError


class FailingStart(Failing):
    """Fails when an instance is made."""

    def __init__(self, file: Any) -> None:
        raise ValueError

    def visit_Call(self, node: cst.Call) -> None:
        raise AssertionError


class FailingProject(ProjectRule):
    """Fails after its first report."""

    code = "FLG911"
    name = "failing"
    message = "{name}"
    help = "Mend it."

    def check(self, project: Project) -> Iterator[Finding]:
        yield self.finding(project.files[0], 0, name="x")
        raise ValueError


def test_a_rule_is_handed_the_calls_that_it_is_about(
    own_rules: list[type[Rule]], here: Path
) -> None:
    own_rules.append(Called)
    text = """\
        from flask import Flask, abort as stop
        from shop import abort

        app = Flask(__name__)
        app.run(debug=abort(stop(404)))
        app.runs()
    """
    write(here, {"a.py": textwrap.dedent(text)})
    found = [(d.location.column, d.message) for d in run_in(here).diagnostics]
    assert found == [(0, "a call of flask.Flask().run"), (20, "a call of flask.abort")]


@pytest.mark.parametrize(
    "rule", [Failing, FailingReport, FailingAnswer, FailingCalled, FailingStart, FailingProject]
)
def test_a_rule_that_fails_is_named_and_the_others_go_on(
    rule: type[Rule],
    own_rules: list[type[Rule]],
    here: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    own_rules.append(rule)
    write(here, {"a.py": MARKED + b"print()\n"})
    report = run_in(here)
    assert report.internal_error
    assert places(report) == [
        ("a.py", 1, 0, "FLG000"),
        ("a.py", 2, 0, "FLG901"),
        ("a.py", 3, 4, "FLG902"),
    ]
    assert report.diagnostics[0].message.startswith("`failing` crashed at test_run.py:") or (
        rule in {FailingReport, FailingAnswer}
        and report.diagnostics[0].message.startswith("`failing` crashed at ")
    )
    assert cli.main([]) == 2
    out, err = capsys.readouterr()
    assert out.count("\n") == 3
    assert "\x1b" not in out + err


def test_two_rules_that_fail_are_both_named(own_rules: list[type[Rule]], here: Path) -> None:
    class Other(Failing):
        code = "FLG912"
        name = "other"

    own_rules += [Failing, Other, FailingProject]
    write(here, {"a.py": MARKED, "b.py": MARKED})
    report = run_in(here, "a.py")
    crashes = [d.message.split()[0] for d in report.diagnostics if d.code == "FLG000"]
    assert sorted(crashes) == ["`failing`", "`other`"]
    assert [code for *_, code in places(report)][-2:] == ["FLG901", "FLG902"]


class Broken(Collector):
    """Fails in a file that calls `fail()`."""

    def facts(self) -> dict[str, Any]:
        return {}

    def visit_Call(self, node: cst.Call) -> None:
        if isinstance(node.func, cst.Name) and node.func.value == "fail":
            raise LookupError("this one")


@pytest.mark.usefixtures("own_rules")
def test_a_collector_that_fails_is_named_and_the_other_files_are_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    every = (*collectors(), Broken)
    monkeypatch.setattr(analysis, "collectors", lambda: every)
    analysis._walk.cache_clear()
    try:
        report = check_sources({"a.py": MARKED + b"fail()\n", "b.py": MARKED})
    finally:
        analysis._walk.cache_clear()
    assert report.internal_error
    assert places(report) == [
        ("a.py", 1, 0, "FLG000"),
        ("b.py", 2, 0, "FLG901"),
        ("b.py", 3, 4, "FLG902"),
    ]
    assert "`Broken` crashed at test_run.py:" in report.diagnostics[0].message
    assert "LookupError: this one" in report.diagnostics[0].message


# Which rules, and which of their reports


@pytest.mark.parametrize(
    ("overrides", "codes"),
    [
        ({}, ["FLG901", "FLG902"]),
        ({"select": "FLG901"}, ["FLG901"]),
        ({"select": "placed"}, ["FLG902"]),
        ({"ignore": "FLG9"}, []),
        ({"ignore": "FLG902"}, ["FLG901"]),
        ({"per_file_ignores": "a.py:FLG901"}, ["FLG902"]),
        ({"per_file_ignores": "b.py:FLG901"}, ["FLG901", "FLG902"]),
        ({"per_file_ignores": "*.py:FLG9"}, []),
    ],
)
@pytest.mark.usefixtures("own_rules")
def test_rules_are_selected_for_the_run_or_ignored_in_files(
    here: Path, overrides: dict[str, Any], codes: list[str]
) -> None:
    write(here, {"a.py": MARKED})
    assert [code for *_, code in places(run_in(here, **overrides))] == codes


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("mark()  # noqa\n", []),
        ("mark()  # noqa: FLG901\n", []),
        ("mark()  # noqa: FLG9\n", []),
        ("mark()  # noqa: E501\n", [(2, 0, "FLG901")]),
        ("mark()  # noqa: FLG902\n", [(2, 0, "FLG901"), (2, 8, "FLG002")]),
        ("mark()  # noqa: FLG901, FLG902\n", [(2, 8, "FLG002")]),
        ("x  # noqa: FLG901\n", [(2, 3, "FLG002")]),
        ("x  # noqa: FLG903\n", []),
        ("x  # noqa: FLG901, FLG002\n", []),
        ("x  # noqa\n", []),
        ("x  # noqa: E501\n", []),
        ("def placed(): pass  # noqa: FLG902\n", []),
        ("mark(\n    1)  # noqa: FLG901\n", [(2, 0, "FLG901"), (3, 8, "FLG002")]),
        ("mark('''\n''')  # noqa: FLG901\n", []),
        ("# flake8: noqa\nmark()\n", []),
    ],
)
@pytest.mark.usefixtures("own_rules")
def test_noqa_comments_silence_reports_or_are_reported(
    source: str, expected: list[tuple[int, int, str]]
) -> None:
    assert reported(FLASK + source) == expected


@pytest.mark.parametrize("overrides", [{"ignore": "FLG002"}, {"per_file_ignores": "a.py:FLG002"}])
@pytest.mark.usefixtures("own_rules")
def test_unused_noqa_comments_are_no_problem_if_nobody_wants_to_know(
    here: Path, overrides: dict[str, Any]
) -> None:
    write(here, {"a.py": f"{FLASK}x  # noqa: FLG901\n"})
    assert places(run_in(here, **overrides)) == []


@pytest.mark.usefixtures("own_rules")
def test_a_noqa_for_what_is_ignored_in_the_file_is_not_unused(here: Path) -> None:
    write(here, {"a.py": f"{FLASK}x  # noqa: FLG901\n"})
    assert places(run_in(here, per_file_ignores="a.py:FLG901")) == []
    assert places(run_in(here, ignore="FLG901")) == []
    assert places(run_in(here)) == [("a.py", 2, 3, "FLG002")]


@pytest.mark.usefixtures("own_rules")
def test_noqa_comments_are_left_to_the_caller_who_gives_one_text(here: Path) -> None:
    loaded = settings.load(here, {})
    found = check_text("a.py", f"{FLASK}mark()  # noqa\nx  # noqa: FLG901\n", loaded)
    assert places(found) == [("a.py", 2, 0, "FLG901")]


# The report as a whole


@pytest.mark.usefixtures("own_rules")
def test_a_report_is_sorted_by_file_and_place_and_names_related_places() -> None:
    source = f"{FLASK}also(); also()\ndef placed(): mark(mark(1))\n"
    report = check_sources({"b.py": source, "a/z.py": source, "a.py": source})
    assert places(report) == [
        (path, 3, column, code)
        for path in ("a.py", "a/z.py", "b.py")
        for column, code in ((4, "FLG902"), (14, "FLG901"), (19, "FLG901"))
    ]
    first, second = report.diagnostics[:2]
    assert [(r.location.path, r.location.line, r.message) for r in first.related] == [
        ("a/z.py", 3, "another"),
        ("b.py", 3, "another"),
    ]
    assert [(r.location.column, r.message) for r in second.related] == [
        (0, "also here"),
        (8, "also here"),
    ]


def test_the_report_does_not_depend_on_the_order_of_sets(tmp_path: Path) -> None:
    shutil.copytree(FIXTURES, tmp_path / "all")
    reports = {start("all", cwd=tmp_path, PYTHONHASHSEED=seed).stdout for seed in "12"}
    assert len(reports) == 1
    assert len(reports.pop().splitlines()) > 10


@POSIX
@pytest.mark.usefixtures("own_rules")
def test_a_file_with_several_names_is_reported_once(here: Path) -> None:
    write(here, {"a.py": MARKED})
    (here / "b.py").symlink_to("a.py")
    (here / "folder").symlink_to(".")
    for paths in (["."], ["a.py", "b.py"], ["a.py", "a.py", "./a.py"], ["folder/a.py", "a.py"]):
        report = run_in(here, *paths)
        assert len(report.diagnostics) == 2
        assert report.files == 1


PROJECTS = [path for path in sorted((FIXTURES / "projects").iterdir()) if path.is_dir()]


@pytest.mark.parametrize("project", PROJECTS, ids=lambda path: path.name)
def test_a_run_over_a_project_says_what_runs_over_its_files_say(project: Path, here: Path) -> None:
    shutil.copytree(project, here / "project")
    (here / "project" / "pyproject.toml").touch()
    files = sorted(path.relative_to(here).as_posix() for path in (here / "project").rglob("*.py"))
    whole = run_in(here / "project", "project")
    single = [run_in(here / "project", path) for path in files]
    assert whole.files >= len(files)
    found = [one for report in single for one in report.diagnostics]
    assert sorted(found, key=lambda one: one.sort_key) == [
        one for one in whole.diagnostics if one.location.path.endswith(".py")
    ]


CROSSING = {
    "shop/__init__.py": f"{FLASK}def create_app():\n    from .views import bp, late\n"
    "    app = Flask(__name__)\n    app.register_blueprint(bp)\n    return app\n",
    "shop/views.py": "from flask import Blueprint, current_app\nfrom .names import NAME\n"
    "bp = Blueprint('bp', NAME)\nlate = Blueprint('late', __name__)\n"
    "LIMIT = current_app.config['LIMIT']\n",
    "shop/names.py": "NAME = 'bp'\n",
    "run.py": "from shop import create_app\ncreate_app().run(debug=True)\n",
}


def test_one_file_is_checked_as_a_part_of_its_project(here: Path) -> None:
    write(here, dict(CROSSING))
    whole = run_in(here).diagnostics
    assert {d.location.path for d in whole} == {"shop/views.py", "run.py"}
    for path in CROSSING:
        alone = run_in(here, path).diagnostics
        assert alone == tuple(d for d in whole if d.location.path == path)


# What is piped in


@pytest.mark.usefixtures("own_rules")
def test_what_is_piped_in_stands_in_place_of_its_file_in_the_project(here: Path) -> None:
    write(here, {"a.py": MARKED, "b.py": MARKED})
    new = b"\n" + FLASK.encode() + b"def placed(): pass\n"
    for name in ("a.py", "./a.py", str(here / "a.py")):
        report = run([], settings.load(here, {}), (name, new))
        (found,) = report.diagnostics
        assert (found.location.path, found.location.line) == (name, 3)
        assert [other.location.path for other in found.related] == ["b.py"]
        assert report.files == 1


@pytest.mark.usefixtures("own_rules")
def test_what_is_piped_in_may_be_a_file_that_does_not_exist_yet(here: Path) -> None:
    write(here, {"b.py": MARKED})
    report = run([], settings.load(here, {}), ("new/a.py", MARKED))
    assert places(report) == [("new/a.py", 2, 0, "FLG901"), ("new/a.py", 3, 4, "FLG902")]
    assert len(report.diagnostics[1].related) == 1


def test_what_is_piped_in_is_checked_by_the_command(here: Path) -> None:
    write(here, dict(CROSSING))
    before = start("run.py", cwd=here)
    assert before.returncode == 1
    piped = start("-", "--stdin-filename", "run.py", cwd=here, stdin=CROSSING["run.py"].encode())
    assert (piped.returncode, piped.stdout) == (1, before.stdout)
    nothing = start("-", "--stdin-filename", "run.py", cwd=here, stdin=b"")
    assert (nothing.returncode, nothing.stdout) == (0, b"")


# Names of files


@POSIX
@pytest.mark.parametrize("arguments", [["."], ["./{}"], ["--output-format", "json", "."]])
def test_names_of_files_may_hold_anything_and_steer_no_terminal(
    arguments: list[str], tmp_path: Path
) -> None:
    names = [
        b"a\nb.py",
        b"\x1b[31m.py",
        b"\xff\xfe.py",
        b"a:1:1: FLG1 x.py",
        b"-x.py",
        b"%.py",
        b" .py",
    ]
    folder = os.fsencode(tmp_path)
    written = []
    for name in names:
        try:
            with open(os.path.join(folder, name), "wb") as file:
                file.write(b"from flask import (\n")
        except OSError:  # this file system does not take such a name
            continue
        written.append(name)
    assert len(written) >= 4
    given: list[bytes | str] = []
    for argument in arguments:
        each = [b"./" + name for name in written] if argument == "./{}" else [argument]
        given += each
    done = start(*given, cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    assert b"\x1b" not in done.stdout + done.stderr
    (done.stdout + done.stderr).decode()
    if "json" in arguments:
        assert len(json.loads(done.stdout)["diagnostics"]) == len(written)
    else:
        assert done.stdout.count(b"\n") == len(written)


# Work that is not done


@pytest.fixture
def parses(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """List what LibCST is asked to parse."""
    parsed: list[str] = []
    parse_module = cst.parse_module

    def counting(source: str) -> cst.Module:
        parsed.append(source)
        return parse_module(source)

    monkeypatch.setattr(cst, "parse_module", counting)
    return parsed


def test_files_without_a_word_of_flask_are_not_parsed(here: Path, parses: list[str]) -> None:
    write(here, {f"{number}.py": f"import os\nx = {number}\n" for number in range(5)})
    write(here, {"é.py": "x = 'é'\n", "broken.py": "x = (\n"})
    report = run_in(here)
    assert (report.files, report.diagnostics, parses) == (7, (), [])


@pytest.mark.usefixtures("own_rules")
def test_relevant_files_are_parsed_once_and_again_only_to_locate_what_was_found(
    here: Path, parses: list[str]
) -> None:
    plain = {f"{number}.py": f"{FLASK}x = {number}\n" for number in range(5)}
    marked = {"marked.py": f"{FLASK}mark()\nmark()\n"}
    placed = {"placed.py": f"{FLASK}def placed(): pass\nclass A:\n    def placed(self): pass\n"}
    write(here, {**plain, **marked, **placed, "other.py": "import os\n"})
    assert len(run_in(here).diagnostics) == 4
    once = [*plain.values(), *marked.values(), *placed.values()]
    assert sorted(parses) == sorted([*once, *placed.values()])


@pytest.mark.usefixtures("own_rules")
def test_one_text_is_parsed_once(here: Path, parses: list[str]) -> None:
    source = f"{FLASK}mark()\ndef placed(): pass\n"
    found = check_text("a.py", source, settings.load(here, {}), ast.parse(source))
    assert len(found) == 2
    assert parses == [source]


def test_only_positions_ask_for_metadata_and_nothing_for_matchers() -> None:
    package = Path(flask_gotchas.__file__).parent
    asking = set()
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            if any(name.startswith(("libcst.metadata", "libcst.matchers")) for name in names):
                asking.add(path.relative_to(package).as_posix())
    assert asking <= {"positions.py"}


def test_a_run_imports_neither_metadata_nor_matchers_unless_it_locates_something(
    tmp_path: Path,
) -> None:
    write(tmp_path, {"a.py": f"{FLASK}app = Flask(__name__)\n"})
    code = (
        "import sys; from flask_gotchas.cli import main; main(['a.py']); "
        "sys.exit('libcst.matchers' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path, timeout=60)
