"""What a Jinja template says: calls of `url_for()`, references to other templates, and HTML forms.

Jinja's own lexer and parser read it. For the forms the source goes through an HTML parser with
every Jinja construct replaced by as many marks, so that places stay and a value which a construct
has a part in is seen to be unknown. Lines are 1-based and columns 0-based in the template.
"""

from __future__ import annotations

import functools
import re
from bisect import bisect_right
from typing import TYPE_CHECKING, Any

from flask_gotchas.model import Location
from flask_gotchas.records import NamedTuple
from flask_gotchas.template_facts import (
    TemplateFacts,
    TemplateForm,
    TemplateReference,
    TemplateUrlFor,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jinja2 import Environment

# Stands for each character of a construct; of the private use area, so that no source has it.
MARK = "\ue000"
_WORDS = re.compile(r"url_for|<form|\{%[-+]?\s*(?:extends|include|import|from)\b", re.IGNORECASE)
_REFERRING = frozenset({"extends", "include", "import", "from"})
_OPENING = frozenset(
    {"autoescape", "block", "call", "filter", "for", "if", "macro", "set", "trans", "with"}
)
_TURNING = frozenset({"elif", "else", "pluralize"})


def read_template(path: str, name: str, source: str) -> TemplateFacts | None:
    """Read the source of a template; None when Jinja's standard tags do not make sense of it."""
    if not _WORDS.search(source):
        return TemplateFacts(path, name)
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    if MARK in source:
        return None
    from jinja2 import TemplateError  # noqa: PLC0415 - few runs need it

    try:
        environment().parse(source)
        reader = Reader(path, source)
    except (TemplateError, RecursionError, ValueError):
        return None
    forms: tuple[TemplateForm, ...] = ()
    if "<form" in source.lower():
        from flask_gotchas import template_forms  # noqa: PLC0415 - it imports html.parser

        forms = tuple(template_forms.forms(reader))
    return TemplateFacts(
        path=path,
        name=name,
        url_fors=tuple(reader.url_fors),
        references=tuple(reader.references),
        forms=forms,
    )


_PLAIN = frozenset(
    {
        "capitalize", "center", "default", "d", "indent", "lower", "replace", "string", "title",
        "trim", "truncate", "upper", "wordwrap",
    }
)  # fmt: skip
_TAG = re.compile(
    r"<(?:a|body|div|form|h[1-6]|head|html|li|p|span|table|td|title|ul)[\s>]", re.IGNORECASE
)
# What Jinja and Flask give to a template by themselves.
_OWN_NAMES = frozenset({"caller", "config", "csrf_token", "loop", "self", "super"})


def unescaped_output(path: str, source: str) -> tuple[str, Location] | None:
    """Find the first variable that an HTML template puts out as it is, without autoescaping.

    Values of the template's own, results of calls, and what is escaped or marked as safe are left
    out. None for a template without HTML tags, and for one that Jinja does not understand.
    """
    if not _TAG.search(source):
        return None
    from jinja2 import TemplateError, nodes  # noqa: PLC0415 - few runs need it

    try:
        tree = environment().parse(source)
    except (TemplateError, RecursionError, ValueError):
        return None
    if tree.find(nodes.EvalContextModifier):  # `autoescape`, in either of its forms
        return None
    given = _OWN_NAMES | {name.name for name in tree.find_all(nodes.Name) if name.ctx != "load"}
    for output in tree.find_all(nodes.Output):
        for part in output.nodes:
            name = _put_out(part)
            if name and name not in given:
                line = source.split("\n")[part.lineno - 1]
                column = max(line.find(name, max(line.find("{{"), 0)), 0)
                end = column + len(name)
                return name, Location(path, part.lineno, column, part.lineno, end)
    return None


def _put_out(node: Any) -> str:
    """Name the variable whose text an expression puts out; empty for anything else."""
    from jinja2 import nodes  # noqa: PLC0415

    while isinstance(node, (nodes.Filter, nodes.Getattr, nodes.Getitem)):
        if isinstance(node, nodes.Filter) and node.name not in _PLAIN:
            return ""
        node = node.node
    return node.name if isinstance(node, nodes.Name) else ""


@functools.cache
def environment() -> Environment:
    """Make the Jinja environment that knows the tags which come with Jinja."""
    from jinja2 import Environment  # noqa: PLC0415

    extensions = ("jinja2.ext.i18n", "jinja2.ext.do", "jinja2.ext.loopcontrols")
    return Environment(extensions=extensions, autoescape=True)


class _Token(NamedTuple):
    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


class Text:
    """A source with the conversion from offsets to lines and columns."""

    def __init__(self, path: str, source: str) -> None:
        self.path = path
        self.source = source
        self.starts = [0, *(match.end() for match in re.finditer("\n", source))]

    def location(self, start: int, end: int) -> Location:
        return Location(self.path, *self._place(start), *self._place(end))

    def _place(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1]


class Reader(Text):
    """The Jinja side of a template: constructs, the calls and references in them, and branches.

    `marked` is the source with marks in the place of constructs and spaces in that of comments,
    `calls` gives for the offset of an expression which is nothing but a call of `url_for()` its end
    and that call, and `expressions` are the offsets of all others.
    """

    def __init__(self, path: str, source: str) -> None:
        super().__init__(path, source)
        self.url_fors: list[TemplateUrlFor] = []
        self.references: list[TemplateReference] = []
        self.calls: dict[int, tuple[int, TemplateUrlFor]] = {}
        self.expressions: list[int] = []
        self.marked = source
        self._branches: list[tuple[int, tuple[tuple[int, int], ...]]] = [(0, ())]
        self._redefines = False
        for construct in self._constructs():
            if construct[0].kind == "variable_begin":
                self._expression(construct)
            elif construct[0].kind == "block_begin":
                self._tag(construct)
        if self._redefines:
            self.url_fors.clear()
            self.calls.clear()

    def branch(self, offset: int) -> tuple[tuple[int, int], ...]:
        """Name the blocks around an offset, from outside to inside, and which branch of each."""
        at = bisect_right(self._branches, offset, key=lambda change: change[0])
        return self._branches[at - 1][1]

    def _constructs(self) -> Iterator[list[_Token]]:
        """Yield the tokens of each construct without white space, marking all on the way."""
        construct: list[_Token] = []
        marked: list[str] = []
        done = 0
        for token in self._tokens():
            if token.kind == "data":
                continue
            construct.append(token)
            if token.kind.endswith("_end") or token.kind == "raw_begin":
                start, end = construct[0].start, token.start + len(token.text.rstrip())
                comment = construct[0].kind == "comment_begin"
                gone = re.sub(r"[^\n]", " ", self.source[start:end])
                marked += [self.source[done:start], gone if comment else MARK * (end - start)]
                done = end
                yield [part for part in construct if part.kind != "whitespace"]
                construct = []
        self.marked = "".join(marked) + self.source[done:]

    def _tokens(self) -> Iterator[_Token]:
        done = 0
        for _, kind, text in environment().lex(self.source):
            # What white space control takes away is in no token.
            done = self.source.index(text, done)
            yield _Token(kind, text, done)
            done += len(text)

    def _expression(self, tokens: list[_Token]) -> None:
        calls = self._url_fors(tokens)
        start, end = tokens[0].start, tokens[-1].start + len(tokens[-1].text.rstrip())
        if len(calls) == 1 and tokens[1].text == "url_for" and calls[0][0] == len(tokens) - 2:
            self.calls[start] = (end, calls[0][1])
        self.expressions.append(start)

    def _tag(self, tokens: list[_Token]) -> None:
        name = tokens[1].text
        names = {token.text for token in tokens if token.kind == "name"}
        if "url_for" in names:
            self._redefines |= name == "from" or (
                name in {"for", "macro", "set"} and tokens[2].text == "url_for"
            )
            self._url_fors(tokens)
        if name in _REFERRING:
            self._reference(name, tokens)
        end = tokens[-1].end
        branch = self._branches[-1][1]
        if name.startswith("end"):
            self._branches.append((tokens[0].start, branch[:-1]))
        elif name in _TURNING and branch:
            serial, number = branch[-1]
            self._branches.append((end, (*branch[:-1], (serial, number + 1))))
        elif name in _OPENING and not (name == "set" and any(t.text == "=" for t in tokens)):
            self._branches.append((end, (*branch, (tokens[0].start, 0))))

    def _url_fors(self, tokens: list[_Token]) -> list[tuple[int, TemplateUrlFor]]:
        """Read the calls of `url_for()` in a construct, each with the index of its last token."""
        found: list[tuple[int, TemplateUrlFor]] = []
        for index, token in enumerate(tokens[:-1]):
            if token.kind != "name" or token.text != "url_for" or tokens[index + 1].text != "(":
                continue
            if tokens[index - 1].text in {".", "|", "macro"}:
                continue
            last = _closing(tokens, index + 1)
            call = self._node("{{" + self.source[token.start : tokens[last].end] + "}}").nodes[0]
            found.append((last, _url_for(call, self.location(token.start, tokens[last].end))))
        self.url_fors += [call for _, call in found]
        return found

    def _reference(self, kind: str, tokens: list[_Token]) -> None:
        text = self.source[tokens[0].start : tokens[-1].end]
        node = self._node(text)
        strings = [token for token in tokens if token.kind == "string"]
        names = _names(node.template)
        first = strings[0] if names and strings else tokens[1]
        self.references.append(
            TemplateReference(
                kind=kind,
                names=names,
                ignores_missing=getattr(node, "ignore_missing", False),
                at=self.location(first.start, first.end),
            )
        )

    def _node(self, text: str) -> Any:
        """Parse a part of the source that makes one node."""
        return environment().parse(text).body[0]


def _closing(tokens: list[_Token], opening: int) -> int:
    depth = 0
    for index in range(opening, len(tokens)):
        if tokens[index].kind == "operator":
            depth += (tokens[index].text in "([{") - (tokens[index].text in ")]}")
            if depth == 0:
                return index
    raise ValueError("a call is never closed")


def _url_for(call: Any, at: Location) -> TemplateUrlFor:
    keywords = {keyword.key: keyword.value for keyword in call.kwargs}
    first = call.args[0] if call.args else keywords.pop("endpoint", None)
    return TemplateUrlFor(
        endpoint=_text(first),
        keywords=tuple(keywords),
        unpacked=call.dyn_args is not None or call.dyn_kwargs is not None,
        positional=len(call.args),
        at=at,
    )


def _names(node: Any) -> tuple[str, ...]:
    from jinja2 import nodes  # noqa: PLC0415

    items = node.items if isinstance(node, (nodes.List, nodes.Tuple)) else [node]
    texts = [_text(item) for item in items]
    return tuple(text for text in texts if text is not None) if None not in texts else ()


def _text(node: Any) -> str | None:
    from jinja2 import nodes  # noqa: PLC0415

    return node.value if isinstance(node, nodes.Const) and isinstance(node.value, str) else None
