"""FLG802: a form that is sent with a method which its route does not allow gets 405."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from proving import Site, bad, good

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG802"


def test_a_post_to_a_route_without_methods_gets_405(site: Callable[[docs.Example], Site]) -> None:
    client = site(bad(RULE)).client()
    forms = re.findall(r"<form([^>]*)>", client.get("/").text)
    assert forms == [' method="post" action="/login"', ' action="/search"']
    assert client.post("/login", data={"name": "Ada"}).status_code == 405
    assert client.get("/search?words=ada").status_code == 405


def test_another_route_of_the_same_url_may_take_the_method(
    site: Callable[[docs.Example], Site],
) -> None:
    client = site(good(RULE)).client()
    assert 'method="post" action="/login"' in client.get("/login").text
    assert client.post("/login", data={"name": "Ada"}).text == "Welcome, Ada"
    assert client.get("/search?words=ada").text == "nothing about ada"


def test_a_route_that_takes_the_path_for_another_method_is_asked_as_well(
    site: Callable[[docs.Example], Site],
) -> None:
    app = site(bad(RULE)).load().app
    app.add_url_rule("/<path:rest>", "rest", lambda rest: rest, methods=["POST"])
    assert app.test_client().post("/login").text == "login"
