"""YAML, as far as deployment files use it."""

from __future__ import annotations

import itertools
import re

from flask_gotchas.deployment.model import MOST_ITEMS
from flask_gotchas.deployment.words import assignments_in, expanded
from flask_gotchas.records import NamedTuple


class Node(NamedTuple):
    """A value and the 1-based line where it, or the key in front of it, stands."""

    line: int
    value: str | list[Node] | dict[str, Node]


class _UnreadableYamlError(Exception):
    """The file uses a shape of YAML that is not understood."""


_YAML_DEEPEST = 30
_YAML_LONGEST_VALUE = 50
_YAML_QUOTED = re.compile(r"""(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')""", re.DOTALL)
_YAML_FLOW = re.compile(r"""(?:[^"'#]|(?<=\S)#|"(?:[^"\\]|\\.)*"|'[^']*')*""", re.DOTALL)
_YAML_FLOW_ITEM = re.compile(r"""(?:[^,"']|"(?:[^"\\]|\\.)*"|'[^']*')+""", re.DOTALL)
_YAML_BLOCK_SCALAR = re.compile(r"[|>][-+0-9]*(?:\s+#.*)?\Z")
_YAML_DECORATIONS = re.compile(r"(?:!\S*(?:\s+|\Z))?(&\S+(?:\s+|\Z))?(?:!\S*(?:\s+|\Z))?")
_YAML_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_YAML_ESCAPES = {"n": "\n", "t": "\t", "\n": ""}


class _YamlReader:
    """Reads the first document: block mappings, lists and scalars, and flat flow values."""

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self._at = 0
        self._anchors: dict[str, Node] = {}
        has_content = False
        for number, line in enumerate(self._lines):
            if line.startswith(("---", "...")):
                if has_content:
                    del self._lines[number:]
                    break
                self._lines[number] = ""
            has_content = has_content or line.lstrip()[:1] not in {"", "#", "%", "-"}

    def document(self) -> Node | None:
        return self._block(0, 0)

    def _peek(self) -> tuple[int, str] | None:
        """Give indentation and content of the next line that has any."""
        while self._at < len(self._lines):
            line = self._lines[self._at]
            content = line.lstrip(" ")
            if content.startswith("\t"):
                raise _UnreadableYamlError
            if content and not content.startswith("#"):
                return len(line) - len(content), content.rstrip()
            self._at += 1
        return None

    def _block(self, least: int, depth: int) -> Node | None:
        """Read what is indented by at least so much."""
        if depth > _YAML_DEEPEST:
            raise _UnreadableYamlError
        following = self._peek()
        if following is None or following[0] < least:
            return None
        indent, content = following
        if _is_yaml_item(content):
            return self._list(indent, depth)
        if _yaml_key(content):
            return self._mapping(indent, depth)
        self._at += 1
        return self._value(content, least - 1, depth)

    def _list(self, indent: int, depth: int) -> Node:
        line = self._at + 1
        items: list[Node] = []
        while (following := self._peek()) and following[0] == indent:
            content = following[1]
            if not _is_yaml_item(content):
                break
            # What follows the dash is a block of its own, further in.
            self._lines[self._at] = f"{' ' * indent} {content[1:]}"
            item_line = self._at + 1
            item = self._block(indent + 1, depth + 1)
            items.append(item or Node(item_line, ""))
        return Node(line, items)

    def _mapping(self, indent: int, depth: int) -> Node:
        line = self._at + 1
        entries: dict[str, Node] = {}
        while (following := self._peek()) and following[0] == indent:
            parts = _yaml_key(following[1])
            if parts is None:
                raise _UnreadableYamlError
            self._at += 1
            key, rest = parts
            key_line = self._at
            node = self._value(rest, indent, depth)
            entries[key] = Node(key_line, node.value if node else "")
        if following and following[0] > indent:
            raise _UnreadableYamlError
        return Node(line, entries)

    def _value(self, text: str, indent: int, depth: int) -> Node | None:
        """Read the value that begins with a text behind a key; its other lines are further in."""
        anchor = ""
        decorations = _YAML_DECORATIONS.match(text)
        if decorations:
            anchor = (decorations[1] or "&")[1:].strip()
            text = text[decorations.end() :]
        line = self._at
        node: Node | None
        if not text or text.startswith("#"):
            following = self._peek()
            is_flush_list = (
                following is not None and following[0] == indent and _is_yaml_item(following[1])
            )
            node = self._block(indent if is_flush_list else indent + 1, depth + 1)
        elif text.startswith("*"):
            node = self._anchors.get(text[1:].split()[0] if text[1:].split() else "")
        elif _YAML_BLOCK_SCALAR.match(text):
            node = Node(line, self._block_scalar(indent, is_folded=text.startswith(">")))
        elif text[0] in "\"'":
            node = Node(line, self._quoted(text))
        elif text[0] in "[{":
            node = Node(line, self._flow(text))
        else:
            node = Node(line, self._plain(text, indent))
        if anchor and node:
            self._anchors[anchor] = node
        return node

    def _block_scalar(self, indent: int, *, is_folded: bool) -> str:
        lines: list[str] = []
        while self._at < len(self._lines):
            line = self._lines[self._at]
            if line.strip() and len(line) - len(line.lstrip(" ")) <= indent:
                break
            lines.append(line.strip())
            self._at += 1
        return (" " if is_folded else "\n").join(lines).strip()

    def _plain(self, text: str, indent: int) -> str:
        parts = [_without_comment(text)]
        while (following := self._peek()) and following[0] > indent:
            if _yaml_key(following[1]):
                raise _UnreadableYamlError
            parts.append(_without_comment(following[1]))
            self._at += 1
        return " ".join(parts)

    def _quoted(self, text: str) -> str:
        match = _YAML_QUOTED.match(text)
        for _ in range(_YAML_LONGEST_VALUE):
            if match:
                break
            text = f"{text} {self._next_line()}"
            match = _YAML_QUOTED.match(text)
        if not match:
            raise _UnreadableYamlError
        return yaml_unquoted(match[0])

    def _flow(self, text: str) -> str | list[Node] | dict[str, Node]:
        """Read a flat `[a, b]` or `{a: b}`; nothing when there is more nested in it."""
        line = self._at
        closing = "]" if text[0] == "[" else "}"
        for _ in range(_YAML_LONGEST_VALUE):
            match = _YAML_FLOW.match(text)
            text = match[0].rstrip() if match else ""
            if text.endswith(closing):
                break
            text = f"{text} {self._next_line()}"
        else:
            raise _UnreadableYamlError
        inner = text[1:-1]
        if any(mark in _YAML_QUOTED.sub("", inner) for mark in "[]{}"):
            return ""
        items = [item.strip() for item in _YAML_FLOW_ITEM.findall(inner)]
        if closing == "]":
            return [Node(line, yaml_unquoted(item)) for item in items if item]
        pairs = filter(None, map(_yaml_key, items))
        return {key: Node(line, yaml_unquoted(value)) for key, value in pairs}

    def _next_line(self) -> str:
        if self._at >= len(self._lines):
            raise _UnreadableYamlError
        self._at += 1
        return self._lines[self._at - 1].strip()


