"""FLG201: while a module is loaded there is no context, and a proxy has nothing to stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from proving import Site, bad, good
from support import check

from flask_gotchas.model import Severity

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask_gotchas import docs

RULE = "FLG201"
NO_APPLICATION = "Working outside of application context"
NO_REQUEST = "Working outside of request context"

NAMES = "from flask import Flask, current_app, g, request, session\n"
TOUCHES = {
    "current_app.name": "RuntimeError",
    "g.user": "RuntimeError",
    "request.method": "RuntimeError",
    "session['cart']": "RuntimeError",
    "setattr(g, 'user', 1)": "RuntimeError",
    "getattr(g, 'user', None)": "RuntimeError",
    "hasattr(g, 'user')": "RuntimeError",
    "current_app._get_current_object()": "RuntimeError",
    "str(current_app)": "RuntimeError",
    "print(current_app)": "RuntimeError",
    "f'{current_app}'": "RuntimeError",
    "f'{current_app=!s}'": "RuntimeError",
    "len(session)": "RuntimeError",
    "dict(session)": "RuntimeError",
    "vars(current_app)": "RuntimeError",
    "'cart' in session": "RuntimeError",
    "list(session)": "TypeError",
    "tuple(session)": "TypeError",
    "set(session)": "TypeError",
    "frozenset(session)": "TypeError",
    "sorted(session)": "TypeError",
    "iter(session)": "TypeError",
    "enumerate(session)": "TypeError",
    "[key for key in session]": "TypeError",
    "any(session[key] for key in 'ab')": "RuntimeError",
}
HARMLESS = [
    "current_app",
    "[current_app, g, request, session]",
    "bool(current_app)",
    "repr(current_app)",
    "dir(current_app)",
    "type(current_app)",
    "callable(current_app)",
    "isinstance(current_app, Flask)",
    "current_app == 1",
    "current_app is None",
    "current_app.__doc__",
    "f'{current_app!r} {current_app!a} {current_app=}'",
    "(session[key] for key in 'ab')",
    "lambda: current_app.name",
]


def test_to_print_the_configuration_at_the_top_fails(site: Callable[[docs.Example], Site]) -> None:
    with pytest.raises(RuntimeError, match=NO_APPLICATION):
        site(bad(RULE, 0)).load()


def test_a_default_value_fails_although_the_factory_runs(
    site: Callable[[docs.Example], Site],
) -> None:
    shop = site(bad(RULE, 1)).load("shop")
    with pytest.raises(RuntimeError, match=NO_APPLICATION):
        shop.create_app()


def test_a_class_body_fails_without_a_request(site: Callable[[docs.Example], Site]) -> None:
    from flask import Flask

    place = site(bad(RULE, 1))
    app = Flask("proof")
    app.config["PAGE_SIZE"] = 20
    with app.app_context(), pytest.raises(RuntimeError, match=NO_REQUEST):
        place.load("shop.paging")


def test_a_function_fails_when_it_is_called_too_early(site: Callable[[docs.Example], Site]) -> None:
    with pytest.raises(RuntimeError, match=NO_APPLICATION):
        site(bad(RULE, 2)).load()


def test_the_application_needs_no_context_and_a_view_has_one(
    site: Callable[[docs.Example], Site], capsys: pytest.CaptureFixture[str]
) -> None:
    client = site(good(RULE, 0)).client()
    assert capsys.readouterr().out == "20\n"
    assert client.get("/").get_json() == {"items": list(range(20))}


def test_a_proxy_may_be_named_wrapped_and_asked_whether_it_is_there(
    site: Callable[[docs.Example], Site], capsys: pytest.CaptureFixture[str]
) -> None:
    module = site(good(RULE, 1)).load()
    assert capsys.readouterr().out == "<LocalProxy unbound> False\n"
    module.app.extensions["mailer"] = {"host": "localhost"}
    with module.app.app_context():
        assert module.mailer["host"] == "localhost"


def test_a_module_may_be_loaded_in_a_context(site: Callable[[docs.Example], Site]) -> None:
    app = site(good(RULE, 2)).load("shop").create_app()
    assert app.test_client().get("/").text == "Shop"


def test_the_same_module_fails_without_a_context(site: Callable[[docs.Example], Site]) -> None:
    place = site(good(RULE, 2))
    place.load("shop")
    with pytest.raises(RuntimeError, match=NO_APPLICATION):
        place.load("shop.pages")


@pytest.mark.parametrize(("expression", "error"), TOUCHES.items())
def test_a_use_of_a_proxy_raises_what_the_report_says(expression: str, error: str) -> None:
    with pytest.raises((RuntimeError, TypeError)) as raised:
        exec(NAMES + expression, {})
    assert raised.type.__name__ == error
    (report,) = check({"app.py": f"{NAMES}{expression}\n"}, only={RULE})
    assert f"raises {error}" in report.message


@pytest.mark.parametrize("expression", HARMLESS)
def test_what_raises_nothing_is_not_reported(expression: str) -> None:
    exec(NAMES + expression, {})
    assert check({"app.py": f"{NAMES}{expression}\n"}, only={RULE}) == []


@pytest.mark.parametrize(
    ("head", "complete", "severity"),
    [
        ("", True, Severity.ERROR),
        ("", False, Severity.WARNING),
        ("app = Flask(__name__)\n", False, Severity.ERROR),
    ],
)
def test_it_is_a_warning_where_nobody_can_tell_who_loads_the_module(
    head: str, *, complete: bool, severity: Severity
) -> None:
    source = f"{NAMES}{head}print(current_app.name)\n"
    (report,) = check({"limits.py": source}, only={RULE}, complete=complete)
    assert report.severity is severity


def test_views_on_current_app_are_left_alone_where_nobody_can_tell_who_loads_them() -> None:
    routes = (
        "from flask import current_app as app\n\n\n"
        '@app.route("/")\ndef index():\n    return app.name\n'
    )
    factory = (
        "from flask import Flask\n\n\ndef create_app():\n    app = Flask(__name__)\n"
        "    with app.app_context():\n        import routes\n    return app\n"
    )
    assert check({"routes.py": routes}, only={RULE}, complete=False) == []
    assert check({"routes.py": routes, "app.py": factory}, only={RULE}) == []
    assert len(check({"routes.py": routes}, only={RULE})) == 1
