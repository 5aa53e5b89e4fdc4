"""FLG306: a response as a tuple is body, status and headers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from proving import Site, bad, good, repaired

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG306"


def test_the_status_before_the_body_is_answered_with_500(
    site: Callable[[docs.Example], Site],
) -> None:
    assert site(bad(RULE)).client().get("/books/1").status_code == 500
    answer = site(good(RULE)).client().get("/books/1")
    assert (answer.status_code, answer.json) == (404, {"error": "missing"})


def test_one_part_and_headers_before_the_status_are_answered_with_500(
    site: Callable[[docs.Example], Site],
) -> None:
    client = site(bad(RULE, 1)).client()
    assert client.get("/").status_code == 500
    assert client.get("/export").status_code == 500
    client = site(good(RULE, 1)).client()
    assert client.get("/").text == "all the books"
    assert client.get("/export").mimetype == "text/csv"


def status(value: Any) -> int:
    from flask import Flask

    app = Flask("proof")
    app.add_url_rule("/", "index", lambda: value)
    return app.test_client().get("/").status_code


def test_text_is_a_status_if_it_begins_with_a_number() -> None:
    assert status(("page", "404")) == 404
    assert status(("page", "404 Gone fishing")) == 404
    assert status(("page", "missing")) == 0


def test_tuples_of_other_lengths_are_answered_with_500() -> None:
    assert status(()) == 500
    assert status(("page", 200, {}, "more")) == 500


def test_fixed_the_parts_are_in_order(site: Callable[[docs.Example], Site]) -> None:
    answer = site(repaired(RULE)).client().get("/books/1")
    assert (answer.status_code, answer.json) == (404, {"error": "missing"})
    client = site(repaired(RULE, 1)).client()
    assert client.get("/").text == "all the books"
    assert client.get("/export").headers["Content-Type"] == "text/csv"
