"""The language server, asked by a real client as editors ask it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
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
        self.progress: list[Any] = []
        self.registered: list[types.Registration] = []
        self.client = client = LanguageClient()
        self._versions: dict[str, int] = {}
        self._texts: dict[str, str] = {}

        hears: dict[str, Callable[[Any], None]] = {
            types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS: lambda params: self._show(params),  # noqa: PLW0108 - pygls marks it
            types.WINDOW_SHOW_MESSAGE: lambda params: self.said.append(params.message),
            types.WINDOW_LOG_MESSAGE: lambda params: self.logged.append(params.message),
            types.CLIENT_REGISTER_CAPABILITY: lambda params: self.registered.extend(
                params.registrations
            ),
        }
        hears |= {
            types.WINDOW_WORK_DONE_PROGRESS_CREATE: lambda _: None,
            types.PROGRESS: lambda params: self.progress.append(params.value),
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
        self._texts[uri] = text
        item = types.TextDocumentItem(uri, language, 1, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        return uri

    def edit(self, name: str, text: str) -> None:
        uri = self.uri(name)
        self._versions[uri] += 1
        self._texts[uri] = text
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

    async def actions(
        self, name: str, place: types.Range, only: list[types.CodeActionKind | str] | None = None
    ) -> list[types.CodeAction]:
        params = types.CodeActionParams(
            types.TextDocumentIdentifier(self.uri(name)),
            place,
            types.CodeActionContext([], only=only),
        )
        found = await self.client.text_document_code_action_async(params)
        return [one for one in found or () if isinstance(one, types.CodeAction)]

    async def hover(self, name: str, at: types.Position) -> types.Hover | None:
        item = types.TextDocumentIdentifier(self.uri(name))
        return await self.client.text_document_hover_async(types.HoverParams(item, at))

    def applied(self, name: str, action: types.CodeAction) -> str:
        """Apply an action to the text of a document, as the client would."""
        assert action.edit is not None
        edits = list((action.edit.changes or {}).get(self.uri(name), ()))
        for change in action.edit.document_changes or ():
            assert isinstance(change, types.TextDocumentEdit)
            assert change.text_document.version == self._versions[self.uri(name)]
            edits += [edit for edit in change.edits if isinstance(edit, types.TextEdit)]
        data = self._texts[self.uri(name)].encode("utf-16-le")
        starts = [
            0,
            *(2 * match.end() for match in re.finditer("\r\n?|\n", self._texts[self.uri(name)])),
        ]

        def offset(at: types.Position) -> int:
            return starts[at.line] + 2 * at.character

        for edit in sorted(edits, key=lambda edit: edit.range.start, reverse=True):
            new = edit.new_text.encode("utf-16-le")
            data = data[: offset(edit.range.start)] + new + data[offset(edit.range.end) :]
        return data.decode("utf-16-le")

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


async def test_quick_fixes_come_with_the_message_of_the_fix(tmp_path: Path) -> None:
    text = "from flask import Flask\n\napp = Flask(__name__)\n\n\n"
    text += '@app.route("/", methods="POST")\ndef index():\n    return "x"\n'
    write(tmp_path, {"pyproject.toml": "", "app.py": text})
    async with editing(tmp_path) as editor:
        editor.open("app.py")
        [found] = await editor.found("app.py")
        actions = await editor.actions("app.py", found.range)
        by_title = {action.title: action for action in actions}
        [fix] = [one for one in actions if one.is_preferred]
        assert fix.kind == types.CodeActionKind.QuickFix
        assert list(fix.diagnostics or ()) == [found]
        assert editor.applied("app.py", fix) == text.replace('"POST"', '["POST"]')
        silence = by_title[f"Silence {found.code} in this line"]
        assert silence.edit is not None
        [change] = silence.edit.document_changes or ()
        assert isinstance(change, types.TextDocumentEdit)
        assert [edit.new_text for edit in change.edits if isinstance(edit, types.TextEdit)] == [
            f"  # noqa: {found.code}"
        ]
        assert f"# noqa: {found.code}\n" in editor.applied("app.py", silence)
        assert not silence.is_preferred


async def test_all_is_fixed_at_once_when_it_is_asked_for(tmp_path: Path) -> None:
    text = "from flask import Flask\n\napp = Flask(__name__)\n\n\n"
    text += '@app.route("/", methods="POST")\ndef index():\n    return "x"\n\n\n'
    text += '@app.route("/b", methods="PUT")\ndef other():\n    return "x"\n'
    write(tmp_path, {"pyproject.toml": "", "app.py": text})
    async with editing(tmp_path) as editor:
        editor.open("app.py")
        assert len(await editor.found("app.py")) == 2
        start = types.Range(types.Position(0, 0), types.Position(0, 0))
        [action] = await editor.actions("app.py", start, only=["source.fixAll"])
        assert action.kind == "source.fixAll.flaskGotchas"
        good = text.replace('"POST"', '["POST"]').replace('"PUT"', '["PUT"]')
        assert editor.applied("app.py", action) == good
        editor.edit("app.py", good)
        assert await editor.codes("app.py") == []
        assert await editor.actions("app.py", start, only=["source.fixAll"]) == []


async def test_hovering_over_a_report_shows_the_document_of_the_rule(tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": "", "app.py": APP + OUTSIDE})
    async with editing(tmp_path) as editor:
        editor.open("app.py")
        [found] = await editor.found("app.py")
        hover = await editor.hover("app.py", found.range.start)
        assert hover is not None
        assert isinstance(hover.contents, types.MarkupContent)
        assert hover.contents.kind == types.MarkupKind.Markdown
        assert docs.markdown(docs.load(str(found.code))).strip() in hover.contents.value
        assert hover.range == found.range
        assert await editor.hover("app.py", types.Position(0, 0)) is None


@pytest.mark.parametrize(
    ("encodings", "start", "end"),
    [(None, 12, 28), (["utf-16"], 12, 28), (["utf-8", "utf-16"], 16, 32), (["utf-32"], 11, 27)],
)
async def test_columns_count_in_the_units_that_the_editor_asks_for(
    tmp_path: Path, encodings: list[types.PositionEncodingKind | str] | None, start: int, end: int
) -> None:
    text = 'from flask import current_app\n\n"é\U0001f600é"; x = current_app.name, "a"\n'
    write(tmp_path, {"pyproject.toml": "", "app.py": text})
    can = capabilities() if encodings is None else capabilities(encodings=encodings)
    async with editing(tmp_path, can=can) as editor:
        editor.open("app.py")
        [found] = await editor.found("app.py")
        assert found.range == types.Range(types.Position(2, start), types.Position(2, end))


async def test_a_fix_behind_astral_characters_is_in_the_right_place(tmp_path: Path) -> None:
    text = "from flask import Flask\n\napp = Flask(__name__)\r\n\n\n"
    text += '@app.route("/\U0001f600", methods="POST")\ndef index():\n    return "x"\n'
    write(tmp_path, {"pyproject.toml": ""})
    async with editing(tmp_path) as editor:
        editor.open("app.py", text)
        [found] = await editor.found("app.py")
        [fix] = [one for one in await editor.actions("app.py", found.range) if one.is_preferred]
        assert editor.applied("app.py", fix) == text.replace('"POST"', '["POST"]')


async def test_a_silenced_line_keeps_the_codes_that_are_there(tmp_path: Path) -> None:
    text = "from flask import current_app\nprint(current_app.name)  # noqa: T201\n"
    write(tmp_path, {"pyproject.toml": "", "app.py": text})
    async with editing(tmp_path) as editor:
        editor.open("app.py")
        [found] = await editor.found("app.py")
        [action] = await editor.actions("app.py", found.range)
        silent = editor.applied("app.py", action)
        assert silent == text.replace("T201", f"T201,{found.code}")
        editor.edit("app.py", silent)
        assert await editor.codes("app.py") == []


async def test_changed_settings_count_at_once(tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": "", "app.py": OUTSIDE})
    async with editing(tmp_path) as editor:
        editor.open("app.py")
        assert await editor.codes("app.py") == ["FLG201:3"]
        write(tmp_path, {"pyproject.toml": '[tool.flask-gotchas]\nignore = ["FLG201"]\n'})
        editor.changed_on_disk("pyproject.toml", types.FileChangeType.Changed)
        await editor.becomes("app.py", [])
        write(tmp_path, {"pyproject.toml": ""})
        editor.changed_on_disk("pyproject.toml", types.FileChangeType.Changed)
        await editor.becomes("app.py", ["FLG201"])
        assert editor.said == []


async def test_wrong_settings_are_told_once_and_those_from_before_stay(tmp_path: Path) -> None:
    good = '[tool.flask-gotchas]\nignore = ["FLG201"]\n'
    write(tmp_path, {"pyproject.toml": good, "app.py": OUTSIDE})
    async with editing(tmp_path) as editor:
        editor.open("app.py")
        assert await editor.codes("app.py") == []
        write(tmp_path, {"pyproject.toml": good.replace("ignore", "ingore")})
        editor.changed_on_disk("pyproject.toml", types.FileChangeType.Changed)
        await editor.until(lambda: bool(editor.said))
        editor.edit("app.py", f"{OUTSIDE}\n")
        assert await editor.codes("app.py") == []
        [message] = editor.said
        assert "pyproject.toml: ingore: unknown key; did you mean `ignore`?" in message
        assert "those from before stay" in message
        write(tmp_path, {"pyproject.toml": ""})
        editor.changed_on_disk("pyproject.toml", types.FileChangeType.Changed)
        await editor.becomes("app.py", ["FLG201"])


async def test_wrong_settings_from_the_start_leave_the_usual_ones(tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": "[tool.flask-gotchas\n", "app.py": "", "b.py": OUTSIDE})
    write(tmp_path, {"pyproject.toml": "[tool.flask-gotchas\n"})
    async with editing(tmp_path) as editor:
        editor.open("b.py")
        assert await editor.codes("b.py") == ["FLG201:3"]
        [message] = editor.said
        assert "not valid TOML" in message


async def test_what_does_not_parse_is_a_syntax_error_and_others_do_not_notice(
    tmp_path: Path,
) -> None:
    app = "from flask import Flask, url_for\n\napp = Flask(__name__)\nimport views\n\n\n"
    app += '@app.get("/")\ndef index():\n    return url_for("people")\n'
    views = 'from app import app\n\n\n@app.get("/people")\ndef people():\n    return "people"\n'
    write(tmp_path, {"pyproject.toml": "", "app.py": app, "views.py": views})
    async with editing(tmp_path) as editor:
        editor.open("app.py")
        editor.open("views.py")
        assert await editor.codes("app.py") == await editor.codes("views.py") == []
        editor.edit("views.py", views.replace('"people"\n', '"people\n'))
        assert await editor.codes("views.py") == ["FLG001:6"]
        editor.edit("app.py", f"{app}\n")
        assert await editor.codes("app.py") == []


async def test_a_closed_file_shows_nothing_and_counts_as_it_is_on_disk(tmp_path: Path) -> None:
    app = "from flask import Flask, url_for\n\napp = Flask(__name__)\nimport views\n\n\n"
    app += '@app.get("/")\ndef index():\n    return url_for("people")\n'
    views = 'from app import app\n\n\n@app.get("/people")\ndef people():\n    return "people"\n'
    write(tmp_path, {"pyproject.toml": "", "app.py": app, "views.py": views})
    async with editing(tmp_path) as editor:
        editor.open("app.py")
        editor.open("views.py", views.replace("def people", "def persons"))
        assert await editor.codes("app.py") == ["FLG104:9"]
        editor.close("views.py")
        await editor.becomes("app.py", [])
        editor.open("views.py", OUTSIDE)
        assert "FLG201:3" in await editor.codes("views.py")
        editor.close("views.py")
        await editor.becomes("views.py", [])


async def test_a_deleted_file_shows_nothing_and_is_missed_elsewhere(tmp_path: Path) -> None:
    app = "from flask import Flask, url_for\n\napp = Flask(__name__)\nimport views\n\n\n"
    app += '@app.get("/")\ndef index():\n    return url_for("people")\n'
    views = 'from app import app\n\n\n@app.get("/people")\ndef people():\n    return "people"\n'
    files = {"pyproject.toml": "", "app.py": app, "views.py": views + OUTSIDE, "other.py": ""}
    write(tmp_path, files)
    async with editing(tmp_path) as editor:
        editor.open("app.py")
        editor.open("views.py")
        assert await editor.codes("app.py") == []
        await editor.becomes("views.py", ["FLG201"])
        (tmp_path / "views.py").unlink()
        editor.changed_on_disk("views.py", types.FileChangeType.Deleted)
        await editor.becomes("views.py", [])
        await editor.becomes("app.py", ["FLG104"])
        write(tmp_path, files)
        editor.changed_on_disk("views.py", types.FileChangeType.Created)
        await editor.becomes("app.py", [])


async def test_a_file_that_another_program_changes_is_read_again(tmp_path: Path) -> None:
    app = "from flask import Flask, url_for\n\napp = Flask(__name__)\nimport views\n\n\n"
    app += '@app.get("/")\ndef index():\n    return url_for("people")\n'
    views = 'from app import app\n\n\n@app.get("/people")\ndef people():\n    return "people"\n'
    write(tmp_path, {"pyproject.toml": "", "app.py": app, "views.py": views})
    async with editing(tmp_path) as editor:
        editor.open("app.py")
        assert await editor.codes("app.py") == []
        write(tmp_path, {"views.py": views.replace("def people", "def persons")})
        editor.changed_on_disk("views.py", types.FileChangeType.Changed)
        await editor.becomes("app.py", ["FLG104"])
        assert [one.method for one in editor.registered] == ["workspace/didChangeWatchedFiles"]


async def test_a_document_that_was_never_saved_is_checked_alone(tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": "", "app.py": APP})
    async with editing(tmp_path) as editor:
        editor.open("untitled:Untitled-1", OUTSIDE)
        assert await editor.codes("untitled:Untitled-1") == ["FLG201:3"]
        [found] = await editor.found("untitled:Untitled-1")
        [action] = await editor.actions("untitled:Untitled-1", found.range)
        assert "# noqa: FLG201" in editor.applied("untitled:Untitled-1", action)
        editor.open("untitled:Untitled-2", OUTSIDE, "plaintext")
        editor.edit("untitled:Untitled-1", "")
        assert await editor.codes("untitled:Untitled-1") == []
        assert "untitled:Untitled-2" not in editor.shown


async def test_a_new_file_of_the_project_takes_part_before_it_is_saved(tmp_path: Path) -> None:
    app = "from flask import Flask, url_for\n\napp = Flask(__name__)\nimport views\n\n\n"
    app += '@app.get("/")\ndef index():\n    return url_for("people")\n'
    views = 'from app import app\n\n\n@app.get("/people")\ndef people():\n    return "people"\n'
    write(tmp_path, {"pyproject.toml": "", "app.py": app.replace('"people"', '"nobody"')})
    async with editing(tmp_path) as editor:
        editor.open("app.py")
        editor.open("views.py", views)
        assert await editor.codes("app.py") == ["FLG104:9"]
        editor.edit("app.py", app)
        assert await editor.codes("app.py") == []


async def test_several_folders_are_projects_of_their_own(tmp_path: Path) -> None:
    one = write(tmp_path / "one", {"app.py": APP})
    other = write(tmp_path / "other", {"app.py": APP.replace('url_for("people")', 'url_for("x")')})
    write(other, {"pyproject.toml": ""})
    async with editing(one, other) as editor:
        uris = [(folder / "app.py").as_uri() for folder in (one, other)]
        for folder, uri in zip((one, other), uris, strict=True):
            editor.open(uri, (folder / "app.py").read_text(encoding="utf-8"))
        assert await editor.codes(uris[0]) == []
        assert await editor.codes(uris[1]) == ["FLG104:8"]


async def test_a_folder_without_any_mark_is_a_project_because_it_is_open(tmp_path: Path) -> None:
    folder = write(tmp_path / "shop", {"app.py": APP.replace('url_for("people")', 'url_for("x")')})
    outside = write(tmp_path / "else", {"app.py": (folder / "app.py").read_text() + OUTSIDE})
    async with editing(folder) as editor:
        editor.open("app.py")
        assert await editor.codes("app.py") == ["FLG104:8"]
        # Nobody can tell what else belongs to a file outside, so nothing is concluded from absence.
        uri = (outside / "app.py").as_uri()
        editor.open(uri, (outside / "app.py").read_text(encoding="utf-8"))
        assert await editor.codes(uri) == ["FLG201:16"]


async def test_excluded_files_and_other_kinds_of_documents_show_nothing(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "pyproject.toml": '[tool.flask-gotchas]\nextend-exclude = ["old"]\n',
            "app.py": OUTSIDE,
            "old/app.py": OUTSIDE,
            "venv/lib/site-packages/x.py": OUTSIDE,
            ".git/HEAD": "",
            ".gitignore": "env/\n",
            "env/x.py": OUTSIDE,
            "notes.ipynb": OUTSIDE,
        },
    )
    async with editing(tmp_path) as editor:
        excluded = ["old/app.py", "venv/lib/site-packages/x.py", "env/x.py"]
        for name in excluded:
            editor.open(name)
        editor.open("notes.ipynb")
        cell = "vscode-notebook-cell:/notes.ipynb#W0"
        editor.open(cell, OUTSIDE)
        editor.open("git:/app.py?HEAD", OUTSIDE)
        editor.open("app.py")
        assert await editor.codes("app.py") == ["FLG201:3"]
        for name in excluded:
            assert await editor.codes(name) == []
        assert editor.uri("notes.ipynb") not in editor.shown
        assert cell not in editor.shown


async def test_templates_are_checked_with_the_code_that_shows_them(tmp_path: Path) -> None:
    app = "from flask import Flask, render_template\n\napp = Flask(__name__)\n\n\n"
    app += '@app.get("/")\ndef index():\n    return render_template("index.html")\n'
    page = "<a href=\"{{ url_for('index') }}\">x</a>\n"
    write(tmp_path, {"pyproject.toml": "", "app.py": app, "templates/index.html": page})
    async with editing(tmp_path) as editor:
        editor.open("templates/index.html", language="jinja-html")
        assert await editor.codes("templates/index.html") == []
        editor.edit("templates/index.html", page.replace("index", "nobody"))
        assert await editor.codes("templates/index.html") == ["FLG104:1"]
        [found] = await editor.found("templates/index.html")
        [action] = [
            one
            for one in await editor.actions("templates/index.html", found.range)
            if "Silence" in one.title
        ]
        silent = editor.applied("templates/index.html", action)
        assert silent.endswith("{# noqa: FLG104 #}\n")


async def test_only_the_newest_of_many_edits_is_reported_on(tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": "", "app.py": OUTSIDE})
    async with editing(tmp_path) as editor:
        uri = editor.open("app.py")
        await editor.found("app.py")
        for number in range(50):
            editor.edit("app.py", "\n" * number + OUTSIDE)
        assert await editor.codes("app.py") == ["FLG201:52"]
        assert editor.times[uri] < 10


async def test_a_message_that_makes_no_sense_does_not_end_the_server(tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": "", "app.py": OUTSIDE})
    async with editing(tmp_path) as editor:
        for uri in ("file:///a%00b.py", "file://[::1/x.py", "file:", "nonsense", "file:///%ff.py"):
            item = types.TextDocumentItem(uri, "python", 1, OUTSIDE)
            editor.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        editor.client.protocol.notify("flaskGotchas/unknown", {})
        editor.open("bad.py", '# coding: nonsense\n"\ud800"\n' + OUTSIDE)
        assert await editor.codes("bad.py") == ["FLG001:1"]
        editor.open("app.py")
        assert await editor.codes("app.py") == ["FLG201:3"]
        editor.logged.clear()


async def test_a_text_that_a_rule_searches_counts_as_it_is_now(tmp_path: Path) -> None:
    app = "from flask import Flask\n\napp = Flask(__name__)\n"
    views = 'from app import app\n\n\n@app.get("/people")\ndef people():\n    return "people"\n'
    write(tmp_path, {"pyproject.toml": "", "app.py": app, "views.py": views})
    async with editing(tmp_path) as editor:
        editor.open("app.py")
        editor.open("views.py")
        assert await editor.codes("views.py") == ["FLG507:4"]
        editor.edit("app.py", f"{app}# import_module(name)\n")
        await editor.becomes("views.py", [])
        editor.edit("app.py", f"{app}# import\n")
        await editor.becomes("views.py", ["FLG507"])


async def test_reports_move_with_the_text_around_them(tmp_path: Path) -> None:
    app = APP.replace('url_for("people")', 'url_for("nobody")')
    write(tmp_path, {"pyproject.toml": "", "app.py": app})
    async with editing(tmp_path) as editor:
        editor.open("app.py")
        assert await editor.codes("app.py") == ["FLG104:8"]
        editor.edit(
            "app.py", app.replace("def index():\n", "def index():\n    x = 1\n    x += 1\n")
        )
        assert await editor.codes("app.py") == ["FLG104:10"]
        editor.edit(
            "app.py", app.replace('return url_for("nobody")', 'print(); return url_for("nobody")')
        )
        [found] = await editor.found("app.py")
        assert (found.range.start.line, found.range.start.character) == (7, 20)


async def test_a_bar_shows_how_far_the_first_reading_of_a_large_project_is(tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": "", "app.py": APP})
    write(tmp_path, {f"views_{number}.py": APP for number in range(120)})
    can = capabilities()
    can.window = types.WindowClientCapabilities(work_done_progress=True)
    async with editing(tmp_path, can=can) as editor:
        editor.open("app.py")
        assert await editor.codes("app.py") == []
        await editor.until(lambda: bool(editor.progress) and editor.progress[-1]["kind"] == "end")
        kinds = [one["kind"] for one in editor.progress]
        assert kinds[0] == "begin"
        assert set(kinds[1:-1]) <= {"report"}
        editor.edit("app.py", f"{APP}\n")
        await editor.found("app.py")
        assert len(editor.progress) == len(kinds)


async def test_the_server_ends_when_the_editor_is_gone(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "flask_gotchas", "server"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=environment(),
        cwd=tmp_path,
    )
    assert process.stdin is not None
    process.stdin.write(b"Content-Length: 2\r\n\r\n{}")
    await process.stdin.drain()
    process.stdin.close()
    await asyncio.wait_for(process.communicate(), PATIENCE)
    assert process.returncode == 0
