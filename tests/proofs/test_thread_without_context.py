"""FLG203: a thread has no context, and its error reaches nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from proving import Site, bad, good

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG203"


@pytest.fixture
def threads_end(monkeypatch: pytest.MonkeyPatch) -> list[BaseException | None]:
    """Wait for every thread that is started, and collect what they raise."""
    import threading

    raised: list[BaseException | None] = []
    start = threading.Thread.start

    def start_and_wait(thread: threading.Thread) -> None:
        start(thread)
        thread.join()

    monkeypatch.setattr(threading.Thread, "start", start_and_wait)
    monkeypatch.setattr(threading, "excepthook", lambda hook: raised.append(hook.exc_value))
    return raised


def test_the_mail_is_never_sent_though_the_answer_is_a_success(
    site: Callable[[docs.Example], Site], threads_end: list[BaseException | None]
) -> None:
    place = site(bad(RULE))
    answer = place.client().post("/order", data={"address": "ada@example.org"})
    assert answer.status_code == 202
    assert place.load().sent == []
    assert [str(error).split("\n")[0] for error in threads_end] == [
        "Working outside of application context."
    ]


def test_a_pool_keeps_the_error_in_the_future(site: Callable[[docs.Example], Site]) -> None:
    place = site(bad(RULE, 1))
    assert place.client().post("/count").status_code == 202
    job = place.load().app.extensions["job"]
    assert isinstance(job.exception(timeout=10), RuntimeError)


@pytest.mark.usefixtures("threads_end")
def test_with_the_application_as_argument_the_mail_is_sent(
    site: Callable[[docs.Example], Site],
) -> None:
    place = site(good(RULE))
    place.client().post("/order", data={"address": "ada@example.org"})
    assert place.load().sent == [("shop@example.org", "ada@example.org")]


def test_a_copy_of_the_request_context_may_go_along(site: Callable[[docs.Example], Site]) -> None:
    place = site(good(RULE, 1))
    place.client().get("/")
    assert place.load().seen == ["/"]
