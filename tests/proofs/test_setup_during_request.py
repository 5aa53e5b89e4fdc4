"""FLG117: Flask refuses to be set up while it answers a request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from proving import Site, bad, good

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG117"


def test_the_view_fails_at_the_first_request(site: Callable[[docs.Example], Site]) -> None:
    app = site(bad(RULE)).load().app
    assert app.test_client().get("/install").status_code == 500
    app.testing = True
    with pytest.raises(AssertionError, match="can no longer be called"):
        app.test_client().get("/install")


def test_what_is_set_up_before_is_there(site: Callable[[docs.Example], Site]) -> None:
    client = site(good(RULE)).client()
    assert client.get("/install").text == "installed"
    assert client.get("/about").text == "about"


@pytest.mark.parametrize(
    "method",
    [
        "add_url_rule", "after_request", "before_request", "context_processor", "endpoint",
        "errorhandler", "get", "post", "register_blueprint", "register_error_handler", "route",
        "teardown_appcontext", "teardown_request", "template_filter", "url_defaults",
        "url_value_preprocessor",
    ],
)  # fmt: skip
def test_all_of_these_are_refused_before_their_arguments_matter(method: str) -> None:
    from flask import Flask

    app = Flask("proof")
    refused: list[str] = []

    @app.before_request
    def prepare() -> None:
        call: Any = getattr(app, method)
        with pytest.raises(AssertionError, match=method) as caught:
            call(prepare, prepare)(prepare)
        refused.append(str(caught.value))

    app.add_url_rule("/", "index", lambda: "")
    assert app.test_client().get("/").status_code == 200
    assert len(refused) == 1
