"""FLG109: a decorator that is not called registers nothing and raises nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from proving import Site, bad, good

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG109"


def test_an_error_handler_is_not_asked(site: Callable[[docs.Example], Site]) -> None:
    response = site(bad(RULE, 0)).client().get("/books")
    assert response.status_code == 500
    assert "sorry" not in response.text


def test_a_route_is_not_there(site: Callable[[docs.Example], Site]) -> None:
    assert site(bad(RULE, 1)).client().get("/books").status_code == 404


def test_with_parentheses_both_are_there(site: Callable[[docs.Example], Site]) -> None:
    assert site(good(RULE)).client().get("/books").text == "we are sorry"


@pytest.mark.parametrize(
    "method", ["delete", "endpoint", "errorhandler", "get", "patch", "post", "put", "route"]
)
def test_each_of_these_gives_a_decorator_silently(method: str) -> None:
    from flask import Blueprint, Flask

    def view() -> str:
        return ""

    app, bp = Flask("proof"), Blueprint("shop", "proof")
    assert getattr(app, method)(view) is not view
    assert getattr(bp, method)(view) is not view
    app.register_blueprint(bp)
    assert [rule.endpoint for rule in app.url_map.iter_rules()] == ["static"]
    assert view not in app.view_functions.values()


def test_so_does_app_errorhandler_of_a_blueprint() -> None:
    from flask import Blueprint

    def failed(error: object) -> str:
        return ""

    register: Any = Blueprint("shop", "proof").app_errorhandler
    assert register(failed) is not failed
