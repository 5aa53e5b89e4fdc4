"""A variable that Flask no longer reads, in the files of a deployment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flask_gotchas import settings
from flask_gotchas.run import run

if TYPE_CHECKING:
    from pathlib import Path

APP = "from flask import Flask\n\napp = Flask(__name__)\n"
RULE = "FLG702"


def places(folder: Path, files: dict[str, str]) -> list[tuple[str, int, int]]:
    for name, text in {"pyproject.toml": "", "app.py": APP, **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    report = run([str(folder)], settings.load(folder, {"select": RULE}))
    prefix = f"{folder}/"
    assert {found.code for found in report.diagnostics} <= {RULE}
    return [
        (found.location.path.removeprefix(prefix), found.location.line, found.location.column)
        for found in report.diagnostics
    ]


@pytest.mark.parametrize(
    ("name", "text", "line", "column"),
    [
        (".env", "A=1\nFLASK_ENV=development\n", 2, 0),
        (".flaskenv", "export FLASK_ENV='testing'\n", 1, 7),
        (".env", "FLASK_ENV = development # for now\n", 1, 0),
        ("deploy/prod.env", "FLASK_ENV=staging\n", 1, 0),
        ("Dockerfile", "FROM python\nENV FLASK_ENV=development\n", 2, 4),
        ("Dockerfile.dev", "ENV FLASK_ENV development\n", 1, 4),
        ("Dockerfile", "ENV A=1 \\\n    FLASK_ENV=development\n", 2, 4),
        ("Dockerfile", "ENV A=1 FLASK_ENV=development\n", 1, 8),
        ("docker-compose.yml", "environment:\n  - FLASK_ENV=development\n", 2, 4),
        ("compose.yaml", "environment:\n  FLASK_ENV: 'development'\n", 2, 2),
        ("Procfile", "web: A=1 FLASK_ENV=development flask run\n", 1, 9),
        ("web.service", '[Service]\nEnvironment="FLASK_ENV=development"\n', 2, 13),
    ],
)
def test_a_variable_is_found(name: str, text: str, line: int, column: int, tmp_path: Path) -> None:
    assert places(tmp_path, {name: text}) == [(name, line, column)]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (".env", "FLASK_ENV=production\n"),
        (".env", "FLASK_ENV=\n"),
        (".env", "# FLASK_ENV=development\n"),
        (".env", "MY_FLASK_ENV=development\nFLASK_ENVIRONMENT=development\n"),
        (".env", "FLASK_DEBUG=1\n"),
        ("Dockerfile", "RUN FLASK_ENV=development make\n"),
        ("compose.yml", "environment:\n  FLASK_ENV: ${MODE}\n"),
        ("README.md", "FLASK_ENV=development\n"),
        ("tests/.env", "FLASK_ENV=development\n"),
    ],
)
def test_what_is_harmless_or_not_known_is_not(name: str, text: str, tmp_path: Path) -> None:
    assert places(tmp_path, {name: text}) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("config.py", "import os\n\nMODE = os.environ.get('FLASK_ENV')\n"),
        ("start.sh", '[ "$FLASK_ENV" = development ] && flask run --debug\n'),
        ("compose.yml", "command: run --mode ${FLASK_ENV:-testing}\n"),
        ("requirements.txt", "flask<2.3\n"),
        ("app.py", "print()\n"),
    ],
)
def test_a_variable_that_something_reads_is_no_mistake(
    name: str, text: str, tmp_path: Path
) -> None:
    assert places(tmp_path, {".env": "FLASK_ENV=development\n", name: text}) == []


def test_only_what_was_asked_for_is_reported(tmp_path: Path) -> None:
    assert places(tmp_path, {".env": "FLASK_ENV=development\n"})
    report = run([str(tmp_path / "app.py")], settings.load(tmp_path, {"select": RULE}))
    assert report.diagnostics == ()
