"""What a fix makes of the bad example of a rule works on Flask as it was meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from proving import Site, repaired

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

    Make = Callable[[docs.Example], Site]


def test_flg101_the_form_can_be_sent(site: Make) -> None:
    client = site(repaired("FLG101")).client()
    assert client.post("/login", data={"name": "Eva"}).text == "Welcome, Eva"
    assert client.get("/login").status_code == 200


def test_flg101_the_page_can_be_opened_and_changed(site: Make) -> None:
    client = site(repaired("FLG101", 1)).client()
    assert client.get("/news/").text == "all the news"
    assert client.post("/news/").status_code == 201


def test_flg101_the_class_answers_what_it_tests_for(site: Make) -> None:
    client = site(repaired("FLG101", 2)).client()
    assert client.get("/items/3").text == "item 3"
    assert client.put("/items/3").text == client.delete("/items/3").text == "changed"


def test_flg103_the_guard_guards(site: Make) -> None:
    assert site(repaired("FLG103")).client().get("/admin").status_code == 401
    client = site(repaired("FLG103", 1)).client()
    assert client.get("/drafts/1").status_code == 403
    assert client.get("/preview/1").status_code == 403
    assert client.get("/preview/1?key=opensesame").text == "draft 1"


def test_flg104_the_link_leads_to_the_view_of_the_blueprint(site: Make) -> None:
    answer = site(repaired("FLG104")).client().get("/logout")
    assert (answer.status_code, answer.location) == (302, "/login")


def test_flg108_the_view_gets_its_value(site: Make) -> None:
    assert site(repaired("FLG108")).client().get("/users/5").text == "user 5"


def test_flg111_the_endpoint_is_that_of_the_view(site: Make) -> None:
    made = site(repaired("FLG111"))
    assert "account" in made.load().app.view_functions
    assert made.client().get("/account").status_code == 403


def test_flg112_the_methods_that_were_meant_are_allowed(site: Make) -> None:
    client = site(repaired("FLG112")).client()
    assert client.get("/orders").text == client.post("/orders").text == "orders"
    assert client.get("/login").text == client.post("/login").text == "login"


def test_flg113_the_form_is_saved(site: Make) -> None:
    client = site(repaired("FLG113")).client()
    assert client.post("/orders").text == "saved"
    assert client.get("/orders").text == "form"


def test_flg114_the_views_get_their_values(site: Make) -> None:
    client = site(repaired("FLG114")).client()
    assert client.get("/users/5").text == "user 5"
    assert client.get("/books/123").text == "book 123"


def test_flg115_the_class_answers(site: Make) -> None:
    made = site(repaired("FLG115", 0))
    assert made.client().get("/items").text == "items"
    assert "Items" in made.load().app.view_functions  # as it was before
    assert site(repaired("FLG115", 2)).client().get("/items").text == "items"


def test_flg118_the_links_can_be_built(site: Make) -> None:
    client = site(repaired("FLG118")).client()
    assert client.get("/logout").location == "/login"
    assert client.get("/style").location == "/static/style.css"


def test_flg119_the_route_can_be_added(site: Make) -> None:
    client = site(repaired("FLG119")).client()
    assert client.post("/orders").text == "ordered"
    assert client.get("/orders").status_code == 405


def test_flg120_the_rules_can_be_added(site: Make) -> None:
    assert site(repaired("FLG120")).client().get("/tags/new").text == "new"
    client = site(repaired("FLG120", 1)).client()
    assert client.get("/users/5").text == "user 5"
    assert client.get("/users/five").status_code == 404


def test_flg121_the_rules_can_be_added(site: Make) -> None:
    assert site(repaired("FLG121")).client().get("/users").text == "all the users"
    client = site(repaired("FLG121", 1)).client()
    assert client.get("/users/5").text == "user 5"
    assert client.get("/users/five").status_code == 404


def test_flg122_the_blueprint_can_be_registered(site: Make) -> None:
    for example in (repaired("FLG122", 0), repaired("FLG122", 1)):
        client = site(example).client()
        assert client.get("/api/books").text == "all the books"


def test_flg123_head_goes_the_way_of_get(site: Make) -> None:
    made = site(repaired("FLG123"))
    assert made.client().head("/orders").status_code == 200
    assert made.load().orders == []
    assert made.client().post("/orders", data={"book": "Emma"}).text == "ordered"
    client = site(repaired("FLG123", 1)).client()
    assert client.head("/login").status_code == 200
    assert client.get("/login").text == "form"
    assert client.post("/login").text == "welcome"


def test_flg124_the_class_is_guarded(site: Make) -> None:
    client = site(repaired("FLG124")).load().app.test_client(use_cookies=False)
    assert client.get("/account").status_code == 403
    assert client.get("/account", headers={"Cookie": "member=Ada"}).text == "account"


def test_flg208_the_thread_gets_the_application(site: Make) -> None:
    made = site(repaired("FLG208"))
    assert made.client().post("/note").status_code == 202
    assert made.load().names == ["app"]


def test_flg301_the_response_is_sent(site: Make) -> None:
    assert site(repaired("FLG301")).client().get("/accounts").status_code == 302
    assert site(repaired("FLG301", 1)).client().post("/books").json == {"saved": True}


def test_flg303_the_status_is_sent(site: Make) -> None:
    for example in (repaired("FLG303", 0), repaired("FLG303", 1)):
        answer = site(example).client().get("/books/1")
        assert (answer.status_code, answer.json) == (404, {"error": "missing"})


def test_flg402_the_response_arrives(site: Make) -> None:
    answer = site(repaired("FLG402")).client().get("/")
    assert (answer.text, answer.headers["X-Frame-Options"]) == ("hello", "DENY")
    client = site(repaired("FLG402", 1)).client()
    assert client.post("/").text == "hello"
    assert client.get("/").headers["Access-Control-Allow-Origin"] == "*"


def test_flg601_there_is_no_debug_mode(site: Make) -> None:
    made = site(repaired("FLG601", 1))
    assert made.load().app.debug is False
    assert made.client().get("/fail").text == "We are sorry."


def test_flg601_the_program_runs_without_the_debugger(site: Make) -> None:
    for example, given in (
        (repaired("FLG601", 0), "{'host': '0.0.0.0'}\n"),
        (repaired("FLG601", 2), "{}\n"),
    ):
        text = example.files["app.py"]
        code = f"import flask\nflask.Flask.run = lambda self, **given: print(given)\n{text}"
        assert site(example).run("-c", code).stdout == given


def test_flg602_the_module_can_be_imported_and_still_runs(site: Make) -> None:
    example = repaired("FLG602")
    made = site(example)
    assert made.client().get("/").text == "hello"
    text = example.files["app.py"]
    code = f"import flask\nflask.Flask.run = lambda self, **given: print(given)\n{text}"
    assert made.run("-c", code).stdout == "{'port': 5000}\n"


def test_flg902_each_row_gets_its_own_default(site: Make) -> None:
    pytest.importorskip("flask_sqlalchemy")
    module = site(repaired("FLG902")).load()
    default = module.Post.__table__.c.created.default
    assert default.is_callable
