"""FLG121: Werkzeug raises for a rule that it cannot read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from proving import Site, bad, good, repaired

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG121"


@pytest.mark.parametrize(("number", "error"), [(0, ValueError), (1, ValueError), (2, SyntaxError)])
def test_the_module_cannot_be_loaded(
    site: Callable[[docs.Example], Site], number: int, error: type[Exception]
) -> None:
    with pytest.raises(error):
        site(bad(RULE, number)).load()


def test_the_prefix_of_a_blueprint_brings_the_slash(site: Callable[[docs.Example], Site]) -> None:
    client = site(good(RULE)).client()
    assert client.get("/users/5").text == "user 5"
    assert client.get("/here/books/atlas").text == "atlas at here"


@pytest.mark.parametrize(
    "rule", ["", "users", "<name>", "/<", "/<my-id>", "/<int:>", "/<1st>", "/<ä>", "/<int :a>"]
)
def test_these_are_refused(rule: str) -> None:
    from flask import Flask

    with pytest.raises(ValueError, match=r"slash|malformed url rule"):
        Flask("proof").add_url_rule(rule, "index", lambda **values: "")


@pytest.mark.parametrize("rule", ["/>", "/a>b", "//", "/a b", "/<any(a, '<'):name>", "/<a>-<b>"])
def test_these_are_taken(rule: str) -> None:
    from flask import Flask

    Flask("proof").add_url_rule(rule, "index", lambda **values: "")


def test_a_blueprint_without_a_prefix_brings_no_slash() -> None:
    from flask import Blueprint, Flask

    bp = Blueprint("shop", "proof")
    bp.add_url_rule("books", "books", lambda: "")
    with pytest.raises(ValueError, match="slash"):
        Flask("proof").register_blueprint(bp)
    Flask("proof").register_blueprint(bp, url_prefix="")


def test_fixed_the_rules_can_be_added(site: Callable[[docs.Example], Site]) -> None:
    assert site(repaired(RULE)).client().get("/users").text == "all the users"
    client = site(repaired(RULE, 1)).client()
    assert client.get("/users/5").text == "user 5"
    assert client.get("/users/five").status_code == 404
