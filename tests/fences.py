"""The fenced blocks of a Markdown text, with what stands around them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

FENCE = re.compile(r"(`{3,})([^`]*)")


class Block(NamedTuple):
    """A block: what stands above it, its language, its text and where.

    `section` is the last heading of the second level, `heading` the last of any, `before` the last
    line of prose. `start` and `end` are the indices of its first line and of its closing fence.
    """

    section: str
    heading: str
    before: str
    language: str
    text: str
    start: int
    end: int


def blocks(text: str) -> Iterator[Block]:
    """Yield the blocks of a text from top to bottom; an unclosed one is an error."""
    lines = text.split("\n")
    section = heading = before = ""
    at = 0
    while at < len(lines):
        line = lines[at]
        fence = FENCE.fullmatch(line)
        if fence:
            end = lines.index(fence[1], at + 1)
            inside = "".join(f"{one}\n" for one in lines[at + 1 : end])
            yield Block(section, heading, before, fence[2].strip(), inside, at + 1, end)
            at, before = end, ""
        elif line.startswith("#"):
            heading, before = line.lstrip("# "), ""
            section = heading if line.startswith("## ") else section
        elif line:
            before = line
        at += 1
