"""Names of Flask, Werkzeug and well-known extensions; tables without logic but for one look-up."""

from __future__ import annotations

import functools
import re

from flask_gotchas.patterns import late_pattern
from flask_gotchas.records import NamedTuple

# What `flask` exports, imported from the inner module that defines it.
_INNER_NAME = re.compile(
    r"flask\.(?:app|blueprints|config|ctx|globals|helpers|json|sansio\.app|sansio\.blueprints|"
    r"sessions|signals|templating|wrappers)\."
    r"(?=(?:abort|after_this_request|Blueprint|Config|copy_current_request_context|current_app|"
    r"flash|Flask|g|get_flashed_messages|get_template_attribute|has_app_context|"
    r"has_request_context|jsonify|make_response|redirect|render_template|render_template_string|"
    r"request|Request|Response|send_file|send_from_directory|session|stream_template|"
    r"stream_template_string|stream_with_context|url_for)\b)"
)


def canonical(reference: str) -> str:
    """Give the public name of something that comes from an inner module of Flask.

    `flask.globals.request.form` becomes `flask.request.form`; others come back unchanged.
    """
    return _public(reference) if reference.startswith("flask.") else reference


@functools.lru_cache(maxsize=4096)
def _public(reference: str) -> str:
    return _INNER_NAME.sub("flask.", reference, count=1)


# Classes whose instances are Flask applications, the subclasses of other packages included.
APP_CLASSES = frozenset(
    {
        "flask.Flask",
        "apiflask.APIFlask",
        "apiflask.app.APIFlask",
        "connexion.apps.flask_app.FlaskApp",
        "eve.Eve",
        "flask_api.FlaskAPI",
        "flask_openapi3.OpenAPI",
    }
)
BLUEPRINT_CLASSES = frozenset(
    {
        "flask.Blueprint",
        "apiflask.APIBlueprint",
        "apiflask.blueprint.APIBlueprint",
        "flask_openapi3.APIBlueprint",
        "flask_smorest.Blueprint",
        "flask_smorest.blueprint.Blueprint",
    }
)
# Bases of class views which bring no handlers of their own.
PLAIN_VIEW_BASES = frozenset(
    {
        "abc.ABC", "apiflask.views.MethodView", "apiflask.views.View", "builtins.object",
        "flask.views.MethodView", "flask.views.View", "flask_restful.Resource",
        "flask_restplus.Resource", "flask_restplus.resource.Resource", "flask_restx.Resource",
        "flask_restx.resource.Resource", "typing.Generic", "typing.Generic[]",
    }
)  # fmt: skip

# Objects whose `run` starts the development server with the Flask app that they were given.
RUNNER_CLASSES = frozenset({"flask_socketio.SocketIO"})

# Web frameworks by the module that people import. Dash runs a Flask app of its own.
FRAMEWORKS = frozenset(
    {
        "aiohttp", "bottle", "cherrypy", "dash", "django", "falcon", "fastapi", "flask", "flet",
        "litestar", "microdot", "nicegui", "quart", "robyn", "sanic", "starlette", "tornado",
    }
)  # fmt: skip

# Ways to load a module whose name is only known at run time.
DYNAMIC_IMPORTS = frozenset(
    {
        "builtins.__import__", "importlib.import_module", "importlib.util.spec_from_file_location",
        "pkgutil.iter_modules", "pkgutil.walk_packages", "werkzeug.utils.find_modules",
        "werkzeug.utils.import_string",
    }
)  # fmt: skip

APP_PROXIES = frozenset({"flask.current_app", "flask.g"})
REQUEST_PROXIES = frozenset({"flask.request", "flask.session"})
PROXIES = APP_PROXIES | REQUEST_PROXIES

