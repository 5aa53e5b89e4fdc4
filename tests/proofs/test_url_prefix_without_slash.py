"""FLG122: Flask puts a prefix before the rules as it is, and refuses what comes out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from proving import Site, bad, good, repaired

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG122"


@pytest.mark.parametrize("number", [0, 1])
def test_the_blueprint_cannot_be_registered(
    site: Callable[[docs.Example], Site], number: int
) -> None:
    with pytest.raises(ValueError, match="slash"):
        site(bad(RULE, number)).load()


def test_a_slash_at_the_end_and_none_inside_do_no_harm(
    site: Callable[[docs.Example], Site],
) -> None:
    assert site(good(RULE)).client().get("/api/v1/books").text == "all the books"


def test_a_blueprint_without_rules_can_be_registered() -> None:
    from flask import Blueprint, Flask

    Flask("proof").register_blueprint(Blueprint("api", "proof"), url_prefix="api")


def test_fixed_the_blueprint_can_be_registered(site: Callable[[docs.Example], Site]) -> None:
    for example in (repaired(RULE, 0), repaired(RULE, 1)):
        client = site(example).client()
        assert client.get("/api/books").text == "all the books"
