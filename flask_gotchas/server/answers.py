"""What the editor gets when it asks: repairs for what is reported, and what it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

from lsprotocol import types

from flask_gotchas import add_noqa, docs
from flask_gotchas.rule import Fixing, all_rules
from flask_gotchas.server.documents import Lines
from flask_gotchas.server.projects import Checked, Superseded
from flask_gotchas.source import decode

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from flask_gotchas.model import Diagnostic
    from flask_gotchas.server.language_server import Server

T = TypeVar("T")

FIX_ALL: Final = f"{types.CodeActionKind.SourceFixAll.value}.flaskGotchas"


class Answers:
    """Answers about the documents that a server has checked."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._fixes: dict[str, tuple[Checked, tuple[Diagnostic, ...]]] = {}

    # -- what is reported

    async def hover(self, params: types.HoverParams) -> types.Hover | None:
        """Show the documents of the rules that report something at a place."""
        at = params.position
        found = await self._found(params.text_document.uri, types.Range(at, at))
        if found is None or not found[1]:
            return None
        shown = {one.code: at for one, at in found[1]}
        can = self._server.client_capabilities.text_document
        formats = can.hover.content_format if can is not None and can.hover is not None else None
        kind = types.MarkupKind.Markdown
        if formats and kind not in formats:
            kind = types.MarkupKind.PlainText
        show = _markdown if kind is types.MarkupKind.Markdown else docs.explain
        text = "\n\n---\n\n".join(show(docs.load(code)).strip() for code in shown)
        return types.Hover(types.MarkupContent(kind, text), next(iter(shown.values())).range)

    # -- repairs

    async def actions(self, params: types.CodeActionParams) -> list[types.CodeAction]:
        """Offer what can be done about the reports in a range."""
        found = await self._found(params.text_document.uri, params.range)
        if found is None or not found[0].document.is_exact:
            return []
        checked, here = found
        actions: list[types.CodeAction] = []
        if _is_asked(types.CodeActionKind.QuickFix.value, params.context.only):
            actions += await self._quick_fixes(checked, here)
        if _is_asked(FIX_ALL, params.context.only) and _can_fix(checked.diagnostics, Fixing.SAFE):
            action = types.CodeAction(
                "Fix all that flask-gotchas can safely fix",
                kind=FIX_ALL,
                data={"uri": checked.document.uri},
            )
            if params.context.only or not self._can_resolve:
                action = await self.resolve(action)
            if action.edit is None or action.edit.changes or action.edit.document_changes:
                actions.append(action)
        return actions

    async def resolve(self, action: types.CodeAction) -> types.CodeAction:
        """Find out what "Fix all" changes, which takes a trial."""
        data: Any = action.data
        checked = await self._server.settled(data["uri"])
        action.edit = types.WorkspaceEdit()
        if checked is not None:
            projects = self._server.projects
            new = await self._work(lambda pause: projects.fixed(checked, pause))
            if new is not None:
                action.edit = self._edit(checked, self._lines(checked).difference(new))
        return action

    async def _quick_fixes(
        self, checked: Checked, here: Sequence[tuple[Diagnostic, types.Diagnostic]]
    ) -> list[types.CodeAction]:
        lines = self._lines(checked)
        fixed: dict[int, Diagnostic] = {}
        if _can_fix([found for found, _ in here], Fixing.SAFE, Fixing.SUGGESTED):
            tried = await self._with_fixes(checked)
            fixed = {id(one): other for one, other in zip(checked.diagnostics, tried, strict=True)}
        actions = []
        for found, shown in here:
            fix = fixed[id(found)].fix if fixed else None
            if fix is not None:
                actions.append(
                    types.CodeAction(
                        fix.message,
                        kind=types.CodeActionKind.QuickFix,
                        diagnostics=[shown],
                        is_preferred=fix.safe or None,
                        edit=self._edit(checked, lines.edits(fix.edits)),
                    )
                )
        silent: set[str] = set()
        for found, shown in here:
            if found.code in add_noqa.NEVER or found.code in silent:
                continue
            silent.add(found.code)
            line = [one for one in checked.diagnostics if _is_beside(one, found)]
            new, comments, _ = add_noqa.silenced(checked.path, checked.document.data, line)
            if comments:
                actions.append(
                    types.CodeAction(
                        f"Silence {found.code} in this line",
                        kind=types.CodeActionKind.QuickFix,
                        diagnostics=[shown],
                        edit=self._edit(checked, lines.difference(decode(new))),
                    )
                )
        return actions

    async def _with_fixes(self, checked: Checked) -> tuple[Diagnostic, ...]:
        """Try the fixes of a document, once for each of its texts."""
        uri = checked.document.uri
        before = self._fixes.get(uri)
        if before is not None and before[0] is checked:
            return before[1]
        projects = self._server.projects
        found = await self._work(lambda pause: projects.with_fixes(checked, pause))
        if found is not None:
            self._fixes[uri] = (checked, found)
        return found or checked.diagnostics

    # -- helpers

    async def _found(
        self, uri: str, place: types.Range
    ) -> tuple[Checked, list[tuple[Diagnostic, types.Diagnostic]]] | None:
        """Give what was found in a range, as we have it and as it is shown."""
        checked = await self._server.settled(uri)
        if checked is None:
            return None
        shown = self._server.shown(uri)
        pairs = zip(checked.diagnostics, shown, strict=True)
        return checked, [(one, other) for one, other in pairs if _touch(other.range, place)]

    async def _work(self, work: Callable[[Callable[[], None]], T]) -> T | None:
        """Let the worker do something; None if that has become needless."""
        try:
            return await self._server.in_worker(work)
        except Superseded:
            return None

    def _lines(self, checked: Checked) -> Lines:
        return Lines(checked.document.text, self._server.encoding)

    def _edit(self, checked: Checked, edits: list[types.TextEdit]) -> types.WorkspaceEdit:
        document = checked.document
        workspace = self._server.client_capabilities.workspace
        can = workspace.workspace_edit if workspace is not None else None
        if not edits:
            return types.WorkspaceEdit()
        if can is None or not can.document_changes:
            return types.WorkspaceEdit(changes={document.uri: edits})
        identifier = types.OptionalVersionedTextDocumentIdentifier(
            uri=document.uri, version=document.version
        )
        return types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(identifier, edits)])

    @property
    def _can_resolve(self) -> bool:
        can = self._server.client_capabilities.text_document
        support = can.code_action.resolve_support if can and can.code_action else None
        return support is not None and "edit" in support.properties


def _markdown(doc: docs.RuleDoc) -> str:
    references = "".join(f"\n* <{reference}>" for reference in doc.meta.references)
    return docs.markdown(doc) + (f"\n## References\n{references}\n" if references else "")


def _can_fix(found: Sequence[Diagnostic], *kinds: Fixing) -> bool:
    return any(all_rules()[one.code].fixing in kinds for one in found)


def _is_beside(one: Diagnostic, other: Diagnostic) -> bool:
    """Tell whether two reports of the same rule are in the same line."""
    return one.code == other.code and one.location.line == other.location.line


def _is_asked(kind: str, only: Sequence[str] | None) -> bool:
    """Tell whether a kind is among those that are asked for, each of which stands for its own."""
    asked = [one.value if isinstance(one, types.CodeActionKind) else one for one in only or ()]
    return not asked or any(kind == one or kind.startswith(f"{one}.") for one in asked)


def _touch(one: types.Range, other: types.Range) -> bool:
    return one.start <= other.end and other.start <= one.end
