"""FLG119: Flask refuses methods that are one text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from proving import Site, bad, good, repaired

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG119"


def test_a_text_is_refused_when_the_module_is_loaded(site: Callable[[docs.Example], Site]) -> None:
    with pytest.raises(TypeError, match="must be a list of strings"):
        site(bad(RULE)).load()


def test_a_list_is_taken(site: Callable[[docs.Example], Site]) -> None:
    assert site(good(RULE)).client().post("/orders").text == "ordered"


def test_on_a_blueprint_it_is_refused_when_that_is_registered() -> None:
    from flask import Blueprint, Flask

    bp = Blueprint("shop", "proof")
    bp.add_url_rule("/", "index", lambda: "", methods="POST")
    with pytest.raises(TypeError, match="must be a list of strings"):
        Flask("proof").register_blueprint(bp)


def test_the_text_of_a_class_view_is_refused_too() -> None:
    from flask import Flask
    from flask.views import View

    class Orders(View):
        methods = "POST"

    with pytest.raises(TypeError, match="must be a list of strings"):
        Flask("proof").add_url_rule("/", view_func=Orders.as_view("orders"))


def test_fixed_the_route_can_be_added(site: Callable[[docs.Example], Site]) -> None:
    client = site(repaired(RULE)).client()
    assert client.post("/orders").text == "ordered"
    assert client.get("/orders").status_code == 405
