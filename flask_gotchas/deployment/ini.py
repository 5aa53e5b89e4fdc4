"""INI files and TOML, line by line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flask_gotchas.deployment.simple_yaml import yaml_unquoted
from flask_gotchas.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_SECTION = re.compile(r"\s*\[\[?([^\[\]]*)\]\]?\s*(?:[#;].*)?\Z")
_TOML_ENTRY = re.compile(r"""\s*([\w.-]+|"[^"]*")\s*=\s*(\[[^\]]*\]|"(?:[^"\\]|\\.)*"|'[^']*')""")


class Setting(NamedTuple):
    """A key and its value, the section they are in and the 1-based line of the key."""

    section: str
    key: str
    value: str
    line: int


def read_ini(text: str, *, indented_goes_on: bool) -> Iterator[Setting]:
    """Read `key = value` lines with the continuations of systemd or of supervisor."""
    section = ""
    key = ""
    parts: list[str] = []
    first_line = 0
    goes_on = False
    for number, line in enumerate(text.split("\n"), start=1):
        content = line.strip()
        if not content or content[0] in "#;":
            continue
        if not (parts and (goes_on or (indented_goes_on and line[0] in " \t"))):
            if parts:
                yield Setting(section, key, " ".join(parts), first_line)
            parts = []
            header = _SECTION.match(line)
            key, equals, content = (part.strip() for part in content.partition("="))
            if header:
                section = header[1].strip()
            if header or not equals:
                continue
            first_line = number
        goes_on = content.endswith("\\")
        parts.append(content.removesuffix("\\").rstrip())
    if parts:
        yield Setting(section, key, " ".join(parts), first_line)


def read_toml(text: str) -> Iterator[Setting]:
    """Read the strings and lists of strings that stand on one line; lists as JSON text."""
    section = ""
    in_long_string = False
    for number, line in enumerate(text.split("\n"), start=1):
        marks = line.count('"""') + line.count("'''")
        if in_long_string or marks:
            in_long_string = in_long_string ^ (marks % 2 == 1)
            continue
        header = _SECTION.match(line)
        entry = _TOML_ENTRY.match(line)
        if header:
            section = header[1].strip()
        elif entry:
            value = entry[2]
            is_list = value.startswith("[")
            yield Setting(
                section, entry[1].strip('"'), value if is_list else yaml_unquoted(value), number
            )
