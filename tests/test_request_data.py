"""Which text of a request an expression carries, and what the code around it does with it."""

from __future__ import annotations

import textwrap

import pytest

from flask_gotchas.analysis import analyse
from flask_gotchas.source import parse

HEAD = """\
import os, html
from pathlib import Path
from flask import Flask, request, render_template_string as sink
from markupsafe import Markup, escape
from elsewhere import unknown, CONSTANT
app = Flask(__name__)
TEXT = "text"
LOOP = LOOP + LOOP

@app.route("/<name>")
def view(name, *args, **kwargs):
"""


def carried(body: str, sink: str) -> list[str]:
    """List the spellings of what gets to the sinks of a sort in a view with this body."""
    source = HEAD + textwrap.indent(textwrap.dedent(body), "    ")
    facts = analyse(parse("m.py", source), "m").facts
    return [
        origin.spelling
        for fact in facts.request_texts
        if fact.sink == sink
        for origin in fact.origins
    ]


@pytest.mark.parametrize(
    "expression",
    [
        "name",
        "request.args['x']",
        "request.args.get('x')",
        "request.args.get('x', 'y')",
        "request.args.get('x', type=str)",
        "request.form.get(key)",
        "request.form.to_dict()['x']",
        "request.values['x']",
        "request.json['x']['y']",
        "request.get_json().get('x')",
    ],
)
def test_a_reading_is_carried_as_it_is_written(expression: str) -> None:
    assert carried(f"return {expression}", "html") == [expression]


@pytest.mark.parametrize(
    "expression",
    [
        "f'a{name}'",
        "f'{name!s:>20}'",
        "'a' + name + 'b'",
        "name + 'a'",
        "name + name",
        "TEXT + name",
        "'%s' % name",
        "'%s %s' % (1, name)",
        "'%(a)s' % {'a': name}",
        "'{}'.format(name)",
        "'{a}'.format(a=name)",
        "', '.join(['a', name])",
        "str(name)",
        "name.strip().lower()",
        "name or 'a'",
        "name and name",
        "name if args else 'a'",
        "name[:10]",
        "'a' 'b' + name",
        "(a := name)",
    ],
)
def test_text_goes_through_what_puts_texts_together(expression: str) -> None:
    assert carried(f"return {expression}", "html") == ["name"]
    assert carried(f"text = {expression}\nreturn text", "html") == ["name"]


@pytest.mark.parametrize(
    "expression",
    [
        "unknown(name)",
        "name.replace('<', '')",
        "escape(name)",
        "f'{escape(name)}'",
        "Markup('{}').format(name)",
        "Markup('%s') % name",
        "Markup('a') + name",
        "name + Markup('a')",
        "CONSTANT + name",
        "CONSTANT.format(name)",
        "', '.join(name for name in args)",
        "', '.join(unknown)",
        "int(name)",
        "len(name)",
        "name[0]",
        "name == 'a'",
        "not name",
        "{'a': name}",
        "[name]",
        "(name, {'Content-Type': 'text/plain'})",
        "(name, 200, {})",
        "(name, status)",
        "args",
        "kwargs['name']",
        "LOOP",
        "TEXT",
        "lambda: name",
        "request.args",
        "request.args.get('x', type=int)",
        "request.args.get('x', 1, int)",
        "request.args.get(*args)",
        "request.files['x'].filename.upper",
        "request.method",
    ],
)
def test_what_is_not_known_carries_nothing(expression: str) -> None:
    assert carried(f"return {expression}", "html") == []


@pytest.mark.parametrize(
    "body",
    [
        "text = text + name\nreturn text",
        "text = 'a'\ntext += name\nreturn text",
        "name = unknown(name)\nreturn name",
        "for name in args:\n    return name",
        "def inner(name):\n    return name\nreturn inner",
        "def inner():\n    return name\nreturn inner",
    ],
)
def test_a_variable_counts_only_with_one_assignment_in_the_function(body: str) -> None:
    assert carried(body, "html") == []


