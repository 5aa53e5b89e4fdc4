"""FLG702: every setting of the tables, on whichever side of its version the installed Flask is."""

from __future__ import annotations

import datetime
import json
import warnings
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask, helpers, jsonify
from proving import FLASK, Site, bad, good, repaired

from flask_gotchas.facts import removed_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask_gotchas import docs
    from flask_gotchas.facts.removed_settings import RemovedSetting

RULE = "FLG702"


@pytest.fixture(autouse=True)
def _ignore_deprecations() -> Iterator[None]:
    """Before they were gone, these settings warned."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def is_gone(row: RemovedSetting) -> bool:
    major, minor = row.version.split(".")
    return (int(major), int(minor)) <= FLASK


def answer(app: Flask, value: object) -> Any:
    app.add_url_rule("/", "index", lambda: jsonify(value))
    return app.test_client().get("/")


def with_config(**settings: object) -> Flask:
    app = Flask("proof")
    app.config.update(settings)
    return app


EFFECTS: dict[str, Callable[[], bool]] = {
    "ENV": lambda: getattr(with_config(ENV="testing"), "env", None) == "testing",
    "JSONIFY_MIMETYPE": lambda: (
        answer(with_config(JSONIFY_MIMETYPE="text/json"), 1).mimetype == "text/json"
    ),
    "JSONIFY_PRETTYPRINT_REGULAR": lambda: (
        b"\n " in answer(with_config(JSONIFY_PRETTYPRINT_REGULAR=True), {"a": 1}).data
    ),
    "JSON_AS_ASCII": lambda: "ä" in answer(with_config(JSON_AS_ASCII=False), "ä").get_data(True),
    "JSON_SORT_KEYS": lambda: (
        answer(with_config(JSON_SORT_KEYS=False), {"b": 1, "a": 2}).data.find(b"b") == 2
    ),
    "LOGGER_HANDLER_POLICY": lambda: "LOGGER_HANDLER_POLICY" in Flask("proof").config,
    "LOGGER_NAME": lambda: with_config(LOGGER_NAME="other").logger.name == "other",
}


@pytest.mark.parametrize("key", sorted(removed_settings.KEYS))
def test_a_key_has_an_effect_until_its_version(key: str) -> None:
    assert EFFECTS[key]() is not is_gone(removed_settings.KEYS[key])


def test_the_variable_turns_on_debug_mode_until_its_version(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("FLASK_DEBUG", raising=False)
    monkeypatch.setenv("FLASK_ENV", "development")
    assert helpers.get_debug_flag() is not is_gone(removed_settings.ENVIRONMENT["FLASK_ENV"])


@pytest.mark.parametrize("value", sorted(removed_settings.ENVIRONMENT["FLASK_ENV"].harmless))
def test_production_is_the_same_as_nothing(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FLASK_DEBUG", raising=False)
    monkeypatch.setenv("FLASK_ENV", value)
    assert not helpers.get_debug_flag()


def encoded(name: str) -> bool:
    class Encoder(json.JSONEncoder):
        def default(self, o: object) -> object:
            return "encoded"

    class Decoder(json.JSONDecoder):
        def decode(self, s: str, *given: Any) -> Any:
            return "decoded"

    app: Any = Flask("proof")
    setattr(app, name, Encoder if name == "json_encoder" else Decoder)
    if name == "json_encoder":
        return bool(answer(app, datetime.date(2024, 1, 1)).json == "encoded")
    with app.test_request_context("/", method="POST", json=1) as context:
        return bool(context.request.get_json() == "decoded")


def in_config(name: str, value: object) -> bool:
    app: Any = Flask("proof")
    setattr(app, name, value)
    return bool(app.config.get(name.upper()) == value)


OF_ATTRIBUTES: dict[str, Callable[[], bool]] = {
    "env": lambda: in_config("env", "testing"),
    "json_decoder": lambda: encoded("json_decoder"),
    "json_encoder": lambda: encoded("json_encoder"),
    "send_file_max_age_default": lambda: in_config(
        "send_file_max_age_default", datetime.timedelta(1)
    ),
    "session_cookie_name": lambda: in_config("session_cookie_name", "other"),
    "templates_auto_reload": lambda: in_config("templates_auto_reload", True),
    "use_x_sendfile": lambda: in_config("use_x_sendfile", True),
}


@pytest.mark.parametrize("name", sorted(removed_settings.ATTRIBUTES))
def test_an_attribute_has_an_effect_until_its_version(name: str) -> None:
    assert OF_ATTRIBUTES[name]() is not is_gone(removed_settings.ATTRIBUTES[name])


@pytest.mark.parametrize("key", ["JSON_AS_ASCII", "JSON_SORT_KEYS", "JSONIFY_MIMETYPE"])
def test_what_is_set_instead_is_there(key: str) -> None:
    assert hasattr(Flask("proof").json, removed_settings.KEYS[key].instead)


def test_keys_stay_sorted_whatever_the_configuration_says(
    site: Callable[[docs.Example], Site],
) -> None:
    text = site(bad(RULE, 0)).client().get("/").text
    assert (text.find("author") < text.find("title")) is (FLASK >= (2, 3))


def test_the_provider_keeps_the_order(site: Callable[[docs.Example], Site]) -> None:
    text = site(good(RULE, 0)).client().get("/").text
    assert text.find("title") < text.find("author")


def test_an_encoder_is_not_asked(site: Callable[[docs.Example], Site]) -> None:
    answered = site(bad(RULE, 1)).client().get("/price").json
    assert answered == ("9.50" if FLASK >= (2, 3) else 9.5)


def test_a_provider_is_asked(site: Callable[[docs.Example], Site]) -> None:
    assert site(good(RULE, 1)).client().get("/price").json == 9.5


def test_fixed_the_keys_keep_their_order(site: Callable[[docs.Example], Site]) -> None:
    text = site(repaired(RULE)).client().get("/").text
    assert text.find("title") < text.find("author")
