"""FLG209: a scheduler calls its jobs in threads without a context."""

from __future__ import annotations

import time
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
from proving import Site, bad, good

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from flask_gotchas import docs

RULE = "FLG209"


def error_of_the_job(module: ModuleType) -> BaseException | None:
    """Let the scheduler run the job of an example once, and give what it raises."""
    kinds = pytest.importorskip("apscheduler.events")
    events: list[Any] = []
    module.scheduler.add_listener(events.append, kinds.EVENT_JOB_ERROR | kinds.EVENT_JOB_EXECUTED)
    (job,) = module.scheduler.get_jobs()
    module.scheduler.start(paused=True)
    job.modify(next_run_time=datetime.now(job.trigger.timezone))
    module.scheduler.resume()
    for _ in range(200):
        if events:
            break
        time.sleep(0.05)
    module.scheduler.shutdown()
    error: BaseException | None = events[0].exception
    return error


@pytest.fixture(autouse=True)
def _with_scheduler() -> None:
    pytest.importorskip("apscheduler")


def test_every_run_of_the_job_fails(site: Callable[[docs.Example], Site]) -> None:
    module = site(bad(RULE)).load()
    assert "Working outside of application context" in str(error_of_the_job(module))
    assert module.cleaned == []


def test_with_a_context_the_job_runs(site: Callable[[docs.Example], Site]) -> None:
    module = site(good(RULE)).load()
    assert error_of_the_job(module) is None
    assert module.cleaned
