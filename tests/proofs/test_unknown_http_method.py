"""FLG112: a method that no client sends is answered with 405 where another one was meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from proving import Site, bad, good, repaired

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG112"


def test_two_methods_in_one_text_allow_neither(site: Callable[[docs.Example], Site]) -> None:
    client = site(bad(RULE)).client()
    assert client.get("/orders").status_code == 405
    assert client.post("/orders").status_code == 405


def test_a_misspelt_method_is_refused_and_the_other_one_works(
    site: Callable[[docs.Example], Site],
) -> None:
    client = site(bad(RULE)).client()
    assert client.get("/login").status_code == 200
    assert client.post("/login").status_code == 405


def test_two_texts_allow_both_also_in_lower_case(site: Callable[[docs.Example], Site]) -> None:
    client = site(good(RULE)).client()
    assert client.post("/orders").text == "orders"
    assert client.post("/login").text == "login"


def test_an_empty_list_allows_nothing() -> None:
    from flask import Flask

    app = Flask("proof")
    app.add_url_rule("/", "index", lambda: "", methods=[])
    assert app.test_client().get("/").status_code == 405
    assert app.test_client().post("/").status_code == 405


def test_a_class_view_allows_what_it_lists() -> None:
    from flask import Flask
    from flask.views import View

    class Orders(View):
        methods = ("GET", "POTS")

        def dispatch_request(self) -> str:
            return "orders"

    app = Flask("proof")
    app.add_url_rule("/", view_func=Orders.as_view("orders"))
    assert app.test_client().post("/").status_code == 405


def test_fixed_the_methods_that_were_meant_are_allowed(
    site: Callable[[docs.Example], Site],
) -> None:
    client = site(repaired(RULE)).client()
    assert client.get("/orders").text == client.post("/orders").text == "orders"
    assert client.get("/login").text == client.post("/login").text == "login"
