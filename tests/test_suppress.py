from __future__ import annotations

import argparse
import io
import sys
import warnings

import pytest

from flask_gotchas.model import Diagnostic, Location, Severity
from flask_gotchas.suppress import BLANKET, WHOLE_FILE, Noqa, apply, parse_noqa, unused

CODES = ("FLG101", "FLG102", "FLG201", "E501")


def problem(line: int, code: str) -> Diagnostic:
    return Diagnostic(Location("app.py", line, 0, line, 1), code, "x", Severity.ERROR, "m", "h")


def suppressed(text: str) -> list[tuple[int, str]]:
    """Report every code on every line, and return which reports are silenced."""
    lines = len(list(io.StringIO(text, newline=None)))
    everything = [problem(line, code) for line in range(1, lines + 1) for code in CODES]
    kept, _ = apply(everything, parse_noqa(text))
    return [(d.location.line, d.code) for d in everything if d not in kept]


def unused_in(text: str, *reported: tuple[int, str]) -> list[tuple[int, tuple[str, ...]]]:
    noqa = parse_noqa(text)
    _, used = apply([problem(line, code) for line, code in reported], noqa)
    enabled = {"FLG002", "FLG101", "FLG102"}
    return [(comment.line, codes) for comment, codes in unused(noqa, used, enabled)]


# Reading


@pytest.mark.parametrize(
    ("comment", "codes"),
    [
        ("# noqa", ()),
        ("# NoQA", ()),
        ("# noqa: FLG101", ("FLG101",)),
        ("# noqa:FLG101", ("FLG101",)),
        ("# NOQA:FLG101,E501 W1", ("FLG101", "E501", "W1")),
        ("# noqa: FLG101, E501", ("FLG101", "E501")),
        ("# noqa: FLG101 - only a demo", ("FLG101",)),
        ("# type: ignore # noqa: FLG101", ("FLG101",)),
        ("# noqa : FLG101", ()),
        ("# noqa:  FLG101", ()),
        ("# noqa: debug-enabled", ()),
        ("# noqa because of FLG101", ()),
        ("# noqa: FLG", ()),
    ],
)
def test_codes_of_a_comment(comment: str, codes: tuple[str, ...]) -> None:
    assert parse_noqa(f"x = 1  {comment}\n")[1].codes == codes


@pytest.mark.parametrize("comment", ["#noqa", "#noqa: FLG101", "#  noqa", "# no qa", "# nqa"])
def test_what_is_no_noqa_for_flake8_is_none_for_us(comment: str) -> None:
    assert parse_noqa(f"x = 1  {comment}\n") == {}


def test_columns_go_from_the_hash_to_the_last_code() -> None:
    noqa = parse_noqa("é = 1  # noqa: FLG101, E501, - demo\n\n  # noqa\n")
    assert noqa[1] == Noqa(1, 7, 27, ("FLG101", "E501"), is_comment=True)
    assert noqa[3][:4] == (3, 2, 8, ())


def test_lines_are_counted_as_python_counts_them() -> None:
    text = "\ufeffa\r\nb\rc\x0cd\u2028e\n# noqa: FLG101\n"
    assert {line: noqa.line for line, noqa in parse_noqa(text).items()} == {4: 4}


@pytest.mark.parametrize(
    "text",
    [
        'x = """ # noqa: FLG101\n\0',
        "x = '''\n# noqa: FLG101",
        "\udcff  # noqa: FLG101",
        "if x:  # noqa: FLG101\n    a\n  b\n",
        "(  # noqa: FLG101",
        "f'''# noqa: FLG101 {\\",
    ],
)
def test_broken_files_go_by_physical_line(text: str) -> None:
    (noqa,) = parse_noqa(text).values()
    assert noqa.codes == ("FLG101",)


def test_reading_does_not_warn_of_the_checked_code() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert parse_noqa("x = f'''\\{1}''' if 1else 0  # noqa: FLG101\n")[1].is_comment


# What is silenced


def test_a_noqa_counts_for_its_line_and_by_the_beginning_of_the_code() -> None:
    assert suppressed("a  # noqa: FLG1\nb\nc  # noqa: FLG201,E5\n") == [
        (1, "FLG101"),
        (1, "FLG102"),
        (3, "FLG201"),
        (3, "E501"),
    ]


def test_a_blanket_noqa_silences_everything_on_its_line() -> None:
    assert suppressed("a  # noqa\nb\n") == [(1, code) for code in CODES]


def test_codes_in_small_letters_silence_nothing() -> None:
    assert suppressed("a  # noqa: flg101\n") == []


def test_a_noqa_after_a_multiline_string_counts_for_all_its_lines() -> None:
    text = 'f(\n  """\n  a\n  """,  # noqa: FLG101\n  b,\n)\n'
    assert suppressed(text) == [(2, "FLG101"), (3, "FLG101"), (4, "FLG101")]


def test_a_noqa_after_a_backslash_counts_for_all_its_lines() -> None:
    assert suppressed("a = \\\n  b  # noqa: FLG101\nc\n") == [(1, "FLG101"), (2, "FLG101")]


def test_a_noqa_on_the_closing_bracket_counts_there_only() -> None:
    assert suppressed("f(\n  a,\n)  # noqa: FLG101\n") == [(3, "FLG101")]


def test_of_two_in_one_string_the_first_counts() -> None:
    text = '"""  # noqa: FLG101\n"""  # noqa: FLG201\n'
    assert suppressed(text) == [(1, "FLG101"), (2, "FLG101")]


