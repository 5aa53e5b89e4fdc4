"""FLG115: a class view has to be registered by `as_view`, with a name, for what it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from proving import Site, bad, good, repaired

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG115"


def test_the_class_itself_gives_no_response(site: Callable[[docs.Example], Site]) -> None:
    app = site(bad(RULE, 0)).load().app
    assert app.test_client().get("/items").status_code == 500
    app.testing = True
    with pytest.raises(TypeError, match="did not return a valid response"):
        app.test_client().get("/items")


def test_a_method_without_a_function_is_answered_with_500(
    site: Callable[[docs.Example], Site],
) -> None:
    app = site(bad(RULE, 1)).load().app
    assert app.test_client().get("/items").text == "items"
    assert app.test_client().post("/items").status_code == 500
    app.testing = True
    with pytest.raises(AssertionError, match="Unimplemented method"):
        app.test_client().post("/items")


def test_as_view_needs_a_name(site: Callable[[docs.Example], Site]) -> None:
    with pytest.raises(TypeError, match="'name'"):
        site(bad(RULE, 2)).load()


def test_what_as_view_gives_answers(site: Callable[[docs.Example], Site]) -> None:
    client = site(good(RULE)).client()
    assert client.get("/items").text == "items"
    assert client.post("/items").text == "added"
    assert client.put("/items").status_code == 405


def test_a_route_on_the_class_registers_the_class() -> None:
    from flask import Flask
    from flask.views import View

    app = Flask("proof")

    @app.route("/")
    class Items(View):  # type: ignore[type-var]
        def dispatch_request(self) -> str:
            return ""

    assert app.test_client().get("/").status_code == 500


def test_a_function_in_upper_case_is_not_found() -> None:
    from flask import Flask
    from flask.views import MethodView

    class Items(MethodView):
        def GET(self) -> str:  # noqa: N802 - this is the mistake
            return ""

    app = Flask("proof")
    app.add_url_rule("/", view_func=Items.as_view("items"))
    assert app.test_client().get("/").status_code == 500


def test_fixed_the_class_answers(site: Callable[[docs.Example], Site]) -> None:
    made = site(repaired(RULE, 0))
    assert made.client().get("/items").text == "items"
    assert "Items" in made.load().app.view_functions  # as it was before
    assert site(repaired(RULE, 2)).client().get("/items").text == "items"