# Functions which need an application context (api.html: "Raises RuntimeError outside").
APP_CONTEXT_FUNCTIONS = frozenset(
    {
        "flask.get_template_attribute",
        "flask.jsonify",
        "flask.make_response",
        "flask.render_template",
        "flask.render_template_string",
        "flask.stream_template",
        "flask.stream_template_string",
        "flask.url_for",
    }
)
# Functions which need a request context.
REQUEST_CONTEXT_FUNCTIONS = frozenset(
    {
        "flask.after_this_request",
        "flask.copy_current_request_context",
        "flask.flash",
        "flask.get_flashed_messages",
        "flask.send_file",
        "flask.send_from_directory",
    }
)
CONTEXT_FUNCTIONS = APP_CONTEXT_FUNCTIONS | REQUEST_CONTEXT_FUNCTIONS

CONTEXT_CHECKS = frozenset({"flask.has_app_context", "flask.has_request_context"})

# Arguments of a rule, besides its text and methods, that decide which requests it takes.
MATCHING_OPTIONS = (
    "alias", "build_only", "defaults", "host", "merge_slashes", "provide_automatic_options",
    "redirect_to", "strict_slashes", "subdomain", "websocket",
)  # fmt: skip

# Decorators which give a function the name of the one that it wraps.
WRAPS = frozenset({"functools.wraps", "six.wraps"})

# Decorator methods of Flask and Blueprint which add a rule, and the methods they allow by default.
ROUTE_METHODS: dict[str, tuple[str, ...] | None] = {
    "route": None,
    "get": ("GET",),
    "post": ("POST",),
    "put": ("PUT",),
    "patch": ("PATCH",),
    "delete": ("DELETE",),
}

# Methods by which Flask and its extensions register things: as decorators of views, and as calls.
REGISTERING_ON_VIEWS = frozenset(
    {*ROUTE_METHODS, "expose", "expose_api", "expose_plugview", "method", "resource"}
)
REGISTERING_CALLS = frozenset(
    {
        "__init__", "add_api", "add_namespace", "add_resource", "add_url_rule", "add_view",
        "add_view_no_menu", "add_views", "init_app", "register", "register_api",
        "register_blueprint",
    }
)  # fmt: skip

HTTP_METHODS = frozenset(
    {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "QUERY"}
)
# Those for which a MethodView may have a function.
HANDLER_METHODS = HTTP_METHODS - {"CONNECT", "QUERY"}
# The methods of class views that give a response.
VIEW_METHODS = frozenset({*(method.lower() for method in HANDLER_METHODS), "dispatch_request"})

# Functions that raise an exception or end the program, whatever they are called with.
NEVER_RETURN = frozenset(
    {
        "apiflask.abort", "builtins.exit", "builtins.quit", "flask.abort", "flask_restful.abort",
        "flask_restx.abort", "flask_restplus.abort", "flask_smorest.abort", "os._exit", "os.abort",
        "pytest.fail", "pytest.skip", "sys.exit", "werkzeug.exceptions.abort",
    }
)  # fmt: skip
# How functions are called which raise an exception every time, or may do so.
_RAISING_NAME = re.compile(
    r"(?:^|_)(?:abort|bail|deny|die|error|exit|fail|failure|forbid|forbidden|found|halt|invalid|"
    r"panic|problem|quit|raise|raises|reject|require|required|stop|throw|unauthorized|unreachable)"
    r"(?:$|_)|[aA]bort|[eE]rror|[rR]aise",
)


class Starter(NamedTuple):
    """Where a call that runs a function elsewhere takes it: a keyword or a position.

    `args` and `kwargs` are keywords whose values hold the arguments; without `args` these are what
    follows the function.
    """

    keyword: str
    position: int
    args: str | None = None
    kwargs: str | None = None
    args_position: int | None = None


