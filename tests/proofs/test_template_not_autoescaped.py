"""FLG612: Flask escapes by the name of the template."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from proving import Site, bad, good

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG612"
SCRIPT = "/hello?name=<script>"


def test_a_script_gets_into_the_page(site: Callable[[docs.Example], Site]) -> None:
    answer = site(bad(RULE)).client().get(SCRIPT)
    assert answer.mimetype == "text/html"
    assert answer.text == "<h1>Hello <script></h1>"


def test_with_another_name_it_is_escaped(site: Callable[[docs.Example], Site]) -> None:
    assert site(good(RULE)).client().get(SCRIPT).text == "<h1>Hello &lt;script&gt;</h1>"


@pytest.mark.parametrize(
    ("name", "escapes"),
    [
        ("a.html", True),
        ("a.htm", True),
        ("a.xml", True),
        ("a.xhtml", True),
        ("a.HTML", False),
        ("a.html.j2", False),
        ("a.jinja2", False),
        ("a.tmpl", False),
        ("a.txt", False),
    ],
)
def test_the_name_decides(name: str, *, escapes: bool) -> None:
    from flask import Flask

    assert Flask("proof").select_jinja_autoescape(name) is escapes
