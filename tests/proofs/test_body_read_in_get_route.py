"""FLG102: with GET there is no body, so the form is empty and JSON is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from proving import WERKZEUG, Site, bad, good

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG102"


def test_a_field_of_the_form_is_missing_with_get_and_answered_with_400(
    site: Callable[[docs.Example], Site],
) -> None:
    client = site(bad(RULE, 0)).client()
    assert client.get("/greet?name=Ada").status_code == 400
    assert client.post("/greet", data={"name": "Ada"}).status_code == 405


def test_a_get_that_has_a_body_is_read_by_flask(site: Callable[[docs.Example], Site]) -> None:
    client = site(bad(RULE, 0)).client()
    assert client.get("/greet", data={"name": "Ada"}).text == "Hello, Ada"


def test_a_form_sent_with_post_arrives(site: Callable[[docs.Example], Site]) -> None:
    client = site(good(RULE, 0)).client()
    assert client.post("/greet", data={"name": "Ada"}).text == "Hello, Ada"


def test_a_search_that_looks_into_the_form_finds_everything(
    site: Callable[[docs.Example], Site],
) -> None:
    client = site(bad(RULE, 1)).client()
    assert "method" not in client.get("/").text
    assert client.get("/search?word=Em").json == ["Dune", "Emma"]


def test_a_search_that_looks_into_the_url_finds_what_it_is_for(
    site: Callable[[docs.Example], Site],
) -> None:
    assert site(good(RULE, 1)).client().get("/search?word=Em").json == ["Emma"]


def test_json_is_refused_with_the_status_of_its_time(site: Callable[[docs.Example], Site]) -> None:
    status = 415 if WERKZEUG >= (2, 3) else 400
    assert site(bad(RULE, 2)).client().get("/items?id=1").status_code == status


def test_values_of_the_url_need_no_body(site: Callable[[docs.Example], Site]) -> None:
    assert site(good(RULE, 2)).client().get("/items?id=1&id=2").json == {"items": [1, 2]}


def test_what_each_way_of_reading_gives_with_get() -> None:
    from flask import Flask, request

    app = Flask("proof")

    @app.get("/")
    def show() -> list[object]:
        return [
            request.form.get("name"),
            request.files.get("name"),
            request.get_json(silent=True),
            request.data.decode(),
            request.get_data().decode(),
            request.stream.read().decode(),
            request.values.get("name"),
        ]

    @app.get("/file")
    def file() -> str:
        return str(request.files["name"])

    @app.get("/force")
    def force() -> str:
        return str(request.get_json(force=True))

    client = app.test_client()
    assert client.get("/?name=Ada").json == [None, None, None, "", "", "", "Ada"]
    assert client.get("/file").status_code == 400
    assert client.get("/force").status_code == 400


def test_delete_may_have_a_body() -> None:
    from flask import Flask, request

    app = Flask("proof")

    @app.delete("/")
    def remove() -> str:
        return request.form["name"]

    assert app.test_client().delete("/", data={"name": "Ada"}).text == "Ada"