# Calls that run a function in a thread, where there is no context.
THREAD_STARTERS: dict[str, Starter] = {
    "_thread.start_new_thread": Starter("function", 0, "args", "kwargs", 1),
    "concurrent.futures.ThreadPoolExecutor().map": Starter("fn", 0),
    "concurrent.futures.ThreadPoolExecutor().submit": Starter("fn", 0),
    "flask_socketio.SocketIO().start_background_task": Starter("target", 0),
    "multiprocessing.pool.ThreadPool().apply": Starter("func", 0, "args", "kwds", 1),
    "multiprocessing.pool.ThreadPool().apply_async": Starter("func", 0, "args", "kwds", 1),
    "multiprocessing.pool.ThreadPool().map": Starter("func", 0),
    "threading.Thread": Starter("target", 1, "args", "kwargs", 3),
    "threading.Timer": Starter("function", 1, "args", "kwargs", 2),
}
_SCHEDULERS = (
    "background.BackgroundScheduler", "blocking.BlockingScheduler", "gevent.GeventScheduler",
    "tornado.TornadoScheduler",
)  # fmt: skip
# Calls and decorators that make a function a job of a scheduler, which runs it in a thread.
JOB_STARTERS: dict[str, Starter] = {
    **{
        f"apscheduler.schedulers.{name}().{method}": Starter("func", 0, "args", "kwargs", 2)
        for name in _SCHEDULERS
        for method in ("add_job", "scheduled_job")
    },
    "flask_apscheduler.APScheduler().add_job": Starter("func", 1, "args", "kwargs"),
    "flask_apscheduler.APScheduler().scheduled_job": Starter("func", 0),
    "flask_apscheduler.APScheduler().task": Starter("func", 0),
}
STARTERS = THREAD_STARTERS | JOB_STARTERS
STARTING_METHODS = frozenset(target.rpartition(".")[2] for target in STARTERS)

# Objects of extensions that stand for one that belongs to the request.
USER_PROXIES = frozenset(
    {
        "flask_jwt_extended.current_user", "flask_login.current_user",
        "flask_login.utils.current_user", "flask_security.current_user",
    }
)  # fmt: skip

# Functions that make a response, and those that make just the body of one.
MAKES_RESPONSE = frozenset(
    {
        "flask.Flask().make_response", "flask.Flask().redirect", "flask.Flask().send_static_file",
        "flask.Response", "flask.current_app.make_response", "flask.current_app.redirect",
        "flask.current_app.send_static_file", "flask.jsonify", "flask.make_response",
        "flask.redirect", "flask.send_file", "flask.send_from_directory", "werkzeug.utils.redirect",
        "werkzeug.wrappers.Response",
    }
)  # fmt: skip
JUST_BODIES = frozenset({"flask.render_template", "flask.render_template_string"})
ABORTS = frozenset({"flask.abort", "werkzeug.exceptions.abort"})

# Calls whose result never ends when something goes through it.
ENDLESS = frozenset({"itertools.count", "itertools.cycle"})


def may_raise(name: str) -> bool:
    """Tell whether a function is called like one that raises an exception every time."""
    return _RAISING_NAME.search(name) is not None


# Methods of the registries for HTTP and WebDAV, and others that programs in use send.
KNOWN_METHODS = HTTP_METHODS | frozenset(
    {
        "ACL", "BAN", "BASELINE-CONTROL", "BIND", "CHECKIN", "CHECKOUT", "COPY", "LABEL", "LINK",
        "LOCK", "M-SEARCH", "MERGE", "MKACTIVITY", "MKCALENDAR", "MKCOL", "MKREDIRECTREF",
        "MKWORKSPACE", "MOVE", "NOTIFY", "ORDERPATCH", "PRI", "PROPFIND", "PROPPATCH", "PURGE",
        "REBIND", "REPORT", "SEARCH", "SOURCE", "SUBSCRIBE", "UNBIND", "UNCHECKOUT", "UNLINK",
        "UNLOCK", "UNSUBSCRIBE", "UPDATE", "UPDATEREDIRECTREF", "VERSION-CONTROL",
    }
)  # fmt: skip

# Converters of URL variables that each application has.
CONVERTERS = frozenset({"any", "default", "float", "int", "path", "string", "uuid"})


def is_http_exception(meaning: str) -> bool:
    """Tell a class of Werkzeug that abort() raises."""
    module, _, name = meaning.rpartition(".")
    return module == "werkzeug.exceptions" and name[:1].isupper() and name != "Aborter"


