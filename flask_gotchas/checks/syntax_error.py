"""FLG001 syntax-error."""

from __future__ import annotations

from flask_gotchas.rule import EngineRule


class SyntaxError_(EngineRule):  # noqa: N801 - Python has the plain name
    """A file cannot be read as Python."""

    code = "FLG001"
    name = "syntax-error"
    message = "the file cannot be checked: {problem}"
    help = "Repair the file, or leave it out with `exclude`."
