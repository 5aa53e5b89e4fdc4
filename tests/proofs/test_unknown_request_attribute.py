"""FLG313: a request of Flask has the names of Flask."""

from __future__ import annotations

from typing import TYPE_CHECKING

import flask
import pytest
from proving import Site, bad, good, repaired

from flask_gotchas.facts.flask_api import STRANGE_REQUEST_ATTRIBUTES

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG313"


def test_names_of_other_frameworks_are_errors(site: Callable[[docs.Example], Site]) -> None:
    client = site(bad(RULE)).client()
    assert client.post("/orders", data={"title": "Tea"}).status_code == 500
    client.application.testing = True
    with pytest.raises(AttributeError, match="query_params"):
        client.get("/orders?page=2")


def test_names_of_flask_work(site: Callable[[docs.Example], Site]) -> None:
    client = site(good(RULE)).client()
    assert client.post("/orders", data={"title": "Tea"}).json == {"title": "Tea"}
    assert client.get("/orders?page=2").json == {"page": "2"}


@pytest.mark.parametrize("name", sorted(STRANGE_REQUEST_ATTRIBUTES))
def test_there_is_no_such_attribute(name: str) -> None:
    with flask.Flask("proof").test_request_context("/?a=b", method="POST", data={"a": "b"}):
        assert not hasattr(flask.request, name)


@pytest.mark.parametrize("cure", sorted(set(STRANGE_REQUEST_ATTRIBUTES.values())))
def test_what_the_message_names_does_exist(cure: str) -> None:
    with flask.Flask("proof").test_request_context():
        found: object = flask
        for name in cure.partition("(")[0].removeprefix("flask.").split("."):
            assert hasattr(found, name)
            found = getattr(found, name)


def test_fixed_the_data_is_read(site: Callable[[docs.Example], Site]) -> None:
    client = site(repaired(RULE)).client()
    assert client.post("/orders", data={"title": "Emma"}).json == {"title": "Emma"}
    assert client.get("/orders?page=2").json == {"page": "2"}
