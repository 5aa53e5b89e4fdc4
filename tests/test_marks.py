from __future__ import annotations

import pytest

from flask_gotchas import marks
from flask_gotchas.marks import Mark


def test_a_mark_gives_line_column_and_text() -> None:
    assert marks.parse('x = 1\napp.run()  # error: 5 "runs `app`"\n') == [
        Mark(2, 5, None, "runs `app`")
    ]


def test_a_mark_may_be_of_another_rule() -> None:
    assert marks.parse('f()  # error: 1 FLG201 "x"') == [Mark(1, 1, "FLG201", "x")]


def test_marks_may_follow_each_other() -> None:
    assert marks.parse('f(g())  # error: 1 "a" # error: 3 FLG201 "b"') == [
        Mark(1, 1, None, "a"),
        Mark(1, 3, "FLG201", "b"),
    ]


def test_a_mark_may_point_up_out_of_a_string() -> None:
    assert marks.parse('q("""\n\n""")  # error: -2:3 "a"') == [Mark(1, 3, None, "a")]


def test_quotes_in_the_text_are_escaped() -> None:
    assert marks.parse(r'f()  # error: 1 "a \"b\" \\ c"') == [Mark(1, 1, None, 'a "b" \\ c')]


def test_other_comments_may_stand_before_a_mark() -> None:
    text = 'f()  # noqa: FLG101  # error: 6 "unused"'
    assert marks.parse(text) == [Mark(1, 6, None, "unused")]
    assert marks.strip(text) == "f()  # noqa: FLG101"


@pytest.mark.parametrize(
    "line",
    [
        "f()  # error: 5",
        'f()  # error: "text"',
        'f()  # error:5 "text"',
        'f()  # error: 5 "text',
        'f()  # error: 5 "text" and more',
        'f()  # error: 5 FLG1 "text"',
        'f()  # error: 5 # error: 6 "text"',
    ],
)
def test_what_only_looks_like_a_mark_is_refused(line: str) -> None:
    with pytest.raises(marks.MarkError, match="line 2"):
        marks.parse(f"x = 1\n{line}\n")


def test_taking_marks_out_leaves_everything_else_alone() -> None:
    text = 'a = "#"  \n\n    f()  # error: 1 "a" # error: 3 "b"\n# error: -2:1 "c"\n'
    assert marks.strip(text) == 'a = "#"  \n\n    f()\n\n'


def test_marks_can_be_replaced_by_another_comment() -> None:
    text = 'f()  # error: 1 "a" # error: 3 "b"\n# error: -1:1 "c"\nx = 1'
    replaced = marks.replace(text, lambda here: f"# {len(here)}")
    assert replaced == "f()  # 2\n# 1\nx = 1"
