"""FLG607: text that a view returns is HTML, and nobody escapes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from proving import Site, bad, good, repaired

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG607"
SCRIPT = "<script>alert(1)"


@pytest.mark.parametrize(
    ("number", "path"), [(0, "/hello/%3Cscript%3Ealert(1)"), (1, f"/search?words={SCRIPT}")]
)
def test_a_script_in_the_url_is_a_script_in_the_page(
    number: int, path: str, site: Callable[[docs.Example], Site]
) -> None:
    answer = site(bad(RULE, number)).client().get(path)
    assert answer.mimetype == "text/html"
    assert SCRIPT in answer.text


def test_escaped_it_is_shown(site: Callable[[docs.Example], Site]) -> None:
    page = site(good(RULE, 0)).client().get("/hello/%3Cscript%3E").text
    assert page == "<h1>Hello &lt;script&gt;</h1>"


def test_plain_text_is_no_html(site: Callable[[docs.Example], Site]) -> None:
    answer = site(good(RULE, 1)).client().get(f"/search?words={SCRIPT}")
    assert (answer.mimetype, answer.status_code) == ("text/plain", 404)


def test_fixed_it_is_shown(site: Callable[[docs.Example], Site]) -> None:
    page = site(repaired(RULE)).client().get("/hello/%3Cscript%3E").text
    assert page == "<h1>Hello &lt;script&gt;</h1>"


def test_fixed_what_is_added_is_shown(site: Callable[[docs.Example], Site]) -> None:
    answer = site(repaired(RULE, 1)).client().get("/search?words=<b>")
    assert (answer.text, answer.status_code) == ("Nothing found for &lt;b&gt;", 404)
