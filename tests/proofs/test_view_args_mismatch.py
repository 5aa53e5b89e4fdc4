"""FLG108: a view that does not fit the variables of its URL fails on every request."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from proving import Site, bad, good, repaired

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG108"


def test_a_variable_of_another_name_is_answered_with_500(
    site: Callable[[docs.Example], Site],
) -> None:
    assert site(bad(RULE, 0)).client().get("/users/1").status_code == 500
    assert site(good(RULE, 0)).client().get("/users/1").text == "user 1"


def test_a_parameter_without_a_value_is_answered_with_500(
    site: Callable[[docs.Example], Site],
) -> None:
    client = site(bad(RULE, 1)).client()
    assert client.get("/items").status_code == 500
    assert client.get("/items/2").text == "page 2"
    client = site(good(RULE, 1)).client()
    assert client.get("/items").text == "page 1"


def test_the_variable_of_a_prefix_reaches_the_views(site: Callable[[docs.Example], Site]) -> None:
    assert site(bad(RULE, 2)).client().get("/it/books").status_code == 500


def test_a_preprocessor_may_take_a_value_out(site: Callable[[docs.Example], Site]) -> None:
    assert site(good(RULE, 2)).client().get("/it/books").text == "all the books of it"


def test_the_error_is_a_type_error_and_comes_with_the_request() -> None:
    from flask import Flask

    app = Flask("proof")
    app.add_url_rule("/<name>", "hello", lambda: "")
    app.testing = True
    with pytest.raises(TypeError, match="unexpected keyword argument 'name'"):
        app.test_client().get("/Ada")


def test_defaults_are_arguments_too() -> None:
    from flask import Flask

    app = Flask("proof")
    app.add_url_rule("/given", "given", lambda page: f"{page}", defaults={"page": 1})
    app.add_url_rule("/untaken", "untaken", lambda: "", defaults={"page": 1})
    assert app.test_client().get("/given").text == "1"
    assert app.test_client().get("/untaken").status_code == 500


def test_defaults_of_a_blueprint_are_arguments_too() -> None:
    from flask import Blueprint, Flask

    app = Flask("proof")
    bp = Blueprint("shop", "proof", url_defaults={"lang": "en"})
    bp.add_url_rule("/", "index", lambda lang: lang)
    app.register_blueprint(bp)
    assert app.test_client().get("/").text == "en"


def test_view_args_may_change_before_the_view_is_called() -> None:
    from flask import Flask, request

    app = Flask("proof")
    app.add_url_rule("/<name>", "hello", lambda: "hello")

    @app.before_request
    def take_name() -> None:
        assert request.view_args
        request.view_args.pop("name")

    assert app.test_client().get("/Ada").text == "hello"


def test_fixed_the_view_gets_its_value(site: Callable[[docs.Example], Site]) -> None:
    assert site(repaired(RULE)).client().get("/users/5").text == "user 5"
