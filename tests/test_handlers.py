"""Views and hooks of a project, and what Flask gets back from them."""

from __future__ import annotations

import textwrap

from test_project import link

from flask_gotchas.facts.expressions import Const, Ref

APP = """
## app.py
from flask import Blueprint, Flask, abort, jsonify, request
app = Flask(__name__)
bp = Blueprint("bp", __name__)
"""


def views(text: str, *, complete: bool = True) -> dict[str, set[str] | None]:
    found = link(APP + textwrap.dedent(text), complete=complete).handlers.views
    return {view.name: None if view.methods is None else set(view.methods) for view in found}


def may_end(text: str) -> list[str]:
    handlers = link(APP + textwrap.dedent(text)).handlers
    return [view.name for view in handlers.views if handlers.may_end_without_return(view)]


def kinds(text: str) -> list[list[str]]:
    """List the kinds of what each view returns."""
    handlers = link(APP + textwrap.dedent(text)).handlers
    return [[end.value.kind for end in handlers.returns(view)] for view in handlers.views]


def test_views_are_known_with_the_methods_that_reach_them() -> None:
    text = """
    @app.route("/a")
    @bp.post("/a")
    def a(): pass
    def b(): pass
    bp.add_url_rule("/b", view_func=b, methods=["put", "get"])
    @app.route("/c", methods=METHODS)
    def c(): pass
    @other.route("/d")
    def d(): pass
    """
    assert views(text) == {"a": {"GET", "POST"}, "b": {"GET", "PUT"}, "c": None, "d": {"GET"}}


def test_methods_of_class_views_are_views() -> None:
    text = """
    from flask.views import MethodView, View
    class Items(MethodView):
        def get(self): pass
        def post(self): pass
        def helper(self): pass
    class Page(View):
        methods = ["GET", "POST"]
        def dispatch_request(self): pass
    app.add_url_rule("/i", view_func=Items.as_view("items"))
    app.add_url_rule("/p", view_func=Page.as_view("page"))
    """
    assert views(text) == {
        "Items.get": {"GET"},
        "Items.post": {"POST"},
        "Page.dispatch_request": {"GET", "POST"},
    }


def test_what_a_decorator_may_convert_is_no_view_here() -> None:
    text = """
    import functools
    from flask_login import login_required
    from elsewhere import page
    def as_json(view):
        @functools.wraps(view)
        def inner(*args, **kwargs):
            return jsonify(view(*args, **kwargs))
        return inner
    def checked(view):
        @functools.wraps(view)
        def inner(*args, **kwargs):
            if request.args: abort(400)
            return view(*args, **kwargs)
        return inner
    @app.get("/a")
    @page
    def a(): pass
    @app.get("/b")
    @as_json
    def b(): pass
    @app.get("/c")
    @checked
    @login_required
    def c(): pass
    @page
    @app.get("/d")
    def d(): pass
    """
    assert set(views(text)) == {"c", "d"}


def test_applications_that_convert_what_views_give_have_none() -> None:
    own = """
    class Own(Flask):
        def make_response(self, value): return super().make_response(value or "")
    own = Own(__name__)
    @own.get("/")
    def a(): pass
    """
    assert views(own) == {}
    assert views('import apiflask\napi = apiflask.APIFlask()\n@api.get("/")\ndef a(): pass') == {}


def test_views_of_tests_and_of_other_frameworks_are_left_out() -> None:
    assert views("## tests/test_a.py\nfrom app import app\n@app.get('/')\ndef a(): pass") == {}
    other = "## api.py\nfrom fastapi import FastAPI\nimport flask\n@x.get('/')\ndef a(): pass"
    assert views(other) == {}


def test_hooks_are_known_however_they_are_set_up() -> None:
    text = """
    @app.before_request
    def a(): pass
    @bp.before_app_request
    def b(): pass
    def c(): pass
    app.after_request(c)
    @app.errorhandler(404)
    @app.errorhandler(KeyError)
    def d(error): pass
    bp.register_error_handler(500, d)
    @other.teardown_request
    def e(error): pass
    queue.before_request(c)
    """
    handlers = link(APP + textwrap.dedent(text)).handlers
    found = [(h.kind, h.name, h.first) for h in handlers.hooks("before_request", "after_request")]
    assert found[:3] == [
        ("before_request", "a", None),
        ("before_request", "b", None),
        ("after_request", "c", None),
    ]
    assert [(h.name, h.first) for h in handlers.hooks("errorhandler")] == [
        ("d", Const(404)),
        ("d", Ref("builtins.KeyError")),
        ("d", Const(500)),
    ]


def test_a_view_may_end_without_return() -> None:
    text = """
    @app.get("/a")
    def a(): print(1)
    @app.get("/b")
    def b():
        if request.args: return "b"
    @app.get("/c")
    def c(): return "c"
    @app.route("/d", methods=["POST", "PUT"])
    def d():
        if request.method == "POST": return "d"
        elif request.method == "PUT": return "e"
    @app.route("/e", methods=["POST", "PUT"])
    def e():
        if request.method == "POST": return "d"
    """
    assert may_end(text) == ["a", "b", "e"]


