"""FLG502: every text but the empty one is true, "False" as well."""

from __future__ import annotations

import runpy
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from proving import Site, bad, good, repaired
from serving import record

from flask_gotchas.facts import flask_api

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG502"


@pytest.mark.parametrize("value", ["False", "0", "no", "true", None])
def test_any_text_starts_the_debugger_and_so_does_the_default(
    value: str | None, site: Callable[[docs.Example], Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    place, starts = site(bad(RULE, 0)), record(monkeypatch)
    monkeypatch.delenv("DEBUG", raising=False)
    if value is not None:
        monkeypatch.setenv("DEBUG", value)
    runpy.run_path(str(place.folder / "app.py"), run_name="__main__")
    (start,) = starts
    assert (start.options["use_debugger"], start.app.debug) == (True, True)


def test_only_the_empty_text_switches_it_off(
    site: Callable[[docs.Example], Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    place, starts = site(bad(RULE, 0)), record(monkeypatch)
    monkeypatch.setenv("DEBUG", "")
    runpy.run_path(str(place.folder / "app.py"), run_name="__main__")
    assert not starts[0].options["use_debugger"]


@pytest.mark.parametrize(("value", "debugger"), [("False", False), ("0", False), ("1", True)])
def test_a_compared_text_means_what_it_says(
    value: str,
    debugger: bool,
    site: Callable[[docs.Example], Site],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place, starts = site(good(RULE, 0)), record(monkeypatch)
    monkeypatch.setenv("DEBUG", value)
    runpy.run_path(str(place.folder / "app.py"), run_name="__main__")
    assert starts[0].options["use_debugger"] is debugger


@pytest.mark.parametrize(
    ("example", "secure"), [(bad(RULE, 1), True), (good(RULE, 1), False)], ids=["bad", "good"]
)
def test_a_cookie_that_must_not_be_secure_is(
    example: docs.Example,
    secure: bool,
    site: Callable[[docs.Example], Site],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SECRET_KEY", "proof")
    monkeypatch.setenv("SECURE", "False")
    cookie = site(example).client().get("/").headers["Set-Cookie"]
    assert ("; Secure" in cookie) is secure


@pytest.mark.parametrize(("value", "read"), [("false", False), ("False", "False"), ("1", 1)])
def test_flask_reads_its_own_variables_as_json(
    value: str,
    read: object,
    site: Callable[[docs.Example], Site],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FLASK_TESTING", value)
    assert site(good(RULE, 2)).load().app.config["TESTING"] == read


@pytest.mark.parametrize("text", ["0", "false", "no"])
def test_the_variable_of_flask_itself_can_say_no(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flask.helpers import get_debug_flag

    monkeypatch.setenv("FLASK_DEBUG", text)
    assert not get_debug_flag()


@pytest.mark.parametrize("key", sorted(flask_api.OWN_BOOLEAN_SETTINGS))
def test_setdefault_never_changes_a_setting_of_flask(key: str) -> None:
    config = Flask("proof").config
    if key not in config:
        assert key in {"SESSION_COOKIE_PARTITIONED", "PROVIDE_AUTOMATIC_OPTIONS"}, "since 3.1"
        return
    before = config[key]
    config.setdefault(key, "False")
    assert config[key] is before


@pytest.mark.parametrize(
    ("value", "debugger"), [("False", False), ("0", False), (None, False), ("True", True)]
)
def test_fixed_the_text_means_what_it_says(
    value: str | None,
    debugger: bool,
    site: Callable[[docs.Example], Site],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place, starts = site(repaired(RULE)), record(monkeypatch)
    monkeypatch.delenv("DEBUG", raising=False)
    if value is not None:
        monkeypatch.setenv("DEBUG", value)
    runpy.run_path(str(place.folder / "app.py"), run_name="__main__")
    assert starts[0].options["use_debugger"] is debugger


@pytest.mark.parametrize(("value", "secure"), [("False", False), (None, True)])
def test_fixed_the_cookie_is_what_the_variable_says(
    value: str | None,
    secure: bool,
    site: Callable[[docs.Example], Site],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SECRET_KEY", "proof")
    monkeypatch.delenv("SECURE", raising=False)
    if value is not None:
        monkeypatch.setenv("SECURE", value)
    cookie = site(repaired(RULE, 1)).client().get("/").headers["Set-Cookie"]
    assert ("; Secure" in cookie) is secure
