"""FLG101: a request with a method that the route does not allow never gets to the view."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from proving import Site, bad, good, repaired

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG101"


def test_a_form_sent_to_a_route_without_methods_gets_405(
    site: Callable[[docs.Example], Site],
) -> None:
    client = site(bad(RULE, 0)).client()
    assert client.get("/login").status_code == 200
    answer = client.post("/login", data={"name": "Ada"})
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
    assert "Welcome" not in answer.text


def test_a_route_that_names_post_lets_the_form_in(site: Callable[[docs.Example], Site]) -> None:
    client = site(good(RULE, 0)).client()
    assert client.get("/login").status_code == 200
    assert client.post("/login", data={"name": "Ada"}).text == "Welcome, Ada"


def test_a_page_of_the_post_shortcut_cannot_be_opened(
    site: Callable[[docs.Example], Site],
) -> None:
    client = site(bad(RULE, 1)).client()
    assert client.get("/news/").status_code == 405
    assert client.post("/news/").status_code == 201


def test_a_view_for_each_method_answers_each(site: Callable[[docs.Example], Site]) -> None:
    client = site(good(RULE, 1)).client()
    assert client.get("/news/").text == "all the news"
    assert client.post("/news/").status_code == 201


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_class_view_without_methods_gets_get_alone(
    site: Callable[[docs.Example], Site], method: str
) -> None:
    client = site(bad(RULE, 2)).client()
    assert client.get("/items/3").text == "item 3"
    assert client.open("/items/3", method=method).status_code == 405


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_class_view_says_by_its_attribute_what_it_allows(
    site: Callable[[docs.Example], Site], method: str
) -> None:
    client = site(good(RULE, 2)).client()
    assert client.get("/items/3").text == "item 3"
    assert client.open("/items/3", method=method).text == "changed"


def test_another_view_at_the_same_url_may_take_the_method() -> None:
    from flask import Flask, request

    app = Flask("proof")

    @app.get("/")
    def show() -> str:
        return "sent" if request.method == "POST" else "shown"

    @app.post("/")
    def send() -> str:
        return "taken"

    assert app.test_client().post("/").text == "taken"


def test_head_and_options_come_without_being_named() -> None:
    from flask import Flask, request

    app = Flask("proof")
    seen = []

    @app.get("/")
    def show() -> str:
        seen.append(request.method)
        return ""

    client = app.test_client()
    assert client.head("/").status_code == 200
    assert client.options("/").status_code == 200
    assert seen == ["HEAD"]


def test_the_name_of_a_method_is_in_upper_case_whatever_the_route_says() -> None:
    from flask import Flask, request

    app = Flask("proof")

    @app.route("/", methods=["post"])
    def show() -> str:
        return str(request.method == "post")

    assert app.test_client().post("/").text == "False"


def test_fixed_the_form_can_be_sent(site: Callable[[docs.Example], Site]) -> None:
    client = site(repaired(RULE)).client()
    assert client.post("/login", data={"name": "Eva"}).text == "Welcome, Eva"
    assert client.get("/login").status_code == 200


def test_fixed_the_page_can_be_opened_and_changed(site: Callable[[docs.Example], Site]) -> None:
    client = site(repaired(RULE, 1)).client()
    assert client.get("/news/").text == "all the news"
    assert client.post("/news/").status_code == 201


def test_fixed_the_class_answers_what_it_tests_for(site: Callable[[docs.Example], Site]) -> None:
    client = site(repaired(RULE, 2)).client()
    assert client.get("/items/3").text == "item 3"
    assert client.put("/items/3").text == client.delete("/items/3").text == "changed"
