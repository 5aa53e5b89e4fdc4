"""FLG606: a key that is made at each start takes the sessions of before for forged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from proving import Site, bad, good, repaired

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG606"

VISIT = """
import sys
from app import app

headers = {"Cookie": "session=" + sys.argv[1]}
answer = app.test_client(use_cookies=False).get("/", headers=headers)
print(answer.json["visits"], answer.headers["Set-Cookie"].split("=", 1)[1].split(";")[0])
"""


def visit(place: Site, cookie: str) -> tuple[int, str]:
    """Visit the site in a process of its own, and give the number of visits and the new cookie."""
    done = place.run("-c", VISIT, cookie, SECRET_KEY="one for all processes")
    assert done.returncode == 0, done.stderr
    count, value = done.stdout.split()
    return int(count), value


@pytest.mark.parametrize("number", [0, 1])
def test_the_next_process_sees_an_empty_session(
    number: int, site: Callable[[docs.Example], Site]
) -> None:
    place = site(bad(RULE, number))
    count, cookie = visit(place, "none")
    assert count == 1
    assert visit(place, cookie)[0] == 1


def test_with_one_key_the_next_process_goes_on(site: Callable[[docs.Example], Site]) -> None:
    place = site(good(RULE))
    _, cookie = visit(place, "none")
    assert visit(place, cookie)[0] == 2


@pytest.mark.parametrize("example", [repaired(RULE, 0), repaired(RULE, 1)])
def test_fixed_the_next_process_goes_on(
    example: docs.Example, site: Callable[[docs.Example], Site]
) -> None:
    place = site(example)
    _, cookie = visit(place, "none")
    assert visit(place, cookie)[0] == 2
