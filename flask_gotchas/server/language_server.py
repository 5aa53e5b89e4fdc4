"""What the editor asks and tells, and what it is told: the protocol, by pygls.

One thread works and the event loop only talks. So a newer edit is noticed at once, and ends the
check of an older one.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import sys
import traceback
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import unquote

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer

from flask_gotchas import (
    __version__,
    discover,
    docs,
    lean_import,  # noqa: F401 - before LibCST comes in another way
)
from flask_gotchas.model import Severity
from flask_gotchas.reporters import clean
from flask_gotchas.server.answers import FIX_ALL, Answers
from flask_gotchas.server.documents import Document, Lines, path_of, uri_of
from flask_gotchas.server.projects import Projects, Superseded
from flask_gotchas.source import UnparsableError, decode
from flask_gotchas.ways import read_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from flask_gotchas.model import Diagnostic, Location
    from flask_gotchas.server.projects import Checked

T = TypeVar("T")

SOURCE: Final = "flask-gotchas"

# Seconds to wait for more: while somebody types, and while an editor opens or saves many files.
_WHILE_TYPING: Final = 0.2
_AT_ONCE: Final = 0.03
# So many files to read are worth a bar.
_MANY: Final = 50

_SEVERITIES: Final = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
}
_TAGS: Final = {
    "FLG002": [types.DiagnosticTag.Unnecessary],
    "FLG701": [types.DiagnosticTag.Deprecated],
}
# What is read of a project beside its Python files, wherever it is.
_WATCHED: Final = (
    "**/*.{py,pyw,html,htm,xhtml,jinja,jinja2,j2}",
    "**/templates/**",
    "**/*.{toml,cfg,ini,txt,in,lock,yml,yaml,service,sh,env}",
    "**/{Procfile,Pipfile,.gitignore,.flaskenv,.env,Dockerfile*}",
)


class Server(LanguageServer):
    """The server, with what the editor has open and what was found there."""

    def __init__(self) -> None:
        super().__init__(
            SOURCE, __version__, text_document_sync_kind=types.TextDocumentSyncKind.Full
        )
        self.documents: dict[str, Document] = {}
        self.checked: dict[str, Checked] = {}
        self.projects = Projects()
        self._published: dict[str, tuple[int | None, list[types.Diagnostic]]] = {}
        self._said: set[str] = set()
        self._changed: set[str] | None = set()
        self._steady = True
        self._changes = 0
        self._due = 0.0
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._worker = ThreadPoolExecutor(1, "check")
        self._bar = _Bar(self)
        self._task: asyncio.Task[None] | None = None

    # -- what has changed

    def take(self, uri: str) -> None:
        """Take the text of an open document, unless it is none of ours."""
        opened = self.workspace.text_documents.get(unquote(uri))
        if opened is None:
            return
        path = path_of(uri)
        is_python = path is not None and path.endswith(discover.SUFFIXES)
        is_template = path is not None and discover.is_template(path)
        if is_python or is_template or uri.startswith("untitled:"):
            self.documents[uri] = Document(uri, path, opened.source, opened.version)

    def forget(self, uri: str) -> None:
        """Drop a document and what was shown in it."""
        self.documents.pop(uri, None)
        self.checked.pop(uri, None)
        if self._published.pop(uri, None):
            self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))

    def touch(
        self, uris: Iterable[str] | None, delay: float = _AT_ONCE, *, steady: bool = False
    ) -> None:
        """Check soon, since some documents, or with None anything, may have changed.

        `steady` tells that no file has, as far as anybody knows.
        """
        self._note(uris, steady=steady)
        self._changes += 1
        self._due = asyncio.get_running_loop().time() + delay
        self._idle.clear()
        self._wake.set()
        if self._task is None:
            self.loop = asyncio.get_running_loop()
            self._task = asyncio.create_task(self._work())

    def _note(self, uris: Iterable[str] | None, *, steady: bool) -> None:
        self._steady &= steady
        if uris is None or self._changed is None:
            self._changed = None
        else:
            self._changed |= set(uris)

    def stop(self) -> None:
        """Give up what is being checked."""
        self._changes += 1
        if self._task is not None:
            self._task.cancel()
        self._worker.shutdown(wait=False, cancel_futures=True)

    # -- checking

    async def _work(self) -> None:
        """Check whenever something has changed, for as long as the server runs."""
        loop = asyncio.get_running_loop()
        while True:
            await self._wake.wait()
            while (left := self._due - loop.time()) > 0:
                await asyncio.sleep(left)
            self._wake.clear()
            changes, changed, self._changed = self._changes, self._changed, set()
            steady, self._steady = self._steady, True
            documents = list(self.documents.values())
            try:
                results = await loop.run_in_executor(
                    self._worker, self._check, documents, changed, steady, changes
                )
                self._show(results)
            except Superseded:
                self._note(changed, steady=steady)
                self._wake.set()
            except Exception as error:  # noqa: BLE001 - the next edit may go well
                self.log(error)
            finally:
                self._bar.end()
            if not self._wake.is_set():
                self._idle.set()

    def _check(
        self, documents: list[Document], changed: set[str] | None, steady: bool, changes: int
    ) -> list[Checked]:
        def progress(done: int, total: int) -> None:
            self._pause(changes)
            if total >= _MANY:
                self.loop.call_soon_threadsafe(self._bar.show, done, total)

        return self.projects.check(
            documents,
            self.folders(),
            changed,
            steady=steady,
            progress=progress,
            pause=lambda: self._pause(changes),
        )

    async def settled(self, uri: str) -> Checked | None:
        """Wait for what is found in the present text of a document; None if that does not come."""
        while uri in self.documents:
            checked = self.checked.get(uri)
            if checked is not None and checked.document is self.documents[uri]:
                return checked
            if self._idle.is_set():
                return None
            await self._idle.wait()
        return None

    def shown(self, uri: str) -> list[types.Diagnostic]:
        """Give what the editor shows in a document, in our order."""
        return self._published[uri][1]

    async def in_worker(self, work: Callable[[Callable[[], None]], T]) -> T:
        """Let the worker do something that ends with Superseded as soon as anything changes."""
        changes = self._changes
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._worker, work, lambda: self._pause(changes))

    def _pause(self, changes: int) -> None:
        if self._changes != changes:
            raise Superseded

    def folders(self) -> list[str]:
        """List the folders that are open in the editor."""
        uris = [folder.uri for folder in self.workspace.folders.values()]
        if not uris and self.workspace.root_uri:
            uris = [self.workspace.root_uri]
        return [path for path in map(path_of, uris) if path is not None]

    def _show(self, results: list[Checked]) -> None:
        """Tell the editor what is new; what was found in an older text is of no use any more."""
        for message in set(self.projects.said) - self._said:
            self.window_show_message(
                types.ShowMessageParams(types.MessageType.Error, clean(message))
            )
        self._said = set(self.projects.said)
        results = [one for one in results if self.documents.get(one.document.uri) is one.document]
        self.checked |= {checked.document.uri: checked for checked in results}
        texts = _Texts(self)
        for checked in results:
            document = checked.document
            found = [self._diagnostic(one, texts) for one in checked.diagnostics]
            if self._published.get(document.uri) != (document.version, found):
                self._published[document.uri] = (document.version, found)
                self.text_document_publish_diagnostics(
                    types.PublishDiagnosticsParams(document.uri, found, document.version)
                )

    def _diagnostic(self, found: Diagnostic, texts: _Texts) -> types.Diagnostic:
        can = self.client_capabilities.text_document
        shown = can.publish_diagnostics if can is not None else None
        related = tags = None
        if shown is not None and shown.related_information and found.related:
            related = [
                types.DiagnosticRelatedInformation(texts.location(one.location), clean(one.message))
                for one in found.related
            ]
        if shown is not None and shown.tag_support is not None:
            tags = [tag for tag in _TAGS.get(found.code, ()) if tag in shown.tag_support.value_set]
        return types.Diagnostic(
            range=texts.location(found.location).range,
            message=clean(found.message),
            severity=_SEVERITIES[found.severity],
            code=found.code,
            code_description=types.CodeDescription(document_uri(found.code)),
            source=SOURCE,
            tags=tags or None,
            related_information=related,
        )

    @property
    def encoding(self) -> str:
        """The encoding in whose units columns count."""
        chosen = self.server_capabilities.position_encoding or "utf-16"
        return types.PositionEncodingKind(chosen).value

    # -- faults

    def log(self, error: BaseException) -> None:
        """Tell of a fault of ours where it disturbs nobody."""
        trace = "".join(traceback.format_exception(error))
        self.window_log_message(types.LogMessageParams(types.MessageType.Error, trace))

    def report_server_error(self, error: Exception, source: Any) -> None:  # noqa: ARG002 - pygls asks
        """Log what goes wrong in an answer, in place of a message that pops up."""
        self.log(error)


class _Bar:
    """A bar in the editor while many files are read, which takes a while the first time."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._token = ""
        self._is_open = False
        self._percent = -1

    def show(self, done: int, total: int) -> None:
        """Show how many files of how many are done."""
        window = self._server.client_capabilities.window
        if window is None or not window.work_done_progress:
            return
        percent = 100 * done // total
        if not self._token:
            self._token = f"flask-gotchas-{uuid.uuid4()}"
            asyncio.ensure_future(self._open(self._token))  # noqa: RUF006 - it ends by itself
        elif self._is_open and percent != self._percent:
            self._percent = percent
            message = f"{done} of {total} files"
            said = types.WorkDoneProgressReport(message=message, percentage=percent)
            self._server.work_done_progress.report(self._token, said)

    def end(self) -> None:
        """Take the bar away."""
        if self._is_open:
            end = types.WorkDoneProgressEnd()
            self._server.work_done_progress.end(self._token, end)
        self._token, self._is_open = "", False

    async def _open(self, token: str) -> None:
        try:
            await self._server.work_done_progress.create_async(token)
        except JsonRpcException:
            return  # there is no bar, then
        if self._token == token:
            begin = types.WorkDoneProgressBegin(SOURCE, message="reading", percentage=0)
            self._server.work_done_progress.begin(token, begin)
            self._is_open = True


