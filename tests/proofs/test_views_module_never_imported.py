"""FLG507: what no import runs registers nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from proving import Site, bad, good

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG507"


def test_the_route_of_a_forgotten_module_is_not_there(site: Callable[[docs.Example], Site]) -> None:
    assert site(bad(RULE, 0)).client("shop").get("/cart").status_code == 404


def test_an_import_is_all_that_it_takes(site: Callable[[docs.Example], Site]) -> None:
    place = site(bad(RULE, 0))
    client = place.client("shop")
    place.load("shop.cart")
    assert client.get("/cart").text == "empty"


def test_the_routes_of_a_blueprint_are_not_there_either(
    site: Callable[[docs.Example], Site],
) -> None:
    client = site(bad(RULE, 1)).client("shop")
    assert [client.get(path).status_code for path in ("/about", "/imprint")] == [404, 404]


def test_with_the_import_it_answers(site: Callable[[docs.Example], Site]) -> None:
    assert site(good(RULE, 0)).client("shop").get("/cart").text == "empty"
