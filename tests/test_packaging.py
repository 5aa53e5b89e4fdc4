"""What is built holds what it must, wherever it is installed from."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import tomli
from support import ROOT

from flask_gotchas import __version__, docs

if TYPE_CHECKING:
    from collections.abc import Iterator

# Where a package is not called like what it is imported as.
DISTRIBUTIONS = {"yaml": "pyyaml"}


def build(source: Path, target: Path, kind: str) -> Path:
    """Build a wheel or sdist of a checkout without a network."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", kind]
    subprocess.run(
        [*command, "--directory", str(target)],
        check=True,
        cwd=source,
        capture_output=True,
        timeout=120,
    )
    (built,) = target.iterdir()
    return built


def files_of(wheel: Path) -> dict[str, bytes]:
    """Read a wheel, without the list of its own hashes."""
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if not name.endswith("/RECORD")]
        return {name: archive.read(name) for name in names}


def tool(site: Path, folder: Path, *arguments: str) -> str:
    """Run the tool that lies in a folder, and give its standard output."""
    done = subprocess.run(
        [sys.executable, "-m", "flask_gotchas", *arguments],
        check=False,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )
    assert done.returncode in (0, 1), done.stderr
    return done.stdout


def imports_of(path: Path) -> Iterator[str]:
    """Yield the names of all modules that a module imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield str(node.module)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(ROOT, tmp_path_factory.mktemp("wheel"), "wheel")


def test_a_wheel_holds_the_package_and_the_documents_and_nothing_else(wheel: Path) -> None:
    names = set(files_of(wheel))
    assert {name.split("/")[0] for name in names} == {
        "flask_gotchas",
        f"flask_gotchas-{__version__}.dist-info",
    }
    documents = {name for name in names if name.startswith("flask_gotchas/_rules/")}
    assert documents == {f"flask_gotchas/_rules/{path.name}" for path in docs.rules_dir().iterdir()}
    assert "flask_gotchas/py.typed" in names
    assert not [name for name in names if "__pycache__" in name]


def test_a_wheel_says_where_the_command_and_the_plugin_are(wheel: Path) -> None:
    files = files_of(wheel)
    points = files[f"flask_gotchas-{__version__}.dist-info/entry_points.txt"].decode()
    assert "flask-gotchas = flask_gotchas.__main__:main" in points
    assert "[flake8.extension]\nFLG = flask_gotchas.flake8_plugin:Plugin" in points
    assert f"flask_gotchas-{__version__}.dist-info/licenses/LICENSE" in files


def test_an_unpacked_wheel_explains_its_rules_and_checks_files(wheel: Path, tmp_path: Path) -> None:
    site, folder = tmp_path / "site", tmp_path / "empty"
    folder.mkdir()
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    for doc in docs.all_docs():
        text = tool(site, folder, "explain", doc.meta.code)
        assert text.startswith(f"{doc.meta.code} {doc.meta.name}: ")
    (folder / "app.py").write_text("from flask import current_app\nprint(current_app.name)\n")
    assert tool(site, folder).startswith("app.py:2:7: FLG201 ")


def test_an_sdist_makes_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    sdist = build(ROOT, tmp_path / "sdist", "sdist")
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path / "source", filter="data")
    (source,) = (tmp_path / "source").iterdir()
    for name in ("tests", "fixtures", "README.md", "CHANGELOG.md", "CONTRIBUTING.md"):
        assert (source / name).exists(), name
    again = build(source, tmp_path / "wheel", "wheel")
    assert files_of(again) == files_of(wheel)


def test_an_editable_install_finds_the_documents_of_the_checkout(tmp_path: Path) -> None:
    code = f"from hatchling.build import build_editable; build_editable({str(tmp_path)!r})"
    subprocess.run(
        [sys.executable, "-c", code], check=True, cwd=ROOT, capture_output=True, timeout=120
    )
    (built,) = tmp_path.iterdir()
    (link,) = (text for name, text in files_of(built).items() if name.endswith(".pth"))
    assert Path(link.decode().strip()) == ROOT
    code = "from flask_gotchas import docs; print(docs.rules_dir())"
    found = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": link.decode().strip()},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert Path(found.stdout.strip()) == ROOT / "rules"


def test_everything_that_is_imported_is_installed_with_it() -> None:
    project = tomli.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *extras["flake8"], *extras["lsp"], *extras["rich"]]
    installed = {re.split(r"[<>=!~;\[ ]", one)[0].lower() for one in wanted}
    imported = {
        name.partition(".")[0]
        for path in sorted((ROOT / "flask_gotchas").rglob("*.py"))
        for name in imports_of(path)
    }
    others = imported - set(sys.stdlib_module_names) - {"flask_gotchas"}
    assert {DISTRIBUTIONS.get(name, name) for name in others} - installed == set()


def test_the_hooks_run_the_command_on_python_files_and_templates() -> None:
    text = (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    hooks = [
        dict(re.findall(r"^[- ] (\w+): (.+)$", one, re.MULTILINE)) for one in text.split("\n\n")
    ]
    assert [(hook["id"], hook["entry"]) for hook in hooks] == [
        ("flask-gotchas", "flask-gotchas"),
        ("flask-gotchas-fix", "flask-gotchas --fix"),
    ]
    assert {hook["language"] for hook in hooks} == {"python"}
    assert {hook["types_or"] for hook in hooks} == {"[python, html, jinja]"}
    lines = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    assert all(re.match(r"(- |  )\w+: \S", line) for line in lines)
