"""FLG124: what a decorator for functions makes of a class view is a function."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from proving import Site, bad, good, repaired

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG124"


def test_the_function_has_no_as_view(site: Callable[[docs.Example], Site]) -> None:
    with pytest.raises(AttributeError, match="'function' object has no attribute 'as_view'"):
        site(bad(RULE)).load()


def test_in_the_list_of_the_class_it_guards_the_view(site: Callable[[docs.Example], Site]) -> None:
    client = site(good(RULE)).load().app.test_client(use_cookies=False)
    assert client.get("/account").status_code == 403
    assert client.get("/account", headers={"Cookie": "member=Ada"}).text == "account"


def test_so_it_is_with_the_decorator_of_an_extension() -> None:
    http_auth = pytest.importorskip("flask_httpauth")
    from flask.views import View

    class Account(View):
        pass

    assert not hasattr(http_auth.HTTPBasicAuth().login_required(Account), "as_view")


def test_fixed_the_class_is_guarded(site: Callable[[docs.Example], Site]) -> None:
    client = site(repaired(RULE)).load().app.test_client(use_cookies=False)
    assert client.get("/account").status_code == 403
    assert client.get("/account", headers={"Cookie": "member=Ada"}).text == "account"
