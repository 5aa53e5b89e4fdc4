"""The first look at a file: can it have to do with Flask at all?

Most files of a large project never mention Flask; they are read but not parsed. A route may also
hang on an object imported from another module of the project, so the names of Flask's own methods
and of those of its extensions count as well as its name.
"""

from __future__ import annotations

import re

WORDS = (
    # What Flask itself is asked to do, on whatever object.
    "Flask(",
    "FLASK_",
    "Blueprint",
    ".route(",
    "add_url_rule",
    "register_blueprint",
    ".register(app",
    ".register(bp",
    "View.register(",
    ".add_api(",
    ".add_view",
    "errorhandler",
    "before_request",
    "after_request",
    "context_processor",
    "teardown_",
    "MethodView",
    "current_app",
    "url_for",
    "render_template",
    # How applications are called when they come from elsewhere.
    "create_app",
    "app.run(",
    "application.run(",
    "app.debug",
    "app.config",
    # Models and scripts, which often name nothing else of Flask.
    "flask_sqlalchemy",
    "db.Column",
    "db.Model",
    "db.create_all",
    # Extensions by which routes are made.
    "add_resource",
    "add_namespace",
    "expose(",
    "FlaskView",
    "flask_admin",
    "flask_appbuilder",
    "flask_classful",
    "flask_classy",
    "flask_restful",
    "flask_restx",
    "flask_smorest",
)
# A file with none of these has none of the words, and to look for a few short texts is quick.
_STEMS = (
    "lask", "FLASK_", "lueprint", "context_processor", "register(", "add_", "errorhandler",
    "_request", "teardown_", "View", "_app", "app.", "application.", "url_for", "render_template",
    "db.", "expose(", "route(",
)  # fmt: skip
_BY_STEM = tuple(
    (stem, words) for stem in _STEMS if (words := tuple(word for word in WORDS if stem in word))
)
_BY_STEM_BYTES = tuple(
    (stem.encode(), tuple(word.encode() for word in words)) for stem, words in _BY_STEM
)
# `import flask`, but not `flask_babel`: an extension by itself registers nothing.
_FLASK = re.compile(r"\bflask\b")
_FLASK_BYTES = re.compile(rb"\bflask\b")
# A route for one method, on an application that another module has made.
_ROUTE = re.compile(r"@\w[\w.]*\.(?:get|post|put|patch|delete)\(")
_ROUTE_BYTES = re.compile(_ROUTE.pattern.encode())
_IMPORT = re.compile(rb"^[ \t]*(?:from\b[^\n]*?\b)?import\b[ \t]*(\([^)]*\)|[^\n]*)", re.MULTILINE)
_NAME = re.compile(rb"\w+|\*")


def imported_names(data: bytes) -> frozenset[str]:
    """List the words of all import statements of a file: it may pass these names on."""
    words = _NAME.findall(b" ".join(_IMPORT.findall(data)))
    return frozenset(word.decode("utf-8", "replace") for word in words)


def is_relevant(text: str) -> bool:
    """Tell whether decoded source mentions anything that Flask could be behind."""
    if "flask" in text and _FLASK.search(text):
        return True
    for stem, words in _BY_STEM:
        if stem in text:
            for word in words:
                if word in text:
                    return True
    return "@" in text and _ROUTE.search(text) is not None


def is_relevant_bytes(data: bytes) -> bool:
    """Tell the same of undecoded source; UTF-16 and UTF-32 are never Python source."""
    if b"flask" in data and _FLASK_BYTES.search(data):
        return True
    for stem, words in _BY_STEM_BYTES:
        if stem in data:
            for word in words:
                if word in data:
                    return True
    return b"@" in data and _ROUTE_BYTES.search(data) is not None
