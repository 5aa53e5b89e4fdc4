from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from flask_gotchas import settings
from flask_gotchas.discover import GitIgnore, PathNotFound, discover, project_files

Tree = Callable[..., None]


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tree:
    """Make a function that writes empty files, or files with a text, into the working folder."""
    monkeypatch.chdir(tmp_path)

    def write(*names: str) -> None:
        for name in names:
            path, _, text = name.partition("=")
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            Path(path).write_text(text)

    return write


def found(*paths: str, **options: Any) -> list[str]:
    given = {key.replace("_", "-"): value for key, value in options.items()}
    loaded = settings.load(settings.common_folder(paths), given)
    return discover(paths or (".",), loaded).files


# Spelling and order


def test_python_files_of_a_folder_in_order(tree: Tree) -> None:
    tree("b.py", "a.pyw", "c.pyi", "d.txt", "e.PY.orig", "pkg/z.py", "pkg/__init__.py", "py")
    assert found() == ["a.pyw", "b.py", "pkg/__init__.py", "pkg/z.py"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (".", "src/app.py"),
        ("./", "src/app.py"),
        ("src", "src/app.py"),
        ("src/", "src/app.py"),
        ("./src//", "src/app.py"),
        ("././src/.", "src/app.py"),
        ("./src/app.py", "src/app.py"),
        ("src/../src", "src/../src/app.py"),
    ],
)
def test_files_are_spelled_like_the_path_that_led_to_them(
    tree: Tree, path: str, expected: str
) -> None:
    tree("src/app.py")
    assert found(path) == [expected]


def test_parent_and_absolute_paths_stay_as_they_are(
    tree: Tree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree("src/app.py", "here/x")
    monkeypatch.chdir("here")
    assert found("../src") == ["../src/app.py"]
    assert found(str(tmp_path / "src")) == [f"{tmp_path}/src/app.py"]


def test_names_may_hold_anything(tree: Tree) -> None:
    odd = ["a\nb.py", " .py", "\udcff.py", "-x.py", "é\x1b.py"]
    tree(*odd, "[dir]/*/x.py")
    assert found() == sorted([*odd, "[dir]/*/x.py"])


def test_a_folder_named_like_a_file_is_a_folder(tree: Tree) -> None:
    tree("app.py/views.py")
    assert found() == ["app.py/views.py"]


# Given paths


def test_given_files_are_taken_whatever_their_name_and_place(tree: Tree) -> None:
    tree("script", "venv/x.py", "ignored.py", ".gitignore=ignored.py")
    given = ["script", "venv/x.py", "ignored.py"]
    assert found(*given, exclude=("*",)) == sorted(given)


@pytest.mark.parametrize("path", ["missing.py", "", "app.py/x", "a\0b"])
def test_a_path_that_does_not_exist_is_refused(tree: Tree, path: str) -> None:
    tree("app.py")
    with pytest.raises(PathNotFound) as caught:
        discover(["app.py", path], settings.Settings("/"))
    assert caught.value.path == path


def test_no_python_files_is_an_empty_list(tree: Tree) -> None:
    tree("README")
    assert found() == []


# Each file once


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        ([".", "src"], ["src/app.py"]),
        (["src/app.py", "./src/app.py", "src"], ["src/app.py"]),
        (["src", "src/../src"], ["src/app.py"]),
        (["src", "src/../src/app.py"], ["src/../src/app.py"]),
    ],
)
def test_a_file_reached_twice_is_taken_once(
    tree: Tree, paths: list[str], expected: list[str]
) -> None:
    tree("src/app.py")
    assert found(*paths) == expected


def test_links_to_folders_are_not_followed_unless_named(tree: Tree) -> None:
    tree("src/app.py", "outside/lib.py")
    Path("src/loop").symlink_to("..", target_is_directory=True)
    Path("src/lib").symlink_to("../outside", target_is_directory=True)
    assert found("src") == ["src/app.py"]
    assert found("src/lib") == ["src/lib/lib.py"]
    assert found("outside", "src/lib") == ["outside/lib.py"]


def test_links_to_files_count_once_for_each_real_file(tree: Tree) -> None:
    tree("src/z.py", "outside/lib.py")
    for name, target in {"a": "z.py", "b": "../outside/lib.py", "c": "../outside/lib.py"}.items():
        Path(f"src/{name}.py").symlink_to(target)
    assert found("src") == ["src/b.py", "src/z.py"]
    assert found("src", "outside") == ["outside/lib.py", "src/z.py"]
    assert found("src", "src/a.py") == ["src/a.py", "src/b.py"]


def test_links_to_nothing_and_to_themselves_are_passed_over(tree: Tree) -> None:
    tree("app.py")
    Path("gone.py").symlink_to("nowhere.py")
    Path("self.py").symlink_to("self.py")
    assert found() == ["app.py"]
    with pytest.raises(PathNotFound):
        found("gone.py")


