"""FLG309: `bool` is true for any text but the empty one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from flask import Flask, request
from proving import Site, bad, good

from flask_gotchas.facts.flask_api import REQUEST_GETTERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG309"


@pytest.mark.parametrize(
    ("query", "archived"),
    [
        ("", False),
        ("?archived=", False),
        ("?archived=true", True),
        ("?archived=false", True),
        ("?archived=0", True),
        ("?archived=no", True),
    ],
)
def test_bool_knows_no_word_for_no(
    query: str, archived: bool, site: Callable[[docs.Example], Site]
) -> None:
    client = site(bad(RULE)).client()
    assert client.get(f"/orders{query}").json == {"archived": archived}


@pytest.mark.parametrize(
    ("query", "archived"), [("", False), ("?archived=true", True), ("?archived=false", False)]
)
def test_a_compared_text_means_what_it_says(
    query: str, archived: bool, site: Callable[[docs.Example], Site]
) -> None:
    client = site(good(RULE)).client()
    assert client.get(f"/orders{query}").json == {"archived": archived}


@pytest.mark.parametrize("getter", sorted(g for g in REQUEST_GETTERS if g.startswith("flask.req")))
def test_every_getter_takes_its_arguments_in_this_order(getter: str) -> None:
    _, _, mapping, method = getter.split(".")
    with Flask("proof").test_request_context(
        "/?a=false", method="POST", data={"a": "false"}, headers={"a": "false", "Cookie": "a=false"}
    ):
        get = getattr(getattr(request, mapping), method)
        given = {"key": "a", "default": None, "type": bool}
        found = get(*(given[name] for name in REQUEST_GETTERS[getter]))
        assert found in (True, [True], [True, True])
