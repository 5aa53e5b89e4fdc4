"""A run in which nothing has changed: it ends before the command line is even looked at closely."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from flask_gotchas.cache import keys

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
    name = keys.file_name("report", key)
    for folder in folders:
        if os.path.exists(os.path.join(folder, name)):
            from flask_gotchas.cache import reports  # noqa: PLC0415 - not for all that nobody kept
            from flask_gotchas.cache.folder import CacheFolder  # noqa: PLC0415

            answer = reports.find(CacheFolder(folder), key)
            if answer is not None:
                return answer.show()
    return None
