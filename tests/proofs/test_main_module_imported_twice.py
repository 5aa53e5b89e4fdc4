"""FLG506: a script that is imported by its views is loaded twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from proving import Site, bad, good

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG506"
# Asks an application for its page in the place where it would start the server.
ASKING = "print(app.test_client().get('/').status)"


def ask(place: Site, script: str) -> str:
    """Run a script that asks instead of serving, and give the status."""
    path = place.folder / script
    text = path.read_text(encoding="utf-8")
    assert "app.run()" in text
    path.write_text(text.replace("app.run()", ASKING), encoding="utf-8")
    done = place.run(script)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_routes_go_to_a_second_application(site: Callable[[docs.Example], Site]) -> None:
    assert ask(site(bad(RULE, 0)), "app.py") == "404 NOT FOUND"


def test_who_imports_the_module_has_one_application(site: Callable[[docs.Example], Site]) -> None:
    assert site(bad(RULE, 0)).client().get("/").text == "hello"


def test_the_guard_may_import_the_views(site: Callable[[docs.Example], Site]) -> None:
    place = site(bad(RULE, 0))
    path = place.folder / "app.py"
    text = path.read_text(encoding="utf-8").replace("import views\n", "")
    path.write_text(text.replace("    app.run()", "    import views\n    app.run()"), "utf-8")
    assert ask(place, "app.py") == "404 NOT FOUND"


def test_a_star_brings_the_second_application(site: Callable[[docs.Example], Site]) -> None:
    place = site(bad(RULE, 0))
    path = place.folder / "app.py"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("import views", "from views import *"), encoding="utf-8")
    assert ask(place, "app.py") == "200 OK"


def test_an_import_by_name_ends_in_an_error_instead(site: Callable[[docs.Example], Site]) -> None:
    place = site(bad(RULE, 0))
    path = place.folder / "app.py"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("import views", "from views import index"), encoding="utf-8")
    done = place.run("app.py")
    assert "cannot import name 'index' from partially initialized module" in done.stderr


def test_a_script_of_its_own_starts_the_one_application(
    site: Callable[[docs.Example], Site],
) -> None:
    assert ask(site(good(RULE, 0)), "run.py") == "200 OK"


def test_with_a_blueprint_the_script_is_loaded_once(site: Callable[[docs.Example], Site]) -> None:
    assert ask(site(good(RULE, 1)), "app.py") == "200 OK"
