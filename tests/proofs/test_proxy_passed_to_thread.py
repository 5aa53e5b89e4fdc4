"""FLG208: a proxy that is passed to a thread finds nothing there."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from proving import Site, bad, good, repaired

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from flask_gotchas import docs

RULE = "FLG208"


def test_the_proxy_raises_in_the_thread(
    site: Callable[[docs.Example], Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    raised: list[BaseException | None] = []
    monkeypatch.setattr(threading, "excepthook", lambda hook: raised.append(hook.exc_value))
    place = site(bad(RULE))
    assert place.client().post("/note").status_code == 202
    assert place.load().names == []
    assert "Working outside of application context" in str(raised[0])


def test_the_application_itself_can_be_used_in_the_thread(
    site: Callable[[docs.Example], Site],
) -> None:
    place = site(good(RULE))
    place.client().post("/note")
    assert place.load().names == ["app"]


def test_fixed_the_thread_gets_the_application(site: Callable[[docs.Example], Site]) -> None:
    made = site(repaired(RULE))
    assert made.client().post("/note").status_code == 202
    assert made.load().names == ["app"]
