"""Comments that silence what is reported, and change nothing else."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

import pytest
from support import all_fixtures

from flask_gotchas import cli
from flask_gotchas.add_noqa import NEVER, add_noqa
from flask_gotchas.model import Diagnostic, Location, Report, Severity


def problem(path: Path | str, line: int, code: str = "FLG101") -> Diagnostic:
    return Diagnostic(
        location=Location(str(path), line, 0, line, 1),
        code=code,
        name="some-rule",
        severity=Severity.ERROR,
        message="`x` is wrong",
        help="Repair it.",
    )


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def silenced(source: str | bytes, *problems: tuple[int, str], name: str = "app.py") -> str:
    """Add the comments for problems of a file, given by line and code, and give the file."""
    data = source if isinstance(source, bytes) else source.encode()
    Path(name).write_bytes(data)
    report = Report(tuple(problem(name, *one) for one in problems), files=1)
    report, _ = add_noqa(report)
    assert report.diagnostics == ()
    return Path(name).read_bytes().decode()


def refused(source: str, line: int, name: str = "app.py", code: str = "FLG101") -> str:
    """Give what is said of a problem that stays; the file must stay, too."""
    Path(name).write_bytes(source.encode())
    report, said = add_noqa(Report((problem(name, line, code),), files=1))
    assert [found.location.line for found in report.diagnostics] == [line]
    assert Path(name).read_bytes() == source.encode()
    assert said[0] == "Added 0 noqa comments to 0 files."
    return "".join(said[1:])


pytestmark = pytest.mark.usefixtures("folder")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x()\n", "x()  # noqa: FLG101\n"),
        ("x()", "x()  # noqa: FLG101"),
        ("x() \t\n", "x()  # noqa: FLG101 \t\n"),
        ("x()  # why\n", "x()  # why  # noqa: FLG101\n"),
        ("x()  # type: ignore\n", "x()  # type: ignore  # noqa: FLG101\n"),
        ("x()  # noqa: E501\n", "x()  # noqa: E501,FLG101\n"),
        ("x()  # noqa: E501, F401\n", "x()  # noqa: E501, F401, FLG101\n"),
        ("x()  # noqa: E501 as said\n", "x()  # noqa: E501,FLG101 as said\n"),
        ("x()  # NOQA:E501\n", "x()  # NOQA:E501,FLG101\n"),
        ("x()  # noqa: FLG202\n", "x()  # noqa: FLG202,FLG101\n"),
        ("", "# noqa: FLG101"),
        ("x(\n)\n", "x(  # noqa: FLG101\n)\n"),
        ('x("""\n\n""")\n', 'x("""\n\n""")  # noqa: FLG101\n'),
        ("x = 1 + \\\n    2\n", "x = 1 + \\\n    2  # noqa: FLG101\n"),
        ("x = '\\\n'; y = 2\n", "x = '\\\n'; y = 2  # noqa: FLG101\n"),
        ('f"""\n{x}\n"""\n', 'f"""\n{x}\n"""  # noqa: FLG101\n'),
        ('"""\n"""  # noqa: E501\n', '"""\n"""  # noqa: E501,FLG101\n'),
        ("x() # \u00e4\u2028\x0c\ny()\n", "x() # \u00e4\u2028  # noqa: FLG101\x0c\ny()\n"),
    ],
)
def test_a_comment_goes_where_python_and_flake8_read_it(before: str, after: str) -> None:
    assert silenced(before, (1, "FLG101")) == after


def test_a_line_gets_one_comment_for_all_its_problems() -> None:
    problems = [(1, "FLG602"), (1, "FLG101"), (1, "FLG101"), (2, "FLG201")]
    after = silenced("x()\ny()\n", *problems)
    assert after == "x()  # noqa: FLG101, FLG602\ny()  # noqa: FLG201\n"


def test_problems_inside_of_one_string_share_its_comment() -> None:
    after = silenced('x("""\n\n""")\n', (1, "FLG101"), (2, "FLG102"))
    assert after == 'x("""\n\n""")  # noqa: FLG101, FLG102\n'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"x()\r\ny()\r\n", b"x()  # noqa: FLG101\r\ny()\r\n"),
        (b"x()\ry()\r", b"x()  # noqa: FLG101\ry()\r"),
        (b"x()\r\ny()\n", b"x()  # noqa: FLG101\r\ny()\n"),
        (b"\xef\xbb\xbfx()\n", b"\xef\xbb\xbfx()  # noqa: FLG101\n"),
        (b"# coding: latin-1\n'\xe4'\n", b"# coding: latin-1  # noqa: FLG101\n'\xe4'\n"),
        (b"# coding: cp932\n'\x83\x5c'", b"# coding: cp932  # noqa: FLG101\n'\x83\x5c'"),
    ],
)
def test_line_ends_encoding_and_bom_stay(before: bytes, after: bytes) -> None:
    Path("app.py").write_bytes(before)
    report, _ = add_noqa(Report((problem("app.py", 1),), files=1))
    assert report.diagnostics == ()
    assert Path("app.py").read_bytes() == after


@pytest.mark.skipif(os.name == "nt", reason="modes and links are of other systems")
def test_the_mode_stays_and_a_link_stays_a_link() -> None:
    Path("real.py").write_text("x()\n")
    Path("real.py").chmod(0o751)
    Path("app.py").symlink_to("real.py")
    add_noqa(Report((problem("app.py", 1),), files=1))
    assert Path("app.py").is_symlink()
    assert Path("real.py").read_text() == "x()  # noqa: FLG101\n"
    assert stat.S_IMODE(Path("real.py").stat().st_mode) == 0o751
    assert sorted(path.name for path in Path().iterdir()) == ["app.py", "real.py"]


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ('x("# noqa: E501")\n', 1),
        ("x()\n", 7),
        ("x()\n", 0),
        ("x = 1 + \\\n", 1),
    ],
)
def test_what_no_comment_can_silence_is_said(source: str, line: int) -> None:
    said = refused(source, line)
    assert said == f"app.py:{line}: FLG101 stays: no comment is possible in this line"


def test_what_cannot_be_silenced_does_not_keep_others_from_it() -> None:
    Path("app.py").write_text('x("# noqa: E501")\ny()\n')
    report, said = add_noqa(Report((problem("app.py", 1), problem("app.py", 2)), files=1))
    assert [found.location.line for found in report.diagnostics] == [1]
    assert said[0] == "Added 1 noqa comment to 1 file."
    assert Path("app.py").read_text() == 'x("# noqa: E501")\ny()  # noqa: FLG101\n'


@pytest.mark.parametrize("code", ["FLG000", "FLG001", "FLG002"])
def test_what_is_wrong_with_the_check_is_not_silenced(code: str) -> None:
    assert refused("x()\n", 1, code=code) == ""


def test_other_files_take_no_comment() -> None:
    assert "takes no noqa comment" in refused("web: python app.py\n", 1, name="Procfile")


def test_bytes_that_would_not_come_back_are_left_alone() -> None:
    source = b"# coding: utf-7\nx = '+AOQ-'\n"
    Path("app.py").write_bytes(source.replace(b"+AOQ-", b"+AOQ-+AOQ-"))
    before = Path("app.py").read_bytes()
    report, said = add_noqa(Report((problem("app.py", 2),), files=1))
    assert len(report.diagnostics) == 1
    assert "cannot be written as it was" in said[1]
    assert Path("app.py").read_bytes() == before


# Templates


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<form>\n", "<form>{# noqa: FLG802 #}\n"),
        ("<form>\r\n</form>\r\n", "<form>{# noqa: FLG802 #}\r\n</form>\r\n"),
        ("{% include 'x' %}\n", "{% include 'x' %}{# noqa: FLG802 #}\n"),
        ("{% if x -%}\n  y\n", "{% if x -%}{# noqa: FLG802 -#}\n  y\n"),
        ("<form> {# noqa: FLG803 #}\n", "<form> {# noqa: FLG803,FLG802 #}\n"),
        ("{#- noqa: FLG803, FLG101 -#}\n", "{#- noqa: FLG803, FLG101, FLG802 -#}\n"),
        ("<a\n href='{{ x }}'>\n", "<a{# noqa: FLG802 #}\n href='{{ x }}'>\n"),
        ("größe", "größe{# noqa: FLG802 #}"),
    ],
)
def test_a_template_gets_a_comment_of_jinja(before: str, after: str) -> None:
    assert silenced(before, (1, "FLG802"), name="page.html") == after


@pytest.mark.parametrize(
    "source",
    [
        "{{ url_for(\n'x') }}\n",
        "{% raw %}<form>\n</form>{% endraw %}\n",
        "{% if\n x %}{% endif %}\n",
        "{{ '{' }\n",
    ],
)
def test_a_template_keeps_its_meaning(source: str) -> None:
    assert "no comment is possible" in refused(source, 1, name="page.html", code="FLG802")


# The command

SHOP = {
    "app.py": """\
