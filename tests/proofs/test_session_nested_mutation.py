"""FLG207: a change inside of a value of the session is not saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from proving import Site, bad, good, repaired

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from flask_gotchas import docs

RULE = "FLG207"


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "only for this proof")


def added(client: FlaskClient) -> tuple[object, object]:
    """Put an item into the cart, and say what that request and the next one see."""
    client.post("/open")
    during = client.post("/add", data={"item": "tea"}).json
    return during, client.get("/cart").json


def test_the_item_is_gone_in_the_next_request(site: Callable[[docs.Example], Site]) -> None:
    assert added(site(bad(RULE)).client()) == ({"cart": ["tea"]}, {"cart": []})


def test_with_modified_the_item_stays(site: Callable[[docs.Example], Site]) -> None:
    assert added(site(good(RULE)).client()) == ({"cart": ["tea"]}, {"cart": ["tea"]})


@pytest.mark.parametrize("saving", ["session['other'] = 1", "session.permanent = True"])
def test_a_write_to_another_key_or_a_permanent_session_saves_it(saving: str) -> None:
    from flask import Flask, session

    app = Flask("proof")
    app.secret_key = "only for this proof"

    @app.post("/open")
    def open_cart() -> str:
        session["cart"] = []
        return ""

    @app.post("/add")
    def add() -> dict[str, object]:
        session["cart"].append("tea")
        exec(saving, {"session": session})
        return {"cart": session["cart"]}

    @app.get("/cart")
    def cart() -> dict[str, object]:
        return {"cart": session["cart"]}

    assert added(app.test_client())[1] == {"cart": ["tea"]}


def test_fixed_the_cart_is_kept(site: Callable[[docs.Example], Site]) -> None:
    cart = {"cart": ["tea"]}
    assert added(site(repaired(RULE)).client()) == (cart, cart)


def test_a_default_is_not_in_the_session_until_it_is_put_there() -> None:
    from flask import Flask, session

    app = Flask("proof")
    app.secret_key = "test"

    @app.get("/<assign>")
    def index(assign: str) -> dict[str, object]:
        cart = session.get("cart", [])
        cart.append("tea")
        if assign == "assign":
            session["cart"] = cart
        session.modified = True
        return dict(session)

    client = app.test_client()
    assert client.get("/modify").json == {}
    assert client.get("/assign").json == {"cart": ["tea"]}
