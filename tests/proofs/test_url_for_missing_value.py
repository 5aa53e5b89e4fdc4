"""FLG105: a URL cannot be built without a value for each variable of its rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from proving import Site, bad, good

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG105"


def test_a_value_of_another_name_does_not_help(site: Callable[[docs.Example], Site]) -> None:
    client = site(bad(RULE, 0)).client()
    assert client.get("/users/7").status_code == 200
    assert client.get("/").status_code == 500


def test_values_without_a_variable_go_into_the_query(site: Callable[[docs.Example], Site]) -> None:
    assert site(good(RULE, 0)).client().get("/").text == "/users/7?page=2"


def test_the_rule_that_the_values_suffice_for_is_taken(
    site: Callable[[docs.Example], Site],
) -> None:
    assert site(good(RULE, 1)).client().get("/").text == "/news/"


def test_the_variables_of_the_request_are_not_used_again() -> None:
    from flask import Flask, url_for
    from werkzeug.routing import BuildError

    app = Flask("proof")
    app.add_url_rule("/users/<name>", "user", lambda name: "")
    with app.test_request_context("/users/Ada"), pytest.raises(BuildError, match="name"):
        url_for("user")


def test_none_counts_as_not_given() -> None:
    from flask import Flask, url_for
    from werkzeug.routing import BuildError

    app = Flask("proof")
    app.add_url_rule("/users/<name>", "user", lambda name: "")
    with app.test_request_context(), pytest.raises(BuildError):
        url_for("user", name=None)


def test_defaults_of_the_rule_and_of_functions_need_not_be_given() -> None:
    from flask import Flask, url_for

    app = Flask("proof")
    app.add_url_rule("/pages/", "pages", lambda page: "", defaults={"page": 1})
    app.add_url_rule("/<lang>/about", "about", lambda lang: "")
    app.url_defaults(lambda endpoint, values: values.setdefault("lang", "en"))
    with app.test_request_context():
        assert url_for("pages").startswith("/pages/")
        assert url_for("about") == "/en/about"
