"""FLG405: a handler for `Exception` gets 404 and 405."""

from __future__ import annotations

from typing import TYPE_CHECKING

from proving import Site, bad, good, repaired

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG405"


def test_an_unknown_page_is_answered_like_a_crash(
    site: Callable[[docs.Example], Site],
) -> None:
    client = site(bad(RULE)).client()
    assert client.get("/nowhere").status_code == 500
    assert client.post("/static/file").status_code == 500


def test_an_http_exception_can_be_returned(
    site: Callable[[docs.Example], Site],
) -> None:
    assert site(good(RULE)).client().get("/nowhere").status_code == 404


def test_a_handler_for_500_gets_crashes_only(
    site: Callable[[docs.Example], Site],
) -> None:
    client = site(good(RULE, 1)).client()
    client.application.add_url_rule("/crash", "crash", lambda: str(1 / 0))
    assert client.get("/crash").text == "something broke"
    assert client.get("/nowhere").status_code == 404


def test_a_handler_for_http_errors_comes_first() -> None:
    from flask import Flask
    from werkzeug.exceptions import HTTPException

    app = Flask("proof")
    app.register_error_handler(Exception, lambda error: ("crash", 500))
    app.register_error_handler(HTTPException, lambda error: error)
    assert app.test_client().get("/").status_code == 404


def test_fixed_the_client_sees_its_mistake(site: Callable[[docs.Example], Site]) -> None:
    assert site(repaired(RULE)).client().get("/nowhere").status_code == 404
