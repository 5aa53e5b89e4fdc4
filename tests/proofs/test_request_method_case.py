"""FLG113: the method of a request is upper case, however it is sent and listed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from proving import Site, bad, good, repaired

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG113"


def test_lower_case_is_never_equal(site: Callable[[docs.Example], Site]) -> None:
    client = site(bad(RULE)).client()
    assert client.post("/orders").text == "form"
    assert client.open("/orders", method="post").text == "form"


def test_upper_case_is_equal_also_to_a_method_that_is_sent_in_lower_case(
    site: Callable[[docs.Example], Site],
) -> None:
    client = site(good(RULE)).client()
    assert client.post("/orders").text == "saved"
    assert client.open("/orders", environ_overrides={"REQUEST_METHOD": "post"}).text == "saved"


def test_fixed_the_form_is_saved(site: Callable[[docs.Example], Site]) -> None:
    client = site(repaired(RULE)).client()
    assert client.post("/orders").text == "saved"
    assert client.get("/orders").text == "form"
