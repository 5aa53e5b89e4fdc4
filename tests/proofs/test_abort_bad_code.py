"""FLG307: `abort()` knows errors only, and sends responses as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from proving import Site, bad, good, repaired

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG307"


def test_a_status_behind_a_response_is_ignored(
    site: Callable[[docs.Example], Site],
) -> None:
    answer = site(bad(RULE)).client().post("/books")
    assert (answer.status_code, answer.json) == (200, {"error": "no title"})
    answer = site(good(RULE)).client().post("/books")
    assert (answer.status_code, answer.json) == (400, {"error": "no title"})


def test_what_is_no_error_is_answered_with_500(
    site: Callable[[docs.Example], Site],
) -> None:
    client = site(bad(RULE, 1)).client()
    assert client.delete("/books/1").status_code == 500
    assert client.get("/books/1").status_code == 500
    client = site(good(RULE, 1)).client()
    assert client.delete("/books/1").status_code == 204
    assert client.get("/books/1").status_code == 404


@pytest.mark.parametrize("code", [0, 200, 204, 302, 304, 700, "404", "gone"])
def test_the_error_is_a_lookup_error(code: Any) -> None:
    from flask import abort

    with pytest.raises(LookupError):
        abort(code)


def test_fixed_the_status_is_sent(site: Callable[[docs.Example], Site]) -> None:
    answer = site(repaired(RULE)).client().post("/books")
    assert (answer.status_code, answer.json) == (400, {"error": "no title"})
    assert site(repaired(RULE, 1)).client().get("/books/1").status_code == 404
