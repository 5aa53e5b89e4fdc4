"""FLG202: some functions ask the current application or request, and there is none yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import flask
import pytest
from proving import Site, bad, good
from support import check

from flask_gotchas.facts import flask_api

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG202"
NO_APPLICATION = "Working outside of application context"

CALLS = {
    "flask.after_this_request": "flask.after_this_request(print)",
    "flask.copy_current_request_context": "flask.copy_current_request_context(print)",
    "flask.flash": "flask.flash('hello')",
    "flask.get_flashed_messages": "flask.get_flashed_messages()",
    "flask.get_template_attribute": "flask.get_template_attribute('page.html', 'row')",
    "flask.jsonify": "flask.jsonify({})",
    "flask.make_response": "flask.make_response('hello')",
    "flask.render_template": "flask.render_template('page.html')",
    "flask.render_template_string": "flask.render_template_string('hello')",
    "flask.send_file": "flask.send_file('logo.png')",
    "flask.send_from_directory": "flask.send_from_directory('static', 'logo.png')",
    "flask.stream_template": "flask.stream_template('page.html')",
    "flask.stream_template_string": "flask.stream_template_string('hello')",
    "flask.url_for": "flask.url_for('static', filename='logo.png')",
}
WITHOUT_CONTEXT = [
    "flask.redirect('/')",
    "flask.json.dumps({})",
    "flask.json.loads('{}')",
    "flask.stream_with_context(print)",
    "flask.has_app_context()",
    "[flask.url_for, flask.jsonify]",
]


def run(expression: str) -> Any:
    return eval(expression, {"flask": flask})


def application() -> flask.Flask:
    from jinja2 import DictLoader

    app = flask.Flask("proof")
    app.secret_key = "proof"
    app.config["SERVER_NAME"] = "localhost"
    app.jinja_loader = DictLoader({"page.html": "{% macro row() %}{% endmacro %}"})
    return app


def test_a_constant_url_fails_while_the_module_is_loaded(
    site: Callable[[docs.Example], Site],
) -> None:
    with pytest.raises(RuntimeError, match=NO_APPLICATION):
        site(bad(RULE, 0)).load()


def test_a_url_in_a_class_body_fails_while_the_module_is_loaded(
    site: Callable[[docs.Example], Site],
) -> None:
    with pytest.raises(RuntimeError, match=NO_APPLICATION):
        site(bad(RULE, 1)).load()


def test_a_view_may_ask_for_a_url(site: Callable[[docs.Example], Site]) -> None:
    answer = site(good(RULE, 0)).client().get("/old")
    assert (answer.status_code, answer.location) == (302, "/")


def test_a_property_may_ask_for_a_url_and_some_functions_may_be_called_at_once(
    site: Callable[[docs.Example], Site],
) -> None:
    place = site(good(RULE, 1))
    assert place.client().post("/save").get_json() == {"action": "/save"}
    module = place.load()
    assert module.ELSEWHERE.status_code == 302
    assert module.DEFAULTS == '{"lang": "en"}'


def test_in_a_context_the_calls_work_while_the_module_is_loaded(
    site: Callable[[docs.Example], Site],
) -> None:
    module = site(good(RULE, 2)).load()
    assert (module.FOOTER, module.HOME) == ("<footer>/</footer>", "/")


def test_an_application_context_is_not_enough_for_a_url_without_server_name() -> None:
    app = flask.Flask("proof")
    with app.app_context(), pytest.raises(RuntimeError, match="outside an active request"):
        flask.url_for("static", filename="logo.png")


def test_each_function_of_the_rule_is_tried_here() -> None:
    assert CALLS.keys() == flask_api.CONTEXT_FUNCTIONS


@pytest.mark.parametrize("name", CALLS)
def test_without_a_context_the_call_raises_and_is_reported(name: str) -> None:
    with pytest.raises(RuntimeError):
        run(CALLS[name])
    kind = "request" if name in flask_api.REQUEST_CONTEXT_FUNCTIONS else "application"
    (report,) = check({"app.py": f"import flask\n\n{CALLS[name]}\n"}, only={RULE})
    assert f"outside of any {kind} context, which raises RuntimeError" in report.message


@pytest.mark.parametrize("name", sorted(flask_api.APP_CONTEXT_FUNCTIONS))
def test_an_application_context_is_enough(name: str) -> None:
    with application().app_context():
        run(CALLS[name])


@pytest.mark.parametrize("name", sorted(flask_api.REQUEST_CONTEXT_FUNCTIONS))
def test_an_application_context_is_not_enough(name: str) -> None:
    with application().app_context(), pytest.raises(RuntimeError, match="request context"):
        run(CALLS[name])


@pytest.mark.parametrize("expression", WITHOUT_CONTEXT)
def test_what_needs_no_context_is_not_reported(expression: str) -> None:
    run(expression)
    assert check({"app.py": f"import flask\n\n{expression}\n"}, only={RULE}) == []
