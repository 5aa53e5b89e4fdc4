"""FLG110: what stands below the start of the server runs when the server has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from proving import Site, bad, good

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG110"
# Asks the application for a page in the place of a server, as the first visitor of it does.
ASKING = """
import runpy, flask

def run(app, *args, **kwargs):
    print(app.test_client().get("/books").status_code)

flask.Flask.run = run
runpy.run_path("app.py", run_name="__main__")
"""


@pytest.mark.parametrize(("example", "status"), [(bad(RULE), "404"), (good(RULE), "200")])
def test_the_server_has_only_what_stands_above(
    site: Callable[[docs.Example], Site], example: docs.Example, status: str
) -> None:
    done = site(example).run("-c", ASKING)
    assert done.stdout.splitlines()[:1] == [status], done.stderr


def test_flask_run_has_all_of_it(site: Callable[[docs.Example], Site]) -> None:
    done = site(bad(RULE)).run("-m", "flask", "routes")
    assert "/books" in done.stdout


def test_run_does_nothing_under_the_command(site: Callable[[docs.Example], Site]) -> None:
    call = "from app import app; app.run(); print('returned')"
    done = site(good(RULE)).run("-c", call, FLASK_RUN_FROM_CLI="true")
    assert "returned" in done.stdout
