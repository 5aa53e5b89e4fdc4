"""FLG501: a blueprint that no application registers does nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from proving import Site, bad, good

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG501"


def test_the_urls_are_answered_with_404(site: Callable[[docs.Example], Site]) -> None:
    assert site(bad(RULE, 0)).client().get("/cart").status_code == 404


def test_its_endpoints_cannot_be_linked(site: Callable[[docs.Example], Site]) -> None:
    from flask import url_for
    from werkzeug.routing import BuildError

    module = site(bad(RULE, 0)).load()
    with module.app.test_request_context(), pytest.raises(BuildError):
        url_for("cart.cart")


def test_its_hooks_and_handlers_never_run(site: Callable[[docs.Example], Site]) -> None:
    module = site(bad(RULE, 0)).load()
    seen = []
    module.bp.before_app_request(lambda: seen.append("before"))
    module.bp.app_errorhandler(404)(lambda error: ("mine", 404))
    assert module.app.test_client().get("/cart").text != "mine"
    assert seen == []


def test_to_import_the_module_is_not_to_register(site: Callable[[docs.Example], Site]) -> None:
    client = site(bad(RULE, 1)).load("shop").create_app().test_client()
    assert client.get("/cart").text == "your cart"
    assert client.get("/orders").status_code == 404


def test_a_registered_blueprint_answers(site: Callable[[docs.Example], Site]) -> None:
    assert site(good(RULE, 0)).client().get("/cart").text == "your cart"


def test_children_and_lists_are_registered(site: Callable[[docs.Example], Site]) -> None:
    client = site(good(RULE, 1)).load("shop").create_app().test_client()
    assert client.get("/cart/items/").text == "three apples"
