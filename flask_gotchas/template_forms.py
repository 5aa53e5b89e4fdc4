"""The HTML forms of a template."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from flask_gotchas.records import NamedTuple
from flask_gotchas.template_facts import TemplateForm
from flask_gotchas.templates import MARK, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.model import Location
    from flask_gotchas.template_facts import TemplateUrlFor
    from flask_gotchas.templates import Reader

_ACTION = re.compile(r"""\saction\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_SCRIPTED = re.compile(r"on|hx-|data-hx-|x-|v-|@|:|up-|data-remote|data-turbo|ng-|dropzone")


class _Tag(NamedTuple):
    start: int
    end: int
    attributes: dict[str, str | None]

    @property
    def is_known(self) -> bool:
        """Tell whether no construct gives attributes as a whole."""
        return not any(MARK in name for name in self.attributes)

    def text(self, name: str) -> str | None:
        """Give an attribute, empty if there is none; None when it cannot be known."""
        value = self.attributes.get(name) or ""
        return value.strip().lower() if self.is_known and MARK not in value else None


class _OpenForm(NamedTuple):
    tag: _Tag
    files: list[Location]
    scripts: list[bool]


class _FormParser(HTMLParser):
    """Collects forms with the offsets of their tags."""

    def __init__(self, reader: Reader) -> None:
        super().__init__()
        self.reader = reader
        self.found: list[tuple[_OpenForm, int | None]] = []
        self._lines = Text("", reader.marked).starts
        self._open: list[_OpenForm] = []
        self.feed(reader.marked)
        self.close()
        self.found += [(form, None) for form in self._open]

    def _offset(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        name = tag.partition(MARK)[0]
        if name not in {"form", "input", "button"}:
            return
        start = self._offset()
        attributes = dict(reversed(attrs))  # the first of two with one name counts
        if tag != name:
            attributes[MARK] = None
        found = _Tag(start, start + len(self.get_starttag_text() or ""), attributes)
        if name == "form":
            self._open.append(_OpenForm(found, [], []))
            return
        for form in self._open[-1:]:
            if (
                "formaction" in attributes
                or "formmethod" in attributes
                or ("formenctype" in attributes)
            ):
                form.scripts.append(True)
            is_named = bool(attributes.get("name")) and "disabled" not in attributes
            if name == "input" and found.text("type") == "file" and is_named:
                form.files.append(self.reader.location(found.start, found.end))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self._open:
            # Of two that begin in two branches and end together, neither is known.
            self.found.append((self._open.pop(), None if self._open else self._offset()))


def forms(reader: Reader) -> Iterator[TemplateForm]:
    """Yield the forms of a template in the order in which they begin."""
    found = _FormParser(reader).found
    for form, end in sorted(found, key=lambda item: item[0].tag.start):
        tag = form.tag
        path, url_for = _action(reader, tag)
        inside = range(tag.end, end or tag.end)
        yield TemplateForm(
            method=tag.text("method"),
            path=path,
            url_for=url_for,
            enctype=tag.text("enctype"),
            files=tuple(form.files),
            has_unknown_fields=any(start in inside for start in reader.expressions),
            is_whole=end is not None and reader.branch(tag.start) == reader.branch(end),
            is_scripted=bool(form.scripts) or any(map(_SCRIPTED.match, tag.attributes)),
            at=reader.location(tag.start, tag.end),
        )


def _action(reader: Reader, tag: _Tag) -> tuple[str | None, TemplateUrlFor | None]:
    """Read where a form is sent: the text of its action, or the call that gives it."""
    if not tag.is_known:
        return None, None
    match = _ACTION.search(reader.marked, tag.start, tag.end)
    if match is None:
        return (None if "action" in tag.attributes else ""), None
    start = match.start(match.lastindex or 0)
    value = match[match.lastindex or 0]
    start += len(value) - len(value.lstrip())
    end, call = reader.calls.get(start, (start, None))
    rest = reader.marked[end : match.end(match.lastindex or 0)].strip()
    if call is not None:
        return None, call if rest[:1] in {"", "?", "#"} else None
    path = re.split("[?#]", rest, maxsplit=1)[0]
    return (None if MARK in path else path), None
