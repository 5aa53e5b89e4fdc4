"""FLG608: a path that is put together leads where the visitor wants."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from proving import Site, bad, good, repaired
from werkzeug.test import create_environ, run_wsgi_app

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG608"
PATHS = ("/report?file=../secret.txt", "/text/../secret.txt")


def answer(place: Site, url: str) -> tuple[str, str]:
    """Ask as a client does which leaves the path as it is."""
    Path("reports").mkdir()
    Path("secret.txt").write_text("the key", encoding="utf-8")
    Path("reports", "own.txt").write_text("a report", encoding="utf-8")
    app = place.load().app
    path, _, query = url.partition("?")
    environ = create_environ("/", query_string=query)
    environ["PATH_INFO"] = path
    body, status, _ = run_wsgi_app(app, environ, buffered=True)
    return status[:3], b"".join(body).decode()


@pytest.mark.parametrize("number", [0, 1])
def test_dots_lead_out_of_the_folder(number: int, site: Callable[[docs.Example], Site]) -> None:
    assert answer(site(bad(RULE, number)), PATHS[number]) == ("200", "the key")


def test_a_slash_forgets_the_folder(site: Callable[[docs.Example], Site]) -> None:
    place = site(bad(RULE, 0))
    secret = (place.folder / "secret.txt").as_posix()
    assert answer(place, f"/report?file={secret}") == ("200", "the key")


@pytest.mark.parametrize("number", [0, 1])
def test_the_safe_ways_answer_404(number: int, site: Callable[[docs.Example], Site]) -> None:
    assert answer(site(good(RULE, number)), PATHS[number])[0] == "404"


@pytest.mark.parametrize("number", [0, 1])
def test_the_safe_ways_find_what_is_in_the_folder(
    number: int, site: Callable[[docs.Example], Site]
) -> None:
    url = ("/report?file=own.txt", "/text/own.txt")[number]
    assert answer(site(good(RULE, number)), url) == ("200", "a report")


def test_fixed_the_dots_lead_nowhere(site: Callable[[docs.Example], Site]) -> None:
    assert answer(site(repaired(RULE)), PATHS[0])[0] == "404"


def test_fixed_it_finds_what_is_in_the_folder(site: Callable[[docs.Example], Site]) -> None:
    assert answer(site(repaired(RULE)), "/report?file=own.txt") == ("200", "a report")
