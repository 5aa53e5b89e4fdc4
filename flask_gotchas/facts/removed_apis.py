"""What versions of Flask and Werkzeug took away: tables, looked up by what the source uses.

Each row is proved by a test: it is there before the version named, and gone from then on.
"""

from __future__ import annotations

from flask_gotchas.records import NamedTuple


class Removed(NamedTuple):
    """Something that a feature release of a package took away, and what to do instead."""

    package: str
    version: str
    cure: str


def _flask(version: str, cure: str) -> Removed:
    return Removed("flask", version, cure)


def _werkzeug(version: str, cure: str) -> Removed:
    return Removed("werkzeug", version, cure)


_PROVIDER = "subclass `flask.json.provider.DefaultJSONProvider`"
_CONTEXT = "use `flask.g`, or `request_ctx` and `app_ctx` of `flask.globals`"
_DOWNLOAD = _flask("2.2", "name it `download_name`")
_MAX_AGE = _flask("2.2", "name it `max_age`")
_ETAG = _flask("2.2", "name it `etag`")
_SEND = {"attachment_filename": _DOWNLOAD, "cache_timeout": _MAX_AGE, "add_etags": _ETAG}
_UTF8 = "leave it out, it is always UTF-8"

# Modules, with all that is in them.
MODULES: dict[str, Removed] = {
    "flask._compat": _flask("2.0", "write for Python 3 alone"),
    "flask.ext": _flask("1.0", "import the extension by its own name"),
    "flask.exthook": _flask("1.0", "import extensions by their own names"),
    "flask.scaffold": _flask("3.0", "use `Flask` or `Blueprint`"),
    "werkzeug._compat": _werkzeug("2.0", "write for Python 3 alone"),
    "werkzeug.contrib": _werkzeug("1.0", "use a package such as `cachelib` or `secure-cookie`"),
    "werkzeug.contrib.cache": _werkzeug("1.0", "use the package `cachelib`"),
    "werkzeug.contrib.fixers": _werkzeug("1.0", "use `werkzeug.middleware.proxy_fix`"),
    "werkzeug.contrib.lint": _werkzeug("1.0", "use `werkzeug.middleware.lint`"),
    "werkzeug.contrib.profiler": _werkzeug("1.0", "use `werkzeug.middleware.profiler`"),
    "werkzeug.contrib.securecookie": _werkzeug("1.0", "use the package `secure-cookie`"),
    "werkzeug.contrib.sessions": _werkzeug("1.0", "use the package `secure-cookie`"),
    "werkzeug.filesystem": _werkzeug("2.1", "use `sys.getfilesystemencoding`"),
    "werkzeug.posixemulation": _werkzeug("2.0", "use `os.replace`"),
    "werkzeug.useragents": _werkzeug("2.1", "use a package that parses user agents"),
    **{
        f"werkzeug.wrappers.{name}": _werkzeug("2.1", "use `Request` and `Response` themselves")
        for name in (
            "accept", "auth", "base_request", "base_response", "common_descriptors", "cors",
            "etag", "json", "user_agent",
        )
    },
}  # fmt: skip

_FUNCTIONS_OF_URLS = {
    "url_decode": "use `urllib.parse.parse_qs`",
    "url_decode_stream": "use `urllib.parse.parse_qs`",
    "url_encode": "use `urllib.parse.urlencode`",
    "url_encode_stream": "use `urllib.parse.urlencode`",
    "url_fix": "use `werkzeug.urls.iri_to_uri`",
    "url_join": "use `urllib.parse.urljoin`",
    "url_parse": "use `urllib.parse.urlsplit`",
    "url_quote": "use `urllib.parse.quote`",
    "url_quote_plus": "use `urllib.parse.quote_plus`",
    "url_unparse": "use `urllib.parse.urlunsplit`",
    "url_unquote": "use `urllib.parse.unquote`",
    "url_unquote_plus": "use `urllib.parse.unquote_plus`",
}
_COMPARE = "use `hmac.compare_digest`"

