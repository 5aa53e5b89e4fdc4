"""FLG111: the name of a wrapper is the endpoint, and a second one of that name is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from proving import Site, bad, good, repaired

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG111"


def test_the_endpoint_is_the_name_of_the_wrapper(site: Callable[[docs.Example], Site]) -> None:
    from flask import url_for
    from werkzeug.routing import BuildError

    app = site(bad(RULE)).load().app
    with app.test_request_context():
        assert url_for("guarded") == "/account"
        with pytest.raises(BuildError):
            url_for("account")


def test_a_second_view_under_the_decorator_is_refused(
    site: Callable[[docs.Example], Site],
) -> None:
    module = site(bad(RULE)).load()
    with pytest.raises(AssertionError, match="existing endpoint function: guarded"):
        module.app.get("/orders")(module.members_only(lambda: "orders"))


def test_with_wraps_each_view_has_its_own_name(site: Callable[[docs.Example], Site]) -> None:
    client = site(good(RULE)).load().app.test_client(use_cookies=False)
    answer = client.get("/orders", headers={"Cookie": "member=Ada"})
    assert answer.headers["Location"] == "/account"


def test_fixed_the_endpoint_is_that_of_the_view(site: Callable[[docs.Example], Site]) -> None:
    made = site(repaired(RULE))
    assert "account" in made.load().app.view_functions
    assert made.client().get("/account").status_code == 403
