"""FLG104: a URL cannot be built for an endpoint that does not exist."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from proving import Site, bad, good, repaired

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG104"


def test_a_name_without_a_dot_means_a_view_of_the_application(
    site: Callable[[docs.Example], Site],
) -> None:
    client = site(bad(RULE, 0)).client()
    assert client.get("/login").status_code == 200
    assert client.get("/logout").status_code == 500


def test_a_template_cannot_link_what_does_not_exist(site: Callable[[docs.Example], Site]) -> None:
    assert site(bad(RULE, 1)).client().get("/").status_code == 500


@pytest.mark.parametrize("path", ["/logout", "/again"])
def test_a_dot_and_the_name_of_the_blueprint_lead_to_its_view(
    site: Callable[[docs.Example], Site], path: str
) -> None:
    assert site(good(RULE, 0)).client().get(path).headers["Location"] == "/login"


def test_the_error_is_a_build_error_which_is_a_lookup_error() -> None:
    from flask import Flask, url_for
    from werkzeug.routing import BuildError

    assert issubclass(BuildError, LookupError)
    with Flask("proof").test_request_context(), pytest.raises(BuildError):
        url_for("nothing")


def test_a_child_has_the_names_of_both_blueprints() -> None:
    from flask import Blueprint, Flask, url_for
    from werkzeug.routing import BuildError

    app, parent, child = Flask("proof"), Blueprint("a", "proof"), Blueprint("b", "proof")
    child.add_url_rule("/c", "c", lambda: "")
    parent.register_blueprint(child)
    app.register_blueprint(parent)
    with app.test_request_context():
        assert url_for("a.b.c") == "/c"
        with pytest.raises(BuildError):
            url_for("b.c")


def test_a_blueprint_without_a_folder_has_no_static_files() -> None:
    from flask import Blueprint, Flask, url_for
    from werkzeug.routing import BuildError

    app = Flask("proof")
    app.register_blueprint(Blueprint("plain", "proof"))
    app.register_blueprint(Blueprint("full", "proof", static_folder="files", url_prefix="/full"))
    with app.test_request_context():
        assert url_for("full.static", filename="a.css") == "/full/files/a.css"
        with pytest.raises(BuildError):
            url_for("plain.static", filename="a.css")


def test_another_name_at_the_registration_takes_the_place_of_the_first() -> None:
    from flask import Blueprint, Flask

    app, bp = Flask("proof"), Blueprint("a", "proof")
    bp.add_url_rule("/", "index", lambda: "")
    app.register_blueprint(bp, name="b")
    assert "b.index" in app.view_functions
    assert "a.index" not in app.view_functions


def test_a_handler_may_answer_for_endpoints_that_do_not_exist() -> None:
    from flask import Flask, url_for

    app = Flask("proof")
    app.url_build_error_handlers.append(lambda error, endpoint, values: f"/outside/{endpoint}")
    with app.test_request_context():
        assert url_for("nothing") == "/outside/nothing"


def test_fixed_the_link_leads_to_the_view_of_the_blueprint(
    site: Callable[[docs.Example], Site],
) -> None:
    answer = site(repaired(RULE)).client().get("/logout")
    assert (answer.status_code, answer.location) == (302, "/login")
