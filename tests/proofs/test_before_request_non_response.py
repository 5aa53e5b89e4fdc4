"""FLG406: what a `before_request` function returns is the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from proving import Site, bad, good, repaired

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG406"


def test_a_bool_is_answered_with_500(
    site: Callable[[docs.Example], Site],
) -> None:
    assert site(bad(RULE)).client().get("/").status_code == 500
    assert site(good(RULE)).client().get("/", headers={"X-User": "Ada"}).text == "hello Ada"


@pytest.mark.parametrize("value", [True, False, 0, 1.5, {1}])
def test_nothing_but_none_lets_the_view_run(value: Any) -> None:
    from flask import Flask

    app = Flask("proof")
    app.before_request(lambda: value)
    app.add_url_rule("/", "index", lambda: "hello")
    assert app.test_client().get("/").status_code == 500


def test_fixed_the_view_runs(site: Callable[[docs.Example], Site]) -> None:
    answer = site(repaired(RULE)).client().get("/", headers={"X-User": "Ada"})
    assert answer.text == "hello Ada"