def test_a_pipe_is_not_opened(tree: Tree) -> None:
    tree("app.py", "sub/x.py")
    for name in ("pipe.py", ".gitignore", "pyproject.toml", "sub/.gitignore"):
        os.mkfifo(name)
    assert found() == ["app.py", "sub/x.py"]


# What could not be read


@contextmanager
def closed(folder: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Close a folder even to root, whom permissions do not stop."""
    scandir = os.scandir

    def refuse(path: str) -> Any:
        if os.path.basename(path.rstrip("/")) == folder:
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", refuse)
        yield


def test_a_closed_folder_is_a_problem_and_the_rest_is_found(
    tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree("src/secret/x.py", "src/app.py")
    with closed("secret", monkeypatch):
        result = discover(["src"], settings.Settings("/"))
    assert result.files == ["src/app.py"]
    assert result.problems == [("src/secret", "Permission denied")]


def test_a_path_that_runs_in_circles_is_a_problem(tree: Tree) -> None:
    tree("app.py")
    Path("self").symlink_to("self")
    result = discover(["self/x.py", "app.py"], settings.Settings("/"))
    assert result.files == ["app.py"]
    assert [path for path, _ in result.problems] == ["self/x.py"]


# Excludes


def test_default_excludes_hold_at_any_depth(tree: Tree) -> None:
    tree("app.py", "build/a.py", "src/node_modules/b.py", "src/.venv/c.py", "builder/d.py")
    assert found() == ["app.py", "builder/d.py"]


def test_a_virtual_environment_is_left_out_whatever_its_name(tree: Tree) -> None:
    tree("my-env/pyvenv.cfg", "my-env/lib/x.py", "env/app.py")
    assert found() == ["env/app.py"]
    assert found("my-env") == ["my-env/lib/x.py"]


@pytest.mark.parametrize(
    ("exclude", "expected"),
    [
        ("gen", ["build/c.py", "src/b.py"]),
        ("gen/", ["build/c.py", "src/b.py"]),
        ("src/gen", ["build/c.py", "gen/d.py", "src/b.py"]),
        ("./src", ["build/c.py", "gen/d.py", "src/b.py", "src/gen/a.py"]),
        ("src/*", ["build/c.py", "gen/d.py"]),
        ("*/gen/*", ["build/c.py", "gen/d.py", "src/b.py"]),
        ("**/gen/**", ["build/c.py", "src/b.py"]),
        ("[ab].py", ["build/c.py", "gen/d.py"]),
        ("{src,gen}", ["build/c.py"]),
        ("src,b*", ["gen/d.py"]),
    ],
)
def test_exclude_replaces_the_default(tree: Tree, exclude: str, expected: list[str]) -> None:
    tree("src/gen/a.py", "src/b.py", "build/c.py", "gen/d.py")
    if exclude == "./src":  # anchored, so it is not the name of a folder anywhere
        tree("a/src/e.py")
        assert found(exclude=exclude) == ["a/src/e.py", "build/c.py", "gen/d.py"]
    else:
        assert found(exclude=exclude) == expected


def test_extend_exclude_adds_and_belongs_to_the_folder_of_its_file(
    tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree("src/gen/a.py", "src/b.py", "src/build/c.py")
    tree('pyproject.toml=[tool.flask-gotchas]\nextend-exclude = ["src/gen"]')
    assert found() == ["src/b.py"]
    monkeypatch.chdir("src")
    assert found() == ["b.py"]


def test_a_named_folder_is_searched_even_inside_of_an_excluded_one(tree: Tree) -> None:
    tree("build/lib/app.py", "build/lib/dist/x.py")
    assert found("build/lib") == ["build/lib/app.py"]
    assert found("build") == ["build/lib/app.py"]


# What git ignores


def test_gitignore_files_of_all_depths_count_with_negation(tree: Tree) -> None:
    tree(".gitignore=*_pb2.py\n/local.py\ngen/\n", "app.py", "local.py", "x_pb2.py")
    tree("pkg/local.py", "pkg/x_pb2.py", "pkg/gen/a.py", "pkg/keep_pb2.py")
    tree("pkg/.gitignore=# generated\n!keep_pb2.py\n/temp\n", "pkg/temp/t.py", "temp/t.py")
    assert found() == ["app.py", "pkg/keep_pb2.py", "pkg/local.py", "temp/t.py"]


def test_what_is_ignored_depends_on_the_folders_above_up_to_the_repository(tree: Tree) -> None:
    tree(".gitignore=a.py\n", "repo/.gitignore=b.py\n", "repo/src/a.py", "repo/src/b.py")
    assert found("repo/src") == ["repo/src/a.py", "repo/src/b.py"]
    os.mkdir("repo/.git")
    assert found("repo/src") == ["repo/src/a.py"]
    os.mkdir(".git")
    assert found() == ["repo/src/a.py"]


def test_the_private_exclude_file_of_a_repository_counts(tree: Tree) -> None:
    tree(".git/info/exclude=scratch*.py\n", ".gitignore=!scratch_keep.py\n")
    tree("scratch.py", "scratch_keep.py", "src/scratch1.py", "app.py")
    assert found() == ["app.py", "scratch_keep.py"]
    assert found("src") == []


def test_a_named_folder_is_searched_even_if_git_ignores_it(tree: Tree) -> None:
    tree(".git/x", ".gitignore=gen/\n", "gen/sub/a.py", "gen/sub/b.py", "gen/sub/.gitignore=b.py")
    assert found() == []
    assert found("gen") == ["gen/sub/a.py"]
    assert found("gen/sub") == ["gen/sub/a.py"]


def test_a_gitignore_that_makes_no_sense_does_no_harm(tree: Tree) -> None:
    tree("app.py", "local.py", "sub/x.py")
    Path(".gitignore").write_bytes(b"\xef\xbb\xbflocal.py\r\n\xff\n[z-a].py\n!\n\n///\n")
    os.mkdir("sub/.gitignore")
    assert found() == ["app.py", "sub/x.py"]


@pytest.mark.skipif(not shutil.which("git"), reason="compares with git")
@pytest.mark.parametrize(
    "patterns",
    [
        "*\n!*/\n!*.py\n",
        "/*\n!/src/\n",
        "src/*\n!src/pkg/\n",
        "src/**\n!src/app.py\n",
        "**/gen\n!src/gen\n",
        "src/**/a.py\n",
        "pkg/\n!src/pkg\n",
        "\\!odd.py\n\\#odd.py\n",
        "app.py   \n",
        "[!a].py\n?.py\n",
        "src/gen/*\n!src/gen/a.py\n",
    ],
)
def test_git_ignores_the_same_files(tree: Tree, patterns: str) -> None:
    tree("app.py", "a.py", "src/app.py", "src/a.py", "src/gen/a.py", "src/gen/b.py", "gen/a.py")
    tree("src/pkg/a.py", "src/pkg/gen/a.py", "!odd.py", "#odd.py", f".gitignore={patterns}")
    subprocess.run(["git", "init", "-q", "."], check=True)
    listing = ["git", "ls-files", "-z", "--others", "--exclude-standard", "--", "*.py"]
    files = subprocess.run(listing, check=True, capture_output=True, text=True).stdout
    assert found() == sorted(files.split("\0")[:-1])


# The whole project


def in_project(given: Sequence[str] = ()) -> list[str]:
    return project_files(settings.load(".", {}), given)


def test_the_project_is_all_below_its_root_relative_to_the_working_folder(
    tree: Tree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree("pyproject.toml", "src/app.py", "tests/test_app.py", "build/x.py", ".gitignore=local.py")
    tree("local.py")
    assert in_project() == ["src/app.py", "tests/test_app.py"]
    monkeypatch.chdir("src")
    assert in_project() == sorted(["app.py", f"{tmp_path}/tests/test_app.py"])


def test_given_files_belong_to_the_project_and_keep_their_spelling(
    tree: Tree, tmp_path: Path
) -> None:
    tree("pyproject.toml", "src/app.py", "src/b.py", "build/x.py", "script")
    Path("src/link.py").symlink_to("b.py")
    given = [f"{tmp_path}/src/app.py", "build/x.py", "script", "src/link.py"]
    assert in_project(given) == sorted(given)


def test_a_project_in_an_ignored_folder_is_still_one(
    tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree(".git/x", ".gitignore=sandbox/", "sandbox/app/pyproject.toml", "sandbox/app/app.py")
    monkeypatch.chdir("sandbox/app")
    assert in_project() == ["app.py"]


def test_ten_thousand_files_are_found_in_well_under_a_second(tree: Tree) -> None:
    for folder in range(100):
        os.makedirs(f"src/pkg{folder}/sub")
        for number in range(100):
            os.mknod(f"src/pkg{folder}/sub/m{number}.py")
    loaded = settings.load(".", {"extend-exclude": ("src/*/generated/*", "*_pb2.py")})
    start = time.perf_counter()
    assert len(discover(["."], loaded).files) == 10_000
    assert time.perf_counter() - start < 1


@pytest.mark.parametrize(
    "pattern",
    ["*a" * 30 + "b", "?*" * 50 + "b", "**/a/" * 100 + "b", "[a-z]*" * 40 + "!", "[" * 3000],
)
def test_git_patterns_do_not_backtrack_without_end(pattern: str) -> None:
    patterns = GitIgnore([pattern])
    assert not patterns.verdict("a/" * 400 + "a" * 250)
