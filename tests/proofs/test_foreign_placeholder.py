"""FLG114: what other frameworks take for a variable is plain text to Flask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from proving import Site, bad, good, repaired

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG114"


def test_a_url_with_a_value_is_not_found(site: Callable[[docs.Example], Site]) -> None:
    client = site(bad(RULE)).client()
    assert client.get("/users/5").status_code == 404
    assert client.get("/books/123").status_code == 404


def test_only_these_very_characters_match_and_give_no_value(
    site: Callable[[docs.Example], Site],
) -> None:
    assert site(bad(RULE)).client().get("/users/{user_id}").status_code == 500


def test_a_variable_in_angle_brackets_matches(site: Callable[[docs.Example], Site]) -> None:
    client = site(good(RULE)).client()
    assert client.get("/users/5").text == "user 5"
    assert client.get("/books/123").text == "book 123"


def test_a_regular_expression_is_plain_text() -> None:
    from flask import Flask

    app = Flask("proof")
    app.add_url_rule(r"/users/(?P<user_id>\d+)", "user", lambda user_id: user_id)
    assert app.test_client().get("/users/5").status_code == 404


def test_fixed_the_views_get_their_values(site: Callable[[docs.Example], Site]) -> None:
    client = site(repaired(RULE)).client()
    assert client.get("/users/5").text == "user 5"
    assert client.get("/books/123").text == "book 123"
