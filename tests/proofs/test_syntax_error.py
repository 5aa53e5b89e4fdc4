"""FLG001: a file which is no Python cannot be imported, and takes the application along."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from proving import Site, bad, good

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG001"


def test_the_application_does_not_start(site: Callable[[docs.Example], Site]) -> None:
    place = site(bad(RULE))
    with pytest.raises(SyntaxError, match="expected ':'"):
        place.load()
    done = place.run("-m", "flask", "routes")
    assert done.returncode != 0
    assert "SyntaxError" in done.stderr


def test_a_file_imported_during_a_request_makes_it_a_500(
    site: Callable[[docs.Example], Site],
) -> None:
    from flask import Flask

    place = site(bad(RULE))
    app = Flask("proof")
    app.add_url_rule("/", "late", lambda: place.load().index())
    assert app.test_client().get("/").status_code == 500


def test_the_mended_file_answers(site: Callable[[docs.Example], Site]) -> None:
    assert site(good(RULE)).client().get("/").text == "hello"
