"""FLG310: data of the request cannot be called, and methods have to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from flask import Flask, request
from proving import Site, bad, good, repaired

from flask_gotchas.facts.flask_api import REQUEST_DATA, REQUEST_METHODS

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG310"


def test_calling_data_is_an_error(site: Callable[[docs.Example], Site]) -> None:
    client = site(bad(RULE, 0)).client()
    assert client.post("/orders", json={"items": [1]}).status_code == 500
    assert client.get("/orders?page=2").status_code == 500
    client.application.testing = True
    with pytest.raises(TypeError, match="not callable"):
        client.post("/orders", json={"items": [1]})


def test_a_method_that_is_not_called_has_no_items_and_is_true(
    site: Callable[[docs.Example], Site],
) -> None:
    client = site(bad(RULE, 1)).client()
    assert client.post("/orders", json={"items": [1]}).status_code == 500
    assert client.put("/orders").json == {"json": True}


def test_called_rightly_all_is_well(site: Callable[[docs.Example], Site]) -> None:
    client = site(good(RULE)).client()
    assert client.post("/orders", json={"items": [1]}).json == {"items": [1]}
    assert client.get("/orders?page=2").json == {"page": "2"}
    assert client.put("/orders").json == {"json": False}


@pytest.mark.parametrize("name", sorted(REQUEST_DATA))
def test_data_cannot_be_called(name: str) -> None:
    with Flask("proof").test_request_context(
        "/?a=1", method="POST", json={}, headers={"Authorization": "Basic YTpi"}
    ):
        assert not callable(getattr(request, name))


@pytest.mark.parametrize("name", sorted(REQUEST_METHODS))
def test_methods_can(name: str) -> None:
    with Flask("proof").test_request_context():
        method = getattr(request, name)
        assert callable(method)
        assert not hasattr(method, "get")
        with pytest.raises(TypeError):
            method["a"]


def test_fixed_the_data_is_read(site: Callable[[docs.Example], Site]) -> None:
    client = site(repaired(RULE)).client()
    assert client.post("/orders", json={"items": [1]}).json == {"items": [1]}
    assert client.get("/orders?page=2").json == {"page": "2"}
    client = site(repaired(RULE, 1)).client()
    assert client.post("/orders", json={"items": [1]}).json == {"items": [1]}
    assert client.patch("/orders", json={"items": [2]}).json == {"items": [2]}
