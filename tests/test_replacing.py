"""FLG701: what fixes put in the place of things that are gone, and what they leave to people."""

from __future__ import annotations

import pytest
from support import fixed

from flask_gotchas import docs, fixes
from flask_gotchas.facts import removed_apis, replaced_apis
from flask_gotchas.run import check_sources

APP = "from flask import Flask\n\napp = Flask(__name__)\n"


def after(text: str, **others: str) -> str:
    files = {"app.py": text, **{f"{name}.py": other for name, other in others.items()}}
    return fixed("FLG701", docs.Example("bad", files, [], 1))[0].files["app.py"]


@pytest.mark.parametrize(
    ("before", "wanted"),
    [
        ("from flask import Markup\n", "from markupsafe import Markup\n"),
        ("from flask import Markup as M\n", "from markupsafe import Markup as M\n"),
        (
            "from flask import Flask, Markup, escape\n",
            "from flask import Flask\nfrom markupsafe import Markup, escape\n",
        ),
        (
            "from flask import escape, Flask\nfrom markupsafe import Markup\n",
            "from flask import Flask\nfrom markupsafe import Markup, escape\n",
        ),
        (
            "from flask import (\n    Flask,\n    Markup,\n)\nimport shop\n",
            "from flask import (\n    Flask,\n)\nimport shop\nfrom markupsafe import Markup\n",
        ),
        (
            "def show():\n    from flask import Markup, g\n    return Markup(g.x)\n",
            "def show():\n    from markupsafe import Markup\n    from flask import g\n"
            "    return Markup(g.x)\n",
        ),
        (
            "from flask import Markup  # for pages\n",
            "from markupsafe import Markup  # for pages\n",
        ),
        (
            "import markupsafe\nimport flask\n\nprint(flask.Markup('a'), flask.g)\n",
            "import markupsafe\nimport flask\n\nprint(markupsafe.Markup('a'), flask.g)\n",
        ),
        (
            "from werkzeug.urls import url_quote\nprint(url_quote('a'))\n",
            "from urllib.parse import quote\nprint(quote('a', safe=\"/:\"))\n",
        ),
        (
            "from werkzeug.urls import url_quote\nquote = '\"'\nprint(url_quote('a'))\n",
            "from urllib.parse import quote as url_quote\nquote = '\"'\n"
            "print(url_quote('a', safe=\"/:\"))\n",
        ),
        (
            "from werkzeug.urls import url_unquote\n__all__ = ['url_unquote']\n",
            "from urllib.parse import unquote as url_unquote\n__all__ = ['url_unquote']\n",
        ),
        (
            "from werkzeug.urls import url_parse\n\n"
            "def is_local(url):\n    parts = url_parse(url)\n    return not parts.netloc\n",
            "from urllib.parse import urlsplit\n\n"
            "def is_local(url):\n    parts = urlsplit(url)\n    return not parts.netloc\n",
        ),
        (
            "from werkzeug.http import cookie_date, http_date\nprint(cookie_date(1))\n",
            "from werkzeug.http import http_date as cookie_date, http_date\n"
            "print(cookie_date(1))\n",
        ),
        (
            "from werkzeug.http import parse_authorization_header\n"
            "print(parse_authorization_header('Basic YTpi'))\n",
            "from werkzeug.datastructures import Authorization\n"
            "print(Authorization.from_header('Basic YTpi'))\n",
        ),
        (
            "from werkzeug import BaseResponse, secure_filename\n\n"
            "def name(of: 'BaseResponse'):\n    return secure_filename(of)\n",
            "from werkzeug.utils import secure_filename\n"
            "from werkzeug.wrappers import Response as BaseResponse\n\n"
            "def name(of: 'BaseResponse'):\n    return secure_filename(of)\n",
        ),
        (
            "from flask import _request_ctx_stack, g\n\ndef f(user):\n"
            "    _request_ctx_stack.top.user = user\n",
            "from flask import g\nfrom flask.globals import request_ctx\n\ndef f(user):\n"
            "    request_ctx.user = user\n",
        ),
        (
            "import flask\n\ndef f():\n    return flask._app_ctx_stack.top.app.name\n",
            "import flask\nfrom flask.globals import app_ctx\n\ndef f():\n"
            "    return app_ctx.app.name\n",
        ),
        (
            "from werkzeug.urls import url_quote_plus\nfilters = {'quote': url_quote_plus}\n",
            "from urllib.parse import quote_plus\nfilters = {'quote': quote_plus}\n",
        ),
        ("from flask.ext.login import current_user\n", "from flask_login import current_user\n"),
        (
            "from werkzeug.contrib.fixers import ProxyFix\n",
            "from werkzeug.middleware.proxy_fix import ProxyFix\n",
        ),
        (
            f"{APP}app.config.from_json('a.json', True)\n",
            f"from json import load\n\n{APP}"
            "app.config.from_file('a.json', silent=True, load=load)\n",
        ),
        (
            "from flask import request\n\ndef kind():\n    return str(request.is_xhr)\n",
            "from flask import request\n\ndef kind():\n"
            '    return str(request.headers.get("X-Requested-With") == "XMLHttpRequest")\n',
        ),
        (
            "from flask import request\n\ndef kind():\n    return request.is_xhr == True\n",
            "from flask import request\n\ndef kind():\n    return "
            '(request.headers.get("X-Requested-With") == "XMLHttpRequest") == True\n',
        ),
        (
            f"{APP}print(app.session_cookie_name)\n",
            f'{APP}print(app.config["SESSION_COOKIE_NAME"])\n',
        ),
        (
            f"{APP}client = app.test_client()\nclient.set_cookie('shop.test', 'a', 'b')\n",
            f"{APP}client = app.test_client()\nclient.set_cookie('a', 'b', domain='shop.test')\n",
        ),
        (
            "from flask import Flask, json\n\napp = Flask(__name__)\n"
            "print(json.dumps([], app=app, indent=1))\n",
            "from flask import Flask, json\n\napp = Flask(__name__)\n"
            "print(app.json.dumps([], indent=1))\n",
        ),
        (
            "from werkzeug.http import parse_cookie\nparse_cookie('a=b', charset='UTF-8')\n",
            "from werkzeug.http import parse_cookie\nparse_cookie('a=b')\n",
        ),
    ],
)
def test_what_takes_its_place_is_put_there(before: str, wanted: str) -> None:
    assert after(before) == wanted