@pytest.mark.parametrize(
    "statement",
    [
        "if name in args: pass",
        "if name == 'a': pass",
        "if len(name) > 3: pass",
        "if unknown(name): pass",
        "if not name.isalnum(): pass",
        "if args[0] == 'a' and name == 'b': pass",
        "while name != args[0]: pass",
        "assert name in args",
        "assert unknown(f'a{name}')",
        "unknown(name)",
        "unknown(a=name)",
        "unknown.get(name)",
        "unknown[name]",
        "int(name)",
        "os.stat(f'/{name}')",
        "found = unknown(name) or abort()",
        "for letter in name: pass",
        "other = name.lower()\nif other not in args: pass",
        "other = unknown + name\nunknown(other)",
        "other = 'a'\nother = other + name\nunknown(other)",
        "if any(a == name for a in args): pass",
        "def inner():\n    return name",
        "unknown(lambda: name)",
        "'a' if name in args else 'b'",
        "match name:\n    case 'a': pass",
        "name.custom()",
    ],
)
def test_text_is_not_carried_where_something_may_refuse_it(statement: str) -> None:
    assert carried(f"{statement}\nreturn name", "html") == []


@pytest.mark.parametrize(
    "statement",
    [
        "if name: pass",
        "if not name: pass",
        "if name == '' or name is None: pass",
        "if request.args.get('a') == 'b': pass",
        "if 'a' in request.args: pass",
        "if args[0] == unknown: pass",
        "unknown(request.args['a'])",
        "app.logger.info('%s', name)",
        "print(f'a{name}')",
        "other = escape(name)",
        "other = [name, {name: 1}]",
        "pass",
    ],
)
def test_text_is_carried_past_what_says_nothing_of_it(statement: str) -> None:
    assert carried(f"{statement}\nreturn name", "html") == ["name"]


@pytest.mark.parametrize(
    "statement",
    [
        "if request.args['token'] != unknown: return",
        "if not unknown(request.headers['X']): return",
        "key = request.form['key']\nif key == CONSTANT: pass",
    ],
)
def test_a_secret_of_the_visitor_guards_all_texts(statement: str) -> None:
    assert carried(f"{statement}\nreturn name", "html") == []


@pytest.mark.parametrize(
    ("statement", "key", "expected"),
    [
        ("unknown(request.form)", "form", []),
        ("unknown(request.form)", "args", ["request.args['x']"]),
        ("unknown(request.form.to_dict())", "form", []),
        ("data = request.form\nunknown(data)", "form", []),
        ("if not request.form: return", "form", ["request.form['x']"]),
        ("for field in request.form: pass", "form", []),
        ("unknown(request.form['y'])", "form", ["request.form['x']"]),
        ("unknown(request.form.get('x'))", "form", []),
    ],
)
def test_a_test_of_all_fields_is_one_of_each(statement: str, key: str, expected: list[str]) -> None:
    assert carried(f"{statement}\nreturn request.{key}['x']", "html") == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("name", ["name"]),
        ("os.path.join('a', name)", ["name"]),
        ("os.path.join('a', name, 'b')", ["name"]),
        ("os.path.join('a', 'b_' + name)", []),
        ("Path('a') / name", ["name"]),
        ("Path(name) / 'a'", ["name"]),
        ("Path('a', name)", ["name"]),
        ("Path('a').joinpath(name)", ["name"]),
        ("str(Path('a') / name)", ["name"]),
        ("'a/' + name", ["name"]),
        ("'a' + name", []),
        ("name + '.txt'", ["name"]),
        ("unknown + name", []),
        ("unknown + '/' + name", ["name"]),
        ("f'{unknown}/{name}.txt'", ["name"]),
        ("f'{unknown}{name}'", []),
        ("f'a/b_{name}'", []),
        ("'%s/%s' % (unknown, name)", []),
        ("os.path.basename(name)", []),
        ("unknown(name)", []),
        ("name if args else 'a'", ["name"]),
    ],
)
def test_text_leads_out_of_a_folder_only_where_a_part_of_the_path_begins(
    expression: str, expected: list[str]
) -> None:
    assert carried(f"open({expression})", "path") == expected
    assert carried(f"path = {expression}\nopen(path)", "path") == expected


def test_escaping_takes_no_braces_away() -> None:
    assert carried("sink(f'a{escape(name)}')", "template") == ["name"]
    assert carried("sink(CONSTANT + html.escape(name))", "template") == ["name"]
    assert carried("sink(unknown(name))", "template") == []


def test_parameters_count_only_in_what_may_be_a_view() -> None:
    source = "def helper(name):\n    open(name)\n    open(request.args['x'])\n    return name\n"
    facts = analyse(parse("m.py", "from flask import request\n" + source), "m").facts
    assert [[o.spelling for o in fact.origins] for fact in facts.request_texts] == [
        ["request.args['x']"]
    ]