@pytest.mark.parametrize(
    "comment",
    ["# flake8: noqa", "  # FLAKE8=NOQA", "# flake8: noqa: FLG101", '"""\n# flake8: noqa'],
)
def test_a_file_level_noqa_silences_the_whole_file_as_in_flake8(comment: str) -> None:
    text = f"a\n{comment}\nb\n"
    assert (1, "FLG201") in suppressed(text)
    assert (3, "E501") in suppressed(text)
    assert parse_noqa(text)[WHOLE_FILE].codes == ()


@pytest.mark.parametrize("comment", ["x = 1  # flake8: noqa", "#flake8: noqa", "# ruff: noqa"])
def test_a_file_level_noqa_must_be_alone_on_its_line(comment: str) -> None:
    assert suppressed(f"a\n{comment}\nb\n") == []


def test_used_says_which_part_of_which_noqa_was_needed() -> None:
    noqa = parse_noqa('"""\n"""  # noqa: FLG1,FLG2\nb  # noqa\nc  # noqa: FLG102\n')
    kept, used = apply([problem(1, "FLG101"), problem(3, "FLG201"), problem(4, "FLG101")], noqa)
    assert kept == [problem(4, "FLG101")]
    assert used == {(2, "FLG1"), (3, BLANKET)}


# What is unused


def test_only_our_enabled_codes_can_be_unused() -> None:
    assert unused_in("a  # noqa: FLG101,E501,FLG999,FLG201,FLG1\n") == [(1, ("FLG101", "FLG1"))]


def test_what_was_used_is_not_unused() -> None:
    text = "a  # noqa: FLG101,FLG102\nb  # noqa: FLG1\n"
    assert unused_in(text, (1, "FLG101"), (2, "FLG102")) == [(1, ("FLG102",))]
    assert unused_in(text, (1, "FLG101"), (1, "FLG102"), (2, "FLG102")) == []


@pytest.mark.parametrize(
    "text",
    [
        "a  # noqa\n",
        "a = '# noqa: FLG101'\n",
        'a = """\n# noqa: FLG101\n"""\n',
        "a = f'{b}# noqa: FLG101'\n",
        "a  # noqa: FLG101,FLG002\n",
        "# flake8: noqa\na  # noqa: FLG101\n",
    ],
)
def test_blanket_ones_text_in_strings_and_whole_files_are_never_unused(text: str) -> None:
    assert unused_in(text) == []


def test_a_comment_after_a_multiline_string_is_unused_once() -> None:
    assert unused_in('a = """\n"""  # noqa: FLG101\n') == [(2, ("FLG101",))]
    assert unused_in('a = """\n"""  # noqa: FLG101\n', (1, "FLG101")) == []


# flake8 itself


SPELLINGS = [
    *("# noqa", "#noqa", "# NOQA", "#  noqa", "# noqa:", "# noqa :FLG101", "# noqa:FLG101"),
    *("# noqa: FLG101", "# noqa:  FLG101", "# noqa:\tFLG101", "# noqa: flg101", "# NoQa: FLG1"),
    *("# noqa: FLG101,E501", "# noqa: FLG101, E501", "# noqa: FLG101 E501", "# noqa: E501FLG101"),
    *("# noqa: FLG101 - demo", "# noqa: FLG101: demo", "# noqa: demo FLG101", "# noqa - FLG101"),
    *("# noqa: debug-enabled", "# noqa: FLG", "# noqa: FLG101-FLG102", "# noqa:FLG101,,E501 , W1"),
    *("# type: ignore # noqa: FLG101", "# noqa: FLG101 # noqa: E501", "## noqa: FLG101"),
    *("# noqa: E501\\", "# noqa: FLG101 py3", "# noqaFLG101", "# nosec # noqa:FLG101", "'# noqa'"),
    *("# flake8: noqa", "# flake8:noqa: FLG101", "# flake8=noqa", "x # flake8: noqa", "# flake8"),
    *('"""\n  # noqa: FLG101\n"""', '"""\n"""  # noqa: FLG101', "(\n'''\n''' # noqa:FLG101\n)"),
    *("a = \\\n  b  # noqa: FLG101", "(  # noqa: E501\nb)", "f'''\n{\n1}\n'''  # noqa: FLG101"),
    *('"""# noqa: FLG101,\nE501"""', '"""# noqa:\nFLG101"""', '"""# noqa: E501\n"""# noqa: FLG101'),
    *("'''\n# noqa: FLG101", "(# noqa: FLG101\n'''\n'''", "if a:  # noqa: FLG101\n\tb\n  c"),
]


@pytest.mark.parametrize("text", SPELLINGS)
@pytest.mark.parametrize("around", ["{}", "a\n{}\nb\n", "\ufeffa = 1; {}\r\nb\r\n", "\x0cé  {}\rb"])
def test_flake8_silences_the_same_problems(text: str, around: str) -> None:
    processor = pytest.importorskip("flake8.processor")
    violation = pytest.importorskip("flake8.violation")
    options = argparse.Namespace(
        hang_closing=False,
        indent_size=4,
        max_line_length=79,
        max_doc_length=None,
        verbose=0,
        disable_noqa=False,
    )
    text = around.format(text) if "{1}" not in text else around.replace("{}", text)
    lines = list(io.StringIO(text, newline=None))
    file = processor.FileProcessor("x.py", options, lines=list(lines))
    expected = []
    for number, line in enumerate(lines, 1):
        searched = file.noqa_line_for(number)
        for code in CODES:
            found = violation.Violation(
                code, "x.py", number, 1, "", line if searched is None else searched
            )
            if file.should_ignore_file() or found.is_inline_ignored(disable_noqa=False):
                expected.append((number, code))
    assert suppressed(text) == expected


def test_nothing_is_tokenized_without_need(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tokenize", None)
    assert parse_noqa('"""FLG101"""\n') == {}
    assert parse_noqa("a  # noqa: E501\n")[1].codes == ("E501",)