@pytest.mark.parametrize(
    "text",
    [
        # What the other one does not take, or not in the same way.
        "from werkzeug.urls import url_quote\nprint(url_quote('a', charset='latin-1'))\n",
        "from werkzeug.urls import url_quote\nprint(map(url_quote, 'abc'))\n",
        "from werkzeug.urls import url_quote\nprint(url_quote(*'a'))\n",
        "from werkzeug.urls import url_decode\nprint(url_decode('a=1'))\n",
        # It may be None.
        "from flask import _request_ctx_stack\n\ndef f():\n    return _request_ctx_stack.top\n",
        "from flask import _request_ctx_stack\n\ndef f():\n    return _request_ctx_stack.push\n",
        # What it gives is used in a way that the other one has not.
        "from werkzeug.urls import url_parse\nprint(url_parse('/').to_url())\n",
        "from werkzeug.urls import url_parse\nprint(url_parse('/'))\n",
        "from werkzeug.urls import url_parse\n\n"
        "def f(url):\n    parts = url_parse(url)\n    return parts.replace(scheme='')\n",
        # An argument that is not what all have now.
        "from werkzeug.http import parse_cookie\nparse_cookie('a=b', charset='latin-1')\n",
        f"{APP}client = app.test_client()\nclient.set_cookie('shop.test', 'a', 'b', 60)\n",
        "from flask import send_file\n\ndef f():\n"
        "    return send_file('a', attachment_filename='b', download_name='c')\n",
        # What needs more than a new name.
        "from flask.json import JSONEncoder\n",
        "import werkzeug.contrib.fixers\n",
        "from werkzeug.contrib.fixers import ProxyFix, CGIRootFix\n",
        f"{APP}print(app.env)\n",
        # A request is there before the first one only.
        f"{APP}\n@app.before_first_request\ndef first():\n    import flask\n"
        "    flask.session.clear()\n",
        f"{APP}\n@app.before_first_request\nasync def first():\n    pass\n",
        "from shop import app\n\n@app.before_first_request\ndef first():\n    pass\n",
    ],
)
def test_what_takes_a_person_is_left_alone(text: str) -> None:
    assert after(text) == text


def test_a_name_that_another_file_imports_is_kept() -> None:
    text = "from werkzeug.urls import url_quote\n\n\ndef f(x):\n    return url_quote(x)\n"
    kept = "from urllib.parse import quote as url_quote\n\n\ndef f(x):\n    return url_quote(x"
    assert after(text, other="from app import url_quote\nimport flask\n").startswith(kept)


def test_what_ran_before_the_first_request_runs_where_the_app_is_ready() -> None:
    text = (
        "from flask import Flask\n\n\ndef create_app():\n    app = Flask(__name__)\n\n"
        "    @app.before_first_request\n    def prepare():\n        print(app)\n\n"
        "    import shop.models\n    return app\n"
    )
    wanted = text.replace("    @app.before_first_request\n", "").replace(
        "    return app\n", "\n    with app.app_context():\n        prepare()\n    return app\n"
    )
    assert after(text) == wanted


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("from flask import Markup\n", True),
        ("from werkzeug.urls import url_quote\n", True),
        ("from werkzeug.security import safe_str_cmp\n", False),
        ("from werkzeug.contrib.fixers import ProxyFix\n", False),
        ("from werkzeug.security import generate_password_hash as h\nh('a', 'md5')\n", False),
    ],
)
def test_what_is_not_quite_the_same_is_only_suggested(text: str, safe: bool) -> None:
    [found] = fixes.with_fixes(
        check_sources({"app.py": text}, rules=frozenset({"FLG701"})), lambda _: text.encode()
    ).diagnostics
    assert found.fix is not None
    assert found.fix.safe is safe


def test_what_has_something_in_its_place_is_gone() -> None:
    inner = {"werkzeug.contrib.fixers", "werkzeug.contrib.lint", "werkzeug.contrib.profiler"}
    for name in replaced_apis.NAMES:
        assert name in removed_apis.NAMES or name.rpartition(".")[0] in inner
    assert replaced_apis.ATTRIBUTES.keys() <= removed_apis.ATTRIBUTES.keys()
    keywords = {
        f"{target}.{keyword}" for target, rows in removed_apis.KEYWORDS.items() for keyword in rows
    }
    assert replaced_apis.CHARSETS | replaced_apis.OF_APPS.keys() <= keywords
    assert replaced_apis.KEYWORDS.keys() <= {name.rpartition(".")[2] for name in keywords}