def test_functions_of_the_project_that_never_return_end_a_view() -> None:
    text = """
    from helpers import refuse, save, twice, maybe, abort_if
    from elsewhere.helpers import not_found, store
    @app.get("/a")
    def a(): refuse()
    @app.get("/b")
    def b(): save()
    @app.get("/c")
    def c(): twice()
    @app.get("/d")
    def d(): maybe()
    @app.get("/e")
    def e(): not_found()
    @app.get("/f")
    def f(): store()
    @app.get("/g")
    def g(): abort_if()
    ## helpers.py
    from flask import abort
    def refuse(): abort(403)
    def save(): print(1)
    def twice():
        while True: refuse()
    def maybe():
        if x: refuse()
    def abort_if():
        if x: abort(404)
    """
    assert may_end(text) == ["b", "d", "f", "g"]


def test_a_name_that_nothing_is_known_of_may_say_that_it_raises() -> None:
    text = """
    from one import *
    from two import *
    @app.get("/a")
    def a(): not_found()
    @app.get("/b")
    def b(thing):
        thing.fail_with(404)
    @app.get("/c")
    def c(): store()
    """
    assert may_end(text) == ["c"]


def test_functions_that_call_each_other_without_end_are_no_crash() -> None:
    text = """
    def one(): two()
    def two(): one()
    @app.get("/a")
    def a(): one()
    """
    assert may_end(text) == ["a"]


def test_kinds_of_returned_values_are_known() -> None:
    text = """
    @app.get("/a")
    def a():
        if request.args: return {"a": 1}
        page = f"{a}"
        return page
    @app.get("/b")
    def b():
        return "b" if a else None, 404
    @app.get("/c")
    async def c():
        return [1] if request.args else b"c"
    @app.get("/d")
    def d():
        return abort(404)
        return 1
    """
    assert kinds(text) == [["dict", "str"], ["tuple"], ["either"], ["call"]]


def test_a_condition_gives_several_values_that_are_judged_one_by_one() -> None:
    text = """
    @app.get("/a")
    def a():
        if request.args: return "a" if request.form else None
        if request.form: return request.args == 1 and "b"
        if request.data: return None or "c"
        return load() or False
    """
    handlers = link(APP + textwrap.dedent(text)).handlers
    (view,) = handlers.views
    kinds = {"none", "bool"}
    found = handlers.judged(view, lambda value: value.kind if value.kind in kinds else "")
    assert [word for _, word in found] == ["none", "bool", "bool"]


def test_what_a_variable_holds_first_is_not_taken_for_its_value() -> None:
    text = """
    OK = 200
    @app.get("/a")
    def a():
        page = None
        def inner():
            nonlocal page
            page = "a"
        inner()
        return page
    @app.get("/b")
    def b():
        return OK
    @app.get("/c")
    def c():
        answer = jsonify(1)
        return answer
    """
    handlers = link(APP + textwrap.dedent(text)).handlers
    values = [end.value for view in handlers.views for end in handlers.returns(view)]
    assert [(value.kind, value.named) for value in values] == [
        ("name", False),
        ("int", False),
        ("call", True),
    ]


def test_error_handlers_answer_like_views_and_each_once() -> None:
    text = """
    @app.get("/a")
    def a(): return "a"
    @app.get("/b")
    def b(): yield "b"
    @app.errorhandler(404)
    @app.errorhandler(405)
    def c(error): return "c"
    @app.before_request
    def d(): return "d"
    """
    handlers = link(APP + textwrap.dedent(text)).handlers
    assert sorted(handler.name for handler in handlers.answering) == ["a", "c"]


def test_hooks_of_one_request_are_hooks() -> None:
    text = """
    from flask import after_this_request
    @app.get("/a")
    def a():
        @after_this_request
        def b(response): return response
        return "a"
    """
    handlers = link(APP + textwrap.dedent(text)).handlers
    assert [hook.name for hook in handlers.hooks("after_this_request")] == ["b"]


def test_errors_that_have_handlers_are_known_unless_one_cannot_be_read() -> None:
    text = """
    from werkzeug.exceptions import NotFound
    @app.errorhandler(NotFound)
    @bp.app_errorhandler(500)
    def a(error): return "a"
    app.register_error_handler(KeyError, lambda error: "b")
    """
    found = link(APP + textwrap.dedent(text)).handlers.handled_errors
    assert found == frozenset({"werkzeug.exceptions.NotFound", "500", "builtins.KeyError"})
    text += "for code in codes: app.register_error_handler(code, a)\n"
    assert link(APP + textwrap.dedent(text)).handlers.handled_errors is None


def test_what_sets_a_content_type_for_all_is_known() -> None:
    hook = """
    @app.after_request
    def a(response):
        response.headers.update({"content-type": "application/json"})
        return response
    """
    view = """
    @app.get("/a")
    def a():
        response = jsonify(1)
        response.mimetype = "text/plain"
        return response
    """
    found = [link(APP + textwrap.dedent(text)).handlers.sets_content_type for text in (hook, view)]
    assert found == [True, False]


def test_a_method_that_is_no_view_ends_in_an_unknown_way() -> None:
    text = """
    class Site:
        def page(self): return "page"
        def hook(self, response): return response
    app.add_url_rule("/a", view_func=Site.page)
    app.after_request(Site.hook)
    """
    handlers = link(APP + textwrap.dedent(text)).handlers
    found = [*handlers.views, *handlers.hooks("after_request")]
    assert found
    assert not [handler.name for handler in found if handlers.may_end_without_return(handler)]


def test_a_view_that_ends_in_calls_which_never_return_never_ends() -> None:
    text = """
    @app.get("/a")
    def a():
        if request.args: abort(403)
        else:
            with request: abort(404)
    @app.get("/b")
    def b():
        if request.args: abort(403)
        else: print(1)
    """
    assert may_end(text) == ["b"]
