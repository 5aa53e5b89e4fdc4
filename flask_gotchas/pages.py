"""Show the document of a rule: rendered on a terminal, as plain text anywhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TextIO

from flask_gotchas import docs
from flask_gotchas.streams import wants_colour

if TYPE_CHECKING:
    from flask_gotchas.docs import RuleDoc

WIDEST: Final = 100


def show(doc: RuleDoc, out: TextIO) -> None:
    """Write a document. It is rendered by rich if that is installed and `out` shows colours."""
    if wants_colour(out):
        try:
            _render(doc, out)
        except ImportError:
            pass
        else:
            return
    out.write(docs.explain(doc))


def _render(doc: RuleDoc, out: TextIO) -> None:
    from rich.console import Console  # noqa: PLC0415 - only a terminal needs it
    from rich.markdown import Markdown  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    console = Console(file=out, force_terminal=True, highlight=False)
    console.width = min(console.width, WIDEST)
    meta = doc.meta
    console.print(Text.assemble((meta.code, "bold red"), " ", (meta.name, "bold")))
    console.print(Text(meta.summary))
    console.print(Text(docs.facts_of(meta), "dim"), end="\n\n")
    console.print(Markdown(docs.sections(doc), code_theme="ansi_dark"))
    if meta.references:
        console.print(Text("\nReferences:"))
    for reference in meta.references:
        # In one piece, so that a terminal makes a link of it.
        console.print(Text(reference, "blue"), soft_wrap=True)
