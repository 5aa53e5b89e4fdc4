"""FLG611: without the tokens of Flask-WTF anybody's form is taken."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from proving import Site, bad, good, repaired

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG611"
pytest.importorskip("flask_wtf")


@pytest.mark.parametrize(("example", "status"), [(bad(RULE), 200), (good(RULE), 400)])
def test_a_form_without_a_token_is_taken_only_where_it_is_switched_off(
    example: docs.Example, status: int, site: Callable[[docs.Example], Site]
) -> None:
    place = site(example)
    Path("key.txt").write_text("nobody knows it", encoding="utf-8")
    assert place.client().post("/transfer").status_code == status


def test_fixed_a_form_without_a_token_is_refused(site: Callable[[docs.Example], Site]) -> None:
    place = site(repaired(RULE))
    Path("key.txt").write_text("nobody knows it", encoding="utf-8")
    assert place.client().post("/transfer").status_code == 400
