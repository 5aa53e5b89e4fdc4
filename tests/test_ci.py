"""The action for GitHub and the recipes of the README do what they promise."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from fences import Block, blocks
from junitparser import JUnitXml
from support import ROOT, offline_pip

from flask_gotchas import cli

ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
RECIPES: list[Block] = [
    block
    for block in blocks((ROOT / "README.md").read_text(encoding="utf-8"))
    if block.heading == "In continuous integration"
]
EXPRESSION = re.compile(r"\$\{\{ ([\w.]+) \}\}")
BAD = "from flask import current_app\n\nprint(current_app.name)\n"


def valid_for(schema: str, path: Path) -> str:
    """Hold a file against a schema that check-jsonschema ships, and give its complaints."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(path)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
    return "" if done.returncode == 0 else done.stdout + done.stderr


# The action


class Done(NamedTuple):
    status: int
    log: str
    outputs: dict[str, str]


class Runner:
    """Runs the shell steps of the action, as GitHub does."""

    def __init__(self, folder: Path) -> None:
        self.temporary = folder / "temp"
        self.temporary.mkdir()
        self.steps = {step["id"]: step for step in ACTION["runs"]["steps"] if "run" in step}
        self.known = {"steps.install.outputs.bin": ""}

    def step(self, name: str, cwd: Path, **inputs: str) -> Done:
        step = self.steps[name]
        given = {key: value["default"] for key, value in ACTION["inputs"].items()}
        assert set(inputs) <= set(given)
        known = {f"inputs.{key}": value for key, value in {**given, **inputs}.items()} | self.known
        # An expression in the script itself would run what is in an input.
        assert "${{" not in step["run"]
        outputs = self.temporary / "outputs"
        outputs.write_text("")
        script = self.temporary / "step.sh"
        script.write_text(step["run"])
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)],
            check=False,
            cwd=cwd,
            env={
                **os.environ,
                **offline_pip(),
                "PATH": os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]]),
                "GITHUB_ACTION_PATH": str(ROOT),
                "GITHUB_OUTPUT": str(outputs),
                "RUNNER_TEMP": str(self.temporary),
                **{
                    key: EXPRESSION.sub(lambda match: known[match[1]], value)
                    for key, value in step["env"].items()
                },
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=300,
        )
        written = dict(line.split("=", 1) for line in outputs.read_text().splitlines())
        return Done(done.returncode, done.stdout, written)


needs_bash = pytest.mark.skipif(
    os.name == "nt" or shutil.which("bash") is None, reason="bash is missing"
)


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Runner:
    runner = Runner(tmp_path_factory.mktemp("runner"))
    installed = runner.step("install", cwd=ROOT)
    assert installed.status == 0, installed.log
    assert installed.log == ""
    runner.known["steps.install.outputs.bin"] = installed.outputs["bin"]
    return runner


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "my shop"
    folder.mkdir()
    (folder / "app.py").write_text(BAD)
    (folder / "fine.py").write_text("x = 1\n")
    return folder


def test_the_action_is_valid() -> None:
    assert valid_for("vendor.github-actions", ROOT / "action.yml") == ""


def test_the_inputs_are_those_of_the_readme() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    section = text.partition("\n### In continuous integration\n")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == list(ACTION["inputs"])


@needs_bash
def test_annotations_are_written_and_problems_fail_the_step(runner: Runner, shop: Path) -> None:
    done = runner.step("check", shop)
    assert done.status == 1
    assert done.log.startswith(
        "::error title=FLG201 proxy-at-import-time,file=app.py,line=3,col=7,"
    )
    assert done.outputs == {}
    assert runner.step("check", shop, paths="fine.py").status == 0


@needs_bash
def test_sarif_is_written_to_be_uploaded(runner: Runner, shop: Path) -> None:
    done = runner.step("check", shop, report="sarif")
    assert done.status == 1
    assert done.log.startswith("app.py:3:7: FLG201 ")
    (upload,) = (step for step in ACTION["runs"]["steps"] if "uses" in step)
    assert upload["if"] == "always() && steps.check.outputs.sarif != ''"
    assert upload["with"]["sarif_file"] == "${{ steps.check.outputs.sarif }}"
    document = json.loads(Path(done.outputs["sarif"]).read_text())
    assert [result["ruleId"] for result in document["runs"][0]["results"]] == ["FLG201"]


