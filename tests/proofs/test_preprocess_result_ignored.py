"""FLG407: `preprocess_request()` gives the answer of a hook that refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from proving import Site, bad, good

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG407"


def test_a_guard_whose_answer_is_dropped_keeps_nobody_out(
    site: Callable[[docs.Example], Site],
) -> None:
    answer = site(bad(RULE)).client().get("/")
    assert (answer.status_code, answer.text) == (200, "all the accounts")


def test_a_guard_whose_answer_is_sent_keeps_people_out(
    site: Callable[[docs.Example], Site],
) -> None:
    client = site(good(RULE)).client()
    assert client.get("/").status_code == 403
    assert client.get("/", headers={"X-Key": "1"}).text == "all the accounts"
