"""Text of the checked code and of file names never steers a terminal or a build."""

from __future__ import annotations

import ast
import functools
import io
import json
import random
import re
import tokenize
import unicodedata
from typing import TYPE_CHECKING

import pytest
from junitparser import JUnitXml
from support import all_fixtures

from flask_gotchas import fixes, reporters
from flask_gotchas.flake8_plugin import Plugin
from flask_gotchas.rule import all_rules
from flask_gotchas.run import check_sources

if TYPE_CHECKING:
    from flask_gotchas.model import Report

HOSTILE = "\x1b[2J\u202e::error::a##[b]##vso[c]%0A::warning::d\\n::error::e\\x1b[31m\\ud800"
FOLDER = "\x1b[2J\u202e##[x]%0A,a:1:1"
STRING = re.compile(r"""(['"])[^'"\\]*\1""")
BUILD_COMMAND = re.compile(r"##(\[|vso\[)", re.IGNORECASE)
GITHUB = re.compile(r"::(error|warning) title=[^:\x00-\x1f]*::[^\x00-\x1f]*")


def made_hostile(text: str, chance: random.Random) -> str:
    """Write hostile text into some strings of a file."""
    lines = text.splitlines(keepends=True)
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (tokenize.TokenError, SyntaxError):
        return text
    for token in reversed(tokens):
        if (
            token.type == tokenize.STRING
            and STRING.fullmatch(token.string)
            and chance.random() < 0.3
        ):
            row, end = token.end
            line = lines[row - 1]
            lines[row - 1] = f"{line[: end - 1]}{HOSTILE}{line[end - 1 :]}"
    return "".join(lines)


@functools.cache
def hostile_reports() -> list[tuple[Report, dict[str, str]]]:
    """Check the fixtures with hostile text in their strings, in folders with hostile names."""
    chance = random.Random(3)
    found = []
    for fixture in {fixture.code: fixture for fixture in all_fixtures()}.values():
        sources = {}
        for path, text in fixture.files.items():
            is_python = path.endswith(".py")
            sources[f"{FOLDER}/{path}"] = made_hostile(text, chance) if is_python else text
        encoded = {path: text.encode("utf-8", "surrogatepass") for path, text in sources.items()}
        report = check_sources(sources, rules=frozenset(all_rules()))
        assert not report.internal_error
        found.append((fixes.with_fixes(report, encoded.__getitem__), sources))
    return found


def test_half_of_the_rules_have_something_to_say_about_hostile_text() -> None:
    found = [one for report, _ in hostile_reports() for one in report.diagnostics]
    assert len({one.code for one in found}) > len(all_rules()) / 2
    said = [(one.code, one.message) for one in found if "::error" in one.message]
    assert len({code for code, _ in said}) >= 10


@pytest.mark.parametrize("name", reporters.names())
def test_no_format_lets_hostile_text_steer_anything(name: str) -> None:
    for report, sources in hostile_reports():
        out = io.StringIO()
        reporters.get(name)(report, out, sources.get)
        text = out.getvalue()
        text.encode()
        assert not BUILD_COMMAND.search(text)
        for line in text.split("\n"):
            assert not {unicodedata.category(character) for character in line} & reporters.CONTROLS
            assert not line.lstrip().startswith("::") or name == "full" or GITHUB.fullmatch(line)
        if name == "github":
            assert text.count("\n") == len(report.diagnostics)
        elif name == "junit":
            JUnitXml.fromstring(text.encode())
        elif name == "json-lines":
            assert len(list(map(json.loads, text.splitlines()))) == len(report.diagnostics)
        elif name not in {"concise", "full"}:
            json.loads(text)


def test_flake8_gets_no_hostile_text() -> None:
    found = []
    for _, sources in hostile_reports():
        for path, text in sources.items():
            if path.endswith(".py"):
                try:
                    tree = ast.parse(text)
                except (SyntaxError, ValueError):
                    continue
                lines = text.splitlines(keepends=True)
                found += [message for _, _, message, _ in Plugin(tree, lines, path).run()]
    assert any("::error" in message for message in found)
    for message in found:
        assert message.isprintable()
        assert not BUILD_COMMAND.search(message)
