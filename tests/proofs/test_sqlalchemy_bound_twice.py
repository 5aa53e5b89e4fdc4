"""FLG903: an application takes one database of Flask-SQLAlchemy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from flask import Flask
from proving import Site, bad, good, installed, repaired

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

flask_sqlalchemy = pytest.importorskip("flask_sqlalchemy")
if installed("flask-sqlalchemy") < (3, 0):
    pytest.skip("3.0 is what changed", allow_module_level=True)

RULE = "FLG903"
ALREADY = "has already been registered on this Flask app"


def test_the_class_and_init_app_are_one_too_many(site: Callable[[docs.Example], Site]) -> None:
    with pytest.raises(RuntimeError, match=ALREADY):
        site(bad(RULE)).load()


def test_two_databases_are_one_too_many() -> None:
    app = Flask("proof")
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    flask_sqlalchemy.SQLAlchemy(app)
    with pytest.raises(RuntimeError, match=ALREADY):
        flask_sqlalchemy.SQLAlchemy(app)


def test_once_is_right(site: Callable[[docs.Example], Site]) -> None:
    module = site(good(RULE)).load()
    with module.app.app_context():
        assert str(module.db.engine.url) == "sqlite://"
        module.db.engine.dispose()


def test_fixed_there_is_one(site: Callable[[docs.Example], Site]) -> None:
    module = site(repaired(RULE)).load()
    with module.app.app_context():
        assert str(module.db.engine.url) == "sqlite://"
        module.db.engine.dispose()
