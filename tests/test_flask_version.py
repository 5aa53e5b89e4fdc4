"""Which Flask and Werkzeug a project says that it runs with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flask_gotchas import settings
from flask_gotchas.checks.run_without_main_guard import RunWithoutMainGuard
from flask_gotchas.facts.model import FileFacts
from flask_gotchas.flask_version import Releases, VersionReader, Versions, describe
from flask_gotchas.modules import ModuleIndex
from flask_gotchas.project import Project
from flask_gotchas.rule import all_rules
from flask_gotchas.run import check_sources

if TYPE_CHECKING:
    from pathlib import Path

    from flask_gotchas.flask_version import Line

UV = '[[package]]\nname = "{0}"\nversion = "{1}"\nsource = {{ registry = "https://pypi.org" }}\n'


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def versions(folder: Path, files: dict[str, str], inside: str = "") -> Versions:
    write(folder, files)
    return VersionReader(str(folder)).versions(inside)


def flask(folder: Path, files: dict[str, str], inside: str = "") -> Releases:
    return versions(folder, files, inside).flask


@pytest.mark.parametrize(
    ("requirement", "oldest", "newest"),
    [
        ("flask==2.2.5", (2, 2), (2, 2)),
        ("Flask == 2.2.5  # why", (2, 2), (2, 2)),
        ("flask===2.2.5", (2, 2), (2, 2)),
        ("flask==2.*", (2, 0), (2, 3)),
        ("flask>=2.2,<3", (2, 2), (2, 3)),
        ("flask>2.2 , <=3.0.2", (2, 2), (3, 0)),
        ("flask>=2.0,<2.3.1", (2, 0), (2, 3)),
        ("flask<2.3", (0, 1), (2, 2)),
        ("flask~=2.2", (2, 2), (2, 3)),
        ("flask~=2.2.3", (2, 2), (2, 2)),
        ("flask>=2.0,!=3.1.*", (2, 0), (3, 0)),
        ("flask>=2.0,!=3.1.0", (2, 0), (3, 1)),
        ("flask", (0, 1), (3, 1)),
        ("flask[async]>=2.3 ; python_version >= '3.8'", (2, 3), (3, 1)),
        ("flask>=3.2", (3, 2), (3, 2)),
        ("flask>=99", (99, 0), (99, 0)),
        ("Flask>=2.3.0rc1", (2, 3), (3, 1)),
        ("flask==2.2.5 --hash=sha256:00", (2, 2), (2, 2)),
        ("flask==2.2.5 \\\n    --hash=sha256:00", (2, 2), (2, 2)),
    ],
)
def test_a_requirement_allows_feature_releases(
    requirement: str, oldest: Line, newest: Line, tmp_path: Path
) -> None:
    found = flask(tmp_path, {"requirements.txt": f"# what we run\n{requirement}\n"})
    assert (found.lines[0], found.lines[-1]) == (oldest, newest)
    assert found.origin == "requirements.txt"


@pytest.mark.parametrize(
    ("constraint", "oldest", "newest"),
    [
        ('"^2.2"', (2, 2), (2, 3)),
        ('"^0.12"', (0, 12), (0, 12)),
        ('"~2.2"', (2, 2), (2, 2)),
        ('"2.2.5"', (2, 2), (2, 2)),
        ('"*"', (0, 1), (3, 1)),
        ('"^2.3 || ^3.0"', (2, 3), (3, 1)),
        ('{ version = ">=2.2,<3", extras = ["async"] }', (2, 2), (2, 3)),
        ('[{ version = "2.2.5", python = "<3.8" }, { version = "^3.0" }]', (2, 2), (3, 1)),
        ("{ git = 'https://github.com/pallets/flask' }", (0, 1), (3, 1)),
    ],
)
def test_poetry_has_its_own_operators(
    constraint: str, oldest: Line, newest: Line, tmp_path: Path
) -> None:
    table = f"[tool.poetry.dependencies]\nFlask = {constraint}\n"
    found = flask(tmp_path, {"pyproject.toml": table})
    assert (found.lines[0], found.lines[-1]) == (oldest, newest)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pyproject.toml", "[project]\ndependencies = ['click', 'flask>=2.2,<2.3']"),
        ("pyproject.toml", "[project.optional-dependencies]\nweb = ['flask==2.2.5']"),
        ("pyproject.toml", "[dependency-groups]\ndev = [{include-group = 'a'}, 'flask==2.2.5']"),
        ("pyproject.toml", "[tool.poetry.group.web.dependencies]\nflask = '~2.2'"),
        ("pyproject.toml", "[tool.poetry.dev-dependencies]\nflask = '~2.2'"),
        ("pyproject.toml", "[tool.pdm.dev-dependencies]\nweb = ['flask~=2.2.0']"),
        ("pyproject.toml", "[tool.uv]\ndev-dependencies = ['flask~=2.2.0']"),
        ("setup.cfg", "[options]\ninstall_requires =\n    click\n    Flask>=2.2,<2.3"),
        ("setup.cfg", "[options]\ninstall_requires = flask==2.2.5"),
        ("setup.py", "setup(install_requires=['click', 'Flask>=2.2,<2.3'], keywords='flask')"),
        ("Pipfile", '[packages]\nflask = "==2.2.5"'),
        ("requirements.txt", "flask==2.2.5"),
        ("requirements-dev.txt", "flask==2.2.5"),
        ("dev-requirements.in", "flask==2.2.5"),
        ("constraints.txt", "flask==2.2.5"),
        ("requirements/prod.txt", "flask==2.2.5"),
        ("PKG-INFO", "Name: x\nRequires-Dist: Flask (<2.3,>=2.2)\n\nRequires-Dist: flask==3.0"),
        ("uv.lock", UV.format("click", "3.0.0") + UV.format("flask", "2.2.5")),
        ("pdm.lock", UV.format("flask", "2.2.5")),
        ("poetry.lock", '[[package]]\ncategory = "main"\nname = "Flask"\nversion = "2.2.5"'),
        ("pylock.toml", '[[packages]]\nname = "flask"\nversion = "2.2.5"'),
        ("Pipfile.lock", '{"default": {"flask": {"version": "==2.2.5"}}, "develop": {}}'),
    ],
)
def test_every_kind_of_file_is_read(name: str, text: str, tmp_path: Path) -> None:
    found = flask(tmp_path, {name: text})
    assert found.lines == ((2, 2),)
    assert found.origin == name


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pyproject.toml", "[project"),
        ("pyproject.toml", "project = 3\ntool = []\ndependency-groups = [1]"),
        ("pyproject.toml", "[project]\ndependencies = {flask = 1}\noptional-dependencies = ['x']"),
        ("pyproject.toml", "[project]\ndependencies = ['flask-login==2.2', 'my-flask==1', 3]"),
        ("pyproject.toml", "[tool.poetry.dependencies]\nflask-login = '1.0'"),
        ("setup.py", "setup(install_requires=["),
        ("setup.cfg", "[options.entry_points]\nflask.commands =\n    x = y\n"),
        ("Pipfile", "\x00"),
        ("Pipfile.lock", "{"),
        ("Pipfile.lock", '{"default": {"flask": 3}, "develop": [1]}'),
        ("uv.lock", '[[package]]\nname = "flask"\n\n[[package]]\nname = "b"\nversion = "1.0"'),
        ("poetry.lock", '[[package]]\nname = "flask"\nversion = "garbage"'),
        ("requirements.txt", "-r missing.txt\n-r requirements.txt\nflask ?? 2\n${FLASK}\n-r"),
        ("requirements-lowest.txt", "flask==2.2.0"),
        ("notes.txt", "flask==2.2.5"),
    ],
)
def test_garbage_says_nothing(name: str, text: str, tmp_path: Path) -> None:
    found = flask(tmp_path, {name: text})
    assert not found.is_known
    assert found.lines == ((3, 0), (3, 1))


def test_a_file_that_is_not_text_says_nothing(tmp_path: Path) -> None:
    for name in ("pyproject.toml", "uv.lock", "requirements.txt", "setup.py", "Pipfile.lock"):
        (tmp_path / name).write_bytes(b"\xff\xfe\x00flask==2.2.5\x00")
    assert not VersionReader(str(tmp_path)).versions().flask.is_known


def test_a_lock_file_goes_over_requirements(tmp_path: Path) -> None:
    files = {"pyproject.toml": "[project]\ndependencies = ['flask>=2']"}
    assert flask(tmp_path, files).may_be_at_least("3.0")
    found = flask(tmp_path, {"uv.lock": UV.format("flask", "2.3.3")})
    assert (found.lines, found.requirement, found.origin) == (((2, 3),), "2.3.3", "uv.lock")


def test_a_lock_file_may_hold_several_versions(tmp_path: Path) -> None:
    lock = UV.format("flask", "2.2.5") + UV.format("flask", "3.1.0")
    assert flask(tmp_path, {"uv.lock": lock}).lines == ((2, 2), (3, 1))


def test_files_of_one_folder_narrow_each_other(tmp_path: Path) -> None:
    pyproject = "[project]\ndependencies = ['flask>=2.0']"
    found = flask(tmp_path, {"pyproject.toml": pyproject, "requirements.txt": "flask==2.3.3"})
    assert found.lines == ((2, 3),)
    assert found.origin == "pyproject.toml, requirements.txt"


def test_a_file_that_contradicts_the_others_is_passed_over(tmp_path: Path) -> None:
    files = {"requirements.txt": "flask>=2.3", "requirements-old-python.txt": "flask<2"}
    assert flask(tmp_path, {**files, "requirements-py36.txt": "flask<2"}).lines[0] == (2, 3)


def test_the_main_dependencies_go_over_those_of_groups(tmp_path: Path) -> None:
    text = "[project]\ndependencies = ['flask>=2.3']\n[dependency-groups]\nold = ['flask==2.3.0']"
    assert flask(tmp_path, {"pyproject.toml": text}).lines == ((2, 3), (3, 0), (3, 1))


def test_requirements_for_different_pythons_are_all_possible(tmp_path: Path) -> None:
    text = "flask==2.0.3 ; python_version < '3.7'\nflask==2.2.5; python_version >= '3.7'\n"
    assert flask(tmp_path, {"requirements.txt": text}).lines == ((2, 0), (2, 2))


def test_included_files_are_read(tmp_path: Path) -> None:
    files = {"requirements.txt": "-r deps/base.txt", "deps/base.txt": "-c pins.txt\nflask"}
    assert flask(tmp_path, {**files, "deps/pins.txt": "flask==2.2.5"}).lines == ((2, 2),)


def test_the_nearest_folder_that_says_something_counts(tmp_path: Path) -> None:
    files = {"a/requirements.txt": "flask==2.2.5", "requirements.txt": "flask==3.0.0", "b/c": ""}
    assert flask(tmp_path, files, "a/deep/er").lines == ((2, 2),)
    assert flask(tmp_path, files, "b").lines == ((3, 0),)


def test_a_lock_file_above_goes_over_a_package_of_the_workspace(tmp_path: Path) -> None:
    files = {"uv.lock": UV.format("flask", "2.3.3")}
    files["packages/web/pyproject.toml"] = "[project]\ndependencies = ['flask>=2']"
    assert flask(tmp_path, files, "packages/web/src").lines == ((2, 3),)


def test_requirements_in_another_folder_are_better_than_none(tmp_path: Path) -> None:
    found = flask(tmp_path, {"docker/web/requirements.txt": "flask==2.2.5"}, "src/shop")
    assert (found.lines, found.origin) == (((2, 2),), "docker/web/requirements.txt")


def test_requirements_of_an_environment_do_not_count(tmp_path: Path) -> None:
    assert not flask(tmp_path, {"venv/requirements.txt": "flask==1"}).is_known


def test_werkzeug_is_read_too(tmp_path: Path) -> None:
    found = versions(tmp_path, {"requirements.txt": "flask==2.2.5\nwerkzeug==3.0.1"})
    assert found.werkzeug.lines == ((3, 0),)


def test_without_a_word_of_werkzeug_it_is_of_the_day_of_flask(tmp_path: Path) -> None:
    found = versions(tmp_path, {"requirements.txt": "flask>=2.2,<3"})
    assert found.werkzeug.lines == ((2, 2), (2, 3))
    assert not found.werkzeug.may_be_at_least("3.0")


def test_the_setting_goes_over_all_files(tmp_path: Path) -> None:
    write(tmp_path, {"uv.lock": UV.format("flask", "2.3.3")})
    for setting, lines in [
        ("3.0", ((3, 0),)),
        ("2.2.5", ((2, 2),)),
        ("3", ((3, 0), (3, 1))),
        ("4.1", ((4, 1),)),
    ]:
        found = VersionReader(str(tmp_path), setting).versions().flask
        assert (found.lines, found.origin) == (lines, "flask-version")


def test_questions_about_a_range() -> None:
    releases = Releases(((2, 2), (2, 3), (3, 0)), ">=2.2", "requirements.txt")
    assert releases.may_be_at_least("3.0")
    assert not releases.may_be_at_least("3.1")
    assert releases.is_at_least("2.2")
    assert not releases.is_at_least("2.3")
    assert releases.has_lost("3.0")
    assert not releases.has_lost("3.1")


def test_without_any_word_only_what_all_supported_releases_lack_is_lost() -> None:
    assert Releases().has_lost("3.0")
    assert not Releases().has_lost("3.1")


def test_a_rule_concerns_a_project_whose_range_it_touches() -> None:
    old, new = Releases(((1, 1),), "==1.1", "x"), Releases(((3, 0), (3, 1)), ">=3", "x")
    assert old.meets(">=2.2")
    assert not old.meets(">=2.3")
    assert new.meets(">=2.2,<3.1")
    assert not new.meets("<3.0")
    assert Releases().meets("<3.0")


@pytest.mark.parametrize(("version", "count"), [("2.2.5", 1), ("3.0.0", 0)])
def test_a_rule_does_not_run_where_its_range_is_not_met(
    version: str, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RunWithoutMainGuard, "flask", "<3.0")
    text = "from flask import Flask\napp = Flask(__name__)\napp.run()\n"
    files = {"app.py": text, "requirements.txt": f"flask=={version}"}
    report = check_sources(files, rules={RunWithoutMainGuard.code})
    assert len(report.diagnostics) == count


TWO_DATABASES = """\
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
db = SQLAlchemy(app)
app.config["SQLALCHEMY_DATABASE_URI"] = "postgres://localhost/shop"
db.create_all()
other = SQLAlchemy(app)
"""


@pytest.mark.parametrize(
    ("requirements", "codes"),
    [
        ("", ["FLG904", "FLG901", "FLG903"]),
        ("flask_sqlalchemy>=2.5\nSQLAlchemy", ["FLG904", "FLG901", "FLG903"]),
        ("flask==2.2.5\nFlask-SQLAlchemy==2.5.1", ["FLG904"]),
        ("flask==2.2.5\nFlask-SQLAlchemy<3\nsqlalchemy==1.3.24", []),
        ("flask\nsqlalchemy~=1.3.0", ["FLG901", "FLG903"]),
    ],
)
def test_rules_about_databases_follow_their_versions(requirements: str, codes: list[str]) -> None:
    files = {"app.py": TWO_DATABASES, "requirements.txt": requirements}
    about = {"FLG901", "FLG903", "FLG904"}
    assert [one.code for one in check_sources(files, rules=about).diagnostics] == codes


@pytest.mark.parametrize(("version", "count"), [("2.5.1", 0), ("3.1.1", 1)])
def test_only_a_new_database_reads_its_settings_at_once(version: str, count: int) -> None:
    text = TWO_DATABASES.partition("db.create_all")[0]
    files = {"app.py": text, "requirements.txt": f"flask\nflask-sqlalchemy=={version}"}
    assert len(check_sources(files, rules={"FLG508"}).diagnostics) == count


def test_packages_without_flask_do_not_hide_where_flask_is_required(tmp_path: Path) -> None:
    files = {"requirements.txt": "flask==2.2.5", "models/requirements.txt": "sqlalchemy==1.3.0"}
    found = versions(tmp_path, files, "models")
    assert found.flask.lines == ((2, 2),)


def test_a_project_answers_for_each_folder(tmp_path: Path) -> None:
    write(tmp_path, {"a/requirements.txt": "flask==2.2.5", "requirements.txt": "flask==3.0.0"})
    file = FileFacts(path=str(tmp_path / "a" / "app.py"), module="a.app", is_package=False)
    project = Project([file], ModuleIndex(["a/app.py"]), complete=True, root=str(tmp_path))
    assert project.flask.lines == ((3, 0),)
    assert project.versions(file).flask.lines == ((2, 2),)


def test_show_settings_says_what_was_found_and_where(tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": "", "uv.lock": UV.format("flask", "2.3.3")})
    shown = settings.show(settings.load(tmp_path, {}), all_rules())
    assert 'flask-version = "auto"  # default: 2.3.3 from uv.lock\n' in shown


@pytest.mark.parametrize(
    ("releases", "text"),
    [
        (Releases(), "unknown, so 3.0 or newer is assumed"),
        (Releases(((2, 2),), "<2.3", "setup.cfg"), "<2.3 from setup.cfg"),
        (Releases(((2, 2),), "", "setup.cfg"), "any version from setup.cfg"),
    ],
)
def test_a_description_is_short(releases: Releases, text: str) -> None:
    assert describe(releases) == text