from flask import Flask, current_app, render_template

app = Flask(__name__)
print(current_app.name,  # why
      current_app.debug)
TEXT = f\"\"\"
{current_app.name}
\"\"\"


@app.get("/")
def index():
    return render_template("index.html", other=render_template("none.html"))
""",
    "templates/index.html": '<form method="post" action="/">\n</form>\n{% include "gone.html" %}\n',
    "broken.py": "import flask\nx = (\n",
}


def make(files: dict[str, str]) -> None:
    for name, text in files.items():
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text(text)


def test_a_second_run_reports_nothing_and_changes_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    make({name: text for name, text in SHOP.items() if name != "broken.py"})
    assert cli.main(["--isolated"]) == 1
    found = capsys.readouterr().out.count("\n")
    assert found >= 6
    assert cli.main(["--isolated", "--add-noqa"]) == 0
    done = capsys.readouterr()
    assert done.out == ""
    assert done.err == "Added 6 noqa comments to 2 files.\n1 file, no problems.\n"
    assert "{# noqa: FLG801 #}" in Path("templates/index.html").read_text()
    written = {name: Path(name).stat().st_mtime_ns for name in SHOP if Path(name).exists()}
    assert cli.main(["--isolated", "--add-noqa"]) == 0
    assert "Added 0 noqa comments" in capsys.readouterr().err
    assert written == {name: Path(name).stat().st_mtime_ns for name in written}


def test_what_is_left_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    make(SHOP)
    assert cli.main(["--isolated", "--add-noqa"]) == 1
    assert capsys.readouterr().out.startswith("broken.py:2:")


def test_only_what_a_baseline_does_not_have_gets_a_comment(
    capsys: pytest.CaptureFixture[str],
) -> None:
    make({"app.py": "from flask import g\ng.a\n"})
    assert cli.main(["--isolated", "--write-baseline", "known.json"]) == 0
    make({"app.py": "from flask import g\ng.a\ng.b\n"})
    assert cli.main(["--isolated", "--baseline", "known.json", "--add-noqa"]) == 0
    assert Path("app.py").read_text() == "from flask import g\ng.a\ng.b  # noqa: FLG201\n"


@pytest.mark.skipif(os.name == "nt", reason="no such names there")
def test_no_name_of_a_file_is_a_command_to_a_build_server(
    capsys: pytest.CaptureFixture[str],
) -> None:
    make({"::error::\x1b\n::x.py": 'from flask import g\ng["# noqa: E501"]\n'})
    assert cli.main(["--isolated", "--add-noqa"]) == 1
    done = capsys.readouterr()
    assert "FLG201 stays: " in done.err
    assert not re.search(r"^\s*::|\x1b", done.out + done.err, re.MULTILINE)


def test_what_is_piped_in_gets_no_comments(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["-", "--add-noqa"]) == 2
    assert "need files, not `-`" in capsys.readouterr().err


def test_whatever_a_rule_reports_can_be_silenced(capsys: pytest.CaptureFixture[str]) -> None:
    for fixture in all_fixtures():
        for name, text in fixture.files.items():
            path = Path(fixture.name, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")
    options = ["--isolated", "--no-cache", "--select", "ALL"]
    cli.main([*options, "--add-noqa"])
    done = capsys.readouterr()
    assert "stays" not in done.err
    assert {line.split()[1] for line in done.out.splitlines()} <= NEVER
    cli.main(options)
    assert capsys.readouterr().out == done.out
