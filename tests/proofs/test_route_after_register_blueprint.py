"""FLG504: a blueprint takes nothing any more once it is registered on an application."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from proving import FLASK, Site, bad, good

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from flask_gotchas import docs

RULE = "FLG504"
REFUSED = "can no longer be called on the blueprint"


def late(load: Callable[[], Flask], method: str) -> Flask | None:
    """Assert that Flask refuses a late call; from 2.2, which only warns, give the application."""
    if FLASK >= (2, 3):
        with pytest.raises(AssertionError, match=f"'{method}' {REFUSED}"):
            load()
        return None
    with pytest.warns(UserWarning, match="already been registered"):
        return load()


def test_a_late_route_is_refused_or_answered_with_404(
    site: Callable[[docs.Example], Site],
) -> None:
    place = site(bad(RULE, 0))
    app = late(lambda: place.load().app, "get")
    assert app is None or app.test_client().get("/items").status_code == 404


def test_a_late_hook_is_refused_or_never_runs(site: Callable[[docs.Example], Site]) -> None:
    module = site(bad(RULE, 1)).load()
    app = late(module.create_app, "before_request")
    assert app is None or app.test_client().get("/items").text == "three apples"


def test_a_child_is_registered_together_with_its_parent(
    site: Callable[[docs.Example], Site],
) -> None:
    place = site(bad(RULE, 2))
    app = late(lambda: place.load().app, "get")
    assert app is None or app.test_client().get("/items").status_code == 404


def test_routes_above_the_registration_answer(site: Callable[[docs.Example], Site]) -> None:
    assert site(good(RULE, 0)).client().get("/items").text == "three apples"


def test_what_counts_is_when_the_registration_runs(site: Callable[[docs.Example], Site]) -> None:
    assert site(good(RULE, 1)).client().get("/items").text == "three apples"


@pytest.mark.parametrize(
    "method", ["app_errorhandler", "app_template_filter", "record", "url_defaults"]
)
def test_every_setup_method_is_refused(method: str) -> None:
    from flask import Blueprint, Flask

    app, bp = Flask("proof"), Blueprint("shop", "proof")
    app.register_blueprint(bp)

    def add() -> Flask:
        added = getattr(bp, method)
        if method == "app_errorhandler":
            added(404)(lambda error: "")
        elif method == "app_template_filter":
            added("short")(len)
        else:
            added(lambda *arguments: None)
        return app

    if method == "record" and FLASK < (2, 3):
        with pytest.warns(UserWarning, match="already been registered"):
            add()
    else:
        late(add, r"\w+")
