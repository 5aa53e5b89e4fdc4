"""FLG312: what the client sent is immutable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask, request
from proving import Site, bad, good

from flask_gotchas.facts.flask_api import IMMUTABLE_MAPPINGS

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG312"
ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "clear": (), "extend": ({"X-A": "b"},), "pop": ("a",), "popitem": (), "popitemlist": (),
    "poplist": ("a",), "remove": ("X-A",), "setlist": ("a", ["b"]), "setlistdefault": ("a",),
    "update": ({"a": "b"},),
}  # fmt: skip


def test_a_field_cannot_be_added_or_taken_out(site: Callable[[docs.Example], Site]) -> None:
    client = site(bad(RULE)).client()
    assert client.post("/orders", data={"currency": "USD"}).json == {"currency": "USD"}
    assert client.post("/orders", data={"title": "Tea"}).status_code == 500
    assert client.get("/orders").status_code == 500
    client.application.testing = True
    with pytest.raises(TypeError, match="immutable"):
        client.get("/orders?page=2")


def test_a_copy_can_be_changed(site: Callable[[docs.Example], Site]) -> None:
    client = site(good(RULE)).client()
    posted = client.post("/orders", data={"title": "Tea"})
    assert posted.json == {"title": "Tea", "currency": "EUR"}
    assert client.get("/orders?page=2&a=b").json == {"page": "2", "rest": {"a": "b"}}


@pytest.mark.parametrize(
    ("mapping", "method"),
    [(mapping, name) for mapping, names in IMMUTABLE_MAPPINGS.items() for name in sorted(names)],
)
def test_every_method_refuses(mapping: str, method: str) -> None:
    headers = {"X-A": "b", "Cookie": "a=b"}
    with Flask("proof").test_request_context(
        "/?a=b", method="POST", data={"a": "b"}, headers=headers
    ):
        data = getattr(request, mapping)
        with pytest.raises(TypeError):
            getattr(data, method)(*ARGUMENTS.get(method, ("a", "b")))


@pytest.mark.parametrize("mapping", sorted(IMMUTABLE_MAPPINGS))
def test_no_item_can_be_set_or_deleted(mapping: str) -> None:
    with Flask("proof").test_request_context("/?a=b", headers={"a": "b", "Cookie": "a=b"}):
        data = getattr(request, mapping)
        with pytest.raises(TypeError):
            data["a"] = "b"
        with pytest.raises(TypeError):
            del data["a"]


def test_json_and_the_arguments_of_the_view_are_plain() -> None:
    with Flask("proof").test_request_context(json={"a": "b"}):
        request.get_json()["a"] = "c"
        assert request.get_json() == {"a": "c"}
