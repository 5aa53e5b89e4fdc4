"""FLG301: a response that is not returned is not sent, and the function goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from proving import Site, bad, good, repaired

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG301"


def test_a_redirect_that_is_not_returned_keeps_nobody_out(
    site: Callable[[docs.Example], Site],
) -> None:
    assert site(bad(RULE)).client().get("/accounts").text == "all the accounts"
    answer = site(good(RULE)).client().get("/accounts")
    assert (answer.status_code, answer.location) == (302, "/login")


def test_a_view_without_return_is_answered_with_500(
    site: Callable[[docs.Example], Site],
) -> None:
    assert site(bad(RULE, 1)).client().post("/books").status_code == 500
    assert site(good(RULE, 1)).client().post("/books").json == {"saved": True}


def test_abort_needs_no_return() -> None:
    from flask import Flask, abort

    app = Flask("proof")

    @app.get("/")
    def index() -> str:
        abort(404)
        return "went on"

    assert app.test_client().get("/").status_code == 404


def test_fixed_the_response_is_sent(site: Callable[[docs.Example], Site]) -> None:
    assert site(repaired(RULE)).client().get("/accounts").status_code == 302
    assert site(repaired(RULE, 1)).client().post("/books").json == {"saved": True}
