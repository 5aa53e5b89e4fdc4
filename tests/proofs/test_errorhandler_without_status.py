"""FLG401: what an error handler returns has status 200 unless it says otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from proving import Site, bad, good, repaired

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG401"


def test_an_error_page_without_a_status_is_a_success(
    site: Callable[[docs.Example], Site],
) -> None:
    answer = site(bad(RULE)).client().get("/nowhere")
    assert (answer.status_code, answer.text) == (200, "there is no such page")
    assert site(good(RULE)).client().get("/nowhere").status_code == 404


def test_so_is_json_from_a_handler_that_is_registered_by_a_call(
    site: Callable[[docs.Example], Site],
) -> None:
    answer = site(bad(RULE, 1)).client().get("/")
    assert (answer.status_code, answer.json) == (200, {"error": "something broke"})
    assert site(good(RULE, 1)).client().get("/").status_code == 500


def test_headers_alone_leave_200() -> None:
    from flask import Flask

    app = Flask("proof")
    app.register_error_handler(404, lambda error: ("gone", {"X-Page": "missing"}))
    assert app.test_client().get("/").status_code == 200


def test_fixed_the_status_is_that_of_the_error(site: Callable[[docs.Example], Site]) -> None:
    answer = site(repaired(RULE)).client().get("/nowhere")
    assert (answer.status_code, answer.text) == (404, "there is no such page")
    answer = site(repaired(RULE, 1)).client().get("/")
    assert (answer.status_code, answer.json) == (500, {"error": "something broke"})
