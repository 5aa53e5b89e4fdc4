"""FLG503: a blueprint's name is taken once in an application, or below a parent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from proving import Site, bad, good, repaired

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG503"


def test_a_second_blueprint_of_one_name_is_refused(site: Callable[[docs.Example], Site]) -> None:
    with pytest.raises(ValueError, match="'shop' is already registered for a different blueprint"):
        site(bad(RULE, 0)).load()


def test_one_blueprint_is_refused_the_second_time(site: Callable[[docs.Example], Site]) -> None:
    module = site(bad(RULE, 1)).load()
    with pytest.raises(ValueError, match="'api' is already registered"):
        module.create_app()


def test_children_are_refused_when_their_parent_is_registered(
    site: Callable[[docs.Example], Site],
) -> None:
    module = site(bad(RULE, 2)).load()
    with pytest.raises(ValueError, match="'fruit' is already registered"):
        module.create_app()


def test_another_name_lets_one_blueprint_in_twice(site: Callable[[docs.Example], Site]) -> None:
    client = site(good(RULE, 0)).client()
    assert client.get("/v1/items").text == client.get("/v2/items").text == "three apples"
    assert {"api.items", "api_v2.items"} <= set(client.application.view_functions)


def test_two_parents_make_two_names(site: Callable[[docs.Example], Site]) -> None:
    client = site(good(RULE, 1)).client()
    assert client.get("/v1/items").text == client.get("/v2/items").text == "three apples"
    assert {"v1.items.index", "v2.items.index"} <= set(client.application.view_functions)


def test_two_applications_may_have_blueprints_of_one_name() -> None:
    from flask import Blueprint, Flask

    for name in ("first", "second"):
        app = Flask(name)
        app.register_blueprint(Blueprint("shop", "proof"))
        assert "shop" in app.blueprints


def test_fixed_both_prefixes_answer(site: Callable[[docs.Example], Site]) -> None:
    client = site(repaired(RULE, 1)).load().create_app().test_client()
    assert client.get("/v1/items").text == client.get("/v2/items").text == "three apples"