# Things in modules, by their full names.
NAMES: dict[str, Removed] = {
    "flask.Markup": _flask("3.0", "use `markupsafe.Markup`"),
    "flask._app_ctx_stack": _flask("3.0", _CONTEXT),
    "flask._request_ctx_stack": _flask("3.0", _CONTEXT),
    "flask.escape": _flask("3.0", "use `markupsafe.escape`"),
    "flask.globals._app_ctx_stack": _flask("3.0", _CONTEXT),
    "flask.globals._request_ctx_stack": _flask("3.0", _CONTEXT),
    "flask.helpers.get_env": _flask("2.3", "use `app.debug` or a setting of your own"),
    "flask.helpers.is_ip": _flask("3.0", "use `ipaddress.ip_address`"),
    "flask.helpers.locked_cached_property": _flask("3.0", "use `werkzeug.utils.cached_property`"),
    "flask.helpers.safe_join": _flask("2.1", "use `werkzeug.utils.safe_join`"),
    "flask.helpers.total_seconds": _flask("2.1", "call `total_seconds()` of the timedelta"),
    "flask.json.JSONDecoder": _flask("2.3", _PROVIDER),
    "flask.json.JSONEncoder": _flask("2.3", _PROVIDER),
    "flask.json.detect_encoding": _flask("2.0", "pass bytes to `json.loads`"),
    "flask.json.htmlsafe_dump": _flask("2.3", "use `jinja2.utils.htmlsafe_json_dumps`"),
    "flask.json.htmlsafe_dumps": _flask("2.3", "use `jinja2.utils.htmlsafe_json_dumps`"),
    "flask.json.tojson_filter": _flask("2.0", "use the filter `tojson` of Jinja"),
    "flask.json_available": _flask("2.0", "leave the test out, it is always true"),
    "flask.logging.DEBUG_LOG_FORMAT": _flask("1.0", "set a format with `logging.config`"),
    "flask.logging.PROD_LOG_FORMAT": _flask("1.0", "set a format with `logging.config`"),
    "flask.safe_join": _flask("2.1", "use `werkzeug.utils.safe_join`"),
    "flask.signals.signals_available": _flask("3.0", "leave the test out, it is always true"),
    "flask.signals_available": _flask("3.0", "leave the test out, it is always true"),
    "flask.testing.make_test_environ_builder": _flask("2.0", "use `flask.testing.EnvironBuilder`"),
    "flask.wrappers.JSONMixin": _flask("2.0", "leave it out, requests and responses have it"),
    "werkzeug.__version__": _werkzeug("3.1", 'use `importlib.metadata.version("werkzeug")`'),
    "werkzeug.debug.tbtools.Traceback": _werkzeug("2.1", "use `traceback`"),
    "werkzeug.debug.tbtools.get_current_traceback": _werkzeug("2.1", "use `traceback`"),
    "werkzeug.http.bytes_to_wsgi": _werkzeug("2.0", "write for Python 3 alone"),
    "werkzeug.http.cookie_date": _werkzeug("2.1", "use `werkzeug.http.http_date`"),
    "werkzeug.http.parse_authorization_header": _werkzeug(
        "3.0", "use `werkzeug.datastructures.Authorization.from_header`"
    ),
    "werkzeug.http.parse_www_authenticate_header": _werkzeug(
        "3.0", "use `werkzeug.datastructures.WWWAuthenticate.from_header`"
    ),
    "werkzeug.http.wsgi_to_bytes": _werkzeug("2.0", "write for Python 3 alone"),
    "werkzeug.local.get_ident": _werkzeug("2.1", "use `threading.get_ident`"),
    "werkzeug.security.pbkdf2_bin": _werkzeug("2.1", "use `hashlib.pbkdf2_hmac`"),
    "werkzeug.security.pbkdf2_hex": _werkzeug("2.1", "use `hashlib.pbkdf2_hmac`"),
    "werkzeug.security.safe_str_cmp": _werkzeug("2.1", _COMPARE),
    "werkzeug.serving.BaseRequestHandler": _werkzeug("2.0", "use `WSGIRequestHandler`"),
    "werkzeug.serving.run_with_reloader": _werkzeug("2.1", "use `run_simple(use_reloader=True)`"),
    "werkzeug.utils.ArgumentValidationError": _werkzeug("2.1", "use `inspect.signature`"),
    "werkzeug.utils.HTMLBuilder": _werkzeug("2.1", "use a template"),
    "werkzeug.utils.bind_arguments": _werkzeug("2.1", "use `inspect.signature`"),
    "werkzeug.utils.detect_utf_encoding": _werkzeug("2.1", "pass bytes to `json.loads`"),
    "werkzeug.utils.format_string": _werkzeug("2.1", "use `string.Template`"),
    "werkzeug.utils.html": _werkzeug("2.1", "use a template"),
    "werkzeug.utils.invalidate_cached_property": _werkzeug("2.1", "delete the attribute"),
    "werkzeug.utils.unescape": _werkzeug("2.1", "use `html.unescape`"),
    "werkzeug.utils.validate_arguments": _werkzeug("2.1", "use `inspect.signature`"),
    "werkzeug.utils.xhtml": _werkzeug("2.1", "use a template"),
    "werkzeug.urls.BaseURL": _werkzeug("3.0", "use `urllib.parse.SplitResult`"),
    "werkzeug.urls.BytesURL": _werkzeug("3.0", "use `urllib.parse.SplitResultBytes`"),
    "werkzeug.urls.Href": _werkzeug("2.1", "use `url_for` or `urllib.parse.urljoin`"),
    "werkzeug.urls.URL": _werkzeug("3.0", "use `urllib.parse.SplitResult`"),
    **{f"werkzeug.urls.{name}": _werkzeug("3.0", to) for name, to in _FUNCTIONS_OF_URLS.items()},
    **{
        f"werkzeug.wrappers.{name}": _werkzeug("2.1", "use `Request` and `Response` themselves")
        for name in (
            "AcceptMixin", "AuthorizationMixin", "BaseRequest", "BaseResponse",
            "CommonRequestDescriptorsMixin", "CommonResponseDescriptorsMixin",
            "ETagRequestMixin", "ETagResponseMixin", "PlainRequest", "ResponseStreamMixin",
            "StreamOnlyMixin", "UserAgentMixin", "WWWAuthenticateMixin",
        )
    },
    "werkzeug.wsgi.DispatcherMiddleware": _werkzeug("1.0", "use `werkzeug.middleware.dispatcher`"),
    "werkzeug.wsgi.ProxyMiddleware": _werkzeug("1.0", "use `werkzeug.middleware.http_proxy`"),
    "werkzeug.wsgi.SharedDataMiddleware": _werkzeug("1.0", "use `werkzeug.middleware.shared_data`"),
    "werkzeug.wsgi.extract_path_info": _werkzeug("2.3", "use the WSGI environment itself"),
    "werkzeug.wsgi.get_query_string": _werkzeug("2.3", 'use `environ["QUERY_STRING"]`'),
    "werkzeug.wsgi.get_script_name": _werkzeug("2.3", 'use `environ["SCRIPT_NAME"]`'),
    "werkzeug.wsgi.make_chunk_iter": _werkzeug("3.0", "read the stream itself"),
    "werkzeug.wsgi.make_line_iter": _werkzeug("3.0", "go through the stream itself"),
    "werkzeug.wsgi.peek_path_info": _werkzeug("2.3", "use the WSGI environment itself"),
    "werkzeug.wsgi.pop_path_info": _werkzeug("2.3", "use `wsgiref.util.shift_path_info`"),
}  # fmt: skip

