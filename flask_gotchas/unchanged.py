"""A run in which nothing has changed: it ends before the command line is even looked at closely."""

from __future__ import annotations

from flask_gotchas.cache import keys, reports
from flask_gotchas.cache.folder import CacheFolder

TYPE_CHECKING = False  # typing would be a tenth of such a run
if TYPE_CHECKING:
    from collections.abc import Sequence


def show_again(arguments: Sequence[str]) -> int | None:
    """Show what the same command has shown before and give its status; None if it must be run.

    Raises OSError when what it shows cannot be written.
    """
    folders = keys.folders_above()
    if not folders:
        return None
    key = keys.report_key(arguments)
    for folder in folders:
        answer = reports.find(CacheFolder(folder), key, arguments)
        if answer is not None:
            answer.show()
            return answer.status
    return None
