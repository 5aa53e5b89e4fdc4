"""FLG118: `url_for` takes an endpoint, and values by their names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from proving import Site, bad, good, repaired

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG118"


@pytest.mark.parametrize("path", ["/logout", "/style"])
def test_the_pages_with_such_links_fail(site: Callable[[docs.Example], Site], path: str) -> None:
    assert site(bad(RULE)).client().get(path).status_code == 500


@pytest.mark.parametrize(
    ("path", "target"), [("/logout", "/login"), ("/style", "/static/style.css")]
)
def test_with_endpoints_and_names_the_links_are_built(
    site: Callable[[docs.Example], Site], path: str, target: str
) -> None:
    assert site(good(RULE)).client().get(path).headers["Location"] == target


@pytest.mark.parametrize("endpoint", ["/login", "login.html"])
def test_what_is_no_endpoint_is_a_build_error(endpoint: str) -> None:
    from flask import Flask, url_for
    from werkzeug.routing import BuildError

    app = Flask("proof")
    app.add_url_rule("/login", "login", lambda: "")
    with app.test_request_context(), pytest.raises(BuildError):
        url_for(endpoint)


def test_a_second_value_without_a_name_is_a_type_error_in_templates_too() -> None:
    from flask import Flask, render_template_string, url_for

    call: Any = url_for
    with Flask("proof").test_request_context():
        with pytest.raises(TypeError, match="positional argument"):
            call("static", "style.css")
        with pytest.raises(TypeError, match="positional argument"):
            render_template_string("{{ url_for('static', 'style.css') }}")


def test_an_endpoint_may_have_the_name_of_a_path() -> None:
    from flask import Flask, url_for

    app = Flask("proof")
    app.add_url_rule("/login", "/login", lambda: "")
    with app.test_request_context():
        assert url_for("/login") == "/login"


def test_fixed_the_links_can_be_built(site: Callable[[docs.Example], Site]) -> None:
    client = site(repaired(RULE)).client()
    assert client.get("/logout").location == "/login"
    assert client.get("/style").location == "/static/style.css"
