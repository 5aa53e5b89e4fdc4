"""The simple commands of a shell text, in order."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flask_gotchas.deployment.words import expanded
from flask_gotchas.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_COMMAND_SUBSTITUTION = r"\$\((?:[^()]|\([^()]*\))*\)"
_SHELL_TOKEN = re.compile(
    rf"""
      (?P<blank>(?:[ \t\r]|\\\n)+)
    | (?P<comment>\#[^\n]*)
    | (?P<redirect>&>>?|[0-9]*(?:<<<|<<-?|<>|>>|>\||[<>]&?))
    | (?P<operator>&&|\|\||;;&?|;&|[;&|()\n])
    | (?P<word>(?:
          [^ \t\r\n\\'"`$;&|()<>]+
        | \\.
        | '[^']*'
        | "(?:[^"\\]|\\.)*"
        | `[^`]*`
        | {_COMMAND_SUBSTITUTION}
        | \$
      )+)
    """,
    re.VERBOSE | re.DOTALL,
)
_PIECE = re.compile(r"""'([^']*)'|"((?:[^"\\]|\\.)*)"|(\\.)|([^'"\\]+)""", re.DOTALL)
_OPENERS = frozenset({"if", "while", "until", "for", "select", "case", "{"})
_CLOSERS = frozenset({"fi", "done", "esac", "}"})
_KEPT_OPEN = frozenset({"then", "else", "elif", "do", "!"})
_QUESTIONS = frozenset(
    {"[", "[[", "test", "grep", "pgrep", "command", "which", "type", "hash", "false"}
)


def unquoted(raw: str, variables: Mapping[str, str]) -> list[str]:
    """Give the words that one written word of the shell stands for."""
    if not any(mark in raw for mark in "'\"\\"):
        return expanded(raw, variables).split() if "$" in raw else [raw]
    value = ""
    for single, double, escaped, plain in _PIECE.findall(raw):
        if escaped:
            value += escaped[1:].strip("\n")
        else:
            value += single + expanded(double or plain, variables)
    return [value]


class _ShellCommand(NamedTuple):
    """A simple command as written; `certain` when nothing decides whether it runs."""

    line: int
    words: list[str]
    certain: bool


class _Token(NamedTuple):
    kind: str
    text: str
    line: int


def _tokens(text: str) -> Iterator[_Token]:
    """Give the tokens of the shell without blanks, comments and here-documents."""
    at, line = 0, 1
    here_document = ""
    delimiters: list[tuple[str, bool]] = []
    while at < len(text):
        match = _SHELL_TOKEN.match(text, at)
        if match is None:
            return
        kind, written = match.lastgroup or "", match[0]
        at = match.end()
        if kind not in {"blank", "comment"}:
            yield _Token(kind, written, line)
            if here_document:
                delimiters.append((re.sub(r"[\\'\"]", "", written), here_document == "<<-"))
            here_document = written.lstrip("0123456789") if kind == "redirect" else ""
            here_document = here_document if here_document in {"<<", "<<-"} else ""
        line += written.count("\n")
        if written == "\n":
            for delimiter, is_indented in delimiters:
                at, line = _after_here_document(text, at, line, delimiter, is_indented=is_indented)
            delimiters = []


def _after_here_document(
    text: str, at: int, line: int, delimiter: str, *, is_indented: bool
) -> tuple[int, int]:
    """Give the offset and line behind the delimiter."""
    written = None
    while at < len(text) and written != delimiter:
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        written = text[at:end].lstrip("\t") if is_indented else text[at:end]
        at, line = end + 1, line + 1
    return at, line


class ShellReader:
    """Gives the simple commands of a shell text in order.

    Nothing in a condition, loop, function or subshell is certain, nor what follows a test or
    `||`: production may or may not get there.
    """

    def __init__(self) -> None:
        self._words: list[str] = []
        self._line = 1
        self._opened: list[str] = []
        self._certain = True
        self._doubtful_line = False
        self._continues = False

    def commands(self, text: str) -> Iterator[_ShellCommand]:
        skips_word = False
        for token in _tokens(f"{text}\n"):
            if token.kind == "redirect":
                skips_word = True
            elif token.kind == "word":
                if not skips_word:
                    self._take_word(token)
                skips_word = False
            else:
                skips_word = False
                # A line may end behind && and go on in the next one.
                if self._words or token.text != "\n" or not self._continues:
                    yield from self._end_command(token.text)

    def _take_word(self, token: _Token) -> None:
        word = token.text
        if self._words:
            if word == "{":
                self._opened.append(word)
                self._words = []
            else:
                self._words.append(word)
            return
        self._line = token.line
        if word in _CLOSERS:
            del self._opened[-1:]
        elif word in _OPENERS:
            self._opened.append(word)
        elif word not in _KEPT_OPEN:
            self._words.append(word)

    def _end_command(self, operator: str) -> Iterator[_ShellCommand]:
        words = self._words
        if words:
            is_sure = self._certain and not self._opened and not self._doubtful_line
            yield _ShellCommand(self._line, words, is_sure)
        self._words = []
        self._continues = operator in {"&&", "||", "|"}
        if operator == "(":
            self._doubtful_line = self._doubtful_line or bool(words)
            self._opened.append(operator)
        elif operator == ")":
            if self._opened[-1:] == ["("]:
                self._opened.pop()
        elif operator == "&&":
            self._certain = self._certain and not (words and words[0] in _QUESTIONS)
        elif operator == "||":
            self._certain = False
        elif operator != "|":
            self._certain = True
            self._doubtful_line = self._doubtful_line and operator != "\n"
