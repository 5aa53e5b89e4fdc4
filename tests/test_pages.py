from __future__ import annotations

import io
import re
import sys

import pytest

from flask_gotchas import cli, docs

STYLE = re.compile(r"\x1b\[[\d;]*m")


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("WT_SESSION", "x")
    monkeypatch.setenv("COLUMNS", "300")


def explained(code: str, out: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> str:
    """Give what `explain` writes to a standard output."""
    monkeypatch.setattr(sys, "stdout", out)
    assert cli.main(["explain", code]) == 0
    return out.getvalue()


@pytest.mark.parametrize("doc", docs.all_docs(), ids=lambda doc: str(doc.meta.code))
def test_a_terminal_shows_each_document_rendered(
    doc: docs.RuleDoc, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = explained(doc.meta.code, Screen(), monkeypatch)
    assert "\x1b[" in text
    plain = STYLE.sub("", text)
    assert "\x1b" not in plain
    head = f"{doc.meta.code} {doc.meta.name} {doc.meta.summary} "
    assert " ".join(plain.split()).startswith(head)
    assert not re.search(r"^(#{2,} |```)", plain, re.MULTILINE)
    assert "# error:" not in plain
    assert all(len(line) <= 100 for line in plain.splitlines() if "://" not in line)
    for reference in doc.meta.references:
        assert f"{reference}\n" in plain


def test_without_rich_it_is_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(sys.modules):
        if name == "rich" or name.startswith("rich."):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "rich", None)
    assert explained("FLG101", Screen(), monkeypatch) == docs.explain(docs.load("FLG101"))


def test_elsewhere_it_is_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    assert explained("FLG101", io.StringIO(), monkeypatch) == docs.explain(docs.load("FLG101"))
