"""The flake8 plugin: a thin adapter over `check_text`.

flake8 hands over one file at a time, perhaps in several processes, so that a rule which needs to
see the whole project stays silent here. Settings come from the `[tool.flask-gotchas]` table nearest
to the file, as for the command line. flake8 itself applies its own `ignore`, `per-file-ignores` and
`# noqa`.
"""

from __future__ import annotations

import functools
import gc
import os
from typing import TYPE_CHECKING, ClassVar

from flask_gotchas import __version__
from flask_gotchas.screen import is_relevant

if TYPE_CHECKING:
    import argparse
    import ast
    from collections.abc import Iterator, Sequence

    from flask_gotchas.settings import Settings

# flake8 knows itself which of its noqa comments it used.
NOT_HERE = frozenset({"FLG002"})


class Plugin:
    """Check one file for flake8."""

    name: ClassVar[str] = "flask-gotchas"
    version: ClassVar[str] = __version__
    selected: ClassVar[tuple[str, ...]] = ()

    def __init__(self, tree: ast.Module, lines: Sequence[str], filename: str) -> None:
        self.tree = tree
        self.lines = lines
        self.filename = filename

    @classmethod
    def parse_options(cls, options: argparse.Namespace) -> None:
        """Note which of our rules flake8's own options name: they may be off by default.

        A shorter beginning, such as the `F` of pyflakes, does not mean ours.
        """
        chosen = [*(options.select or ()), *(options.extend_select or ())]
        cls.selected = tuple(code for code in chosen if code.startswith("FLG"))

    def run(self) -> Iterator[tuple[int, int, str, type[Plugin]]]:
        """Yield line, column from 0, text and plugin of each problem, as flake8 wants them.

        Raises flake8's ExecutionError when the settings are wrong.
        """
        text = "".join(self.lines)
        if not is_relevant(text):
            return
        from flask_gotchas import lean_import  # noqa: F401, PLC0415 - before other ways to LibCST
        from flask_gotchas.discover import is_excluded  # noqa: PLC0415
        from flask_gotchas.one_file import lost  # noqa: PLC0415
        from flask_gotchas.reporters import clean  # noqa: PLC0415 - most files need none of these
        from flask_gotchas.run import check_text  # noqa: PLC0415

        folder = os.path.dirname(os.path.abspath(self.filename))
        settings = settings_for(folder, self.selected)
        if is_excluded(self.filename, settings):
            return
        try:
            diagnostics = check_text(self.filename, text, settings, self.tree)
        except Exception as error:  # noqa: BLE001 - flake8 would end with all that others found
            diagnostics = [lost(self.filename, f"{type(error).__name__}: {error}")]
        _settle()
        for found in diagnostics:
            if found.code not in NOT_HERE:
                at = found.location
                yield at.line, at.column, f"{found.code} {clean(found.message)}", type(self)


@functools.cache
def _settle() -> None:
    """Keep what was imported for the first file out of flake8's garbage collections.

    Each would look through LibCST and the rules again, a tenth of what the plugin costs.
    """
    gc.freeze()


@functools.cache
def settings_for(folder: str, selected: tuple[str, ...]) -> Settings:
    """Load the settings that hold in a folder, with what flake8's options select added."""
    import msgspec  # noqa: PLC0415

    from flask_gotchas import settings  # noqa: PLC0415
    from flask_gotchas.rule import all_rules  # noqa: PLC0415

    try:
        loaded = settings.load(folder, {})
        settings.validate(loaded, all_rules())
    except settings.SettingsError as error:
        from flake8.exceptions import ExecutionError  # type: ignore[import-untyped]  # noqa: PLC0415

        raise ExecutionError(f"flask-gotchas: {error}") from error
    # On a par with what the table selects, so that `ignore` in the table still counts.
    table = loaded.selections[0] if loaded.selections else settings.Selection("flake8")
    added = msgspec.structs.replace(table, extend_select=(*table.extend_select, *selected))
    return msgspec.structs.replace(loaded, selections=(added,))
