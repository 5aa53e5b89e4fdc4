"""FLG107: of two views for one URL and method only one ever answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from proving import Site, bad, good

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG107"


def test_the_first_view_answers_whatever_its_variable_is_called(
    site: Callable[[docs.Example], Site],
) -> None:
    client = site(bad(RULE, 0)).client()
    assert client.get("/users/Ada").text == "user number Ada"
    assert client.get("/users/1").text == "user number 1"


def test_converters_and_methods_keep_views_apart(site: Callable[[docs.Example], Site]) -> None:
    client = site(good(RULE, 0)).client()
    assert client.get("/users/1").text == "user number 1"
    assert client.get("/users/Ada").text == "user Ada"
    assert client.delete("/users/Ada").text == "no more Ada"


def test_the_order_of_registrations_decides_between_blueprints() -> None:
    from flask import Blueprint, Flask

    first, second = Blueprint("first", "proof"), Blueprint("second", "proof")
    first.add_url_rule("/", "index", lambda: "first")
    second.add_url_rule("/", "index", lambda: "second")
    for order in ((first, second), (second, first)):
        app = Flask("proof")
        for bp in order:
            app.register_blueprint(bp)
        assert app.test_client().get("/").text == order[0].name


def test_text_is_what_a_variable_without_a_converter_takes() -> None:
    from flask import Flask

    app = Flask("proof")
    app.add_url_rule("/<string:a>", "one", lambda a: "one")
    app.add_url_rule("/<a>", "two", lambda a: "two")
    assert app.test_client().get("/x").text == "one"


def test_arguments_of_a_converter_make_another_rule() -> None:
    from flask import Flask

    app = Flask("proof")
    app.add_url_rule("/<a>", "one", lambda a: "one")
    app.add_url_rule("/<string(length=2):a>", "two", lambda a: "two")
    assert app.test_client().get("/x").text == "one"


def test_hosts_keep_views_apart() -> None:
    from flask import Flask

    app = Flask("proof", host_matching=True, static_host="a.test")
    app.add_url_rule("/", "one", lambda: "one", host="a.test")
    app.add_url_rule("/", "two", lambda: "two", host="b.test")
    assert app.test_client().get("/", base_url="http://b.test").text == "two"
