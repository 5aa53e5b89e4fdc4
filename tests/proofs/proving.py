"""How a proof gets hold of the examples of a rule's document and lets Flask run them."""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
from importlib import metadata
from typing import TYPE_CHECKING, NamedTuple

from flask_gotchas import docs

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

    from flask.testing import FlaskClient


def installed(distribution: str) -> tuple[int, int]:
    """Give the major and minor version of an installed package."""
    major, minor = re.findall(r"\d+", metadata.version(distribution))[:2]
    return int(major), int(minor)


FLASK = installed("flask")
WERKZEUG = installed("werkzeug")


def bad(rule: str, number: int = 0) -> docs.Example:
    """Give a bad example of a rule's document, by code or name and counted from 0."""
    return _example(rule, "bad", number)


def good(rule: str, number: int = 0) -> docs.Example:
    """Give a good example of a rule's document, by code or name and counted from 0."""
    return _example(rule, "good", number)


def repaired(rule: str, number: int = 0) -> docs.Example:
    """Give a bad example with its fix, by code or name and counted from 0."""
    from support import fixed

    example, diff = fixed(docs.load(rule).meta.code, bad(rule, number))
    assert diff
    return example


def _example(rule: str, kind: docs.Kind, number: int) -> docs.Example:
    return [example for example in docs.load(rule).examples() if example.kind == kind][number]


class Site(NamedTuple):
    """An example in a folder of its own, written there by the fixture `site`."""

    folder: Path

    def load(self, module: str = "app") -> ModuleType:
        """Import a module of the example, or give it again if it was imported before."""
        importlib.invalidate_caches()
        return importlib.import_module(module)

    def client(self, module: str = "app", app: str = "app") -> FlaskClient:
        """Import a module and give a test client of the application in it."""
        client: FlaskClient = getattr(self.load(module), app).test_client()
        return client

    def run(
        self, *arguments: str, timeout: float = 60, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run Python on the example, as in `run("app.py")` or `run("-m", "flask", "routes")`.

        Flask's own variables are taken out of the environment, those given are put in.
        """
        variables = {key: at for key, at in os.environ.items() if not key.startswith("FLASK_")}
        variables |= {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1", **environment}
        return subprocess.run(
            [sys.executable, *arguments],
            check=False,
            cwd=self.folder,
            env=variables,
            capture_output=True,
            encoding="utf-8",
            stdin=subprocess.DEVNULL,
            timeout=timeout,
        )
