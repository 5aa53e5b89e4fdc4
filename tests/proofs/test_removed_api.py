"""FLG701: every row of the tables, on whichever side of its version the installed Flask is."""

from __future__ import annotations

import importlib
import io
import warnings
from typing import TYPE_CHECKING, Any

import flask
import pytest
import werkzeug.http
import werkzeug.middleware.proxy_fix
import werkzeug.routing
import werkzeug.security
import werkzeug.urls
from proving import FLASK, WERKZEUG, Site, bad, good, repaired

from flask_gotchas.facts import removed_apis, replaced_apis

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask_gotchas import docs
    from flask_gotchas.facts.removed_apis import Removed

RULE = "FLG701"


@pytest.fixture(autouse=True)
def _ignore_deprecations() -> Iterator[None]:
    """What is about to go warns, and before that something else of old packages does."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def is_gone(row: Removed) -> bool:
    major, minor = row.version.split(".")
    installed = FLASK if row.package == "flask" else WERKZEUG
    return installed >= (int(major), int(minor))


def module_exists(name: str) -> bool:
    try:
        importlib.import_module(name)
    except ImportError:
        return False
    return True


@pytest.mark.parametrize("name", sorted(removed_apis.MODULES))
def test_a_module_is_there_until_its_version(name: str) -> None:
    not_yet = {"flask.scaffold": FLASK < (2, 0), "werkzeug.wrappers.cors": WERKZEUG < (1, 0)}
    if not_yet.get(name):
        pytest.skip("it is not there yet")
    row = removed_apis.MODULES[name]
    assert module_exists(name) is not is_gone(row)


@pytest.mark.parametrize("name", sorted(removed_apis.NAMES))
def test_a_name_is_there_until_its_version(name: str) -> None:
    not_yet = {
        "flask.helpers.get_env": FLASK < (1, 0),
        "flask.helpers.is_ip": FLASK < (1, 0),
        "flask.wrappers.JSONMixin": FLASK < (1, 0),
        "werkzeug.utils.invalidate_cached_property": WERKZEUG < (1, 0),
    }
    if not_yet.get(name):
        pytest.skip("it is not there yet")
    module, _, attribute = name.rpartition(".")
    found = module_exists(module) and hasattr(importlib.import_module(module), attribute)
    assert found is not is_gone(removed_apis.NAMES[name])


def objects() -> dict[str, Any]:
    app = flask.Flask("proof")
    return {
        "app": app,
        "blueprint": flask.Blueprint("proof", "proof"),
        "client": app.test_client(),
        "config": app.config,
        "request": app.test_request_context().request,
        "response": app.response_class(),
    }


@pytest.mark.parametrize(("owner", "name"), sorted(removed_apis.ATTRIBUTES), ids=str)
def test_an_attribute_is_there_until_its_version(owner: str, name: str) -> None:
    not_yet = {
        "env": FLASK < (1, 0),
        "templates_auto_reload": FLASK < (1, 0),
        "before_first_request_funcs": FLASK < (0, 8),
    }
    if not_yet.get(name):
        pytest.skip("it is not there yet")
    row = removed_apis.ATTRIBUTES[owner, name]
    assert hasattr(objects()[owner], name) is not is_gone(row)


def client_call(name: str) -> Callable[..., object]:
    return lambda **given: getattr(flask.Flask("proof").test_client(), name)("/", **given)


def in_request(function: Callable[..., object], *args: object) -> Callable[..., object]:
    def call(**given: object) -> object:
        with flask.Flask("proof").test_request_context():
            return function(*args, **given)

    return call


def send_folder(**given: object) -> object:
    with flask.Flask("proof").test_request_context():
        path = [] if "filename" in given else ["proving.py"]
        response: Any = flask.send_from_directory(__file__.rpartition("/")[0], *path, **given)  # type: ignore[arg-type]
        response.close()
        return None


CALLS: dict[str, Callable[..., object]] = {
    "flask.Flask": lambda **given: flask.Flask("proof", **given),
    "flask.json.dumps": lambda **given: flask.json.dumps(1, **given),
    "flask.json.loads": lambda **given: flask.json.loads(b"1", **given),
    "flask.send_file": lambda **given: in_request(flask.send_file, io.BytesIO(b"x"))(
        mimetype="text/plain", **given
    ),
    "flask.send_from_directory": send_folder,
    "werkzeug.http.dump_cookie": lambda **given: werkzeug.http.dump_cookie("a", "b", **given),
    "werkzeug.http.parse_cookie": lambda **given: werkzeug.http.parse_cookie("a=b", **given),
    "werkzeug.middleware.proxy_fix.ProxyFix": lambda **given: (
        werkzeug.middleware.proxy_fix.ProxyFix(lambda *_: [], **given)
    ),
    "werkzeug.routing.Map": lambda **given: werkzeug.routing.Map([], **given),
    "werkzeug.urls.iri_to_uri": lambda **given: werkzeug.urls.iri_to_uri("/ä", **given),
    "werkzeug.urls.uri_to_iri": lambda **given: werkzeug.urls.uri_to_iri("/%C3%A4", **given),
    **{
        name: client_call(name.rpartition(".")[2])
        for name in removed_apis.KEYWORDS
        if name.startswith("client.")
    },
    "client.set_cookie": lambda **given: (
        flask.Flask("proof").test_client().set_cookie(key="a", value="b", **given)
    ),
}
VALUES = {
    "add_etags": False,
    "app": None,
    "as_tuple": True,
    "attachment_filename": "a.txt",
    "cache_timeout": 1,
    "charset": "utf-8",
    "encoding": "utf-8",
    "filename": "proving.py",
    "num_proxies": 1,
    "server_name": "localhost",
    "static_path": "/static",
}


@pytest.mark.parametrize(
    ("target", "keyword"),
    [(target, keyword) for target, rows in removed_apis.KEYWORDS.items() for keyword in rows],
)
def test_an_argument_is_taken_until_its_version(target: str, keyword: str) -> None:
    if keyword == "app" and FLASK < (1, 0):
        pytest.skip("it is not there yet")
    row = removed_apis.KEYWORDS[target][keyword]
    value: object = VALUES[keyword]
    if keyword == "app" and not is_gone(row):
        value = flask.Flask("proof")
    if is_gone(row):
        with pytest.raises(TypeError):
            CALLS[target](**{keyword: value})
    else:
        CALLS[target](**{keyword: value})


@pytest.mark.parametrize("method", ["sha256", "md5", "plain"])
def test_a_password_is_hashed_with_a_plain_hash_until_its_version(method: str) -> None:
    if is_gone(removed_apis.PASSWORD_METHOD):
        with pytest.raises(ValueError, match="Invalid hash method"):
            werkzeug.security.generate_password_hash("secret", method)
    else:
        assert werkzeug.security.generate_password_hash("secret", method).startswith(method)


@pytest.mark.parametrize("method", ["pbkdf2", "pbkdf2:sha256", "pbkdf2:sha256:1000", "scrypt"])
def test_the_other_methods_work(method: str) -> None:
    if method in {"pbkdf2", "scrypt"} and WERKZEUG < (2, 3):
        pytest.skip("it is not there yet")
    assert method.startswith(removed_apis.PASSWORD_METHODS)
    assert werkzeug.security.generate_password_hash("secret", method)


def test_the_host_comes_first_in_set_cookie_until_its_version() -> None:
    client: Any = flask.Flask("proof").test_client()
    if is_gone(removed_apis.SET_COOKIE):
        with pytest.raises(TypeError):
            client.set_cookie("localhost", "key", "value")
    else:
        client.set_cookie("localhost", "key", "value")


def test_an_import_of_what_is_gone_fails(site: Callable[[docs.Example], Site]) -> None:
    place = site(bad(RULE, 0))
    if FLASK >= (3, 0):
        with pytest.raises(ImportError, match="Markup"):
            place.load()
    else:
        assert b"/books?q=a%20b" in place.client().get("/find/a b").data


def test_the_replacement_works(site: Callable[[docs.Example], Site]) -> None:
    assert b"/books?q=a%20b" in site(good(RULE, 0)).client().get("/find/a b").data


def test_a_hook_that_is_gone_stops_the_start(site: Callable[[docs.Example], Site]) -> None:
    place = site(bad(RULE, 1))
    if FLASK >= (2, 3):
        with pytest.raises(AttributeError, match="before_first_request"):
            place.load()
    else:
        assert place.client().get("/").json == {"ready": True}


def test_what_runs_at_the_start_needs_no_hook(site: Callable[[docs.Example], Site]) -> None:
    assert site(good(RULE, 1)).client().get("/").json == {"ready": True}


def test_an_argument_that_is_gone_fails_when_the_view_runs(
    site: Callable[[docs.Example], Site],
) -> None:
    response = site(bad(RULE, 2)).client().get("/report")
    assert response.status_code == (500 if FLASK >= (2, 2) else 200)


def test_the_new_argument_names_the_download(site: Callable[[docs.Example], Site]) -> None:
    response = site(good(RULE, 2)).client().get("/report")
    assert "filename=report.csv" in response.headers["Content-Disposition"]


@pytest.mark.parametrize("name", sorted({one.name for one in replaced_apis.NAMES.values()}))
def test_what_takes_the_place_of_a_name_is_there(name: str) -> None:
    if FLASK < (2, 2):
        pytest.skip("it may not be there yet")
    module, _, attribute = name.rpartition(".")
    assert hasattr(importlib.import_module(module), attribute)


SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "url_join": [("/books/", "new?a=b"), ("http://shop.test/a/b", "../c"), ("/a", "//other.test/")],
    "url_quote": [("a b&c=d/\u00e4",), ("http://shop.test/a b",)],
    "url_quote_plus": [("a b&c=d/\u00e4",), ("100 %",)],
    "url_unparse": [(("http", "shop.test", "/a", "b=c", "d"),), (("", "", "a", "", ""),)],
    "url_unquote": [("a%20b%2Fc+d",), ("%C3%A4",)],
    "url_unquote_plus": [("a%20b%2Fc+d",), ("%C3%A4",)],
    "url_parse": [("http://shop.test:80/a?b=c#d",), ("//other.test/a",), ("/a/b;c?d",)],
}


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_what_takes_the_place_of_a_function_does_the_same(name: str) -> None:
    if is_gone(removed_apis.NAMES[f"werkzeug.urls.{name}"]):
        pytest.skip("it is gone")
    row = replaced_apis.NAMES[f"werkzeug.urls.{name}"]
    module, _, attribute = row.name.rpartition(".")
    new = getattr(importlib.import_module(module), attribute)
    given = {"safe": "/:"} if row.adds else {}
    for sample in SAMPLES[name]:
        before, after = getattr(werkzeug.urls, name)(*sample), new(*sample, **given)
        if row.gives:
            for part in row.gives:
                assert getattr(after, part) == getattr(before, part)
        else:
            assert after == before


@pytest.mark.parametrize(("owner", "name"), sorted(replaced_apis.ATTRIBUTES), ids=str)
def test_what_takes_the_place_of_an_attribute_is_equal(owner: str, name: str) -> None:
    there = objects()[owner]
    after = eval(replaced_apis.ATTRIBUTES[owner, name].format("there"), {"there": there})
    if not is_gone(removed_apis.ATTRIBUTES[owner, name]):
        assert getattr(there, name) == after
    elif name in {"is_xhr", "use_x_sendfile"}:
        assert after is False
    else:
        assert after in {"session", "utf-8"}


def test_the_fixed_import_works(site: Callable[[docs.Example], Site]) -> None:
    assert b"/books?q=a%20b" in site(repaired(RULE)).client().get("/find/a b").data


def test_fixed_it_runs_at_the_start(site: Callable[[docs.Example], Site]) -> None:
    assert site(repaired(RULE, 1)).client().get("/").json == {"ready": True}


def test_the_fixed_argument_names_the_download(site: Callable[[docs.Example], Site]) -> None:
    response = site(repaired(RULE, 2)).client().get("/report")
    assert "filename=report.csv" in response.headers["Content-Disposition"]
