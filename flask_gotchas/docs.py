"""Find, read and show the documents of the rules, and cut out their examples.

A document is Markdown under TOML front matter. Its fenced blocks which say `bad` or `good` after
the language are examples that tests run; `file=pkg/views.py` makes neighbouring blocks of one kind
the files of one project.
"""

from __future__ import annotations

import difflib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import msgspec
import tomli

from flask_gotchas import marks
from flask_gotchas.model import Severity
from flask_gotchas.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Kind = Literal["bad", "good"]

FILE_NAME: Final = re.compile(r"(?P<code>FLG\d{3})-(?P<name>[a-z0-9-]+)\.md")
PARTS: Final = re.compile(r"\+\+\+\n(?P<front>.*?\n)\+\+\+\n(?P<body>.*)", re.DOTALL)
FENCE: Final = re.compile(r"(?P<indent> *)(?P<fence>`{3,})(?P<info>[^`]*)")
INFO: Final = re.compile(r"(?P<language>\w+) (?P<kind>bad|good)(?: file=(?P<file>\S+))? *")
# The languages whose comments may be marks.
MARKED: Final = frozenset({"html", "python"})
HEADING: Final = re.compile(r"#{1,6} ")


class DocumentError(Exception):
    """A rule document is missing or malformed; the text says which one and how."""


class UnknownRuleError(LookupError):
    """No rule has that code or name; the text suggests what may have been meant."""


