"""FLG304: text of `json.dumps()` is sent as HTML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from proving import Site, bad, good, repaired

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG304"


def test_json_as_text_is_html(
    site: Callable[[docs.Example], Site],
) -> None:
    answer = site(bad(RULE)).client().get("/users/Ada")
    assert (answer.mimetype, answer.is_json) == ("text/html", False)
    assert site(bad(RULE)).client().get("/users/<b>").text == '{"name": "<b>"}'


def test_jsonify_says_what_it_is(
    site: Callable[[docs.Example], Site],
) -> None:
    answer = site(good(RULE)).client().get("/users/Ada")
    assert (answer.mimetype, answer.json) == ("application/json", {"name": "Ada"})


def test_a_header_says_so_too(
    site: Callable[[docs.Example], Site],
) -> None:
    answer = site(good(RULE, 1)).client().get("/users/Ada")
    assert (answer.mimetype, answer.json) == ("application/json", {"name": "Ada"})


def test_a_hook_or_the_class_of_responses_may_set_the_type() -> None:
    from flask import Flask, Response

    app = Flask("proof")
    app.add_url_rule("/", "index", lambda: "{}")

    class Json(Response):
        default_mimetype = "application/json"

    app.response_class = Json
    assert app.test_client().get("/").is_json


def test_fixed_it_is_json(site: Callable[[docs.Example], Site]) -> None:
    answer = site(repaired(RULE)).client().get("/users/Ada")
    assert (answer.mimetype, answer.json) == ("application/json", {"name": "Ada"})
