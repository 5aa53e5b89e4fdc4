"""What Flask makes of returned values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.facts.expressions import Const, Expression, Ref
from flask_gotchas.facts.flask_api import is_http_exception

if TYPE_CHECKING:
    from flask_gotchas.facts.model import Shape

_KINDS = {
    "bool": "a bool",
    "float": "a float",
    "int": "an int",
    "lambda": "a function",
    "set": "a set",
}
# Functions by what they give, which is no response.
_CALLS = {
    "a bool": (
        "builtins.all", "builtins.any", "builtins.bool", "builtins.callable", "builtins.hasattr",
        "builtins.isinstance", "builtins.issubclass", "os.path.exists", "os.path.isdir",
        "os.path.isfile",
    ),
    "a date": ("datetime.date.today",),
    "a datetime": (
        "datetime.datetime.now", "datetime.datetime.today", "datetime.datetime.utcnow",
    ),
    "a float": ("builtins.float", "random.random", "random.uniform", "time.time"),
    "a range": ("builtins.range",),
    "a set": ("builtins.frozenset", "builtins.set"),
    "a UUID": ("uuid.UUID", "uuid.uuid1", "uuid.uuid4"),
    "an int": (
        "builtins.hash", "builtins.id", "builtins.int", "builtins.len", "builtins.ord",
        "os.getpid", "random.randint", "random.randrange",
    ),
}  # fmt: skip
_GIVEN = {call: what for what, calls in _CALLS.items() for call in calls}
# Exceptions of Python itself; those of Werkzeug are responses, but not their classes.
_ENDS_OF_EXCEPTIONS = ("Error", "Exception")
# What Flask has that gives a body, or a response with status 200.
_SUCCESSES = frozenset(
    {
        "flask.jsonify", "flask.render_template", "flask.render_template_string",
        "flask.stream_template", "flask.stream_template_string",
    }
)  # fmt: skip
# Pages which an application in the browser goes on from, whatever the URL is.
_START_PAGES = frozenset({"app.html", "base.html", "home.html", "index.html", "main.html"})
_LEAST_ERROR = 400
_TEXTS = frozenset({"builtins.str", "flask.json.dumps", "json.dumps"})


def no_response(value: Shape) -> str:
    """Say what a value is that Flask cannot make a response of; empty for what may be one."""
    meaning = value.meaning or ""
    is_exception = meaning.startswith("builtins.") and meaning.endswith(_ENDS_OF_EXCEPTIONS)
    if value.kind == "call":
        return "an exception" if is_exception else _GIVEN.get(meaning, "")
    if value.kind == "name":
        return "an exception class" if is_exception or is_http_exception(meaning) else ""
    return _KINDS.get(value.kind, "")


def error_named(first: Expression | None) -> str:
    """Name the HTTP error of an error handler for a message; empty if it is none."""
    if isinstance(first, Const) and type(first.value) is int and first.value >= _LEAST_ERROR:
        return f"error {first.value}"
    if isinstance(first, Ref) and is_http_exception(first.name):
        name = first.name.rpartition(".")[2]
        return "HTTP errors" if name == "HTTPException" else f"`{name}`"
    return ""


def has_no_status(value: Shape) -> bool:
    """Tell a value that is sent with status 200 as it is."""
    if value.kind == "tuple":
        is_pair = len(value.items) == 2 and value.items[1].kind == "dict"
        return is_pair and has_no_status(value.items[0])
    if value.kind in {"dict", "list", "str"}:
        return True
    if value.kind != "call" or value.meaning in _TEXTS:
        return value.kind == "call"
    if value.named:  # a variable, whose status may have been set
        return False
    if value.meaning == "flask.make_response":
        return len(value.items) == 1 and has_no_status(value.items[0])
    return value.meaning in _SUCCESSES and not _is_start_page(value)


def _is_start_page(value: Shape) -> bool:
    page = value.items[0].value if value.items else None
    return isinstance(page, str) and page.rpartition("/")[2] in _START_PAGES
