"""The fixture by which proofs run examples."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from proving import Site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask_gotchas import docs

# Proofs use `support`, also where they are the only tests that run.
sys.path.append(str(Path(__file__).resolve().parents[1]))


@pytest.fixture
def site(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[docs.Example], Site]]:
    """Write an example into a new folder, work there, and forget modules of earlier ones."""
    written: list[Path] = []
    search = list(sys.path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def write(example: docs.Example) -> Site:
        forget(tmp_path)
        folder = tmp_path / f"example{len(written)}"
        written.append(folder)
        for name, text in example.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        monkeypatch.chdir(folder)
        monkeypatch.setattr(sys, "path", [str(folder), *search])
        return Site(folder)

    yield write
    forget(tmp_path)


def forget(below: Path) -> None:
    """Take the modules that were imported from a folder out of Python's memory."""
    for name, module in list(sys.modules.items()):
        places = [getattr(module, "__file__", None), *getattr(module, "__path__", ())]
        if any(place is not None and below in Path(place).parents for place in places):
            del sys.modules[name]
