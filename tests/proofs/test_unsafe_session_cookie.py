"""FLG613: what Flask writes into Set-Cookie, which is all that a browser goes by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask, session
from proving import WERKZEUG, Site, bad, good, repaired

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG613"


def marks(place: Site) -> set[str]:
    """Give the attributes of the session cookie."""
    return {part.strip() for part in place.client().get("/").headers["Set-Cookie"].split(";")[1:]}


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "nobody knows it")


def test_scripts_can_read_the_cookie(site: Callable[[docs.Example], Site]) -> None:
    assert "HttpOnly" not in marks(site(bad(RULE, 0)))


def test_the_cookie_is_for_other_sites_but_not_secure(site: Callable[[docs.Example], Site]) -> None:
    found = marks(site(bad(RULE, 1)))
    assert "SameSite=None" in found
    assert "Secure" not in found


def test_with_secure_the_cookie_has_all_that_browsers_ask_for(
    site: Callable[[docs.Example], Site],
) -> None:
    assert {"HttpOnly", "SameSite=None", "Secure"} <= marks(site(good(RULE)))


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, {"HttpOnly", "Path=/"}),
        ({"SESSION_COOKIE_SECURE": False}, {"HttpOnly", "Path=/"}),
        ({"SESSION_COOKIE_SAMESITE": None}, {"HttpOnly", "Path=/"}),
        ({"SESSION_COOKIE_HTTPONLY": False}, {"Path=/"}),
        (
            {"SESSION_COOKIE_HTTPONLY": 0},
            {"HttpOnly=0", "Path=/"} if WERKZEUG >= (2, 3) else {"Path=/"},
        ),
        ({"SESSION_COOKIE_SAMESITE": "none"}, {"HttpOnly", "Path=/", "SameSite=None"}),
    ],
)
def test_only_false_takes_a_mark_away_and_only_the_text_none_writes_one(
    settings: dict[str, Any], expected: set[str]
) -> None:
    app = Flask(__name__)
    app.secret_key = "known"
    app.config.update(settings)

    @app.get("/")
    def index() -> str:
        session["user"] = 1
        return "hello"

    cookie = app.test_client().get("/").headers["Set-Cookie"]
    assert {part.strip() for part in cookie.split(";")[1:]} == expected


def test_fixed_scripts_cannot_read_the_cookie(site: Callable[[docs.Example], Site]) -> None:
    assert "HttpOnly" in marks(site(repaired(RULE)))
