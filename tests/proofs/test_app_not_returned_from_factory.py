"""FLG509: who calls a factory that returns nothing gets no application."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from flask.cli import NoAppException, ScriptInfo
from proving import Site, bad, good, repaired
from werkzeug.test import Client

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG509"


def test_the_flask_command_finds_no_application(site: Callable[[docs.Example], Site]) -> None:
    site(bad(RULE))
    with pytest.raises(NoAppException):
        ScriptInfo("app").load_app()


def test_a_server_calls_none(site: Callable[[docs.Example], Site]) -> None:
    client = Client(site(bad(RULE)).load().create_app())
    with pytest.raises(TypeError, match="'NoneType' object is not callable"):
        client.get("/")


def test_with_a_return_there_is_one(site: Callable[[docs.Example], Site]) -> None:
    site(good(RULE))
    assert ScriptInfo("app").load_app().config["TITLE"] == "Shop"


def test_fixed_there_is_one(site: Callable[[docs.Example], Site]) -> None:
    site(repaired(RULE))
    assert ScriptInfo("app").load_app().config["TITLE"] == "Shop"
