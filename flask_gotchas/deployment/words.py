"""Words and variables, as all kinds of deployment files write them."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

import msgspec

from flask_gotchas.deployment.model import LONGEST_VALUE, MOST_WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)\Z", re.DOTALL)
_VARIABLE = re.compile(
    r"""\\(["\\$`\n])|\$\$|\$\{(\w+)(?::?-([^{}]*))?\}|\$([A-Za-z_]\w*)""", re.ASCII
)


def assignments_in(words: Iterable[str]) -> dict[str, str]:
    """Give the variables that words such as `A=b` set, and pass over other words."""
    matches = (ASSIGNMENT.match(word) for word in words)
    return {match[1]: match[2] for match in matches if match}


def expanded(text: str, variables: Mapping[str, str]) -> str:
    """Replace the variables that are known, and others by the default that the text gives."""
    room = LONGEST_VALUE

    def value(match: re.Match[str]) -> str:
        nonlocal room
        escaped, braced, default, plain = match.groups("")
        if escaped:
            return escaped.strip("\n")
        name = braced or plain
        has_default = match[3] is not None
        if name not in variables and not has_default:
            return match[0]
        known = variables.get(name, default)
        # Variables made of variables could grow without end.
        if len(known) > room:
            return match[0]
        room -= len(known)
        return known

    return _VARIABLE.sub(value, text)


def split_words(text: str) -> list[str]:
    """Split a text into words where no shell is at work."""
    if len(text) > LONGEST_VALUE:
        return []
    try:
        return shlex.split(text)[:MOST_WORDS]
    except ValueError:
        return []


def json_words(text: str) -> list[str] | None:
    """Read a JSON list of strings, or give None when the text is no such thing."""
    try:
        return msgspec.json.decode(text, type=list[str])
    except (msgspec.DecodeError, RecursionError):
        return None
