from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

import pytest

from flask_gotchas import __version__, cli, docs
from flask_gotchas.model import Diagnostic, Location, Report, Severity

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from flask_gotchas.settings import Settings

BROKEN = "from flask import Flask\napp = Flask(\n"
FINE = "x = 1\n"


def problem(
    path: str = "app.py", code: str = "FLG101", message: str = "`x` is wrong"
) -> Diagnostic:
    return Diagnostic(
        location=Location(path, 1, 0, 1, 1),
        code=code,
        name=f"rule-{code.lower()}",
        severity=Severity.ERROR,
        message=message,
        help="Repair it.",
    )


class Done(NamedTuple):
    status: int
    out: str
    err: str


class Terminal:
    """Types commands in an empty folder and sees what comes out."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.capsys = capsys
        self.monkeypatch = monkeypatch
        self.asked: list[tuple[list[str], Settings, tuple[str, bytes] | None]] = []

    def type(self, *arguments: str) -> Done:
        status = cli.main(arguments)
        return Done(status, *self.capsys.readouterr())

    def find(self, *diagnostics: Diagnostic, files: int = 3, internal_error: bool = False) -> None:
        """Let every run end with these, and note what it was asked for."""

        def run(
            paths: Sequence[str], settings: Settings, stdin: tuple[str, bytes] | None, *_: object
        ) -> Report:
            self.asked.append((list(paths), settings, stdin))
            return Report(diagnostics, files, internal_error)

        self.monkeypatch.setattr("flask_gotchas.run.run", run)
        self.monkeypatch.setattr("flask_gotchas.cache.reports.keep", lambda *_: None)

    def pipe_in(self, source: bytes) -> None:
        self.monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(source)))


@pytest.fixture
def terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Terminal:
    monkeypatch.chdir(tmp_path)
    return Terminal(capsys, monkeypatch)


def start(
    *arguments: str, cwd: Path, encoding: str = "utf-8", stdin: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "flask_gotchas", *arguments],
        check=False,
        cwd=cwd,
        input=stdin,
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": encoding},
        timeout=120,
    )


# What a run says and how it ends


def test_nothing_found_is_status_0(terminal: Terminal) -> None:
    terminal.find()
    assert terminal.type() == (0, "", "3 files, no problems.\n")


def test_problems_are_status_1(terminal: Terminal) -> None:
    terminal.find(problem())
    assert terminal.type() == (
        1,
        "app.py:1:1: FLG101 `x` is wrong\n",
        "Found 1 problem in 1 of 3 files. `flask-gotchas explain FLG101` says more.\n",
    )


def test_exit_zero_still_shows_the_problems(terminal: Terminal) -> None:
    terminal.find(problem())
    done = terminal.type("--exit-zero")
    assert done.status == 0
    assert "FLG101" in done.out


@pytest.mark.parametrize("arguments", [[], ["--exit-zero"]])
def test_a_crashed_rule_is_status_2_and_shows_everything_else(
    terminal: Terminal, arguments: list[str]
) -> None:
    terminal.find(problem(), internal_error=True)
    done = terminal.type(*arguments)
    assert done.status == 2
    assert "FLG101" in done.out
    assert done.err.startswith("flask-gotchas: error: a rule crashed (FLG000)")


def test_a_crash_of_the_tool_is_one_line_and_status_2(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        raise RuntimeError("boom\x1b[2J\n::error::x")

    monkeypatch.setattr("flask_gotchas.run.run", crash)
    done = terminal.type()
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith(
        "flask-gotchas: error: this is a bug, please report it: RuntimeError"
    )
    assert done.err.endswith("boom\\x1b[2J\\x0a::error::x\n")


def test_no_python_files_is_a_warning(terminal: Terminal) -> None:
    terminal.find(files=0)
    assert terminal.type() == (
        0,
        "",
        "flask-gotchas: warning: no Python files found under the given paths\n",
    )


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["missing.py"], "missing.py: no such file or folder"),
        (["check", "missing\x1b.py"], r"missing\x1b.py: no such file or folder"),
        (["--selct", "FLG101"], "No such option"),
        (["--select", "FLG999"], "--select: unknown rule `FLG999`"),
        (["--output-format", "yaml"], "Invalid value for '--output-format'"),
        (["--stdin-filename", "app.py"], "--stdin-filename goes with `-`"),
        (["-", "app.py"], "`-` must be the only path"),
        (["explain"], "Missing argument"),
        (["explain", "FLG999"], "there is no rule 'FLG999'"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_status_2(
    terminal: Terminal, arguments: list[str], complaint: str
) -> None:
    done = terminal.type(*arguments)
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith(f"flask-gotchas: error: {complaint}")
    assert done.err.count("\n") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other limits")
def test_a_path_of_thousands_of_folders_is_too_long(terminal: Terminal) -> None:
    done = terminal.type("a/" * 3_000 + "x.py")
    assert done.status == 1
    assert "a/x.py:1:1: FLG001 the file cannot be checked: File name too long" in done.out
    assert "no results can be kept here" in done.err


@pytest.mark.skipif(sys.platform != "linux", reason="needs a folder that can go")
def test_a_working_folder_that_is_gone_is_one_line_and_status_2(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    done = terminal.type()
    assert done == (2, "", "flask-gotchas: error: the working folder is gone\n")


def test_wrong_settings_are_one_line_and_status_2(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.flask-gotchas]\nselct = []\n")
    done = terminal.type()
    assert done.status == 2
    assert "pyproject.toml: selct: unknown key" in done.err
    assert done.err.count("\n") == 1


def test_missing_documents_are_one_line_and_status_2(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> None:
        raise docs.DocumentError("the rule documents are missing")

    monkeypatch.setattr(docs, "rules_dir", missing)
    assert terminal.type("rules") == (
        2,
        "",
        "flask-gotchas: error: the rule documents are missing\n",
    )


def test_ctrl_c_is_no_traceback(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("flask_gotchas.run.run", interrupt)
    done = terminal.type()
    assert done.status == 130
    assert done.err.strip() == "flask-gotchas: error: interrupted"


# Paths and commands


@pytest.mark.parametrize(
    ("arguments", "paths"),
    [
        ([], ["."]),
        (["check"], ["."]),
        (["a", "b.py"], ["a", "b.py"]),
        (["check", "a"], ["a"]),
        (["check", "rules"], ["rules"]),
        (["./rules"], ["./rules"]),
        (["--isolated", "rules"], ["rules"]),
        (["--", "--odd.py"], ["--odd.py"]),
    ],
)
def test_check_need_not_be_named(
    terminal: Terminal, arguments: list[str], paths: list[str]
) -> None:
    terminal.find()
    assert terminal.type(*arguments).status == 0
    assert terminal.asked[0][0] == paths


def test_what_is_piped_in_is_checked_under_its_name(terminal: Terminal) -> None:
    terminal.find(problem("pkg/app.py"))
    terminal.pipe_in(b"x = 1\n")
    done = terminal.type("-", "--stdin-filename", "pkg/app.py", "--output-format", "full")
    assert (terminal.asked[0][0], terminal.asked[0][2]) == ([], ("pkg/app.py", b"x = 1\n"))
    assert "1 | x = 1\n" in done.out


def test_settings_are_those_of_the_folder_that_is_checked(
    terminal: Terminal, tmp_path: Path
) -> None:
    (tmp_path / "sub" / "pkg").mkdir(parents=True)
    (tmp_path / "sub" / "pyproject.toml").write_text('[tool.flask-gotchas]\nselect = ["FLG999"]\n')
    terminal.find()
    assert "sub/pyproject.toml" in terminal.type("sub/pkg").err
    assert terminal.type("sub/pkg", "--isolated").status == 0
    terminal.pipe_in(b"")
    assert "sub/pyproject.toml" in terminal.type("-", "--stdin-filename", "sub/x.py").err


# Formats


def test_json_goes_to_stdout_and_the_summary_to_stderr(terminal: Terminal) -> None:
    terminal.find(problem(), problem("b.py"))
    done = terminal.type("--output-format", "json")
    assert len(json.loads(done.out)["diagnostics"]) == 2
    assert done.err.startswith("Found 2 problems")


def test_the_format_may_be_set_in_pyproject(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.flask-gotchas]\noutput-format = "json"\n')
    terminal.find(problem())
    assert json.loads(terminal.type().out)["version"] == 1
    assert terminal.type("--output-format", "concise").out.startswith("app.py:1:1:")


def test_statistics_count_by_rule_with_the_most_first(terminal: Terminal) -> None:
    terminal.find(problem(code="FLG601"), problem(code="FLG201"), problem(code="FLG201"))
    done = terminal.type("--statistics")
    assert done.status == 1
    assert done.out == "    2  FLG201  rule-flg201\n    1  FLG601  rule-flg601\n"


def test_statistics_as_json(terminal: Terminal) -> None:
    terminal.find(problem(code="FLG601"))
    done = terminal.type("--statistics", "--output-format", "json")
    counts = [{"code": "FLG601", "name": "rule-flg601", "count": 1}]
    assert json.loads(done.out) == {"version": 1, "statistics": counts}


def test_show_settings_checks_nothing(terminal: Terminal) -> None:
    terminal.find(problem())
    done = terminal.type("--show-settings", "--exclude", "build, dist")
    assert done.status == 0
    assert 'exclude = ["build", "dist"]  # command line' in done.out
    assert terminal.asked == []


def test_options_may_be_repeated_and_hold_commas(terminal: Terminal) -> None:
    arguments = ["--per-file-ignores", "a.py:FLG001,FLG002", "--per-file-ignores", "b/*:FLG0"]
    shown = terminal.type("--show-settings", *arguments).out
    assert 'per-file-ignores."a.py" = ["FLG001", "FLG002"]' in shown
    assert 'per-file-ignores."b/*" = ["FLG0"]' in shown


# Documents


@pytest.fixture
def documents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number, default in ((901, "true"), (902, "false")):
        (tmp_path / f"FLG{number}-spoon-{number}.md").write_text(
            f'+++\ncode = "FLG{number}"\nname = "spoon-{number}"\nsummary = "No sp\u00f6\u00f6n."\n'
            f'default = {default}\nseverity = "error"\nfixable = false\nflask = ">=2.2"\n'
            'since = "0.1.0"\nreferences = []\n+++\nBody.\n',
            encoding="utf-8",
        )
    monkeypatch.setattr(docs, "rules_dir", lambda: tmp_path)


@pytest.mark.usefixtures("documents")
def test_explain_shows_a_document(terminal: Terminal) -> None:
    done = terminal.type("explain", "spoon-901")
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith("FLG901 spoon-901: No spöön.\n")


@pytest.mark.usefixtures("documents")
def test_explain_suggests_what_was_meant(terminal: Terminal) -> None:
    assert "did you mean spoon-90" in terminal.type("explain", "spoon-90").err


@pytest.mark.usefixtures("documents")
def test_rules_lists_all(terminal: Terminal) -> None:
    assert terminal.type("rules").out == (
        "FLG901  spoon-901  on   error    No spöön.\nFLG902  spoon-902  off  error    No spöön.\n"
    )


@pytest.mark.usefixtures("documents")
def test_rules_as_json_is_an_array(terminal: Terminal) -> None:
    listed = json.loads(terminal.type("rules", "--output-format", "json").out)
    assert [(rule["code"], rule["default"]) for rule in listed] == [
        ("FLG901", True),
        ("FLG902", False),
    ]


# The whole program


def test_help_shows_the_options_of_check_the_commands_and_examples(terminal: Terminal) -> None:
    done = terminal.type("--help")
    assert done.status == 0
    assert done.out.startswith("Usage: flask-gotchas [OPTIONS] [PATHS]...\n")
    for part in ("--extend-select", "--version", "explain", "Examples:", "./rules", "Exit status:"):
        assert part in done.out
    assert terminal.type("check", "--help").status == 0


def test_version(terminal: Terminal) -> None:
    assert terminal.type("--version") == (0, f"flask-gotchas {__version__}\n", "")


def test_a_check_does_without_openssl(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("import flask\n")
    code = "import sys; from flask_gotchas.cli import main; status = main(['--isolated', '.']); "
    code += "sys.exit(status or '_hashlib' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60, cwd=tmp_path)


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["rules"], ["explain", "FLG101"]])
def test_what_checks_nothing_does_not_import_libcst(arguments: list[str]) -> None:
    code = (
        "import sys; from flask_gotchas.cli import main; main(sys.argv[1:]); "
        "sys.exit('libcst' in sys.modules)"
    )
    command = [sys.executable, "-c", code, *arguments]
    subprocess.run(command, check=True, capture_output=True, timeout=60)


def test_a_broken_file_is_a_problem_and_the_others_are_checked(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(BROKEN)
    (tmp_path / "fine.py").write_text(FINE)
    done = start(cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout.startswith(b"app.py:2:")
    assert b"FLG001" in done.stdout
    assert done.stderr.startswith(b"Found 1 problem in 1 of 2 files.")


def test_every_character_can_be_written_whatever_the_encoding(tmp_path: Path) -> None:
    (tmp_path / "größe.py").write_text(BROKEN)
    done = start(cwd=tmp_path, encoding="ascii")
    assert done.returncode == 1
    assert done.stdout.startswith(b"gr\\xf6\\xdfe.py:2:")


@pytest.mark.skipif(os.name == "nt", reason="head and SIGPIPE are of other systems")
def test_a_reader_that_stops_early_is_no_traceback(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"app{number}.py").write_text(BROKEN)
    done = subprocess.run(
        f"'{sys.executable}' -m flask_gotchas --output-format full | true",
        shell=True,
        check=False,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stderr.startswith("Found 3 problems")
    assert done.stderr.count("\n") == 1


@pytest.mark.skipif(os.name == "nt", reason="the shell of other systems can close streams")
@pytest.mark.parametrize(
    ("command", "status"), [("app.py >&-", 1), ("rules >&-", 0), ("- <&-", 0), (". >&- 2>&-", 1)]
)
def test_closed_streams_are_no_crash(tmp_path: Path, command: str, status: int) -> None:
    (tmp_path / "app.py").write_text(BROKEN)
    shell = f"'{sys.executable}' -m flask_gotchas {command}"
    done = subprocess.run(shell, shell=True, check=False, cwd=tmp_path, timeout=120)
    assert done.returncode == status


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_pipes_and_devices_are_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "a.html").write_text("{% include 'b.html' %}")
    (tmp_path / "app.py").write_text(
        "from flask import Flask, render_template\napp = Flask(__name__)\n"
        "@app.get('/')\ndef page(): return render_template('a.html')\n"
    )
    pipes = (
        *("x.py", "templates/b.html", "pyproject.toml", "requirements.txt", "setup.py"),
        *("Procfile", "notes", "base.json", ".gitignore", ".pre-commit-config.yaml"),
    )
    for name in pipes:
        os.mkfifo(tmp_path / name)
    (tmp_path / "endless.py").symlink_to("/dev/zero")
    reason = "the file cannot be checked: the file cannot be read: it is a pipe or a device"

    def type_in(*arguments: str) -> Done:
        done = subprocess.run(
            [sys.executable, "-m", "flask_gotchas", *arguments],
            check=False, cwd=tmp_path, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        return Done(done.returncode, done.stdout, done.stderr)

    done = type_in(".", "x.py", "endless.py", "--fix", "--select=ALL", "--output-format=full")
    assert done.status == 1
    assert done.out.count(reason) == 2
    assert "FLG801" in done.out  # the pipe is no template for Jinja either
    done = type_in("--baseline", "base.json")
    assert done == (2, "", "flask-gotchas: error: base.json: it is a pipe or a device\n")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="only Linux has a full disk to try")
def test_a_report_that_cannot_be_written_is_status_2(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(BROKEN)
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "flask_gotchas"],
            check=False,
            cwd=tmp_path,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=120,
        )
    assert done.returncode == 2
    assert done.stderr == "flask-gotchas: error: No space left on device\n"


def test_without_its_extra_the_server_says_how_to_install_it() -> None:
    code = "import sys; sys.modules['pygls'] = None; from flask_gotchas.cli import main; "
    done = subprocess.run(
        [sys.executable, "-c", f"{code}sys.exit(main(['server']))"],
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    [line] = done.stderr.splitlines()
    assert line.endswith("pip install 'flask-gotchas[lsp]'")


def test_no_other_command_imports_anything_of_the_server(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("import flask\n", encoding="utf-8")
    code = "import sys; from flask_gotchas.cli import main; "
    code += "main(['.', '--no-cache']); main(['rules']); main(['explain', 'FLG101']); "
    code += "print([name for name in sys.modules if 'pygls' in name or 'server' in name])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_end_of_python_collects_nothing_of_ours() -> None:
    code = "import gc, sys; from flask_gotchas.__main__ import main; "
    code += "sys.argv[1:] = ['rules']; status = main(); "
    code += "sys.exit(status or gc.get_freeze_count() == 0)"
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, timeout=60)
