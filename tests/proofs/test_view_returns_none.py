"""FLG305: a view that gives nothing is answered with 500."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from proving import Site, bad, good

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG305"
nothing: Any = None


def test_a_way_without_return_is_answered_with_500(
    site: Callable[[docs.Example], Site],
) -> None:
    client = site(bad(RULE)).client()
    assert client.post("/save", data={"name": "Ada"}).status_code == 302
    assert client.post("/save").status_code == 500
    assert site(good(RULE)).client().post("/save").status_code == 400


def test_so_is_none(
    site: Callable[[docs.Example], Site],
) -> None:
    client = site(bad(RULE, 1)).client()
    assert client.get("/books?id=1").text == "Emma"
    assert client.get("/books?id=2").status_code == 500
    assert site(good(RULE, 1)).client().get("/books?id=2").status_code == 404


def test_the_error_is_a_type_error() -> None:
    from flask import Flask

    app = Flask("proof")
    app.testing = True
    app.add_url_rule("/", "index", lambda: nothing)
    with pytest.raises(TypeError, match="did not return a valid response"):
        app.test_client().get("/")


def test_an_error_handler_needs_a_value_too() -> None:
    from flask import Flask

    app = Flask("proof")
    app.testing = True
    app.register_error_handler(404, lambda error: nothing)
    with pytest.raises(TypeError, match="did not return a valid response"):
        app.test_client().get("/")


def test_none_with_a_status_is_no_better() -> None:
    from flask import Flask

    app = Flask("proof")
    app.add_url_rule("/", "index", lambda: (nothing, 204))
    assert app.test_client().get("/").status_code == 500
