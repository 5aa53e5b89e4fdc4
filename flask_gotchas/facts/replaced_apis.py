"""What takes the place of things that are gone, where that is a matter of writing it down.

The keys are those of `facts.removed_apis`; what is not here takes a person.
"""

from __future__ import annotations

from flask_gotchas.facts.removed_apis import GONE_SINCE, ONCE_AT_THE_TOP
from flask_gotchas.records import NamedTuple


class Instead(NamedTuple):
    """What to use in the place of a name.

    `name` is the new one in full; `tail` is what follows it where it is used. If `takes` is given,
    only a call with up to so many arguments, all by position, means the same; such a call needs
    what is in `adds` as well, and of its result nothing else than `gives`, if there is any. With
    `part` the new name stands for an attribute of the old one, of which something is used. What is
    not `certain` is nearly the same.
    """

    name: str
    takes: int | None = None
    adds: str = ""
    tail: str = ""
    gives: frozenset[str] = frozenset()
    part: str = ""
    certain: bool = True


_REQUEST_CONTEXT = Instead("flask.globals.request_ctx", part="top", certain=False)
_APP_CONTEXT = Instead("flask.globals.app_ctx", part="top", certain=False)
_PARTS_OF_URLS = frozenset({"fragment", "netloc", "path", "query", "scheme"})

NAMES: dict[str, Instead] = {
    "flask.Markup": Instead("markupsafe.Markup"),
    "flask._app_ctx_stack": _APP_CONTEXT,
    "flask._request_ctx_stack": _REQUEST_CONTEXT,
    "flask.escape": Instead("markupsafe.escape"),
    "flask.globals._app_ctx_stack": _APP_CONTEXT,
    "flask.globals._request_ctx_stack": _REQUEST_CONTEXT,
    "flask.helpers.locked_cached_property": Instead(
        "werkzeug.utils.cached_property", certain=False
    ),
    # It gives None where the old one raised NotFound.
    "flask.helpers.safe_join": Instead("werkzeug.utils.safe_join", certain=False),
    "flask.safe_join": Instead("werkzeug.utils.safe_join", certain=False),
    "flask.json.htmlsafe_dumps": Instead(
        "jinja2.utils.htmlsafe_json_dumps", takes=1, certain=False
    ),
    "flask.testing.make_test_environ_builder": Instead("flask.testing.EnvironBuilder"),
    "werkzeug.__version__": Instead("importlib.metadata.version", tail='("werkzeug")'),
    "werkzeug.contrib.fixers.ProxyFix": Instead(
        "werkzeug.middleware.proxy_fix.ProxyFix", certain=False
    ),
    "werkzeug.contrib.lint.LintMiddleware": Instead("werkzeug.middleware.lint.LintMiddleware"),
    "werkzeug.contrib.profiler.ProfilerMiddleware": Instead(
        "werkzeug.middleware.profiler.ProfilerMiddleware"
    ),
    "werkzeug.escape": Instead("markupsafe.escape", takes=1),
    "werkzeug.http.cookie_date": Instead("werkzeug.http.http_date", takes=1),
    "werkzeug.http.parse_authorization_header": Instead(
        "werkzeug.datastructures.Authorization", takes=1, tail=".from_header"
    ),
    "werkzeug.http.parse_www_authenticate_header": Instead(
        "werkzeug.datastructures.WWWAuthenticate", takes=1, tail=".from_header"
    ),
    "werkzeug.local.get_ident": Instead("threading.get_ident"),
    # It raises TypeError for text that is not ASCII.
    "werkzeug.security.safe_str_cmp": Instead("hmac.compare_digest", takes=2, certain=False),
    "werkzeug.serving.BaseRequestHandler": Instead("werkzeug.serving.WSGIRequestHandler"),
    "werkzeug.urls.url_fix": Instead("werkzeug.urls.iri_to_uri", takes=1, certain=False),
    "werkzeug.urls.url_join": Instead("urllib.parse.urljoin", takes=2),
    "werkzeug.urls.url_parse": Instead("urllib.parse.urlsplit", takes=1, gives=_PARTS_OF_URLS),
    "werkzeug.urls.url_quote": Instead("urllib.parse.quote", takes=1, adds='safe="/:"'),
    "werkzeug.urls.url_quote_plus": Instead("urllib.parse.quote_plus", takes=1),
    "werkzeug.urls.url_unparse": Instead("urllib.parse.urlunsplit", takes=1),
    "werkzeug.urls.url_unquote": Instead("urllib.parse.unquote", takes=1),
    "werkzeug.urls.url_unquote_plus": Instead("urllib.parse.unquote_plus", takes=1),
    "werkzeug.utils.unescape": Instead("html.unescape", takes=1),
    "werkzeug.wrappers.BaseRequest": Instead("werkzeug.wrappers.Request"),
    "werkzeug.wrappers.BaseResponse": Instead("werkzeug.wrappers.Response"),
    "werkzeug.wrappers.PlainRequest": Instead("werkzeug.wrappers.Request", certain=False),
    "werkzeug.wsgi.DispatcherMiddleware": Instead(
        "werkzeug.middleware.dispatcher.DispatcherMiddleware"
    ),
    "werkzeug.wsgi.ProxyMiddleware": Instead("werkzeug.middleware.http_proxy.ProxyMiddleware"),
    "werkzeug.wsgi.SharedDataMiddleware": Instead(
        "werkzeug.middleware.shared_data.SharedDataMiddleware"
    ),
}
NAMES |= {
    f"werkzeug.{name}": Instead(f"werkzeug.{module}.{name}")
    for module, names in ONCE_AT_THE_TOP.items()
    for name in names
}
NAMES |= {
    f"werkzeug.{name}": NAMES[f"werkzeug.{module}.{name}"]
    for module, names in GONE_SINCE.items()
    for name in names
    if f"werkzeug.{module}.{name}" in NAMES
}

# Attributes: an expression with `{}` for what has it. They stand in parentheses where needed.
ATTRIBUTES: dict[tuple[str, str], str] = {
    ("app", "session_cookie_name"): '{}.config["SESSION_COOKIE_NAME"]',
    ("app", "use_x_sendfile"): '{}.config["USE_X_SENDFILE"]',
    ("request", "charset"): '"utf-8"',
    ("request", "is_xhr"): '{}.headers.get("X-Requested-With") == "XMLHttpRequest"',
    ("request", "url_charset"): '"utf-8"',
    ("response", "charset"): '"utf-8"',
}

# Arguments that have another name now, by the old one.
KEYWORDS = {
    "add_etags": "etag",
    "attachment_filename": "download_name",
    "cache_timeout": "max_age",
    "filename": "path",
    "server_name": "domain",
    "static_path": "static_url_path",
}
# Arguments that can be left out where their value is UTF-8.
CHARSETS = frozenset(
    {
        "flask.json.loads.encoding",
        "werkzeug.http.dump_cookie.charset",
        "werkzeug.http.parse_cookie.charset",
        "werkzeug.routing.Map.charset",
        "werkzeug.urls.iri_to_uri.charset",
        "werkzeug.urls.uri_to_iri.charset",
    }
)
# Functions that are methods of what was their argument `app`.
OF_APPS = {"flask.json.dumps.app": "{}.json.dumps", "flask.json.loads.app": "{}.json.loads"}