# Until then, the package `werkzeug` handed out what its modules define.
ONCE_AT_THE_TOP = {
    "datastructures": (
        "Accept", "Authorization", "CallbackDict", "CharsetAccept", "CombinedMultiDict",
        "EnvironHeaders", "ETags", "FileMultiDict", "FileStorage", "Headers", "HeaderSet",
        "ImmutableDict", "ImmutableList", "ImmutableMultiDict", "ImmutableTypeConversionDict",
        "LanguageAccept", "MIMEAccept", "MultiDict", "RequestCacheControl",
        "ResponseCacheControl", "TypeConversionDict", "WWWAuthenticate",
    ),
    "debug": ("DebuggedApplication",),
    "exceptions": ("abort", "Aborter"),
    "formparser": ("parse_form_data",),
    "http": (
        "dump_cookie", "dump_header", "dump_options_header", "generate_etag", "http_date",
        "is_entity_header", "is_hop_by_hop_header", "is_resource_modified", "parse_accept_header",
        "parse_cache_control_header", "parse_cookie", "parse_date", "parse_dict_header",
        "parse_etags", "parse_list_header", "parse_options_header", "parse_set_header",
        "quote_etag", "quote_header_value", "remove_entity_headers",
        "remove_hop_by_hop_headers", "unquote_etag", "unquote_header_value",
    ),
    "local": ("Local", "LocalManager", "LocalProxy", "LocalStack", "release_local"),
    "security": ("check_password_hash", "generate_password_hash"),
    "test": ("create_environ", "EnvironBuilder", "run_wsgi_app"),
    "testapp": ("test_app",),
    "urls": ("iri_to_uri", "uri_to_iri"),
    "utils": (
        "append_slash_redirect", "cached_property", "environ_property", "find_modules",
        "header_property", "import_string", "redirect", "secure_filename",
    ),
    "wsgi": (
        "ClosingIterator", "FileWrapper", "get_current_url", "get_host", "LimitedStream",
        "responder", "wrap_file",
    ),
}  # fmt: skip
NAMES |= {
    f"werkzeug.{name}": _werkzeug("1.0", f"use `werkzeug.{module}.{name}`")
    for module, names in ONCE_AT_THE_TOP.items()
    for name in names
}
GONE_SINCE = {
    "http": ("cookie_date", "parse_authorization_header", "parse_www_authenticate_header"),
    "urls": (
        "Href", "url_decode", "url_encode", "url_fix", "url_quote", "url_quote_plus",
        "url_unquote", "url_unquote_plus",
    ),
    "utils": (
        "ArgumentValidationError", "HTMLBuilder", "bind_arguments", "format_string", "html",
        "unescape", "validate_arguments", "xhtml",
    ),
    "wrappers": (
        "AcceptMixin", "AuthorizationMixin", "BaseRequest", "BaseResponse",
        "CommonRequestDescriptorsMixin", "CommonResponseDescriptorsMixin", "ETagRequestMixin",
        "ETagResponseMixin", "ResponseStreamMixin", "UserAgentMixin", "WWWAuthenticateMixin",
    ),
    "wsgi": (
        "DispatcherMiddleware", "SharedDataMiddleware", "extract_path_info", "make_line_iter",
        "peek_path_info", "pop_path_info",
    ),
}  # fmt: skip
# Their modules lost them, too.
NAMES |= {
    f"werkzeug.{name}": NAMES[f"werkzeug.{module}.{name}"]._replace(version="1.0")
    for module, names in GONE_SINCE.items()
    for name in names
}
NAMES["werkzeug.escape"] = _werkzeug("1.0", "use `markupsafe.escape`")

