"""FLG205: a proxy is never identical with anything but itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from proving import Site, bad, good, repaired

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG205"


@pytest.fixture
def login(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("flask_login")
    monkeypatch.setenv("SECRET_KEY", "only for this proof")


@pytest.mark.usefixtures("login")
def test_the_page_is_open_although_nobody_is_logged_in(
    site: Callable[[docs.Example], Site],
) -> None:
    answer = site(bad(RULE)).client().get("/account")
    assert (answer.status_code, answer.text) == (200, "all your orders")


@pytest.mark.usefixtures("login")
def test_asked_properly_nobody_is_logged_in(site: Callable[[docs.Example], Site]) -> None:
    assert site(good(RULE)).client().get("/account").status_code == 401


@pytest.mark.usefixtures("login")
def test_fixed_the_page_is_closed(site: Callable[[docs.Example], Site]) -> None:
    assert site(repaired(RULE)).client().get("/account").status_code == 401


def test_fixed_the_proxy_equals_the_application(site: Callable[[docs.Example], Site]) -> None:
    assert site(repaired(RULE, 1)).client().get("/").json == {"same": True}


def test_the_proxy_is_not_the_application(site: Callable[[docs.Example], Site]) -> None:
    assert site(bad(RULE, 1)).client().get("/").json == {"same": False}


def test_equality_and_attributes_ask_the_object_behind(
    site: Callable[[docs.Example], Site],
) -> None:
    assert site(good(RULE, 1)).client().get("/").json == {"same": True, "nobody": True}


def test_neither_none_nor_the_type_is_seen_through_a_proxy() -> None:
    from flask import Flask, current_app, g, request, session

    assert all(proxy is not None for proxy in (current_app, g, request, session))
    app = Flask("proof")
    with app.test_request_context():
        assert type(current_app) is not Flask
        assert isinstance(current_app, Flask)
        assert [bool(proxy) for proxy in (current_app, g, request)] == [True] * 3
        assert not session  # it is empty
    assert [bool(proxy) for proxy in (current_app, g, request)] == [False] * 3
