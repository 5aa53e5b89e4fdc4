"""Every example of every rule document is run: the documents are tests."""

from __future__ import annotations

import pytest
from support import assert_reports, check

from flask_gotchas import docs


def cases(kind: docs.Kind) -> list[tuple[str, docs.Example]]:
    return [
        (doc.meta.code, example)
        for doc in docs.all_docs()
        for example in doc.examples()
        if example.kind == kind
    ]


def name(value: str | docs.Example) -> str:
    return value if isinstance(value, str) else f"line-{value.line_in_doc}"


@pytest.mark.parametrize(("code", "example"), cases("bad"), ids=name)
def test_a_bad_example_is_reported_exactly_where_it_is_marked(
    code: str, example: docs.Example
) -> None:
    assert example.expected, "a bad example without a mark"
    codes = {code, *(wanted.code for wanted in example.expected)}
    assert_reports(check(example.files, only=codes), example.expected)


@pytest.mark.parametrize(("code", "example"), cases("good"), ids=name)
def test_a_good_example_is_silent_for_every_rule(code: str, example: docs.Example) -> None:
    assert not example.expected, "a good example with a mark"
    assert_reports(check(example.files), [])
