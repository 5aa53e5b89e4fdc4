"""FLG801: a template that no folder has raises TemplateNotFound, which is answered with 500."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from jinja2 import TemplateNotFound
from proving import Site, bad, good, repaired

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG801"


def test_a_name_that_begins_with_templates_is_not_found(
    site: Callable[[docs.Example], Site],
) -> None:
    example = site(bad(RULE))
    assert example.client().get("/").status_code == 500
    example.load().app.testing = True
    with pytest.raises(TemplateNotFound, match=r"templates/home\.html"):
        example.client().get("/")


@pytest.mark.parametrize(
    "name",
    ["nope.html", "templates/about.html", "../templates/about.html", "About.html", "x\\about.html"],
)
def test_a_name_is_compared_letter_by_letter(
    site: Callable[[docs.Example], Site], name: str
) -> None:
    app = site(bad(RULE)).load().app
    with app.app_context(), pytest.raises(TemplateNotFound):
        app.jinja_env.get_template(name)


@pytest.mark.parametrize("name", ["/about.html", "./about.html", "//about.html"])
def test_jinja_passes_over_empty_parts_of_a_name(
    site: Callable[[docs.Example], Site], name: str
) -> None:
    app = site(bad(RULE)).load().app
    with app.app_context():
        assert app.jinja_env.get_template(name).name == name


def test_a_template_that_extends_a_missing_one_fails_too(
    site: Callable[[docs.Example], Site],
) -> None:
    app = site(bad(RULE)).load().app
    with app.app_context(), pytest.raises(TemplateNotFound, match=r"bse\.html"):
        app.jinja_env.get_template("home.html").render()


def test_one_name_of_a_list_and_what_may_be_missing_need_not_be_there(
    site: Callable[[docs.Example], Site],
) -> None:
    client = site(good(RULE)).client()
    assert client.get("/").status_code == 200
    assert "<title>Shop</title>" in client.get("/no-such-page").text


def test_fixed_the_templates_are_found(site: Callable[[docs.Example], Site]) -> None:
    client = site(repaired(RULE)).client()
    assert "<title>Shop</title>" in client.get("/").text
    assert "<title>Shop</title>" in client.get("/about").text