# Decorator methods of Flask and Blueprint by which a function is registered to run during a
# request, when both contexts exist.
HOOKS = frozenset(
    {
        "after_app_request", "after_request", "app_context_processor", "app_errorhandler",
        "app_template_filter", "app_template_global", "app_template_test",
        "app_url_defaults", "app_url_value_preprocessor", "before_app_first_request",
        "before_app_request", "before_first_request", "before_request", "context_processor",
        "errorhandler", "teardown_app_request", "teardown_appcontext", "teardown_request",
        "template_filter", "template_global", "template_test", "url_defaults",
        "url_value_preprocessor",
    }
)  # fmt: skip

# How many arguments Flask calls them with, where that is always the same; and those that get at
# least one, with more from the template.
HOOK_ARGUMENTS = {
    "after_request": 1,
    "after_this_request": 1,
    "before_first_request": 0,
    "before_request": 0,
    "context_processor": 0,
    "errorhandler": 1,
    "teardown_appcontext": 1,
    "teardown_request": 1,
    "url_defaults": 2,
    "url_value_preprocessor": 2,
}
OPEN_HOOKS = frozenset({"template_filter", "template_test"})

# Extensions that register an error handler for all HTTP errors.
HANDLING_HTTP_ERRORS = frozenset(
    {"apiflask", "connexion", "eve", "flask_openapi3", "flask_rebar", "flask_smorest"}
)

# Decorators which only write the function down and give it back, so that their place does not
# matter; by the last part of their name.
REGISTERING_DECORATORS = frozenset(
    {
        "apidoc", "classmethod", "command", "doc", "endpoint", "errorhandler", "exempt",
        "no_type_check", "overload", "staticmethod", "swag_from", "tags", "task",
    }
)  # fmt: skip

_GUARD_NAME = late_pattern(
    r"(?:^|_)(?:admin|allow|allowed|auth|authenticated|authorize|authorized|cache|cached|check|"
    r"csrf|fresh|guard|jwt|limit|limiter|login|logged|memoize|only|origin|permission|permissions|"
    r"policy|protect|protected|ratelimit|require|required|requires|restrict|restricted|role|"
    r"roles|scope|scopes|session|throttle|token|validate|verified|verify)(?:$|_)"
)
# A decorator that lifts a guard, such as `login_exempt`, or sets what a guard calls, such as
# `login_handler`, writes the function down and gives it back.
_KEEPING_NAME = late_pattern(
    r"(?:^|_)(?:anonymous|callback|exempt|getter|handler|ignore|loader|public|skip)(?:$|_)"
)


def is_guard_name(spelling: str) -> bool:
    """Tell whether a decorator is named like one that protects or changes what a view does."""
    name = spelling.rpartition(".")[2].lower()
    return _GUARD_NAME.search(name) is not None and _KEEPING_NAME.search(name) is None


# Calls whose first argument must not come from a visitor as it is: what it is, and its name.
TEXT_SINKS = {
    "flask.render_template_string": ("template", "source"),
    "flask.stream_template_string": ("template", "source"),
    "flask.current_app.jinja_env.from_string": ("template", "source"),
    "flask.Flask().jinja_env.from_string": ("template", "source"),
    "jinja2.Environment().from_string": ("template", "source"),
    "jinja2.Template": ("template", "source"),
    "builtins.open": ("path", "file"),
    "io.open": ("path", "file"),
    "flask.send_file": ("path", "path_or_file"),
    "flask.send_from_directory": ("path", "directory"),
    "flask.Markup": ("markup", "object"),
    "jinja2.Markup": ("markup", "object"),
    "markupsafe.Markup": ("markup", "object"),
}
# Calls that make an answer of their first argument.
ANSWERS = frozenset(
    {"flask.Response", "flask.make_response", "werkzeug.Response", "werkzeug.wrappers.Response"}
)