def _is_yaml_item(content: str) -> bool:
    return content == "-" or content.startswith("- ")


def _yaml_key(content: str) -> tuple[str, str] | None:
    """Split `key: value`, or give None when the text is no such thing."""
    quoted = _YAML_QUOTED.match(content)
    if quoted:
        key, rest = quoted[0], content[quoted.end() :].lstrip()
        if not rest.startswith(":"):
            return None
        rest = rest[1:]
    else:
        key, colon, rest = content.partition(": ")
        if not colon:
            if not content.endswith(":"):
                return None
            key, rest = content[:-1], ""
        if " #" in key or key[:1] in {"", *"[]{},#|>\"'"}:
            return None
    return yaml_unquoted(key.strip()), rest.strip()


def yaml_unquoted(text: str) -> str:
    """Give the text that a scalar stands for, be it quoted or not."""
    if text[:1] not in {'"', "'"}:
        return text
    if text[0] == "'":
        return text[1:-1].replace("''", "'")
    return _YAML_ESCAPE.sub(lambda match: _YAML_ESCAPES.get(match[1], match[1]), text[1:-1])


def _without_comment(text: str) -> str:
    return text.partition(" #")[0].rstrip()


def read_yaml(text: str) -> Node | None:
    """Read a file, or give None when there is nothing in it or it is not understood."""
    try:
        return _YamlReader(text).document()
    except _UnreadableYamlError:
        return None


def node_at(node: Node | None, *keys: str) -> Node | None:
    """Follow keys through mappings, and `<<` where a key is not there."""
    for key in keys:
        node = _entry(node, key)
    return node


def _entry(node: Node | None, key: str, merges: int = 3) -> Node | None:
    if node is None or not isinstance(node.value, dict):
        return None
    if key in node.value or merges == 0:
        return node.value.get(key)
    merged = node.value.get("<<")
    sources = merged.value[:3] if merged and isinstance(merged.value, list) else [merged]
    return next(filter(None, (_entry(source, key, merges - 1) for source in sources)), None)


def entries_of(node: Node | None) -> list[tuple[str, Node]]:
    """Give the entries of a mapping, up to a limit; none when the node is something else."""
    entries = node.value.items() if node and isinstance(node.value, dict) else ()
    return list(itertools.islice(entries, MOST_ITEMS))


def items_of(node: Node | None) -> list[Node]:
    """Give the items of a list, up to a limit; none when the node is something else."""
    return node.value[:MOST_ITEMS] if node and isinstance(node.value, list) else []


def string_of(node: Node | None) -> str | None:
    """Give the text of a scalar, or None when it is empty or the node is something else."""
    return node.value if node and isinstance(node.value, str) and node.value else None


def strings_of(node: Node | None) -> list[str]:
    """Give the texts of the scalars in a list."""
    return [item.value for item in items_of(node) if isinstance(item.value, str)]


def environment_of(node: Node | None, merges: int = 3) -> dict[str, str]:
    """Read variables given as a mapping, as `A=b` items or as items with key and value."""
    env = assignments_in(strings_of(node))
    for name, entry in entries_of(node):
        if name == "<<" and merges:
            env = {**environment_of(entry, merges - 1), **env}
        elif isinstance(entry.value, str):
            env[name] = entry.value
    for item in items_of(node):
        key, text = string_of(node_at(item, "key")), string_of(node_at(item, "value"))
        if key and text:
            env[key] = text
    return {name: expanded(value, {}) for name, value in env.items()}
