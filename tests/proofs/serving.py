"""What the development server is given, without starting one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import pytest


class Start(NamedTuple):
    """A start of the development server: where it would listen, for what, and how."""

    host: str
    port: int
    app: Any
    options: dict[str, Any]


def record(monkeypatch: pytest.MonkeyPatch) -> list[Start]:
    """Note the starts of the development server in the list that is given back."""
    starts: list[Start] = []

    def run_simple(hostname: str, port: int, application: Any, **options: Any) -> None:
        starts.append(Start(hostname, port, application, options))

    monkeypatch.setattr("werkzeug.serving.run_simple", run_simple)
    for name in ("FLASK_DEBUG", "FLASK_RUN_FROM_CLI", "WERKZEUG_RUN_MAIN"):
        monkeypatch.delenv(name, raising=False)
    return starts