# Settings which Flask tests for truth. It gives each of them a value when it makes the application.
OWN_BOOLEAN_SETTINGS = frozenset(
    {
        "DEBUG", "TESTING", "PROPAGATE_EXCEPTIONS", "TRAP_HTTP_EXCEPTIONS",
        "TRAP_BAD_REQUEST_ERRORS", "SESSION_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY",
        "SESSION_COOKIE_PARTITIONED", "SESSION_REFRESH_EACH_REQUEST", "TEMPLATES_AUTO_RELOAD",
        "EXPLAIN_TEMPLATE_LOADING", "USE_X_SENDFILE", "PROVIDE_AUTOMATIC_OPTIONS",
    }
)  # fmt: skip
# All settings that an application has from the start.
OWN_SETTINGS = OWN_BOOLEAN_SETTINGS | frozenset(
    {
        "APPLICATION_ROOT", "MAX_CONTENT_LENGTH", "MAX_COOKIE_SIZE", "PERMANENT_SESSION_LIFETIME",
        "PREFERRED_URL_SCHEME", "SECRET_KEY", "SEND_FILE_MAX_AGE_DEFAULT", "SERVER_NAME",
        "SESSION_COOKIE_DOMAIN", "SESSION_COOKIE_NAME", "SESSION_COOKIE_PATH",
        "SESSION_COOKIE_SAMESITE",
    }
)  # fmt: skip
# The boolean ones and what common extensions test for truth.
BOOLEAN_SETTINGS = OWN_BOOLEAN_SETTINGS | frozenset(
    {
        "WTF_CSRF_ENABLED", "WTF_CSRF_CHECK_DEFAULT", "WTF_CSRF_SSL_STRICT",
        "SQLALCHEMY_TRACK_MODIFICATIONS", "SQLALCHEMY_RECORD_QUERIES", "MAIL_USE_TLS",
        "MAIL_USE_SSL", "MAIL_SUPPRESS_SEND", "LOGIN_DISABLED", "REMEMBER_COOKIE_SECURE",
        "REMEMBER_COOKIE_HTTPONLY", "SESSION_USE_SIGNER",
        "SESSION_PERMANENT", "DEBUG_TB_ENABLED", "DEBUG_TB_INTERCEPT_REDIRECTS",
        "RATELIMIT_ENABLED", "JWT_COOKIE_SECURE", "JWT_COOKIE_CSRF_PROTECT",
        "SECURITY_REGISTERABLE", "SECURITY_CONFIRMABLE", "SECURITY_RECOVERABLE",
        "SECURITY_TRACKABLE",
    }
)  # fmt: skip

# The request, as the proxy and as what a parameter is annotated with.
REQUESTS = ("flask.request", "flask.Request()")
# Its mappings, whose values are text that the client sends.
REQUEST_MAPPINGS = ("args", "cookies", "form", "headers", "values")
# Calls that read one value, with their arguments in order.
REQUEST_GETTERS = {
    f"{request}.{mapping}.{method}": arguments
    for request in REQUESTS
    for mapping in REQUEST_MAPPINGS
    for method, arguments in {
        "get": ("key", "default", "type"),
        "getlist": ("key", "type"),
    }.items()
}
# Attributes of the request that hold data and cannot be called, and methods.
REQUEST_DATA = frozenset(
    {
        "args", "authorization", "base_url", "blueprint", "content_length", "content_type",
        "cookies", "data", "endpoint", "files", "form", "full_path", "headers", "host", "host_url",
        "is_json", "is_secure", "json", "method", "mimetype", "path", "query_string", "referrer",
        "remote_addr", "scheme", "url", "url_root", "url_rule", "user_agent", "values", "view_args",
    }
)  # fmt: skip
REQUEST_METHODS = frozenset({"get_data", "get_json"})

# Flask-SQLAlchemy: what makes a `db`, and what makes a column, with SQLAlchemy's own ways.
SQLALCHEMY_CLASSES = frozenset(
    {"flask_sqlalchemy.SQLAlchemy", "flask_sqlalchemy.extension.SQLAlchemy"}
)
COLUMN_CALLS = frozenset(
    {
        "sqlalchemy.Column", "sqlalchemy.orm.mapped_column", "sqlalchemy.schema.Column",
        "sqlalchemy.sql.schema.Column",
        *(f"{db}().{name}" for db in SQLALCHEMY_CLASSES for name in ("Column", "mapped_column")),
    }
)  # fmt: skip
# What of a `db` needs an application context: calls, attributes, and calls of the session but one.
DATABASE_CALLS = frozenset(
    {"create_all", "drop_all", "first_or_404", "get_or_404", "one_or_404", "paginate", "reflect"}
)
DATABASE_ATTRIBUTES = frozenset({"engine", "engines"})
SESSION_WITHOUT_CONTEXT = frozenset({"query_property"})
# What touches of a database are called, with the name after the colon.
DATABASE = "flask_sqlalchemy"