class Meta(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The front matter of a document."""

    code: str
    name: str
    summary: str
    default: bool
    severity: Severity
    fixable: bool
    flask: str
    since: str
    references: tuple[str, ...]


class Expected(NamedTuple):
    """A report that an example must give, with line and column from 1 and a part of its text."""

    path: str
    line: int
    column: int
    code: str
    text: str


class Example(NamedTuple):
    """A small project from a document: its files without marks, and what must be reported."""

    kind: Kind
    files: dict[str, str]
    expected: list[Expected]
    line_in_doc: int


class RuleDoc(NamedTuple):
    """A document: where it is, its front matter, its Markdown and the line where that begins."""

    path: Path
    meta: Meta
    body: str
    first_line: int

    def examples(self) -> list[Example]:
        """Cut out the examples; raises DocumentError for a malformed one."""
        try:
            return _examples(self)
        except ValueError as error:
            raise DocumentError(f"{self.path.name}: {error}") from error


class _Block(NamedTuple):
    language: str
    kind: Kind
    file: str | None
    text: str
    line: int


def rules_dir() -> Path:
    """Find the documents, which lie in the package when installed and beside it in a checkout."""
    package = Path(__file__).resolve().parent
    packaged = package / "_rules"
    if packaged.is_dir():
        return packaged
    checkout = package.parent / "rules"
    if checkout.is_dir() and _is_ours(package.parent / "pyproject.toml"):
        return checkout
    raise DocumentError("the rule documents are missing from this installation, reinstall it")


def load(code_or_name: str) -> RuleDoc:
    """Read the document of one rule; raises UnknownRuleError and DocumentError."""
    paths = _paths()
    wanted = code_or_name.strip()
    for (code, name), path in paths.items():
        if wanted.upper() == code or wanted.lower() == name:
            return read(path)
    known = [word for pair in paths for word in pair]
    near = difflib.get_close_matches(wanted.lower(), [word.lower() for word in known], n=3)
    shown = [word for word in known if word.lower() in near]
    hint = f", did you mean {' or '.join(shown)}?" if shown else ""
    raise UnknownRuleError(f"there is no rule {wanted!r}{hint}")


def all_docs() -> list[RuleDoc]:
    """Read all documents, in the order of their codes."""
    return [read(path) for path in _paths().values()]


def read(path: Path) -> RuleDoc:
    """Read a document; raises DocumentError when its front matter is not right."""
    parts = PARTS.fullmatch(path.read_text(encoding="utf-8"))
    if parts is None:
        raise DocumentError(f"{path.name}: no front matter between two lines of +++")
    try:
        meta = msgspec.convert(tomli.loads(parts["front"]), Meta)
    except (ValueError, msgspec.ValidationError) as error:  # one since msgspec 0.21
        raise DocumentError(f"{path.name}: {error}") from error
    if path.name != f"{meta.code}-{meta.name}.md":
        raise DocumentError(f"{path.name}: the front matter is of {meta.code}-{meta.name}")
    return RuleDoc(path, meta, parts["body"], parts["front"].count("\n") + 3)


def markdown(doc: RuleDoc) -> str:
    """Give a document as Markdown for a reader: its body, with pointers in place of marks."""
    return marks.replace(doc.body.strip("\n"), lambda here: _pointers(here, doc.meta.code)) + "\n"


def sections(doc: RuleDoc) -> str:
    """Give a document as `markdown` does, without its title."""
    title, _, rest = markdown(doc).partition("\n")
    return rest.lstrip("\n") if title.startswith("# ") else markdown(doc)


def facts_of(meta: Meta) -> str:
    """Say in one line what kind of rule it is."""
    facts = [
        "on by default" if meta.default else "off by default",
        meta.severity.value,
        *(["fixable"] if meta.fixable else []),
        f"Flask {meta.flask}",
        f"since {meta.since}",
    ]
    return ", ".join(facts)


def explain(doc: RuleDoc) -> str:
    """Show a document as plain text."""
    meta = doc.meta
    head = f"{meta.code} {meta.name}: {meta.summary}\n{facts_of(meta)}\n"
    references = "".join(f"\n{reference}" for reference in meta.references)
    end = f"\nReferences:{references}\n" if references else ""
    return f"{head}\n{sections(doc)}{end}"


def rules_table() -> str:
    """Make the Markdown table of all rules which the README shows."""
    rows = ["| Code | Name | Default | What it finds |", "| --- | --- | --- | --- |"]
    for doc in all_docs():
        meta = doc.meta
        default = "on" if meta.default else "off"
        summary = meta.summary.replace("|", "\\|")
        link = f"[{meta.name}](rules/{doc.path.name})"
        rows.append(f"| {meta.code} | {link} | {default} | {summary} |")
    return "\n".join(rows)


def _is_ours(pyproject: Path) -> bool:
    """Keep some other project's `rules` folder in site-packages from being taken for ours."""
    try:
        project = tomli.loads(pyproject.read_text(encoding="utf-8")).get("project")
    except (OSError, ValueError):
        return False
    return isinstance(project, dict) and project.get("name") == "flask-gotchas"


def _paths() -> dict[tuple[str, str], Path]:
    found = {}
    for path in sorted(rules_dir().iterdir()):
        match = FILE_NAME.fullmatch(path.name)
        if match:
            found[match["code"], match["name"]] = path
    return found


def _pointers(here: Sequence[marks.Mark], code: str) -> str:
    return f"# <- {', '.join(dict.fromkeys(mark.code or code for mark in here))}"


def _examples(doc: RuleDoc) -> list[Example]:
    examples: list[Example] = []
    project: list[_Block] = []

    def close() -> None:
        if project:
            examples.append(_example(project, doc.meta.code))
            project.clear()

    for block in _blocks(doc):
        if block is None or block.file is None or (project and project[0].kind != block.kind):
            close()
        if block is not None:
            project.append(block)
            if block.file is None:
                close()
    close()
    return examples


def _example(blocks: list[_Block], code: str) -> Example:
    files: dict[str, str] = {}
    expected: list[Expected] = []
    for block in blocks:
        path = block.file or "app.py"
        if path in files:
            raise ValueError(f"line {block.line}: a second {path} in the same project")
        if block.language not in MARKED:
            files[path] = block.text
            continue
        try:
            files[path] = marks.strip(block.text)
            found = marks.parse(block.text)
        except marks.MarkError as error:
            raise ValueError(f"block at line {block.line}: {error}") from error
        expected += [Expected(path, at.line, at.column, at.code or code, at.text) for at in found]
    return Example(blocks[0].kind, files, expected, blocks[0].line)


def _blocks(doc: RuleDoc) -> Iterator[_Block | None]:
    """Yield the blocks that are run, and None for a heading between them."""
    lines = enumerate(doc.body.split("\n"), start=doc.first_line)
    for number, line in lines:
        if HEADING.match(line):
            yield None
        fence = FENCE.fullmatch(line)
        if fence is None:
            continue
        if fence["indent"]:
            raise ValueError(f"line {number}: a block must begin at the left margin")
        text = []
        for _, inner in lines:
            if inner.rstrip() == fence["fence"]:
                break
            text.append(inner + "\n")
        else:
            raise ValueError(f"line {number}: the block is never closed")
        if " " not in fence["info"].strip():
            continue
        info = INFO.fullmatch(fence["info"])
        if info is None:
            raise ValueError(f"line {number}: write ```python bad or ```python good file=app.py")
        kind: Kind = "bad" if info["kind"] == "bad" else "good"
        yield _Block(info["language"], kind, info["file"], "".join(text), number)
