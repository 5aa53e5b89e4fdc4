"""FLG123: a route that allows GET brings HEAD to the view, under its own name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from proving import Site, bad, good, repaired

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG123"


def test_head_runs_the_code_for_post(site: Callable[[docs.Example], Site]) -> None:
    module = site(bad(RULE, 0)).load()
    assert module.app.test_client().head("/orders").status_code == 200
    assert module.orders == [None]


def test_head_runs_off_the_end_of_the_chain(site: Callable[[docs.Example], Site]) -> None:
    client = site(bad(RULE, 1)).client()
    assert client.get("/login").status_code == 200
    assert client.post("/login").status_code == 200
    assert client.head("/login").status_code == 500


def test_what_is_not_post_is_a_look_at_the_form(site: Callable[[docs.Example], Site]) -> None:
    module = site(good(RULE)).load()
    client = module.app.test_client()
    assert client.head("/orders").status_code == 200
    assert module.orders == []
    assert client.head("/login").status_code == 200


def test_a_method_view_answers_head_like_get() -> None:
    from flask import Flask
    from flask.views import MethodView

    class Page(MethodView):
        def get(self) -> str:
            return "page"

    app = Flask("proof")
    app.add_url_rule("/", view_func=Page.as_view("page"))
    assert app.test_client().head("/").status_code == 200


def test_fixed_head_goes_the_way_of_get(site: Callable[[docs.Example], Site]) -> None:
    made = site(repaired(RULE))
    assert made.client().head("/orders").status_code == 200
    assert made.load().orders == []
    assert made.client().post("/orders", data={"book": "Emma"}).text == "ordered"
    client = site(repaired(RULE, 1)).client()
    assert client.head("/login").status_code == 200
    assert client.get("/login").text == "form"
    assert client.post("/login").text == "welcome"
