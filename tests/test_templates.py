"""What is read from templates, which of them are known, and reports in them."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from flask_gotchas import settings
from flask_gotchas.discover import PathNotFound
from flask_gotchas.editing import NoFix
from flask_gotchas.model import Location
from flask_gotchas.one_file import diagnostic
from flask_gotchas.rule import all_rules
from flask_gotchas.run import check_text, run
from flask_gotchas.suppress import parse_template_noqa
from flask_gotchas.template_facts import TemplateFacts, TemplateForm
from flask_gotchas.templates import read_template

if TYPE_CHECKING:
    from pathlib import Path


APP = """\
from flask import Flask, render_template

app = Flask(__name__)


@app.route("/")
def home():
    return render_template("home.html")
"""
BROKEN = '<form method="post" action="{{ url_for(\'home\') }}"></form>'
CODES = {"select": ["FLG8"]}


def read(source: str) -> TemplateFacts:
    facts = read_template("templates/a.html", "a.html", source)
    assert facts is not None
    return facts


def form(source: str) -> TemplateForm:
    (found,) = read(source).forms
    return found


def cut(source: str, at: Location) -> str:
    """Give the text at a location, which must be in one line."""
    assert at.line == at.end_line
    return source.split("\n")[at.line - 1][at.column : at.end_column]


# url_for


@pytest.mark.parametrize(
    ("call", "endpoint", "keywords", "unpacked"),
    [
        ("url_for('a.b')", "a.b", (), False),
        ('url_for("a", x=1, _external=True)', "a", ("x", "_external"), False),
        ("url_for(endpoint='a', x=f(1, (2)))", "a", ("x",), False),
        ("url_for('a' 'b')", "ab", (), False),
        ("url_for(name)", None, (), False),
        ("url_for('a' ~ b)", None, (), False),
        ("url_for('.a', **values)", ".a", (), True),
        ("url_for ( 'a' )", "a", (), False),
    ],
)
def test_a_call_of_url_for_is_read(
    call: str, endpoint: str | None, keywords: tuple[str, ...], unpacked: bool
) -> None:
    source = f"ä\n<a href='{{{{ {call} }}}}'>"
    (found,) = read(source).url_fors
    assert (found.endpoint, found.keywords, found.unpacked) == (endpoint, keywords, unpacked)
    assert cut(source, found.at) == call


def test_calls_are_found_in_tags_and_inside_each_other() -> None:
    source = "{% if url_for('a') %}{% set x = url_for('b', next=url_for('c')) %}{% endif %}"
    assert {found.endpoint for found in read(source).url_fors} == {"a", "b", "c"}


@pytest.mark.parametrize(
    "source",
    [
        "{{ api.url_for('a') }}",
        "{{ url_for }}",
        "{# {{ url_for('a') }} #}",
        "{% raw %}{{ url_for('a') }}{% endraw %}",
        "url_for('a')",
        "{% from 'x' import url_for %}{{ url_for('a') }}",
        "{% macro url_for(x) %}{% endmacro %}{{ url_for('a') }}",
        "{% set url_for = link %}{{ url_for('a') }}",
    ],
)
def test_what_only_looks_like_a_call_is_none(source: str) -> None:
    assert read(source).url_fors == ()


def test_white_space_control_does_not_shift_places() -> None:
    source = "<p>\r\n  {%- if a -%}  \r\n\r\n  <b>{{- url_for('a') -}}  </b> {{ url_for('a') }}"
    source += "{% endif %}"
    lines = source.replace("\r\n", "\n")
    places = [found.at for found in read(source).url_fors]
    assert [cut(lines, at) for at in places] == ["url_for('a')"] * 2
    assert [(at.line, at.column) for at in places] == [(4, 9), (4, 35)]


# References


@pytest.mark.parametrize(
    ("tag", "kind", "names", "ignores", "place"),
    [
        ("{% extends 'a.html' %}", "extends", ("a.html",), False, "'a.html'"),
        ("{%- extends layout %}", "extends", (), False, "extends"),
        ("{% extends 'a' if x else 'b' %}", "extends", (), False, "extends"),
        ("{% include 'a' ignore missing %}", "include", ("a",), True, "'a'"),
        ("{% include ['a', 'b'] without context %}", "include", ("a", "b"), False, "'a'"),
        ("{% include ['a', b] %}", "include", (), False, "include"),
        ("{% import 'a' as b %}", "import", ("a",), False, "'a'"),
        ("{% from 'a' import b, c %}", "from", ("a",), False, "'a'"),
    ],
)
def test_a_reference_to_another_template_is_read(
    tag: str, kind: str, names: tuple[str, ...], ignores: bool, place: str
) -> None:
    source = f"\n {tag}"
    (found,) = read(source).references
    assert (found.kind, found.names, found.ignores_missing) == (kind, names, ignores)
    assert cut(source, found.at) == place


# Forms


def test_a_form_is_read_with_its_place() -> None:
    source = "é {{ a }}<FORM METHOD=Post action=' /x?y={{ z }} '>{{ f.x() }}</FORM>"
    found = form(source)
    assert cut(source, found.at) == "<FORM METHOD=Post action=' /x?y={{ z }} '>"
    assert (found.method, found.path, found.url_for, found.enctype) == ("post", "/x", None, "")
    assert (found.is_whole, found.has_unknown_fields, found.is_scripted) == (True, True, False)


def test_the_first_of_two_attributes_counts() -> None:
    assert form('<form method="post" method="get"></form>').method == "post"


@pytest.mark.parametrize(
    "tag",
    [
        "<form {{ x }}>",
        "<form{{ x }}>",
        "<form {% if x %}method=post{% endif %}>",
        "<form {{x}}=1>",
    ],
)
def test_attributes_that_an_expression_gives_make_all_unknown(tag: str) -> None:
    found = form(f"{tag}</form>")
    assert (found.method, found.path, found.enctype, found.url_for) == (None,) * 4


def test_a_comment_in_a_tag_is_no_attribute() -> None:
    assert form("<form {# noqa #} method=post></form>").method == "post"


@pytest.mark.parametrize(
    ("value", "path"),
    [("/a", "/a"), ("/a#b", "/a"), ("", ""), ("{{ a }}", None), ("/a{{ b }}", None), ("?a", "")],
)
def test_an_action_is_a_path_where_it_is_written_out(value: str, path: str | None) -> None:
    found = form(f'<form action="{value}"></form>')
    assert (found.path, found.url_for) == (path, None)


@pytest.mark.parametrize("rest", ["", "?a={{ b }}", "#c", " "])
def test_an_action_may_be_a_call_of_url_for(rest: str) -> None:
    found = form(f"<form action=\"{{{{ url_for('a') }}}}{rest}\"></form>")
    assert found.url_for is not None
    assert found.url_for.endpoint == "a"


@pytest.mark.parametrize(
    "value",
    [
        "{{ url_for('a') }}/b",
        "{{ url_for('a') }}{{ b }}",
        "{{ url_for('a') | f }}",
        "/x{{ url_for('a') }}",
    ],
)
def test_an_action_with_more_than_a_call_is_unknown(value: str) -> None:
    found = form(f'<form action="{value}"></form>')
    assert (found.path, found.url_for) == (None, None)


@pytest.mark.parametrize(
    ("source", "whole"),
    [
        ("{% if a %}<form></form>{% endif %}", [True]),
        ("<form>{% for x in y %}<p>{% else %}{% endfor %}</form>", [True]),
        ("{% if a %}<form>{% endif %}</form>", [False]),
        ("{% if a %}<form>{% else %}</form>{% endif %}", [False]),
        ("{% block a %}<form>{% endblock %}{% block b %}</form>{% endblock %}", [False]),
        ("{% if a %}<form id=1>{% else %}<form id=2>{% endif %}</form>", [False, False]),
        ("{% set a %}<form>{% endset %}{% set b = 1 %}<form></form>", [False, False]),
        ("<form>", [False]),
    ],
)
def test_a_form_is_whole_if_it_ends_where_it_begins(source: str, whole: list[bool]) -> None:
    assert [found.is_whole for found in read(source).forms] == whole


@pytest.mark.parametrize(
    ("source", "number"),
    [
        ("<form><input type=file name=a><INPUT TYPE='File' NAME={{ x }}></form>", 2),
        ("<form><input type=file></form><input type=file name=a>", 0),
        ("<form><input type={{ x }} name=a><input name=a></form>", 0),
        ("<form><input type=file name=a disabled></form>", 0),
        ("<form><!-- <input type=file name=a> --></form>", 0),
    ],
)
def test_inputs_for_files_are_counted(source: str, number: int) -> None:
    assert len(form(source).files) == number


@pytest.mark.parametrize(
    "source",
    [
        "<form onsubmit='f()'></form>",
        "<form hx-post='/x'></form>",
        "<form><button formaction='/x'></button></form>",
        "<form><input type=submit formmethod=post></form>",
    ],
)
def test_signs_of_another_way_to_send_a_form(source: str) -> None:
    assert form(source).is_scripted


@pytest.mark.parametrize("source", ["{{ url_for('a' }}", "{% trick %}<form>", "{% if x %}<form>"])
def test_a_template_that_makes_no_sense_is_unknown(source: str) -> None:
    assert read_template("a", "a", source) is None


def test_a_template_without_any_of_the_words_is_not_parsed() -> None:
    assert read_template("a", "b", "{% trick %}") == TemplateFacts("a", "b")


def test_jinja_is_only_imported_for_templates_that_need_it() -> None:
    code = (
        "import sys\nfrom flask_gotchas.run import check_sources\n"
        f"check_sources({{'app.py': {APP!r}, 'templates/home.html': '<p>'}})\n"
        "sys.exit('jinja2' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


# Comments that silence


def test_noqa_in_a_template_is_a_comment_of_jinja() -> None:
    found = parse_template_noqa("{# noqa: FLG801, FLG802 #}\n# noqa\n<p>{#- NOQA -#}\n{# noqa:x #}")
    assert {line: noqa.codes for line, noqa in found.items()} == {
        1: ("FLG801", "FLG802"),
        3: (),
        4: (),
    }


# Reports


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a project with one fault in its only template, and work in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text("", encoding="utf-8")
    write(tmp_path, "shop/app.py", APP)
    write(tmp_path, "shop/templates/home.html", f"<p>\n{BROKEN}\n")
    return tmp_path


def write(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def reported(*paths: str, **table: object) -> list[str]:
    loaded = settings.load(settings.common_folder(paths), {**CODES, **table})
    return [
        f"{found.location.path}:{found.location.line} {found.code}"
        for found in run(paths, loaded).diagnostics
    ]


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (".", "shop/templates/home.html"),
        ("shop", "shop/templates/home.html"),
        ("./shop/templates/", "shop/templates/home.html"),
        ("shop/templates/home.html", "shop/templates/home.html"),
        ("shop/../shop/templates/home.html", "shop/../shop/templates/home.html"),
    ],
)
def test_a_template_is_reported_under_what_is_given(project: Path, given: str, shown: str) -> None:
    assert reported(given) == [f"{shown}:2 FLG802"]


def test_a_template_is_not_reported_where_only_python_files_are_given(project: Path) -> None:
    assert reported("shop/app.py") == []
    assert reported("shop/app.py", "shop/templates/home.html") == [
        "shop/templates/home.html:2 FLG802"
    ]


def test_an_absolute_folder_gives_absolute_paths(project: Path) -> None:
    assert reported(str(project)) == [f"{project.as_posix()}/shop/templates/home.html:2 FLG802"]


def test_a_named_template_is_not_read_as_python(project: Path) -> None:
    loaded = settings.load(".", {})
    report = run(["shop/templates/home.html"], loaded)
    assert [found.code for found in report.diagnostics] == ["FLG802"]
    assert report.files == 1


def test_a_template_that_is_not_there_is_an_error(project: Path) -> None:
    with pytest.raises(PathNotFound):
        run(["shop/templates/nope.html"], settings.load(".", {}))


def test_templates_that_settings_leave_out_are_not_reported(project: Path) -> None:
    assert reported(".", **{"extend-exclude": ["home.html"]}) == []
    assert reported(".", **{"extend-exclude": ["templates"]}) == []
    assert reported(".", **{"per-file-ignores": ["*.html:FLG802"]}) == []


@pytest.mark.parametrize(
    ("comment", "silent"),
    [
        ("{# noqa #}", True),
        ("{# noqa: FLG8 #}", True),
        ("{# noqa: FLG801 #}", False),
        ("# noqa", False),
    ],
)
def test_a_comment_in_the_line_silences(project: Path, comment: str, silent: bool) -> None:
    write(project, "shop/templates/home.html", f"{BROKEN} {comment}\n")
    assert bool(reported(".")) is not silent


def test_a_missing_template_is_reported_for_one_python_file_alone(project: Path) -> None:
    (project / "shop/templates/home.html").rename(project / "shop/templates/Home.html")
    assert reported("shop/app.py") == ["shop/app.py:8 FLG801"]


def test_a_template_that_is_no_text_is_there_but_unknown(project: Path) -> None:
    (project / "shop/templates/home.html").write_bytes(b"\xff" + BROKEN.encode())
    assert reported(".") == []


def test_without_the_whole_project_nothing_is_missing() -> None:
    source = APP.replace("home.html", "nope.html")
    assert check_text("app.py", source, settings.load(".", CODES)) == []


def test_the_full_report_shows_the_template(project: Path) -> None:
    command = [sys.executable, "-m", "flask_gotchas", ".", "--output-format", "full"]
    done = subprocess.run(command, check=False, capture_output=True, encoding="utf-8", timeout=60)
    lines = done.stdout.splitlines()
    assert lines[0].startswith("shop/templates/home.html:2:1: FLG802 [form-method-mismatch]")
    assert f"2 | {BROKEN}" in done.stdout
    assert "::: shop/app.py:6" in done.stdout


def test_without_a_template_of_a_similar_name_there_is_no_fix() -> None:
    rule = all_rules()["FLG801"]
    found = diagnostic(rule, Location("app.py", 1, 0, 1, 1), "no such template")
    no_editor: Any = None
    with pytest.raises(NoFix):
        rule.fix(found, no_editor)
