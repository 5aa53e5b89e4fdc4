"""FLG303: a status inside `jsonify()` is data, or raises TypeError."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from proving import Site, bad, good, repaired

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG303"


def test_the_status_becomes_data_and_200_is_sent(
    site: Callable[[docs.Example], Site],
) -> None:
    answer = site(bad(RULE)).client().get("/books/1")
    assert (answer.status_code, answer.json) == (200, [{"error": "missing"}, 404])
    answer = site(good(RULE)).client().get("/books/1")
    assert (answer.status_code, answer.json) == (404, {"error": "missing"})


def test_values_and_names_together_are_answered_with_500(
    site: Callable[[docs.Example], Site],
) -> None:
    assert site(bad(RULE, 1)).client().get("/books/1").status_code == 500


def test_a_name_alone_is_data(
    site: Callable[[docs.Example], Site],
) -> None:
    answer = site(good(RULE, 1)).client().get("/books/1")
    assert (answer.status_code, answer.json) == (404, {"error": "missing", "status": 404})


def test_render_template_takes_nothing_but_the_name_by_position() -> None:
    from flask import Flask, render_template_string

    app = Flask("proof")
    app.testing = True
    app.add_url_rule("/", "index", lambda: render_template_string("gone", 404))  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="positional"):
        app.test_client().get("/")


def test_fixed_the_status_is_sent(site: Callable[[docs.Example], Site]) -> None:
    for example in (repaired(RULE, 0), repaired(RULE, 1)):
        answer = site(example).client().get("/books/1")
        assert (answer.status_code, answer.json) == (404, {"error": "missing"})
