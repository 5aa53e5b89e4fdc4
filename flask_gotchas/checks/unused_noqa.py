"""FLG002 unused-noqa."""

from __future__ import annotations

from flask_gotchas.model import Severity
from flask_gotchas.rule import EngineRule


class UnusedNoqa(EngineRule):
    """A noqa comment silences nothing."""

    code = "FLG002"
    name = "unused-noqa"
    severity = Severity.WARNING
    message = "nothing on this line is reported as `{codes}`, so the noqa comment silences nothing"
    help = "Remove the code from the comment."
