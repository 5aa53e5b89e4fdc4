"""The first look at a file: can it have to do with Flask at all?

Most files of a large project never mention Flask; they are read but not parsed. A route may also
hang on an object imported from another module of the project, so the names of Flask's own methods
and of those of its extensions count as well as its name.
"""

from __future__ import annotations

import re

# Each begins with the rarest character of what it finds: the regex engine runs through a text for
# a single character as fast as it can, and only looks closer where that stands.
_SIGNS = {
    # `import flask`, but not `flask_babel`: an extension by itself registers nothing, save those by
    # which routes and models are made.
    "k": r"k(?<=lask)(?:(?<=\bflask)(?:\b|_(?:admin|appbuilder|classful|classy|restful|restx"
    r"|smorest|sqlalchemy))|(?<=Flask)(?:\(|View))",
    "B": r"B(?=lueprint)",
    "V": r"V(?:(?<=MethodV)iew|iew\.register\()",
    # A route for one method, on an application that another module has made, and no `mock.patch`.
    "@": r"@(?:expose\(|\w[\w.]*\.(?:get|post|put|patch(?<!mock\.patch)|delete)\()",
    # What Flask itself and its extensions are asked to do, on whatever object, and how models and
    # applications are called when they come from elsewhere.
    ".": r"\.(?:a(?:dd_(?:api\(|namespace|resource|url_rule|view(?:s?|_no_menu)\b)|fter_request"
    r"|pp_(?:context_processor|errorhandler))"
    r"|before_request"
    r"|c(?:ontext_processor|onfig(?<=app\.config)|reate_all(?<=db\.create_all))"
    r"|debug(?<=app\.debug)"
    r"|e(?:rrorhandler|xpose\()"
    r"|r(?:egister(?:_blueprint|\((?:app|bp))|oute\("
    r"|un\((?:(?<=app\.run\()|(?<=application\.run\()))"
    r"|teardown_"
    r"|(?:Column|Model)(?:(?<=db\.Model)|(?<=db\.Column)))",
    "_": r"_(?:app(?:(?<=current_app)|(?<=create_app))|for(?<=url_for)"
    r"|template(?<=render_template)(?:_string)?\b|(?<=FLASK_))",
}
_SEARCHES = tuple((first, re.compile(sign, re.ASCII).search) for first, sign in _SIGNS.items())
_IMPORT = re.compile(rb"^[ \t]*(?:from\b[^\n]*?\b)?import\b[ \t]*(\([^)]*\)|[^\n]*)", re.MULTILINE)
_NAME = re.compile(rb"\w+|\*")


def imported_names(data: bytes) -> frozenset[str]:
    """List the words of all import statements of a file: it may pass these names on."""
    words = _NAME.findall(b" ".join(_IMPORT.findall(data)))
    return frozenset(word.decode("utf-8", "replace") for word in words)


def is_relevant(text: str) -> bool:
    """Tell whether source mentions anything that Flask could be behind."""
    for first, search in _SEARCHES:  # noqa: SIM110 - half as fast again as a generator
        if first in text and search(text):
            return True
    return False


def is_relevant_bytes(data: bytes) -> bool:
    """Tell the same of undecoded source; UTF-16 and UTF-32 are never Python source."""
    return is_relevant(data.decode("latin-1"))  # what is looked for is ASCII
