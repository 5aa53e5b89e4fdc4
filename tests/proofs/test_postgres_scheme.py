"""FLG904: SQLAlchemy knows a dialect `postgresql` and none called `postgres`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from proving import Site, bad, good, installed, repaired

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

pytest.importorskip("flask_sqlalchemy")
if installed("sqlalchemy") < (1, 4):
    pytest.skip("1.4 is what changed", allow_module_level=True)

RULE = "FLG904"


def test_the_short_name_is_no_dialect(site: Callable[[docs.Example], Site]) -> None:
    from sqlalchemy.exc import NoSuchModuleError

    with pytest.raises(NoSuchModuleError, match=r"sqlalchemy\.dialects:postgres$"):
        site(bad(RULE)).load()


@pytest.mark.parametrize("given", [None, "postgres://localhost/shop"])
def test_the_long_one_is(
    given: str | None, site: Callable[[docs.Example], Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy.engine import make_url

    monkeypatch.delenv("DATABASE_URL", raising=False)
    if given is not None:
        monkeypatch.setenv("DATABASE_URL", given)
    uri = site(good(RULE)).load().app.config["SQLALCHEMY_DATABASE_URI"]
    assert make_url(uri).get_dialect().name == "postgresql"


def test_fixed_the_address_has_the_long_name(site: Callable[[docs.Example], Site]) -> None:
    from sqlalchemy.engine import make_url

    text = repaired(RULE).files["app.py"].replace("db = SQLAlchemy(app)", "")  # it loads a driver
    uri = site(repaired(RULE)._replace(files={"app.py": text})).load().app.config
    assert make_url(uri["SQLALCHEMY_DATABASE_URI"]).get_dialect().name == "postgresql"
