"""FLG106: an application or blueprint has one view for an endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from proving import Site, bad, good

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG106"
OVERWRITING = "overwriting an existing endpoint function"


def test_a_second_function_of_one_name_is_refused(site: Callable[[docs.Example], Site]) -> None:
    with pytest.raises(AssertionError, match=f"{OVERWRITING}: index"):
        site(bad(RULE, 0)).load()


def test_a_wrapper_without_a_name_of_its_own_is_refused_when_the_blueprint_is_registered(
    site: Callable[[docs.Example], Site],
) -> None:
    module = site(bad(RULE, 1)).load()
    with pytest.raises(AssertionError, match=rf"{OVERWRITING}: shop\.wrapper"):
        module.create_app()


def test_each_call_of_as_view_makes_another_function(site: Callable[[docs.Example], Site]) -> None:
    with pytest.raises(AssertionError, match=f"{OVERWRITING}: items"):
        site(bad(RULE, 2)).load()


def test_functools_wraps_keeps_the_names_apart(site: Callable[[docs.Example], Site]) -> None:
    client = site(good(RULE, 0)).client()
    assert client.get("/").text == "all the books"
    assert client.get("/offers").text == "two books"


def test_one_function_may_have_many_rules_and_one_name_many_endpoints(
    site: Callable[[docs.Example], Site],
) -> None:
    client = site(good(RULE, 1)).client()
    assert [client.get(path).text for path in ("/", "/2")] == ["page 1", "page 2"]
    assert client.get("/about").text == client.get("/imprint").text == "about us"
    assert client.get("/about/contact").text == "write to us"


def test_a_decorator_above_the_route_does_not_change_the_endpoint() -> None:
    from flask import Flask

    app = Flask("proof")

    def logged(view: Callable[[], str]) -> Callable[[], str]:
        def wrapper() -> str:
            return view()

        return wrapper

    @logged
    @app.route("/a")
    def a() -> str:
        return "a"

    @logged
    @app.route("/b")
    def b() -> str:
        return "b"

    assert {"a", "b"} <= set(app.view_functions)


def test_two_applications_may_have_views_of_one_name() -> None:
    from flask import Flask

    for name in ("first", "second"):
        app = Flask(name)

        @app.route("/")
        def index() -> str:
            return ""

        assert "index" in app.view_functions


def test_two_blueprints_may_have_views_of_one_name() -> None:
    from flask import Blueprint, Flask

    app = Flask("proof")
    for name in ("first", "second"):
        bp = Blueprint(name, "proof")
        bp.add_url_rule(f"/{name}", "index", lambda: "")
        app.register_blueprint(bp)
    assert {"first.index", "second.index"} <= set(app.view_functions)
