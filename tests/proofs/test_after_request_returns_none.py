"""FLG402: what an `after_request` function returns takes the place of the response."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from proving import Site, bad, good, repaired

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG402"


def test_nothing_leaves_the_application_but_an_exception(
    site: Callable[[docs.Example], Site],
) -> None:
    client = site(bad(RULE)).client()
    for path in ("/", "/nowhere"):
        with pytest.raises((TypeError, AttributeError), match="NoneType"):
            client.get(path)
    assert site(good(RULE)).client().get("/").headers["X-Frame-Options"] == "DENY"


def test_one_way_without_return_breaks_the_requests_that_take_it(
    site: Callable[[docs.Example], Site],
) -> None:
    client = site(bad(RULE, 1)).client()
    assert client.get("/").text == "hello"
    with pytest.raises((TypeError, AttributeError), match="NoneType"):
        client.post("/")


def test_no_error_handler_gets_it() -> None:
    from flask import Flask

    app = Flask("proof")
    app.register_error_handler(Exception, lambda error: ("handled", 500))
    app.after_request(lambda response: None)
    with pytest.raises((TypeError, AttributeError), match="NoneType"):
        app.test_client().get("/")


def test_after_this_request_is_no_better() -> None:
    from flask import Flask, after_this_request

    app = Flask("proof")

    @app.get("/")
    def index() -> str:
        after_this_request(lambda response: None)
        return "hello"

    with pytest.raises((TypeError, AttributeError), match="NoneType"):
        app.test_client().get("/")


def test_fixed_the_response_arrives(site: Callable[[docs.Example], Site]) -> None:
    answer = site(repaired(RULE)).client().get("/")
    assert (answer.text, answer.headers["X-Frame-Options"]) == ("hello", "DENY")
    client = site(repaired(RULE, 1)).client()
    assert client.post("/").text == "hello"
    assert client.get("/").headers["Access-Control-Allow-Origin"] == "*"
