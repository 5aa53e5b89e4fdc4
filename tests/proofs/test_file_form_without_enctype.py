"""FLG803: a form that is not sent as multipart/form-data brings the name of a file alone."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

from proving import Site, bad, good, repaired

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from flask_gotchas import docs

RULE = "FLG803"


def send(client: FlaskClient) -> TestResponse:
    """Send the form of the page as a browser does."""
    form = re.search(r"<form([^>]*)>", client.get("/photo").text)
    assert form is not None
    if "multipart/form-data" in form[1]:
        return client.post("/photo", data={"photo": (io.BytesIO(b"..."), "cat.jpg")})
    kind = "application/x-www-form-urlencoded"
    return client.post("/photo", data="photo=cat.jpg", content_type=kind)


def test_without_enctype_there_is_no_file(site: Callable[[docs.Example], Site]) -> None:
    assert send(site(bad(RULE)).client()).status_code == 400


def test_with_enctype_the_file_arrives(site: Callable[[docs.Example], Site]) -> None:
    assert send(site(good(RULE)).client()).text == "cat.jpg is here"


def test_fixed_the_file_arrives(site: Callable[[docs.Example], Site]) -> None:
    assert send(site(repaired(RULE)).client()).text == "cat.jpg is here"
