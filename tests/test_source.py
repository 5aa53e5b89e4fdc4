"""From bytes to a tree: encodings, newlines, and what is refused with a reason."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import warnings

import libcst as cst
import pytest

from flask_gotchas import guard
from flask_gotchas.lean_parse import full_parse
from flask_gotchas.screen import imported_names, is_relevant, is_relevant_bytes
from flask_gotchas.source import UnparsableError, decode, parse


def refused(data: bytes) -> tuple[str, int, int]:
    with pytest.raises(UnparsableError) as caught:
        parse("a.py", decode(data))
    error = caught.value
    return error.message, error.line, error.column


# Encodings


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", ""),
        (b"x = 1", "x = 1"),
        ("é = 'ß'\n".encode(), "é = 'ß'\n"),
        (b"\xef\xbb\xbfx\n", "x\n"),
        (b"\xef\xbb\xbf", ""),
        (b"# coding: latin-1\n'\xe9'\n", "# coding: latin-1\n'é'\n"),
        (b"#!/bin/python\n# -*- coding: latin-1 -*-\n'\xe9'\n", None),
        (b"#!/bin/python\r\n# -*- coding: latin-1 -*-\r\n'\xe9'\r\n", None),
        (b"#!/bin/python\r# -*- coding: latin-1 -*-\r'\xe9'\r", None),
        (b"\n# vim: set fileencoding=latin-1 :\n'\xe9'\n", None),
        (b"\x0c \t# coding=latin-1\n'\xe9'\n", None),
        (b"# coding: UTF-8\nx\n", "# coding: UTF-8\nx\n"),
        (b"# coding: cp1252\n'\x80'\n", "# coding: cp1252\n'€'\n"),
        (b"x = 1\n# coding: no-such\n", "x = 1\n# coding: no-such\n"),
        (b"\n\n# coding: no-such\n", "\n\n# coding: no-such\n"),
        (b"x = '# coding: no-such'\n", "x = '# coding: no-such'\n"),
        (b"a\r\nb\rc\n\x0cd", "a\r\nb\rc\n\x0cd"),
    ],
)
def test_source_is_decoded_as_python_does(data: bytes, text: str | None) -> None:
    assert decode(data) == (data.decode("latin-1") if text is None else text)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"x = '\xe9'\n", ("byte 0xe9 is not valid utf-8", 1, 0)),
        (b"x\ny\n'\xff'\n", ("byte 0xff is not valid utf-8", 3, 0)),
        (b"x\r\ny\r'\xff'\r\n", ("byte 0xff is not valid utf-8", 3, 0)),
        (b"# coding: ascii\n'\xe9'\n", ("byte 0xe9 is not valid ascii", 2, 0)),
        (b"# coding: no-such\n", ("unknown encoding no-such", 1, 0)),
        (b"# coding: rot13\n", ("unknown encoding rot13", 1, 0)),
        (b"# coding: hex\n", ("unknown encoding hex", 1, 0)),
        (b"# coding: undefined\n", ("the file is not encoded in undefined", 1, 0)),
        ("x = 1\n".encode("utf-16"), ("byte 0xff is not valid utf-8", 1, 0)),
        (b"\0", ("source code cannot contain NUL bytes", 1, 0)),
        (b"x\r\ny\r  z\0\0", ("source code cannot contain NUL bytes", 3, 3)),
        ("'é'\0".encode(), ("source code cannot contain NUL bytes", 1, 3)),
        (
            b"# coding: raw_unicode_escape\n'\\ud800'\n",
            ("the code contains half of a surrogate pair", 1, 0),
        ),
    ],
)
def test_what_cannot_be_decoded_is_refused_with_its_place(
    data: bytes, expected: tuple[str, int, int]
) -> None:
    assert refused(data) == expected


# Syntax


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "# only a comment",
        "x = 1",
        "if x:\r\n    y\r\n",
        "if x:\r    y\r",
        "x\n\x0cy\n\x0c\n",
        "\ufeffx = 1\n",
        "x = '" + "(" * 5000 + "'\n",
        "# " + "[" * 5000 + "\n",
        "x = " + "(" * 180 + ")" * 180 + "\n",
        "x = 1" + " + 1" * 1500 + "\n",
        "class A[T: int = str]: pass\ntype B[*Ts] = int\n",
        "match x:\n    case {'a': [1, *_], **rest} if y: pass\n",
        "try: pass\nexcept* A as e: pass\n",
        "f'{x!r:>{y}} {f\"{z}\"}'\n",
    ],
    ids=lambda text: repr(text[:30]),
)
def test_what_python_accepts_is_parsed(text: str) -> None:
    source = parse("a.py", text)
    assert (source.path, source.text) == ("a.py", text.removeprefix("\ufeff"))
    assert bool(source.tree.body) == bool(text.strip("\n") and not text.startswith("#"))


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("x = (\n", 1, "'(' was never closed"),
        ("x = 1\nif x\n    y\n", 2, "expected ':'"),
        ("x = 1\n  y = 2\n", 2, "unexpected indent"),
        ("if x:\n\ty\n        z\n", 3, "inconsistent use of tabs and spaces in indentation"),
        ("print 'x'\n", 1, "Missing parentheses in call to 'print'"),
        ("x = 007\n", 1, "leading zeros in decimal integer literals are not permitted"),
        ("x = " + "(" * 5000 + ")" * 5000 + "\n", 1, "too many nested brackets"),
        ("x = " + "[" * 5000 + "\n", 1, "too many nested brackets"),
        ("\n\nx = " + "{" * 300 + "}" * 300 + "\n", 3, "too many nested brackets"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_what_python_does_not_accept_is_refused_in_its_words(
    text: str, line: int, message: str
) -> None:
    found, at, _ = refused(text.encode())
    assert found.startswith(message)
    assert at == line


@pytest.mark.parametrize("opening", ["(", "[", "{", "f(", "a[", "{1: "])
def test_thousands_of_nested_brackets_do_not_end_the_process(opening: str) -> None:
    code = (
        "import sys\nfrom flask_gotchas.source import UnparsableError, parse\n"
        "try: parse('a.py', sys.stdin.read())\nexcept UnparsableError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=False, input=f"x = {opening * 50_000}\n", capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "too many nested brackets\n")


LONG = {
    "and": "x = " + "y and " * 16_000 + "y\n",
    "elif": "if x: pass\n" + "elif x: pass\n" * 2_500,
    "from": "from flask" + ".b" * 1_000 + " import c\n",
    "import": "import flask" + ".b" * 1_000 + "\n",
    "lambda": "x = " + "lambda: " * 1_500 + "y\n",
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_what_nests_without_brackets_does_not_end_the_process_either(text: str) -> None:
    code = (
        "import sys\nfrom flask_gotchas.analysis import analyse\n"
        "from flask_gotchas.source import parse\n"
        "print(analyse(parse('a.py', sys.stdin.read()), 'a').facts.module)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=False, input=text, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "a\n"), done.stderr[-300:]


NESTED = {
    "functions": "".join(" " * depth + "def f():\n" for depth in range(95)) + " " * 95 + "pass\n",
    "else": "x = " + "y if z else " * 700 + "0\n",
    "for": "x = [y " + "for y in z " * 700 + "]\n",
}


@pytest.mark.skipif(os.name == "nt", reason="no limit can be set")
@pytest.mark.parametrize("text", NESTED.values(), ids=NESTED)
@pytest.mark.parametrize("where", ["stack", "thread"])
def test_a_small_stack_is_large_enough(text: str, where: str) -> None:
    code = (
        "import sys, threading\nfrom flask_gotchas.source import parse\n"
        "run = lambda: print(len(parse('a.py', sys.stdin.read()).tree.body))\n"
    )
    if where == "stack":
        start = ["bash", "-c", 'ulimit -s 1024 && exec "$@"', "bash"]
        code += "run()\n"
    else:
        start = []
        code += "threading.stack_size(1 << 18)\nthread = threading.Thread(target=run)\n"
        code += "thread.start()\nthread.join()\n"
    done = subprocess.run(
        [*start, sys.executable, "-c", code],
        check=False, input=text, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "1\n"), done.stderr[-300:]


# What LibCST would not survive, or not finish within a minute, even with a large stack.
TOO_LONG = {
    "and": "x = " + "y and " * 40_000 + "y\n",
    "await": "async def f():\n    x = " + "await y(" * 180 + ")" * 180 + " - -y" * 30_000 + "\n",
    "attributes": "x = y" + ".z" * 30_000 + "\n",
    "calls with arguments": "x = y" + (".z(" + "1," * 200 + ")") * 350 + "\n",
    "calls": "x = y" + "()" * 30_000 + "\n",
    "decorators": "@d" + ".e()" * 5_000 + "\ndef f(): pass\n",
    "elif": "if x: pass\n" + "elif x: pass\n" * 16_000,
    "f-strings": "x = " + "f'{" * 4_000 + "\n",
    "if": "x = " + "1 if y else " * 30_000 + "2\n",
    "import": "import a" + ".b" * 200_000 + "\n",
    "in a function": "def f():\n    return y" + "[0]" * 30_000 + "\n",
    "lambda": "x = " + "lambda: " * 4_000 + "y\n",
    "lambda's default": "x = " + "lambda y=" * 1_000 + "1" + ":1" * 1_000 + "\n",
    "many operators": "x = 1" + " | a*b*c*d*e*f*g*h*i*j*k" * 2_500 + "\n",
    "minus": "x = " + "-" * 30_000 + "1\n",
    "not": "x = " + "not " * 30_000 + "1\n",
    "not, and lines": "x = " + "not\\\n" * 30_000 + "1\n",
    "power": "x = " + "2**" * 30_000 + "2\n",
    "subscripts": "x = y" + "[0]" * 3_000 + "\n",
    "sum": "x = " + "1+" * 30_000 + "1\n",
    "before an error": "x = y" + ".z" * 30_000 + "\nx = 1 1\n",
    "walrus": "x = " + "(y:=" * 1_000 + "1" + ")" * 1_000 + "\n",
    "case": "match x:\n    case " + "{1: " * 20 + "y" + "}" * 20 + ":\n        pass\n",
    "case in brackets": "match x:\n    case " + "(" * 40 + "1" + ")" * 40 + ": pass\n",
    "case of classes": "match x:\n case 1:\n  pass\n case " + "A(" * 30 + ")" * 30 + ": pass\n",
    "case before an error": "match x:\n case " + "[" * 40 + "y" + "]" * 40 + ": pass\nx = 1 1\n",
    "numbers": "x = [" + "1," * 1_000_000 + "]\n",
}


@pytest.mark.parametrize("text", TOO_LONG.values(), ids=TOO_LONG)
def test_what_would_end_the_process_or_last_forever_is_refused(text: str) -> None:
    with pytest.raises(
        UnparsableError, match=r"too deeply|too many nested|too large|invalid|string"
    ):
        parse("a.py", text)


def test_the_line_of_what_is_refused_is_told() -> None:
    code = "import a\n\n\n@b\nclass C:\n    def d(self):\n        pass\n"
    with pytest.raises(UnparsableError, match="too deeply") as refusal:
        parse("a.py", code + "        return e" + ".f" * 2000 + "\n")
    assert refusal.value.line == 8
    match = "\nmatch a:\n    case 1:\n        pass\n    case " + "[" * 12 + "]" * 12 + ":\n"
    with pytest.raises(UnparsableError, match="pattern") as refusal:
        parse("a.py", code + match + "        pass\n")
    assert refusal.value.line == 12


@pytest.mark.parametrize(
    "text",
    [
        "x = {\n" + "    'a': b.c(1),\n" * 3_000 + "}\n",
        "x = '" + "-([.not lambda " * 5_000 + "'\n",
        "# " + "-" * 20_000 + "\n",
        "def f(x):\n    return x.y.z(x[0] - 1)\n" * 2_000,
        "match x:\n    case [[[[1]]]]:\n        f(((((((((((((1)))))))))))))\n",
        "case = f(((((((((((((1)))))))))))))\n",
    ],
    ids=lambda text: repr(text)[:20],
)
def test_long_but_harmless_code_is_parsed(text: str) -> None:
    assert parse("a.py", text).tree.body is not None


def test_a_line_with_thousands_of_statements_is_judged_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    judged: list[int] = []
    weigh = guard._weight

    def noting(text: str, data: bytes) -> int:
        judged.append(len(text))
        return weigh(text, data)

    monkeypatch.setattr(guard, "_weight", noting)
    parse("a.py", "x.y; " * 2_000 + "\n")
    assert len(judged) < 10


def test_a_syntax_error_in_much_code_is_found_as_usual() -> None:
    text = "x = " + "y and " * 2000 + "\n"
    with pytest.raises(UnparsableError, match="invalid syntax"):
        parse("a.py", text)


@pytest.mark.skipif(not hasattr(cst, "TemplatedString"), reason="this LibCST is too old for it")
def test_newer_syntax_than_that_of_the_running_python_is_parsed() -> None:
    parse("a.py", "try: pass\nexcept A, B: pass\n")
    parse("a.py", "x = t'{y}'\n")


def test_nothing_is_said_about_odd_literals_of_the_checked_code() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        parse("a.py", "x = '\\d', 1if y else 2, '" + "(" * 200 + "'\n")
        assert refused(b"x = '\\d', 1if y else 2, (\n")[0] == "'(' was never closed"


# The first look


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from flask import Flask\n", True),
        ("import flask as f\n", True),
        ("import flask_restful\n", True),
        ("import flask_login\n", False),
        ("from myflask import x\n", False),
        ("@bp.route('/x')\ndef f(): pass\n", True),
        ("bp.add_url_rule('/x', 'x', f)\n", True),
        ("app.run(debug=True)\n", True),
        ("app.config['X'] = 1\n", True),
        ("from factory import create_app\n", True),
        ("FLASK_ENV = 'x'\n", True),
        ("from shop import app\n@app.get('/x')\ndef f(): pass\n", True),
        ("from shop import app\n@app.v1.delete('/x')\ndef f(): pass\n", True),
        ("from shop import app\n@app.context_processor\ndef f(): pass\n", True),
        ("from shop import app\n@app.patch('/x')\ndef f(): pass\n", True),
        ("admin.add_view(x)\nbuilder.add_view_no_menu(x)\n", True),
        ("from shop import render_template_string\n", True),
        ("import django\nroute = 1\n", False),
        ("@mock.patch('x')\ndef f(): pass\n", False),
        ("task.render_templates()\nx.render_template_fields()\n", False),
        ("add_views_to_resource(x)\nx.add_views_to(y)\n", False),
        ("@cache\ndef f(): return values.get('x')\n", False),
        ("", False),
    ],
)
def test_only_files_that_mention_flask_are_parsed(text: str, expected: bool) -> None:
    assert is_relevant(text) == expected
    assert is_relevant_bytes(text.encode()) == expected


@pytest.mark.parametrize(
    "word",
    [
        *("Flask(", "FlaskView", "FLASK_", "Blueprint", "MethodView", "View.register("),
        *("current_app", "url_for", "render_template", "create_app"),
        *("app.run(", "application.run(", "app.debug", "app.config"),
        *("x.route(", "x.add_url_rule", "x.register_blueprint", "x.register(app", "x.register(bp"),
        *("x.errorhandler", "x.app_errorhandler", "x.teardown_request", "x.teardown_appcontext"),
        *("x.before_request", "x.after_request", "x.context_processor", "x.app_context_processor"),
        *("@x.get(", "@x.post(", "@x.put(", "@x.patch(", "@x.delete("),
        *("db.Column", "db.Model", "db.create_all", "@expose(", "@x.expose("),
        *("x.add_api(", "x.add_namespace", "x.add_resource", "x.add_view"),
        *("flask_admin", "flask_appbuilder", "flask_classful", "flask_classy", "flask_restful"),
        *("flask_restx", "flask_smorest", "flask_sqlalchemy"),
    ],
)
def test_each_word_that_counts_is_found_by_itself(word: str) -> None:
    assert is_relevant(f"x = {word}")
    assert is_relevant(f"\N{SNOWMAN} {word}")
    assert is_relevant_bytes(b"x = " + word.encode())


@pytest.mark.parametrize(
    "word",
    [
        *("flasks", "my_flask", "Flaskify(", "blueprint", "Viewer", "x.Column"),
        *("def teardown_class(self)", "query_context_processor", "def add_resource(", "expose("),
        *("x.debug", "x.run(", "x.get(", "@x.getter("),
    ],
)
def test_what_only_looks_like_such_a_word_does_not_count(word: str) -> None:
    assert not is_relevant(f"x = {word}")
    assert not is_relevant_bytes(b"x = " + word.encode())


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (b"from a import b\n", {"b"}),
        (b"from .a import b as c, d\n", {"b", "as", "c", "d"}),
        (b"from a import (\n    b,\n    c,\n)\n", {"b", "c"}),
        (b"from a import *\n", {"*"}),
        (b"import a.b\nimport c\n", {"a", "b", "c"}),
        (b"if x:\n    from a import b\n", {"b"}),
        (b"x = 'import'\n", set()),
        (b"", set()),
    ],
)
def test_names_that_a_file_imports_are_seen_without_parsing_it(
    source: bytes, expected: set[str]
) -> None:
    assert imported_names(source) == expected


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_long_file_leaves_no_thread_behind_for_a_process_that_is_forked() -> None:
    code = "x = [" + "f(1)\n, " * 2000 + "]\n"
    assert parse("a.py", code).tree.code == code
    before = threading.active_count()
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    assert threading.active_count() == before - 1
    assert parse("a.py", code).tree.code == code


@pytest.mark.skipif(os.name == "nt", reason="needs a signal")
def test_an_interrupt_leaves_no_thread_in_the_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[str] = []

    def interrupted(text: str) -> cst.Module:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.2)
        ended.append(text)
        return full_parse(text)

    monkeypatch.setattr("flask_gotchas.source.full_parse", interrupted)
    code = "x = [" + "f(1)\n, " * 2000 + "]\n"
    with pytest.raises(KeyboardInterrupt):
        parse("a.py", code, lean=False)
    assert ended == [code]
    monkeypatch.undo()
    assert parse("a.py", code).tree.code == code
