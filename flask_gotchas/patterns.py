"""Regular expressions that are compiled when they are first used.

Python takes as long to compile fifty of them, which few projects need, as to import twenty rules.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from typing import Final


class LatePattern:
    """Stands for a compiled pattern, and has all that it has."""

    def __init__(self, pattern: str, flags: int) -> None:
        self.pattern: Final = pattern
        self._given: Final = flags

    def __getattr__(self, name: str) -> Any:
        found = getattr(re.compile(self.pattern, self._given), name)
        setattr(self, name, found)  # so that Python finds it itself the next time
        return found


def late_pattern(text: str, flags: int = 0) -> re.Pattern[str]:
    """Give what `re.compile` would, for a pattern that few runs need.

    A mistake in the pattern shows when it is used.
    """
    return cast("re.Pattern[str]", LatePattern(text, flags))
