"""FLG314: a missing header is a KeyError and no BadRequest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from flask import Flask, request
from proving import Site, bad, good
from werkzeug.exceptions import BadRequestKeyError

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG314"


def test_without_the_header_it_is_an_error_of_the_server(
    site: Callable[[docs.Example], Site],
) -> None:
    client = site(bad(RULE)).client()
    assert client.post("/hooks", headers={"X-Event": "push"}).json == {"event": "push"}
    assert client.post("/hooks").status_code == 500


def test_asked_for_it_can_be_refused(site: Callable[[docs.Example], Site]) -> None:
    client = site(good(RULE)).client()
    assert client.post("/hooks", headers={"X-Event": "push"}).json == {"event": "push"}
    assert client.post("/hooks").status_code == 400


@pytest.mark.parametrize("header", ["X-Token", "Authorization", "Content-Type", "Content-Length"])
def test_the_exception_is_no_bad_request(header: str) -> None:
    with Flask("proof").test_request_context():
        assert header not in request.headers
        with pytest.raises(KeyError) as caught:
            request.headers[header]
        assert not isinstance(caught.value, BadRequestKeyError)


def test_a_missing_field_is_a_bad_request() -> None:
    with Flask("proof").test_request_context(), pytest.raises(BadRequestKeyError):
        request.form["title"]


def test_the_host_is_always_there() -> None:
    with Flask("proof").test_request_context():
        assert request.headers["Host"] == "localhost"


@pytest.mark.parametrize("name", ["is_json", "mimetype", "content_type", "authorization"])
def test_an_attribute_tells_without_an_error(name: str) -> None:
    with Flask("proof").test_request_context():
        assert not getattr(request, name)
