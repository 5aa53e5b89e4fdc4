"""FLG403: hooks are called with a fixed number of arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask, render_template_string, url_for
from proving import Site, bad, good, repaired

from flask_gotchas.facts.flask_api import HOOK_ARGUMENTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG403"


def test_an_error_handler_gets_the_error(
    site: Callable[[docs.Example], Site],
) -> None:
    assert site(bad(RULE)).client().get("/").status_code == 500
    assert site(good(RULE)).client().get("/").status_code == 404


def test_a_before_request_function_gets_nothing(
    site: Callable[[docs.Example], Site],
) -> None:
    assert site(bad(RULE, 1)).client().get("/").status_code == 500
    assert site(good(RULE, 1)).client().get("/").text == "hello"


GIVEN = [(hook, given) for hook, given in HOOK_ARGUMENTS.items() if hasattr(Flask, hook)]


@pytest.mark.parametrize(("hook", "given"), GIVEN)
def test_each_hook_is_called_with_as_many_arguments(hook: str, given: int) -> None:
    calls: list[int] = []

    def note(*arguments: Any) -> Any:
        calls.append(len(arguments))
        results = {"after_request": arguments[-1:], "context_processor": ({},)}
        results["errorhandler"] = (("gone", 404),)
        return (*results.get(hook, ()), None)[0]

    app = Flask("proof")
    app.add_url_rule("/", "index", lambda: render_template_string(url_for("index")))
    if hook == "errorhandler":
        app.register_error_handler(404, note)
    else:
        getattr(app, hook)(note)
    app.test_client().get("/")
    app.test_client().get("/nowhere")
    assert set(calls) == {given}


def test_a_template_filter_gets_the_value_and_more() -> None:
    app = Flask("proof")
    app.add_template_filter(lambda value, more=0: value + more, "plus")
    with app.app_context():
        assert render_template_string("{{ 1|plus }}{{ 1|plus(2) }}") == "13"


def test_fixed_the_hooks_are_called(site: Callable[[docs.Example], Site]) -> None:
    answer = site(repaired(RULE)).client().get("/")
    assert (answer.status_code, answer.text) == (404, "there is no such page")
    assert site(repaired(RULE, 1)).client().get("/").text == "hello"
