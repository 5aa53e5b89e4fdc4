"""FLG308: `send_file()` takes bytes that have a type and stay open."""

from __future__ import annotations

from contextlib import nullcontext
from io import BytesIO, StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from proving import Site, bad, good, repaired

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG308"


def test_a_file_that_is_open_as_text_is_answered_with_500(
    site: Callable[[docs.Example], Site],
) -> None:
    client = site(bad(RULE)).client()
    Path("notes.txt").write_text("milk")
    assert client.get("/notes").status_code == 500
    client = site(good(RULE)).client()
    Path("notes.txt").write_text("milk")
    with client.get("/notes") as answer:
        assert answer.get_data(as_text=True) == "milk"


def test_a_stream_needs_a_type_or_a_name(
    site: Callable[[docs.Example], Site],
) -> None:
    assert site(bad(RULE, 1)).client().get("/chart").status_code == 500
    assert site(good(RULE, 1)).client().get("/chart").mimetype == "image/png"


def test_a_file_that_with_has_closed_cannot_be_sent(
    site: Callable[[docs.Example], Site],
) -> None:
    client = site(bad(RULE, 2)).client()
    Path("notes.txt").write_text("milk")
    with pytest.raises(ValueError, match="closed file"):
        client.get("/notes")


@pytest.mark.parametrize(
    ("stream", "options", "error"),
    [
        (StringIO("text"), {"mimetype": "text/plain"}, ValueError),
        (BytesIO(b"bytes"), {}, TypeError),
        (BytesIO(b"bytes"), {"mimetype": "text/plain", "as_attachment": True}, TypeError),
        (BytesIO(b"bytes"), {"download_name": "notes.txt", "as_attachment": True}, None),
    ],
)
def test_what_a_stream_raises(stream: Any, options: Any, error: type[Exception] | None) -> None:
    from flask import Flask, send_file

    app = Flask("proof")
    with app.test_request_context(), pytest.raises(error) if error else nullcontext():
        send_file(stream, **options)


def test_fixed_the_file_is_sent_and_closed(site: Callable[[docs.Example], Site]) -> None:
    for example in (repaired(RULE, 0), repaired(RULE, 2)):
        place = site(example)
        (place.folder / "notes.txt").write_text("tea", encoding="utf-8")
        answer = place.client().get("/notes", buffered=True)
        assert (answer.status_code, answer.text) == (200, "tea")
