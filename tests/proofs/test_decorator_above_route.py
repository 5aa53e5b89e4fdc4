"""FLG103: the URL calls the function that the route got, not what a decorator above it made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from proving import Site, bad, good, repaired

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG103"


def test_a_page_below_the_guard_is_open_to_everybody(site: Callable[[docs.Example], Site]) -> None:
    place = site(bad(RULE, 0))
    answer = place.client().get("/admin")
    assert (answer.status_code, answer.text) == (200, "all the secrets")


def test_the_name_in_the_module_is_guarded_all_the_same(
    site: Callable[[docs.Example], Site],
) -> None:
    module = site(bad(RULE, 0)).load()
    assert module.app.view_functions["admin"] is module.admin.__wrapped__


def test_a_route_on_top_of_the_guard_is_protected(site: Callable[[docs.Example], Site]) -> None:
    client = site(good(RULE, 0)).client()
    assert client.get("/admin").status_code == 401
    assert client.get("/admin", auth=("ada", "secret")).status_code == 200


def test_a_guard_between_two_routes_holds_for_the_upper_one(
    site: Callable[[docs.Example], Site],
) -> None:
    client = site(bad(RULE, 1)).client()
    assert client.get("/drafts/1").status_code == 403
    assert client.get("/preview/1").text == "draft 1"


def test_a_guard_below_two_routes_holds_for_both(site: Callable[[docs.Example], Site]) -> None:
    client = site(good(RULE, 1)).client()
    for path in ("/drafts/1", "/preview/1"):
        assert client.get(path).status_code == 403
        assert client.get(f"{path}?key=opensesame").text == "draft 1"


def test_a_decorator_that_only_registers_works_above_a_route(
    site: Callable[[docs.Example], Site],
) -> None:
    client = site(good(RULE, 2)).client()
    assert client.get("/sorry").text == "We looked everywhere."
    assert client.get("/nowhere").text == "We looked everywhere."


def test_a_route_gives_back_the_function_that_it_got() -> None:
    from flask import Flask

    app = Flask("proof")

    def view() -> str:
        return ""

    assert app.route("/")(view) is view


def test_fixed_the_guard_guards(site: Callable[[docs.Example], Site]) -> None:
    assert site(repaired(RULE)).client().get("/admin").status_code == 401
    client = site(repaired(RULE, 1)).client()
    assert client.get("/drafts/1").status_code == 403
    assert client.get("/preview/1").status_code == 403
    assert client.get("/preview/1?key=opensesame").text == "draft 1"
