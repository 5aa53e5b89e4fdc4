"""FLG302: of a bool, a number and the like Flask makes no response."""

from __future__ import annotations

import datetime
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from proving import Site, bad, good
from werkzeug import Response
from werkzeug.exceptions import NotFound

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG302"


def test_a_bool_is_answered_with_500(
    site: Callable[[docs.Example], Site],
) -> None:
    assert site(bad(RULE)).client().get("/alive").status_code == 500
    assert site(good(RULE)).client().get("/alive").json == {"alive": True}


def test_an_exception_has_to_be_raised(
    site: Callable[[docs.Example], Site],
) -> None:
    client = site(bad(RULE, 1)).client()
    assert client.get("/books/2").status_code == 500
    assert client.get("/books/count").status_code == 500
    client = site(good(RULE, 1)).client()
    assert client.get("/books/2").status_code == 404
    assert client.get("/books/count").text == "1"


def answer(value: Any) -> int:
    from flask import Flask

    app = Flask("proof")
    app.add_url_rule("/", "index", lambda: value)
    return app.test_client().get("/").status_code


@pytest.mark.parametrize(
    "value",
    [
        True,
        1,
        1.5,
        {1},
        frozenset({1}),
        range(3),
        lambda: 1,
        ValueError("wrong"),
        ValueError,
        NotFound,
        datetime.date(2000, 1, 1),
        uuid.UUID(int=1),
        (True, 200),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_no_response_is_answered_with_500(value: Any) -> None:
    assert answer(value) == 500


@pytest.mark.parametrize(
    "value",
    ["text", b"bytes", [1], {"a": 1}, iter(["a"]), Response("made"), ("text", 200)],
    ids=lambda value: type(value).__name__,
)
def test_what_is_a_response_is_sent(value: Any) -> None:
    assert answer(value) == 200


def test_an_http_exception_is_a_response_itself() -> None:
    assert answer(NotFound()) == 404