# Attributes, by what has them: app, blueprint, request, response, client, config or user agent.
ATTRIBUTES: dict[tuple[str, str], Removed] = {
    ("app", "before_first_request"): _flask("2.3", "run it where the application is made"),
    ("app", "before_first_request_funcs"): _flask("2.3", "run it where the application is made"),
    ("app", "env"): _flask("2.3", "use `debug` or a setting of your own"),
    ("app", "error_handlers"): _flask("1.0", "use `register_error_handler`"),
    ("app", "got_first_request"): _flask("3.0", "keep a variable of your own"),
    ("app", "init_jinja_globals"): _flask("1.0", "override `create_jinja_environment`"),
    ("app", "json_decoder"): _flask("2.3", _PROVIDER),
    ("app", "json_encoder"): _flask("2.3", _PROVIDER),
    ("app", "logger_name"): _flask("1.0", "use `app.name`"),
    ("app", "propagate_exceptions"): _flask("2.3", 'use `config["PROPAGATE_EXCEPTIONS"]`'),
    ("app", "send_file_max_age_default"): _flask(
        "2.3", 'use `config["SEND_FILE_MAX_AGE_DEFAULT"]`'
    ),
    ("app", "session_cookie_name"): _flask("2.3", 'use `config["SESSION_COOKIE_NAME"]`'),
    ("app", "templates_auto_reload"): _flask("2.3", 'use `config["TEMPLATES_AUTO_RELOAD"]`'),
    ("app", "use_x_sendfile"): _flask("2.3", 'use `config["USE_X_SENDFILE"]`'),
    ("blueprint", "before_app_first_request"): _flask("2.3", "use `record_once`"),
    ("client", "cookie_jar"): _werkzeug("3.0", "use `get_cookie`"),
    ("config", "from_json"): _flask("2.1", "use `from_file(path, load=json.load)`"),
    ("request", "charset"): _werkzeug("3.0", _UTF8),
    ("request", "encoding_errors"): _werkzeug("3.0", "leave it out"),
    ("request", "is_xhr"): _werkzeug("1.0", "test the header `X-Requested-With`"),
    ("request", "url_charset"): _werkzeug("3.0", _UTF8),
    ("response", "charset"): _werkzeug("3.0", _UTF8),
}

