"""Patterns that are compiled when they are first used."""

from __future__ import annotations

import importlib
import pkgutil
import re
from typing import TYPE_CHECKING

import flask_gotchas
from flask_gotchas.patterns import LatePattern, late_pattern

if TYPE_CHECKING:
    import pytest


def test_a_late_pattern_finds_what_the_pattern_finds() -> None:
    late, usual = late_pattern("(?P<a>x)|y", re.IGNORECASE), re.compile("(?P<a>x)|y", re.IGNORECASE)
    for _ in range(2):
        assert late.sub("z", "aXbYc") == usual.sub("z", "aXbYc") == "azbzc"
        assert late.findall("xXy") == usual.findall("xXy")
        assert (late.pattern, late.flags, late.groupindex) == (
            usual.pattern, usual.flags, usual.groupindex,
        )  # fmt: skip


def test_it_is_compiled_once_and_not_before_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []
    compile_now = re.compile

    def noting(pattern: str, flags: int = 0) -> re.Pattern[str]:
        compiled.append(pattern)
        return compile_now(pattern, flags)

    monkeypatch.setattr(re, "compile", noting)
    late = late_pattern("late")
    assert compiled == []
    assert late.match("later")
    assert not late.match("soon")
    assert compiled == ["late"]


def test_all_late_patterns_are_patterns() -> None:
    found = set()
    for info in pkgutil.walk_packages(flask_gotchas.__path__, "flask_gotchas."):
        if not info.name.startswith(("flask_gotchas.server", "flask_gotchas.__main__")):
            module = importlib.import_module(info.name)
            found |= {value for value in vars(module).values() if isinstance(value, LatePattern)}
    assert len(found) > 30
    for late in found:
        re.compile(late.pattern, late.flags)
