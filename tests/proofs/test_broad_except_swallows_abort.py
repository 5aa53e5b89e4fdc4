"""FLG404: `except Exception` catches what `abort()` raises."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from proving import Site, bad, good, repaired

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG404"


def test_an_unknown_book_is_answered_like_a_crash(
    site: Callable[[docs.Example], Site],
) -> None:
    assert site(bad(RULE)).client().get("/books/2").status_code == 500


def test_outside_of_try_it_is_answered_with_404(
    site: Callable[[docs.Example], Site],
) -> None:
    assert site(good(RULE)).client().get("/books/2").status_code == 404


def test_so_it_is_with_a_handler_that_lets_it_pass(
    site: Callable[[docs.Example], Site],
) -> None:
    assert site(good(RULE, 1)).client().get("/books/2").status_code == 404


def test_what_abort_raises_is_an_exception() -> None:
    from flask import abort
    from werkzeug.exceptions import HTTPException

    assert issubclass(HTTPException, Exception)
    with pytest.raises(HTTPException):
        abort(404)


def test_fixed_the_answer_is_sent(site: Callable[[docs.Example], Site]) -> None:
    client = site(repaired(RULE)).client()
    assert client.get("/books/2").status_code == 404
    assert client.get("/books/1").text == "Emma"