class _Texts:
    """The lines of files, each made once."""

    def __init__(self, server: Server) -> None:
        self._uris = {checked.path: uri for uri, checked in server.checked.items()}
        self._documents = server.documents
        self._encoding = server.encoding
        self._lines: dict[str, Lines] = {}

    def location(self, at: Location) -> types.Location:
        """Give a place as the editor wants it."""
        uri = self._uris.get(at.path)
        if at.path not in self._lines:
            text = self._documents[uri].text if uri is not None else _read(at.path)
            self._lines[at.path] = Lines(text, self._encoding)
        return types.Location(
            uri or uri_of(os.path.abspath(at.path)), self._lines[at.path].range(at)
        )


def _read(path: str) -> str:
    try:
        return decode(read_file(path))
    except (OSError, UnparsableError):
        return ""


def document_uri(code: str) -> str:
    """Give the URI of the document of a rule."""
    return docs.load(code).path.as_uri()


def make() -> Server:
    """Make the server with its answers."""
    server = Server()
    answers = Answers(server)

    @server.feature(types.INITIALIZED)
    def initialized(_: types.InitializedParams) -> None:
        workspace = server.client_capabilities.workspace
        watched = workspace.did_change_watched_files if workspace is not None else None
        if watched is None or not watched.dynamic_registration:
            return
        options = types.DidChangeWatchedFilesRegistrationOptions(
            [types.FileSystemWatcher(pattern) for pattern in _WATCHED]
        )
        method = types.WORKSPACE_DID_CHANGE_WATCHED_FILES
        server.client_register_capability(
            types.RegistrationParams([types.Registration("watched", method, options)])
        )

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def did_open(params: types.DidOpenTextDocumentParams) -> None:
        opened = params.text_document
        if opened.uri.startswith("untitled:") and opened.language_id != "python":
            return
        server.take(opened.uri)
        server.touch([opened.uri])

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def did_change(params: types.DidChangeTextDocumentParams) -> None:
        uri = params.text_document.uri
        if uri in server.documents or path_of(uri) is not None:
            server.take(uri)
            server.touch([uri], _WHILE_TYPING, steady=True)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def did_save(params: types.DidSaveTextDocumentParams) -> None:
        uri = params.text_document.uri
        if uri not in server.documents and path_of(uri) is not None:
            server.take(uri)  # it was deleted in the meantime
        server.touch([uri])

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def did_close(params: types.DidCloseTextDocumentParams) -> None:
        server.forget(params.text_document.uri)
        server.touch(None)

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def did_change_watched_files(params: types.DidChangeWatchedFilesParams) -> None:
        for change in params.changes:
            # Some editors save a file by putting a new one in its place.
            if not os.path.lexists(path_of(change.uri) or os.curdir):
                server.forget(change.uri)
        server.touch(None, _WHILE_TYPING)

    @server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def did_change_folders(_: types.DidChangeWorkspaceFoldersParams) -> None:
        server.touch(None)

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def hover(params: types.HoverParams) -> types.Hover | None:
        return await answers.hover(params)

    kinds = [types.CodeActionKind.QuickFix, FIX_ALL]

    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION,
        types.CodeActionOptions(code_action_kinds=kinds, resolve_provider=True),
    )
    async def code_action(params: types.CodeActionParams) -> list[types.CodeAction]:
        return await answers.actions(params)

    @server.feature(types.CODE_ACTION_RESOLVE)
    async def resolve(action: types.CodeAction) -> types.CodeAction:
        return await answers.resolve(action)

    @server.feature(types.SHUTDOWN)
    def shutdown(_: None) -> None:
        server.stop()

    return server


def serve() -> None:
    """Serve an editor through standard input and output, until it is done."""
    gc.enable()  # the command line does without
    logging.getLogger("pygls").setLevel(logging.CRITICAL)
    stdin, stdout = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # nothing else may write between the messages
    server = make()
    try:
        server.start_io(stdin, stdout)
    finally:
        server.stop()  # an editor that has gone waits for nothing
