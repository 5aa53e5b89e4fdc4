"""FLG116: a route in a class body registers a function that gets no object."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from proving import Site, bad, good

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG116"


def test_each_request_fails_for_the_missing_object(site: Callable[[docs.Example], Site]) -> None:
    app = site(bad(RULE)).load().app
    assert app.test_client().get("/cart").status_code == 500
    app.testing = True
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'self'"):
        app.test_client().get("/cart")


@pytest.mark.parametrize("number", [0, 1])
def test_with_an_object_it_answers(site: Callable[[docs.Example], Site], number: int) -> None:
    assert site(good(RULE, number)).client().get("/cart").text == "cart"


def test_a_function_without_self_in_a_class_answers() -> None:
    from flask import Flask

    app = Flask("proof")

    class Shop:
        @app.route("/<name>")
        def item(name) -> str:  # noqa: N805
            return str(name)

    assert app.test_client().get("/atlas").text == "atlas"
