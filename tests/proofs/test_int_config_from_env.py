"""FLG511: Flask calculates with these settings, which text does not take part in."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from flask import Flask, Response, request, send_file, session
from proving import FLASK, Site, bad, good, repaired

from flask_gotchas.facts.flask_api import NUMERIC_SETTINGS

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG511"


def test_a_form_is_refused_by_an_error(
    site: Callable[[docs.Example], Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAX_UPLOAD", "1000")
    client = site(bad(RULE, 0)).client()
    assert client.post("/upload", data={"title": "text"}).status_code == 500


def test_without_the_variable_nothing_fails(
    site: Callable[[docs.Example], Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MAX_UPLOAD", raising=False)
    client = site(bad(RULE, 0)).client()
    assert client.post("/upload", data={"title": "text"}).json == {"fields": 1}


@pytest.mark.parametrize(("lifetime", "status"), [("3600", 500), (None, 200)])
def test_a_lifetime_that_is_text_breaks_permanent_sessions(
    lifetime: str | None,
    status: int,
    site: Callable[[docs.Example], Site],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SECRET_KEY", "proof")
    monkeypatch.delenv("LIFETIME", raising=False)
    if lifetime is not None:
        monkeypatch.setenv("LIFETIME", lifetime)
    assert site(bad(RULE, 1)).client().get("/").status_code == status


def test_a_number_works(
    site: Callable[[docs.Example], Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAX_UPLOAD", "1000")
    client = site(good(RULE)).client()
    assert client.post("/upload", data={"title": "text"}).json == {"fields": 1}
    assert client.post("/upload", data={"title": "text" * 1000}).status_code == 413


@pytest.mark.parametrize("key", sorted(NUMERIC_SETTINGS))
def test_text_raises_where_the_setting_is_needed(key: str) -> None:
    if key.startswith("MAX_FORM") and FLASK < (3, 1):
        pytest.skip("a setting since 3.1")
    app = Flask("proof")
    app.config.update(TESTING=True, SECRET_KEY="proof")
    app.config[key] = "1"

    @app.post("/")
    def index() -> Response:
        session.permanent = True
        session["seen"] = "x" * 10
        request.get_data(parse_form_data=True)
        return send_file(io.BytesIO(b"text"), mimetype="text/plain", download_name="file.txt")

    with pytest.raises(TypeError):
        app.test_client().post("/", data={"a": "b", "file": (io.BytesIO(b"text"), "file.txt")})


@pytest.mark.parametrize("lifetime", ["3600", None])
def test_fixed_permanent_sessions_work(
    lifetime: str | None, site: Callable[[docs.Example], Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "proof")
    monkeypatch.delenv("LIFETIME", raising=False)
    if lifetime is not None:
        monkeypatch.setenv("LIFETIME", lifetime)
    assert site(repaired(RULE, 1)).client().get("/").status_code == 200
