"""FLG120: Werkzeug refuses a converter that nobody has registered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from proving import Site, bad, good, repaired

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG120"


@pytest.mark.parametrize(("number", "converter"), [(0, "str"), (1, "id")])
def test_the_module_cannot_be_loaded(
    site: Callable[[docs.Example], Site], number: int, converter: str
) -> None:
    with pytest.raises(LookupError, match=f"the converter '{converter}' does not exist"):
        site(bad(RULE, number)).load()


def test_own_converters_and_those_of_flask_are_there(site: Callable[[docs.Example], Site]) -> None:
    client = site(good(RULE)).client()
    assert client.get("/tags/red").text == "red"
    assert client.get("/pages/home").text == "home"


def test_on_a_blueprint_it_is_refused_when_that_is_registered() -> None:
    from flask import Blueprint, Flask

    bp = Blueprint("shop", "proof")
    bp.add_url_rule("/<str:name>", "index", lambda name: name)
    with pytest.raises(LookupError):
        Flask("proof").register_blueprint(bp)


@pytest.mark.parametrize("name", ["any", "default", "float", "int", "path", "string", "uuid"])
def test_each_application_has_these(name: str) -> None:
    from flask import Flask

    assert name in Flask("proof").url_map.converters
    assert len(Flask("proof").url_map.converters) == 7


def test_fixed_the_rules_can_be_added(site: Callable[[docs.Example], Site]) -> None:
    assert site(repaired(RULE)).client().get("/tags/new").text == "new"
    client = site(repaired(RULE, 1)).client()
    assert client.get("/users/5").text == "user 5"
    assert client.get("/users/five").status_code == 404
