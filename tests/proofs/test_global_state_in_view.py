"""FLG206: a global variable belongs to one process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from proving import Site, bad, good

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG206"
ASK = "from app import app; print(app.test_client().get('/').get_json()['visits'])"


def test_each_process_counts_for_itself(site: Callable[[docs.Example], Site]) -> None:
    place = site(bad(RULE))
    assert place.client().get("/").json == {"visits": 1}
    assert place.client().get("/").json == {"visits": 2}
    assert place.run("-c", ASK).stdout == "1\n"


def test_with_a_database_all_processes_count_together(site: Callable[[docs.Example], Site]) -> None:
    place = site(good(RULE))
    assert place.client().get("/").json == {"visits": 1}
    assert place.run("-c", ASK).stdout == "2\n"
