"""FLG602: importing the module, or calling the factory, starts the development server."""

from __future__ import annotations

import runpy
from typing import TYPE_CHECKING

from proving import Site, bad, good, repaired
from serving import record

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from flask_gotchas import docs

RULE = "FLG602"


def test_to_import_the_module_starts_a_server(
    site: Callable[[docs.Example], Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    place, starts = site(bad(RULE, 0)), record(monkeypatch)
    module = place.load()
    assert [(start.port, start.app) for start in starts] == [(5000, module.app)]


def test_to_call_the_factory_starts_a_server(
    site: Callable[[docs.Example], Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    place, starts = site(bad(RULE, 1)), record(monkeypatch)
    module = place.load()
    assert starts == []
    app = module.create_app()
    assert [start.app for start in starts] == [app]


def test_a_guarded_call_leaves_importers_alone(
    site: Callable[[docs.Example], Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    starts = record(monkeypatch)
    assert site(good(RULE, 0)).client().get("/").text == "hello"
    site(good(RULE, 1)).load().create_app()
    assert starts == []


def test_a_guarded_call_runs_as_a_script(
    site: Callable[[docs.Example], Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    starts = record(monkeypatch)
    for number in (0, 1):
        place = site(good(RULE, number))
        runpy.run_path(str(place.folder / "app.py"), run_name="__main__")
    assert len(starts) == 2


def test_the_flask_command_skips_the_call_and_says_so(site: Callable[[docs.Example], Site]) -> None:
    done = site(bad(RULE, 0)).run("-m", "flask", "routes")
    assert done.returncode == 0
    assert "Ignoring a call to 'app.run()'" in done.stdout + done.stderr
    assert "index" in done.stdout


def test_fixed_the_module_can_be_imported_and_still_runs(
    site: Callable[[docs.Example], Site],
) -> None:
    example = repaired(RULE)
    made = site(example)
    assert made.client().get("/").text == "hello"
    text = example.files["app.py"]
    code = f"import flask\nflask.Flask.run = lambda self, **given: print(given)\n{text}"
    assert made.run("-c", code).stdout == "{'port': 5000}\n"
