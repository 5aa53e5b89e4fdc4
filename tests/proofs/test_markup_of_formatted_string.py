"""FLG609: what is formatted before `Markup` sees it is not escaped any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from proving import Site, bad, good, repaired

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG609"
URL = "/hello?name=<script>"


def test_a_script_gets_through_the_template(site: Callable[[docs.Example], Site]) -> None:
    assert site(bad(RULE)).client().get(URL).text == "<p>Hello <b><script></b></p>"


def test_formatted_behind_it_the_script_is_text(site: Callable[[docs.Example], Site]) -> None:
    assert site(good(RULE)).client().get(URL).text == "<p>Hello <b>&lt;script&gt;</b></p>"


def test_fixed_the_script_is_text(site: Callable[[docs.Example], Site]) -> None:
    page = site(repaired(RULE)).client().get(URL).text
    assert page == "<p>Hello <b>&lt;script&gt;</b></p>"
