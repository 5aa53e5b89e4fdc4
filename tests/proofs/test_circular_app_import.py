"""FLG505: a module that is half imported has no application yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from proving import Site, bad, good, repaired

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG505"
MISSING = "cannot import name 'app' from partially initialized module"


def test_the_application_is_not_there_yet(site: Callable[[docs.Example], Site]) -> None:
    with pytest.raises(ImportError, match=f"{MISSING} 'app'"):
        site(bad(RULE, 0)).load()


def test_the_circle_may_have_three_modules(site: Callable[[docs.Example], Site]) -> None:
    with pytest.raises(ImportError, match=f"{MISSING} 'shop'"):
        site(bad(RULE, 1)).load("shop")


def test_a_package_is_loaded_before_its_modules(site: Callable[[docs.Example], Site]) -> None:
    with pytest.raises(ImportError, match=f"{MISSING} 'shop'"):
        site(bad(RULE, 1)).load("shop.cart")


def test_a_blueprint_is_not_there_either(site: Callable[[docs.Example], Site]) -> None:
    with pytest.raises(ImportError, match="cannot import name 'bp' from partially initialized"):
        site(bad(RULE, 2)).load("shop.cart")


def test_below_the_application_the_import_works(site: Callable[[docs.Example], Site]) -> None:
    assert site(good(RULE, 0)).client().get("/").text == "hello"


def test_a_blueprint_needs_no_circle(site: Callable[[docs.Example], Site]) -> None:
    assert site(good(RULE, 1)).client().get("/").text == "hello"


def test_a_circle_works_where_it_is_entered_at_the_other_end(
    site: Callable[[docs.Example], Site],
) -> None:
    place = site(bad(RULE, 0))
    app = place.folder / "app.py"
    text = app.read_text(encoding="utf-8").replace("from views import index", "import views")
    app.write_text(text, encoding="utf-8")
    assert place.load("views").app.test_client().get("/").text == "hello"


def test_a_script_is_loaded_twice_instead(site: Callable[[docs.Example], Site]) -> None:
    place = site(bad(RULE, 0))
    app = place.folder / "app.py"
    text = app.read_text(encoding="utf-8").replace("from views import index", "import views")
    app.write_text(text, encoding="utf-8")
    assert place.run("app.py").returncode == 0


def test_fixed_the_modules_load(site: Callable[[docs.Example], Site]) -> None:
    assert site(repaired(RULE)).client().get("/").text == "hello"
    assert site(repaired(RULE, 1)).client("shop").get("/cart").text == "your cart"
    bp = site(repaired(RULE, 2)).load("shop.cart").bp
    assert len(bp.deferred_functions) == 1
