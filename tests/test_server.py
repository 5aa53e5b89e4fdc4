"""The language server, asked by a real client as editors ask it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("pytest_lsp", reason="the extra `lsp` is not installed")

from lsprotocol import types
from pytest_lsp import LanguageClient, client_capabilities
from support import ROOT

from flask_gotchas import docs

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from pathlib import Path

pytestmark = pytest.mark.asyncio

PATIENCE = 60.0
APP = """\
from flask import Flask, url_for

app = Flask(__name__)


@app.get("/")
def index():
    return url_for("people")


@app.get("/people")
def people():
    return "people"
"""
OUTSIDE = 'from flask import current_app\n\nprint(current_app.name, "found")\n'


class Editor:
    """An editor with a folder open, and what the server has told it."""

    def __init__(self, folder: Path, capabilities: types.ClientCapabilities) -> None:
        self.folder = folder
        self.capabilities = capabilities
        self.shown: dict[str, types.PublishDiagnosticsParams] = {}
        self.times: dict[str, int] = {}
        self.said: list[str] = []
        self.logged: list[str] = []
        self.registered: list[types.Registration] = []
        self.client = client = LanguageClient()
        self._versions: dict[str, int] = {}

        hears: dict[str, Callable[[Any], None]] = {
            types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS: lambda params: self._show(params),  # noqa: PLW0108 - pygls marks it
            types.WINDOW_SHOW_MESSAGE: lambda params: self.said.append(params.message),
            types.WINDOW_LOG_MESSAGE: lambda params: self.logged.append(params.message),
            types.CLIENT_REGISTER_CAPABILITY: lambda params: self.registered.extend(
                params.registrations
            ),
        }
        for method, handler in hears.items():
            client.feature(method)(handler)

    def _show(self, params: types.PublishDiagnosticsParams) -> None:
        self.shown[params.uri] = params
        self.times[params.uri] = self.times.get(params.uri, 0) + 1

    # -- what the user does

    def open(self, name: str, text: str | None = None, language: str = "python") -> str:
        uri = self.uri(name)
        if text is None:
            text = (self.folder / name).read_text(encoding="utf-8")
        self._versions[uri] = 1
        item = types.TextDocumentItem(uri, language, 1, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        return uri

    def edit(self, name: str, text: str) -> None:
        uri = self.uri(name)
        self._versions[uri] += 1
        self.client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(version=self._versions[uri], uri=uri),
                [types.TextDocumentContentChangeWholeDocument(text)],
            )
        )

    def save(self, name: str) -> None:
        item = types.TextDocumentIdentifier(self.uri(name))
        self.client.text_document_did_save(types.DidSaveTextDocumentParams(item))

    def close(self, name: str) -> None:
        item = types.TextDocumentIdentifier(self.uri(name))
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(item))

    def changed_on_disk(self, name: str, kind: types.FileChangeType) -> None:
        event = types.FileEvent(self.uri(name), kind)
        self.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([event]))

    # -- what the user sees

    def uri(self, name: str) -> str:
        return name if ":" in name else (self.folder / name).as_uri()

    async def until(self, is_so: Callable[[], bool], why: str = "") -> None:
        end = time.monotonic() + PATIENCE
        while not is_so():
            assert time.monotonic() < end, why or f"{self.shown} {self.said} {self.logged}"
            await asyncio.sleep(0.01)

    async def found(self, name: str) -> list[types.Diagnostic]:
        """Wait for what is found in the current text of a document."""
        uri = self.uri(name)
        version = self._versions[uri]
        await self.until(lambda: uri in self.shown and self.shown[uri].version == version)
        return list(self.shown[uri].diagnostics)

    async def codes(self, name: str) -> list[str]:
        return [f"{one.code}:{one.range.start.line + 1}" for one in await self.found(name)]

    async def becomes(self, name: str, codes: list[str]) -> None:
        """Wait until just these codes are shown, though the document has not changed."""

        def shown() -> list[object]:
            params = self.shown.get(self.uri(name))
            return [one.code for one in params.diagnostics] if params is not None else []

        await self.until(lambda: shown() == codes, f"{shown()} {self.said} {self.logged}")


def capabilities(**changes: Any) -> types.ClientCapabilities:
    """Give those of VS Code, perhaps with other encodings of places."""
    found = client_capabilities("visual-studio-code")
    if "encodings" in changes:
        found.general = types.GeneralClientCapabilities(position_encodings=changes["encodings"])
    return found


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}


@contextlib.asynccontextmanager
async def editing(
    folder: Path, *more: Path, can: types.ClientCapabilities | None = None
) -> AsyncIterator[Editor]:
    """Start a server for an editor with some folders open, and end it as editors do."""
    editor = Editor(folder, can or capabilities())
    command = [sys.executable, "-m", "flask_gotchas", "server", "--stdio"]
    await editor.client.start_io(*command, env=environment(), cwd=str(folder))
    await editor.client.initialize_session(
        types.InitializeParams(
            capabilities=editor.capabilities,
            workspace_folders=[
                types.WorkspaceFolder(one.as_uri(), one.name) for one in (folder, *more)
            ],
        )
    )
    try:
        yield editor
        assert editor.logged == []
    finally:
        await editor.client.shutdown_session()
        await editor.client.stop()  # type: ignore[no-untyped-call]


def write(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


async def test_an_opened_file_is_reported_with_all_that_an_editor_shows(tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": "", "app.py": APP.replace('"/people"', '"/"')})
    async with editing(tmp_path) as editor:
        editor.open("app.py")
        [found] = await editor.found("app.py")
        assert found.code == "FLG107"
        assert found.source == "flask-gotchas"
        assert found.severity == types.DiagnosticSeverity.Warning
        assert "`people`" in found.message
        assert found.code_description is not None
        assert found.code_description.href == docs.load("FLG107").path.as_uri()
        assert found.range.start == types.Position(10, 0)
        assert found.related_information is not None
        [related] = found.related_information
        assert (related.location.uri, related.location.range.start.line) == (
            editor.uri("app.py"),
            5,
        )


async def test_unsaved_text_is_what_counts(tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": "", "app.py": APP})
    async with editing(tmp_path) as editor:
        editor.open("app.py")
        assert await editor.codes("app.py") == []
        editor.edit("app.py", APP.replace('url_for("people")', 'url_for("nobody")'))
        assert await editor.codes("app.py") == ["FLG104:8"]
        editor.edit("app.py", APP)
        assert await editor.codes("app.py") == []


async def test_an_edit_in_one_file_changes_reports_in_another(tmp_path: Path) -> None:
    views = 'from app import app\n\n\n@app.get("/people")\ndef people():\n    return "people"\n'
    app = "from flask import Flask, url_for\n\napp = Flask(__name__)\nimport views\n\n\n"
    app += '@app.get("/")\ndef index():\n    return url_for("people")\n'
    write(tmp_path, {"pyproject.toml": "", "app.py": app, "views.py": views})
    async with editing(tmp_path) as editor:
        editor.open("app.py")
        editor.open("views.py")
        assert await editor.codes("app.py") == []
        editor.edit("views.py", views.replace("def people", "def persons"))
        await editor.becomes("app.py", ["FLG104"])
        editor.edit("views.py", views)
        await editor.becomes("app.py", [])
