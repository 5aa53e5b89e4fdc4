"""FLG000 internal-error."""

from __future__ import annotations

from flask_gotchas.rule import EngineRule


class InternalError(EngineRule):
    """A rule crashed on a file; its other reports there are missing."""

    code = "FLG000"
    name = "internal-error"
    message = "`{rule}` crashed at {where} with `{error}`, so what it would report is missing"
    help = "Report this as a bug of flask-gotchas, with the code that it crashed on."
