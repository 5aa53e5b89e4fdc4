"""FLG901: Flask-SQLAlchemy needs an application context, even for the one application it knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from proving import Site, bad, good, installed, repaired

from flask_gotchas.facts.flask_api import (
    DATABASE_ATTRIBUTES,
    DATABASE_CALLS,
    SESSION_WITHOUT_CONTEXT,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

flask_sqlalchemy = pytest.importorskip("flask_sqlalchemy")
if installed("flask-sqlalchemy") < (3, 0):
    pytest.skip("3.0 is what changed", allow_module_level=True)

RULE = "FLG901"
NO_CONTEXT = "Working outside of application context"


def database() -> tuple[Flask, Any, Any]:
    """Make an application with a database and a model."""
    app = Flask("proof")
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    db = flask_sqlalchemy.SQLAlchemy(app)

    class User(db.Model):  # type: ignore[misc, name-defined]
        id = db.Column(db.Integer, primary_key=True)

    return app, db, User


def test_tables_cannot_be_made_while_the_module_is_loaded(
    site: Callable[[docs.Example], Site],
) -> None:
    with pytest.raises(RuntimeError, match=NO_CONTEXT):
        site(bad(RULE, 0)).load()


def test_neither_a_script_nor_a_class_body_gets_at_the_database(
    site: Callable[[docs.Example], Site],
) -> None:
    place = site(bad(RULE, 1))
    done = place.run("fill.py")
    assert done.returncode == 1
    assert NO_CONTEXT in done.stderr
    with pytest.raises(RuntimeError, match=NO_CONTEXT):
        place.load("forms")


def test_in_a_context_and_in_a_view_it_works(site: Callable[[docs.Example], Site]) -> None:
    module = site(good(RULE)).load()
    assert module.app.test_client().get("/").json == {"sizes": [1]}
    with module.app.app_context():
        module.db.engine.dispose()


@pytest.mark.parametrize("name", sorted(DATABASE_CALLS))
def test_each_call_needs_a_context(name: str) -> None:
    _, db, user = database()
    arguments: dict[str, tuple[Any, ...]] = {
        "first_or_404": (db.select(user),),
        "get_or_404": (user, 1),
        "one_or_404": (db.select(user),),
        "paginate": (db.select(user),),
    }
    with pytest.raises(RuntimeError, match=NO_CONTEXT):
        getattr(db, name)(*arguments.get(name, ()))


@pytest.mark.parametrize("name", sorted(DATABASE_ATTRIBUTES))
def test_each_attribute_needs_a_context(name: str) -> None:
    _, db, _ = database()
    with pytest.raises(RuntimeError, match=NO_CONTEXT):
        getattr(db, name)


def test_the_session_needs_one_as_soon_as_it_is_called() -> None:
    _, db, user = database()
    for name in ("add", "commit", "execute", "query", "remove", "rollback", "flush", "close"):
        method = getattr(db.session, name)
        arguments = {"add": (user(),), "execute": (db.select(user),), "query": (user,)}
        with pytest.raises(RuntimeError, match=NO_CONTEXT):
            method(*arguments.get(name, ()))
    with pytest.raises(RuntimeError, match=NO_CONTEXT):
        db.session()
    with pytest.raises(RuntimeError, match=NO_CONTEXT):
        user.query  # noqa: B018


@pytest.mark.parametrize("name", sorted(SESSION_WITHOUT_CONTEXT))
def test_the_rest_of_the_session_needs_none(name: str) -> None:
    _, db, _ = database()
    getattr(db.session, name)()


def test_fixed_the_tables_are_made(site: Callable[[docs.Example], Site]) -> None:
    module = site(repaired(RULE)).load()
    with module.app.app_context():
        module.db.engine.dispose()
