"""FLG604: braces in a request are code where it is part of the template's source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask, render_template_string, request
from markupsafe import escape
from proving import Site, bad, good, repaired

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG604"
QUERY = {"name": "{{ 6 * 7 }} {{ config.SECRET_KEY }}"}
SHELL = "{{ cycler.__init__.__globals__.os.getpid() }}"


def test_an_expression_in_the_url_is_worked_out(site: Callable[[docs.Example], Site]) -> None:
    client = site(bad(RULE)).client()
    client.application.secret_key = "nobody knows it"
    page = client.get("/hello", query_string=QUERY).text
    assert page == "<h1>Hello 42 nobody knows it</h1>"


def test_it_reaches_modules_of_python(site: Callable[[docs.Example], Site]) -> None:
    page = site(bad(RULE)).client().get("/hello", query_string={"name": SHELL}).text
    assert page.removeprefix("<h1>Hello ").removesuffix("</h1>").isdigit()


def test_a_variable_of_the_template_is_only_shown(site: Callable[[docs.Example], Site]) -> None:
    page = site(good(RULE)).client().get("/hello", query_string={"name": "{{ 6 * 7 }}<b>"}).text
    assert page == "<h1>Hello {{ 6 * 7 }}&lt;b&gt;</h1>"


def test_escaping_leaves_braces_alone() -> None:
    app = Flask(__name__)

    @app.get("/")
    def index() -> str:
        return render_template_string(f"{escape(request.args['name'])}")

    assert app.test_client().get("/", query_string={"name": "{{ 6 * 7 }}"}).text == "42"


def test_braces_in_the_path_are_there_for_a_handler_of_404() -> None:
    app = Flask(__name__)

    @app.errorhandler(404)
    def missing(error: Exception) -> str:
        return render_template_string("No " + request.path)

    assert app.test_client().get("/%7B%7B6*7%7D%7D").text == "No /42"


def test_fixed_it_is_only_shown(site: Callable[[docs.Example], Site]) -> None:
    client = site(repaired(RULE)).client()
    page = client.get("/hello", query_string={"name": "{{ 6 * 7 }}<b>"}).text
    assert page == "<h1>Hello {{ 6 * 7 }}&lt;b&gt;</h1>"