@needs_bash
def test_options_and_paths_may_be_quoted(runner: Runner, shop: Path) -> None:
    done = runner.step("check", shop.parent, paths="'my shop/app.py' \"my shop\"")
    assert "file=my shop/app.py" in done.log
    done = runner.step("check", shop, args="--per-file-ignores '*.py:FLG201, FLG202' --exit-zero")
    assert (done.status, done.log) == (0, "2 files, no problems.\n")


@needs_bash
@pytest.mark.parametrize(
    "inputs",
    [
        {"paths": "$(touch sprung)"},
        {"paths": "; touch sprung"},
        {"args": "`touch sprung`"},
        {"args": "--select FLG2 && touch sprung"},
        {"paths": "fine.py\ntouch sprung"},
        {"report": "sarif; touch sprung"},
    ],
)
def test_nothing_in_an_input_is_run(runner: Runner, shop: Path, inputs: dict[str, str]) -> None:
    assert runner.step("check", shop, **inputs).status == 2
    assert not (shop / "sprung").exists()


@needs_bash
@pytest.mark.parametrize(
    "inputs",
    [{"report": "html"}, {"args": "--selct x"}, {"args": "'"}, {"paths": '"'}, {"paths": "gone"}],
)
def test_wrong_inputs_fail_and_leave_nothing_to_upload(
    runner: Runner, shop: Path, inputs: dict[str, str]
) -> None:
    done = runner.step("check", shop, **inputs)
    assert done.status != 0
    assert done.outputs == {}
    assert "app.py" not in done.log


@needs_bash
def test_a_folder_called_like_a_command_or_an_option_is_a_folder(
    runner: Runner, shop: Path
) -> None:
    for name in ("rules", "--help"):
        (shop / name).mkdir()
        (shop / name / "app.py").write_text(BAD)
        assert f"file={name}/app.py," in runner.step("check", shop, paths=name).log


@needs_bash
def test_a_version_is_installed_from_the_index(runner: Runner, shop: Path) -> None:
    done = runner.step("install", shop, version="9.9.9")
    assert done.status != 0
    assert "flask-gotchas==9.9.9" in done.log


# The recipes


@pytest.mark.parametrize(
    ("schema", "mark"), [("vendor.github-workflows", "runs-on"), ("vendor.gitlab-ci", "script:")]
)
def test_a_recipe_is_valid_where_it_goes(schema: str, mark: str, tmp_path: Path) -> None:
    recipes = [block.text for block in RECIPES if mark in block.text]
    assert recipes
    for number, recipe in enumerate(recipes):
        path = tmp_path / f"recipe{number}.yml"
        path.write_text(recipe)
        assert valid_for(schema, path) == ""


def test_recipes_give_the_action_inputs_that_it_has() -> None:
    workflows = [yaml.safe_load(block.text) for block in RECIPES if "runs-on" in block.text]
    steps = [step for one in workflows for step in one["jobs"]["flask-gotchas"]["steps"]]
    ours = [step["with"] for step in steps if "/flask-gotchas@" in step["uses"]]
    assert len(ours) == 2
    assert all(given.keys() <= ACTION["inputs"].keys() for given in ours)


def test_the_commands_of_the_recipes_work(
    shop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(shop)
    lines = [line for block in RECIPES for line in block.text.splitlines()]
    commands = [match[1] for line in lines if (match := re.search(r"flask-gotchas (--.*)", line))]
    assert len(commands) == 2
    for command in commands:
        assert cli.main(shlex.split(command)) == 1
        assert capsys.readouterr().out.startswith("app.py:3:7: FLG201 ")
    (gitlab,) = (yaml.safe_load(block.text) for block in RECIPES if "script:" in block.text)
    report = gitlab["flask-gotchas"]["artifacts"]["reports"]["codequality"]
    assert json.loads((shop / report).read_text())[0]["location"]["path"] == "app.py"
    assert JUnitXml.fromfile(str(shop / "flask-gotchas.xml")).failures == 1
