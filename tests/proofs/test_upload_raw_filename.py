"""FLG605: the name of an upload is what the client wrote."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from proving import Site, bad, good, repaired

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG605"


def uploaded(place: Site) -> int:
    """Send a file whose name leads out of the folder."""
    Path("uploads").mkdir()
    data = {"file": (io.BytesIO(b"intruder"), "../app.txt")}
    return place.client().post("/upload", data=data).status_code


def test_a_name_with_dots_is_written_outside_of_the_folder(
    site: Callable[[docs.Example], Site],
) -> None:
    assert uploaded(site(bad(RULE))) == 200
    assert Path("app.txt").read_text(encoding="utf-8") == "intruder"
    assert not list(Path("uploads").iterdir())


def test_a_secured_name_stays_in_the_folder(site: Callable[[docs.Example], Site]) -> None:
    assert uploaded(site(good(RULE))) == 200
    assert not Path("app.txt").exists()
    assert [path.name for path in Path("uploads").iterdir()] == ["app.txt"]


def test_fixed_the_name_stays_in_the_folder(site: Callable[[docs.Example], Site]) -> None:
    assert uploaded(site(repaired(RULE))) == 200
    assert not Path("app.txt").exists()
    assert [path.name for path in Path("uploads").iterdir()] == ["app.txt"]
