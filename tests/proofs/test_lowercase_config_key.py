"""FLG510: settings in small letters are stored or left out, and read by nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from flask import Flask
from proving import Site, bad, good, repaired

from flask_gotchas.facts.flask_api import OWN_SETTINGS

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG510"


def test_small_letters_change_nothing(site: Callable[[docs.Example], Site]) -> None:
    config = site(bad(RULE)).load().app.config
    assert config["MAX_CONTENT_LENGTH"] is None
    assert config["SESSION_COOKIE_SECURE"] is False
    assert config["max_content_length"] == 1_000_000
    assert "session_cookie_secure" not in config


def test_capital_letters_do(site: Callable[[docs.Example], Site]) -> None:
    config = site(good(RULE, 0)).load().app.config
    assert config["MAX_CONTENT_LENGTH"] == 1_000_000
    assert config["SESSION_COOKIE_SECURE"] is True


def test_names_of_ones_own_are_found_again(site: Callable[[docs.Example], Site]) -> None:
    assert site(good(RULE, 1)).client().get("/").text == "Shop"


@pytest.mark.parametrize("key", sorted(OWN_SETTINGS))
def test_no_setting_of_flask_is_in_small_letters(key: str) -> None:
    app = Flask("proof")
    assert key == key.upper()
    before = app.config.get(key)
    app.config[key.lower()] = "proof"
    assert app.config.get(key) == before


def test_fixed_they_have_their_effect(site: Callable[[docs.Example], Site]) -> None:
    config = site(repaired(RULE)).load().app.config
    assert config["MAX_CONTENT_LENGTH"] == 1_000_000
    assert config["SESSION_COOKIE_SECURE"] is True
