"""The hook, run by pre-commit itself in a repository of its own.

Its environment is built from this checkout without a network: pip finds what it needs among the
packages that the tests run with.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import yaml
from support import ROOT, offline_pip

from flask_gotchas import init

if TYPE_CHECKING:
    from pathlib import Path

PARTS = (
    "flask_gotchas",
    "rules",
    "pyproject.toml",
    "README.md",
    "LICENSE",
    ".pre-commit-hooks.yaml",
)
APP = """\
from flask import Flask

from shop.orders import bp

app = Flask(__name__)
app.register_blueprint(bp)
"""
ORDERS = """\
from flask import Blueprint, request

bp = Blueprint("orders", __name__)


@bp.route("/orders"{methods})
def orders():
    if request.method == "POST":
        return "ordered"
    return "orders"
"""

pytestmark = [
    pytest.mark.skipif(shutil.which("git") is None, reason="git is missing"),
    pytest.mark.skipif(
        importlib.util.find_spec("pre_commit") is None, reason="pre-commit is missing"
    ),
]


class Repository:
    """A git repository, far from the settings and hooks of whoever runs the tests."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.environment = environment
        folder.mkdir(exist_ok=True)
        self.git("init", "--quiet")

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            check=False,
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=300,
        )

    def git(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.run("git", *arguments)

    def pre_commit(self, *arguments: str) -> str:
        done = self.run(sys.executable, "-m", "pre_commit", *arguments)
        assert done.returncode == 0, done.stdout
        return done.stdout

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)

    def commit(self, *names: str) -> subprocess.CompletedProcess[str]:
        """Commit files; the hook is asked."""
        self.git("add", *names)
        return self.git("commit", "--quiet", "-m", "change")


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    return {
        **kept,
        "HOME": str(tmp_path),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "Ada",
        "GIT_AUTHOR_EMAIL": "ada@example.org",
        "GIT_COMMITTER_NAME": "Ada",
        "GIT_COMMITTER_EMAIL": "ada@example.org",
        "PRE_COMMIT_HOME": str(tmp_path / "cache"),
        "PRE_COMMIT_COLOR": "never",
        **offline_pip(),
    }


@pytest.fixture
def tool(tmp_path: Path, environment: dict[str, str]) -> str:
    """Make a repository of the tool, as one would clone it, and give its place."""
    repository = Repository(tmp_path / "tool", environment)
    for part in PARTS:
        target = repository.folder / part
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / part, target)
    assert repository.commit(".").returncode == 0
    return str(repository.folder)


@pytest.fixture
def shop(tmp_path: Path, environment: dict[str, str]) -> Repository:
    """Make a project whose parts are committed before there is a hook."""
    shop = Repository(tmp_path / "shop", environment)
    shop.write("shop/__init__.py", "")
    shop.write("shop/app.py", APP)
    shop.write("shop/orders.py", ORDERS.format(methods=""))
    assert shop.commit(".").returncode == 0
    return shop


def install(shop: Repository, repos: list[dict[str, object]]) -> None:
    shop.write(".pre-commit-config.yaml", yaml.safe_dump({"repos": repos}))
    shop.pre_commit("validate-config")
    assert "installed at" in shop.pre_commit("install")
    assert shop.commit(".pre-commit-config.yaml").returncode == 0


def test_a_commit_is_stopped_repaired_and_passes(shop: Repository, tool: str) -> None:
    revision = shop.run("git", "-C", tool, "rev-parse", "HEAD").stdout.strip()
    install(shop, [{"repo": tool, "rev": revision, "hooks": [{"id": "flask-gotchas"}]}])

    # The application that the blueprint is for is not part of the commit.
    shop.write("shop/orders.py", ORDERS.format(methods="") + "\n# changed\n")
    stopped = shop.commit("shop/orders.py")
    assert stopped.returncode == 1
    assert "shop/orders.py:8:8: FLG101 " in stopped.stdout
    assert "Found 1 problem in 1 of 1 file." in stopped.stdout
    assert shop.git("status", "--porcelain").stdout == "M  shop/orders.py\n"

    shop.write("shop/orders.py", ORDERS.format(methods=', methods=["GET", "POST"]'))
    passed = shop.commit("shop/orders.py")
    assert passed.returncode == 0, passed.stdout
    assert shop.git("status", "--porcelain").stdout == ""


def test_a_commit_is_stopped_by_what_is_fixed_in_it_and_passes_then(
    shop: Repository, tool: str
) -> None:
    revision = shop.run("git", "-C", tool, "rev-parse", "HEAD").stdout.strip()
    install(shop, [{"repo": tool, "rev": revision, "hooks": [{"id": "flask-gotchas-fix"}]}])

    changed = ORDERS.format(methods="") + "\n# changed\n"
    shop.write("shop/orders.py", changed)
    stopped = shop.commit("shop/orders.py")
    assert stopped.returncode == 1
    assert "files were modified by this hook" in stopped.stdout
    assert "Found 1 problem (1 fixed, 0 left)." in stopped.stdout
    assert shop.git("status", "--porcelain").stdout == "MM shop/orders.py\n"
    fixed = (shop.folder / "shop" / "orders.py").read_text()
    assert fixed == changed.replace('"/orders"', '"/orders", methods=["GET", "POST"]')

    passed = shop.commit("shop/orders.py")
    assert passed.returncode == 0, passed.stdout
    assert shop.git("status", "--porcelain").stdout == ""


def test_a_file_is_judged_with_the_whole_project(shop: Repository) -> None:
    """Here with the tool that is installed, as `flask-gotchas init` has it."""
    (entry,) = yaml.safe_load(init.HOOK)
    entry["hooks"][0]["entry"] = f'"{sys.executable}" -m flask_gotchas'
    shop.environment["PYTHONPATH"] = str(ROOT)
    install(shop, [entry])
    fine = ORDERS.format(methods=', methods=["GET", "POST"]')
    shop.write("shop/orders.py", fine)
    passed = shop.commit("shop/orders.py")
    assert passed.returncode == 0, passed.stdout

    shop.write("shop/app.py", "from flask import Flask\n\napp = Flask(__name__)\n")
    shop.git("commit", "--quiet", "--no-verify", "-am", "forgotten")
    shop.write("shop/orders.py", f"{fine}\n# changed\n")
    stopped = shop.commit("shop/orders.py")
    assert stopped.returncode == 1
    assert "shop/orders.py:3:1: FLG501 " in stopped.stdout

    shop.write("templates/orders.html", '{% include "gone.html" %}\n')
    shop.git("reset", "--quiet")
    template = shop.commit("templates/orders.html")
    assert "templates/orders.html:1:" in template.stdout


def test_a_baseline_does_not_shrink_in_a_commit(shop: Repository) -> None:
    (entry,) = yaml.safe_load(init.HOOK)
    entry["hooks"][0]["entry"] = f'"{sys.executable}" -m flask_gotchas --baseline known.json'
    shop.environment["PYTHONPATH"] = str(ROOT)
    done = shop.run(sys.executable, "-m", "flask_gotchas", "--write-baseline", "known.json")
    assert done.returncode == 0, done.stdout
    assert shop.commit("known.json").returncode == 0
    install(shop, [entry])
    shop.write("shop/orders.py", ORDERS.format(methods="") + "\n# changed\n")
    assert shop.commit("shop/orders.py").returncode == 0
    shop.write("shop/orders.py", ORDERS.format(methods=', methods=["GET", "POST"]'))
    assert shop.commit("shop/orders.py").returncode == 0
    assert shop.git("status", "--porcelain").stdout == ""
