"""FLG204: a streamed generator runs when the contexts are gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from proving import Site, bad, good, repaired

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG204"


def test_the_export_breaks_off(site: Callable[[docs.Example], Site]) -> None:
    client = site(bad(RULE)).client()
    with pytest.raises(RuntimeError, match="Working outside of request context"):
        client.get("/export?name=Ada", buffered=True)


def test_the_status_was_a_success(site: Callable[[docs.Example], Site]) -> None:
    answer = site(bad(RULE)).client().get("/export?name=Ada")
    assert answer.status_code == 200


def test_a_view_that_is_a_generator_has_no_context(site: Callable[[docs.Example], Site]) -> None:
    client = site(bad(RULE, 1)).client()
    with pytest.raises(RuntimeError, match="Working outside of application context"):
        client.get("/", buffered=True)


@pytest.mark.parametrize("number", [0, 1])
def test_with_the_context_or_without_need_of_one_all_is_sent(
    number: int, site: Callable[[docs.Example], Site]
) -> None:
    answer = site(good(RULE, number)).client().get("/export?name=Ada", buffered=True)
    assert answer.text == "name\nAda\n"


def test_fixed_all_is_sent(site: Callable[[docs.Example], Site]) -> None:
    export = site(repaired(RULE)).client().get("/export?name=Ada", buffered=True)
    assert export.text == "name\nAda\n"
    assert site(repaired(RULE, 1)).client().get("/", buffered=True).text == "app"
