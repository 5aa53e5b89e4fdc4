"""What was meant by a word that is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def similar(word: str, known: Iterable[str], cutoff: float, *, most: int = 1) -> list[str]:
    """List known words that are like another one, the most similar first.

    `cutoff` is how like it they must be, from 0 to 1.
    """
    import difflib  # noqa: PLC0415 - few files have such words

    return difflib.get_close_matches(word, list(known), n=most, cutoff=cutoff)
