"""FLG610: Flask-CORS answers with whichever origin asks, and allows credentials."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from proving import Site, bad, good

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG610"
pytest.importorskip("flask_cors")


def allowed(place: Site, origin: str) -> tuple[str | None, str | None]:
    headers = place.client().get("/mail", headers={"Origin": origin}).headers
    names = ("Access-Control-Allow-Origin", "Access-Control-Allow-Credentials")
    return headers.get(names[0]), headers.get(names[1])


def test_any_origin_may_read_with_credentials(site: Callable[[docs.Example], Site]) -> None:
    assert allowed(site(bad(RULE)), "https://evil.example") == ("https://evil.example", "true")


def test_an_origin_that_is_not_listed_may_not(site: Callable[[docs.Example], Site]) -> None:
    place = site(good(RULE))
    assert allowed(place, "https://evil.example")[0] is None
    assert allowed(place, "https://shop.example") == ("https://shop.example", "true")
