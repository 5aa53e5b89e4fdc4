"""FLG603: who knows the key writes sessions that Flask takes for its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from proving import Site, bad, good, repaired

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG603"


def forged(key: str) -> str:
    """Sign a session with a key, on a computer that knows nothing else of the application."""
    own = Flask("attacker")
    own.secret_key = key
    serializer = SecureCookieSessionInterface().get_signing_serializer(own)
    assert serializer is not None
    return str(serializer.dumps({"user": "admin"}))


def answer(place: Site, cookie: str) -> object:
    return (
        place.load()
        .app.test_client(use_cookies=False)
        .get("/", headers={"Cookie": f"session={cookie}"})
        .json
    )


@pytest.mark.parametrize(("number", "key"), [(0, "super secret"), (1, "dev")])
def test_a_session_signed_with_the_key_of_the_source_is_taken(
    number: int,
    key: str,
    site: Callable[[docs.Example], Site],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("SECRET_KEY", raising=False)
    assert answer(site(bad(RULE, number)), forged(key)) == {"user": "admin"}


@pytest.mark.parametrize("number", [0, 1])
def test_with_a_key_of_the_environment_it_is_an_empty_session(
    number: int, site: Callable[[docs.Example], Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "nobody knows it")
    monkeypatch.delenv("SHOP_CONFIG", raising=False)
    assert answer(site(good(RULE, number)), forged("super secret")) == {"user": None}


@pytest.mark.parametrize("example", [repaired(RULE, 0), repaired(RULE, 1)])
def test_fixed_the_key_of_the_environment_counts(
    example: docs.Example, site: Callable[[docs.Example], Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "nobody knows it")
    assert answer(site(example), forged("super secret")) == {"user": None}
    assert answer(site(example), forged("dev")) == {"user": None}


def test_without_the_variable_the_application_does_not_start(
    site: Callable[[docs.Example], Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SECRET_KEY", raising=False)
    with pytest.raises(KeyError, match="SECRET_KEY"):
        site(good(RULE, 0)).load()
