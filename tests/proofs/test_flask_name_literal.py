"""FLG512: with the word `__name__` for a name, the folder is where the program was started."""

from __future__ import annotations

from typing import TYPE_CHECKING

from proving import Site, bad, good, repaired

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG512"
PRINT = "import shop; print(shop.app.root_path); print(shop.app.instance_path)"


def test_the_folder_is_where_the_program_is_started(site: Callable[[docs.Example], Site]) -> None:
    place = site(bad(RULE))
    root, instance = place.run("-c", PRINT).stdout.splitlines()
    assert root == str(place.folder.resolve())
    assert instance == str(place.folder.resolve() / "instance")


def test_the_folder_is_that_of_the_module(site: Callable[[docs.Example], Site]) -> None:
    place = site(good(RULE))
    root = place.run("-c", PRINT).stdout.splitlines()[0]
    assert root == str(place.folder.resolve() / "shop")


def test_a_blueprint_looks_in_the_same_place(
    site: Callable[[docs.Example], Site],
) -> None:
    place = site(bad(RULE))
    program = "import flask; print(flask.Blueprint('a', '__name__').root_path)"
    assert place.run("-c", program).stdout.strip() == str(place.folder.resolve())


def test_fixed_the_folder_is_that_of_the_module(site: Callable[[docs.Example], Site]) -> None:
    place = site(repaired(RULE))
    root = place.run("-c", PRINT).stdout.splitlines()[0]
    assert root == str(place.folder.resolve() / "shop")