# The settings that an extension reads when it gets the application, and never again.
_READ_BY_SQLALCHEMY = (
    "SQLALCHEMY_BINDS", "SQLALCHEMY_DATABASE_URI", "SQLALCHEMY_ECHO", "SQLALCHEMY_ENGINE_OPTIONS",
    "SQLALCHEMY_RECORD_QUERIES", "SQLALCHEMY_TRACK_MODIFICATIONS",
)  # fmt: skip
_READ_BY_MAIL = (
    "MAIL_DEFAULT_SENDER", "MAIL_PASSWORD", "MAIL_PORT", "MAIL_SERVER", "MAIL_SUPPRESS_SEND",
    "MAIL_USERNAME", "MAIL_USE_SSL", "MAIL_USE_TLS",
)  # fmt: skip
SETTINGS_READ_AT_INIT: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(SQLALCHEMY_CLASSES, _READ_BY_SQLALCHEMY),
    "flask_caching.Cache": ("CACHE_DEFAULT_TIMEOUT", "CACHE_KEY_PREFIX", "CACHE_TYPE"),
    "flask_mail.Mail": _READ_BY_MAIL,
}
# Settings with which Flask calculates.
NUMERIC_SETTINGS = frozenset(
    {
        "MAX_CONTENT_LENGTH", "MAX_COOKIE_SIZE", "MAX_FORM_MEMORY_SIZE", "MAX_FORM_PARTS",
        "PERMANENT_SESSION_LIFETIME", "SEND_FILE_MAX_AGE_DEFAULT",
    }
)  # fmt: skip

REQUEST_CLASSES = frozenset(
    {"flask.Request", "werkzeug.Request", "werkzeug.wrappers.Request",
     "werkzeug.wrappers.request.Request"}
)  # fmt: skip
# Names of other frameworks, which no Request of Flask has, and what Flask has in place of them.
STRANGE_REQUEST_ATTRIBUTES = {
    "COOKIES": "request.cookies",
    "FILES": "request.files",
    "GET": "request.args",
    "META": "request.headers",
    "POST": "request.form",
    "body": "request.get_data()",
    "content": "request.get_data()",
    "get": "request.args.get()",
    "getlist": "request.args.getlist()",
    "ip": "request.remote_addr",
    "params": "request.args",
    "path_params": "request.view_args",
    "query": "request.args",
    "query_params": "request.args",
    "session": "flask.session",
    "text": "request.get_data(as_text=True)",
    "uri": "request.url",
}
# What cannot be changed of the request's data, by the methods that try to.
_CHANGING = frozenset({"pop", "popitem", "setdefault", "setlist", "update"})
IMMUTABLE_MAPPINGS = {
    **dict.fromkeys(
        ("args", "cookies", "files", "form", "values"),
        _CHANGING | {"add", "clear", "popitemlist", "poplist", "setlistdefault"},
    ),
    "headers": _CHANGING | {"add", "add_header", "extend", "remove", "set"},
}
# Attributes which tell what is in a header, so that a test of them is one of it.
HEADER_ATTRIBUTES = {
    "authorization": ("authorization",),
    "content_encoding": ("content-encoding",),
    "content_length": ("content-length",),
    "content_type": ("content-type",),
    "cookies": ("cookie",),
    "files": ("content-length", "content-type"),
    "form": ("content-length", "content-type"),
    "get_json": ("content-length", "content-type"),
    "is_json": ("content-type",),
    "json": ("content-length", "content-type"),
    "mimetype": ("content-type",),
    "origin": ("origin",),
    "range": ("range",),
    "referrer": ("referer",),
    "user_agent": ("user-agent",),
}