# Keyword arguments, by what is called; methods of the test client by themselves.
KEYWORDS: dict[str, dict[str, Removed]] = {
    "flask.Flask": {"static_path": _flask("1.0", "name it `static_url_path`")},
    "flask.json.dumps": {
        "app": _flask("2.3", "use `app.json.dumps`"),
        "encoding": _flask("2.1", "leave it out"),
    },
    "flask.json.loads": {
        "app": _flask("2.3", "use `app.json.loads`"),
        "encoding": _flask("2.1", "leave it out"),
    },
    "flask.send_file": _SEND,
    "flask.send_from_directory": {**_SEND, "filename": _flask("2.0", "name it `path`")},
    "werkzeug.http.dump_cookie": {"charset": _werkzeug("3.0", _UTF8)},
    "werkzeug.http.parse_cookie": {"charset": _werkzeug("3.0", _UTF8)},
    "werkzeug.middleware.proxy_fix.ProxyFix": {
        "num_proxies": _werkzeug("1.0", "use `x_for`, `x_proto` and the like")
    },
    "werkzeug.routing.Map": {"charset": _werkzeug("3.0", _UTF8)},
    "werkzeug.urls.iri_to_uri": {"charset": _werkzeug("3.0", _UTF8)},
    "werkzeug.urls.uri_to_iri": {"charset": _werkzeug("3.0", _UTF8)},
    "client.set_cookie": {"server_name": _werkzeug("2.3", "name it `domain`")},
    **{
        f"client.{name}": {"as_tuple": _werkzeug("2.1", "use `response.request.environ`")}
        for name in ("delete", "get", "head", "open", "options", "patch", "post", "put")
    },
}

# The third positional argument: the first was the host.
SET_COOKIE = _werkzeug("3.0", "leave the host out, or pass it as `domain`")
# Methods of `generate_password_hash` other than these.
PASSWORD_METHODS = ("scrypt", "pbkdf2")
PASSWORD_METHOD = _werkzeug("3.0", "leave the method out")
