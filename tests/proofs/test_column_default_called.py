"""FLG902: a default that is called in the class body is one value for all rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from proving import Site, bad, good, repaired

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

pytest.importorskip("flask_sqlalchemy")

RULE = "FLG902"


def times(module: Any) -> list[Any]:
    """Add two rows, one after the other, and give when they were made."""
    db = module.db
    with module.app.app_context():
        db.create_all()
        for _ in range(2):
            db.session.add(module.Post())
            db.session.commit()
        found = [post.created for post in db.session.execute(db.select(module.Post)).scalars()]
        db.session.remove()
        db.engine.dispose()
    return found


def test_rows_get_the_moment_at_which_the_class_was_made(
    site: Callable[[docs.Example], Site],
) -> None:
    first, second = times(site(bad(RULE)).load())
    assert first == second


def test_a_function_is_called_for_each_row(site: Callable[[docs.Example], Site]) -> None:
    first, second = times(site(good(RULE)).load())
    assert first < second


def test_fixed_each_row_gets_its_own_default(site: Callable[[docs.Example], Site]) -> None:
    module = site(repaired(RULE)).load()
    default = module.Post.__table__.c.created.default
    assert default.is_callable
