"""FLG508: these extensions look at the configuration once, when they get the application."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from flask import Flask
from proving import Site, bad, good

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG508"


def test_without_an_address_the_database_cannot_be_made(
    site: Callable[[docs.Example], Site],
) -> None:
    pytest.importorskip("flask_sqlalchemy")
    with pytest.raises(RuntimeError, match="SQLALCHEMY_DATABASE_URI"):
        site(bad(RULE, 0)).load()


def test_a_later_address_is_not_seen(site: Callable[[docs.Example], Site]) -> None:
    pytest.importorskip("flask_sqlalchemy")
    module = site(bad(RULE, 1)).load()
    app = module.create_app()
    with app.app_context():
        assert app.config["SQLALCHEMY_DATABASE_URI"] == "sqlite:///other.db"
        assert str(module.db.engine.url) == "sqlite://"
        module.db.engine.dispose()


def test_an_address_that_is_there_before_counts(site: Callable[[docs.Example], Site]) -> None:
    pytest.importorskip("flask_sqlalchemy")
    module = site(good(RULE)).load()
    with module.app.app_context():
        assert str(module.db.engine.url) == "sqlite://"
        module.db.engine.dispose()


def test_mail_looks_once() -> None:
    flask_mail = pytest.importorskip("flask_mail")
    app = Flask("proof")
    flask_mail.Mail(app)
    app.config["MAIL_SERVER"] = "mail.example.org"
    assert app.extensions["mail"].server == "127.0.0.1"


def test_caching_looks_once() -> None:
    flask_caching = pytest.importorskip("flask_caching")
    app = Flask("proof")
    app.config["CACHE_TYPE"] = "SimpleCache"
    cache = flask_caching.Cache(app)
    app.config["CACHE_TYPE"] = "FileSystemCache"
    assert type(app.extensions["cache"][cache]).__name__ == "SimpleCache"
