"""What holds for all rules together: documents, names, wording, fixtures, layers."""

from __future__ import annotations

import ast
import re
import string
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support import ROOT, Fixture, all_fixtures

import flask_gotchas
from flask_gotchas import docs
from flask_gotchas.rule import EngineRule, Rule, all_rules

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(flask_gotchas.__file__).parent
RULES = [pytest.param(rule, id=rule.name) for rule in all_rules().values()]
DOCS = [pytest.param(doc, id=doc.meta.name) for doc in docs.all_docs()]

HEADINGS = [
    "What happens",
    "Why it bites",
    "Bad",
    "Good",
    "What it does not see",
    "Fix",
]
# No code is known that makes a rule crash.
WITHOUT_BAD = {"FLG000"}
PREACHING = re.compile(r"\b(should|please|simply|obviously|just)\b", re.IGNORECASE)
NO_VERB = {"A", "An", "Flask", "It", "That", "The", "There", "This", "You", "Your"}
CURE = ("avoid-", "do-not-", "use-", "uses-", "prefer-", "no-")


def test_rules_and_documents_say_the_same() -> None:
    of_rules = {
        (rule.code, rule.name, rule.default, rule.severity, rule.flask)
        for rule in all_rules().values()
    }
    of_documents = {
        (doc.meta.code, doc.meta.name, doc.meta.default, doc.meta.severity, doc.meta.flask)
        for doc in docs.all_docs()
    }
    assert of_rules - of_documents == set(), "rules without such a document"
    assert of_documents - of_rules == set(), "documents without such a rule"


def test_every_file_in_the_folder_is_a_document() -> None:
    found = {doc.path.name for doc in docs.all_docs()}
    assert {path.name for path in docs.rules_dir().iterdir()} == found


@pytest.mark.parametrize("doc", DOCS)
def test_a_document_has_its_headings_in_order(doc: docs.RuleDoc) -> None:
    headings = headings_of(doc.body)
    assert headings[:1] == [f"# {doc.meta.name} ({doc.meta.code})"]
    assert [line for line in headings if not line.startswith("###")][1:] == [
        f"## {heading}" for heading in HEADINGS
    ]


@pytest.mark.parametrize("doc", DOCS)
def test_a_document_shows_bad_and_good_code_and_not_too_much(doc: docs.RuleDoc) -> None:
    kinds = [example.kind for example in doc.examples()]
    assert kinds.count("good") in {1, 2, 3}
    assert kinds.count("bad") in ({0, 1, 2, 3} if doc.meta.code in WITHOUT_BAD else {1, 2, 3})


@pytest.mark.parametrize("doc", DOCS)
def test_a_document_sums_up_in_one_line_and_links_to_the_web(doc: docs.RuleDoc) -> None:
    summary = doc.meta.summary
    assert summary.endswith(".")
    assert "\n" not in summary
    assert summary.count("`") % 2 == 0
    assert all(link.startswith("https://") for link in doc.meta.references)


@pytest.mark.parametrize("doc", DOCS)
def test_a_document_can_be_explained(doc: docs.RuleDoc) -> None:
    text = docs.explain(doc)
    assert doc.meta.summary in text
    assert "# error:" not in text


@pytest.mark.parametrize("rule", RULES)
def test_a_message_states_a_fact_and_its_consequence(rule: type[Rule]) -> None:
    template = rule.message
    list(string.Formatter().parse(template))
    assert template.strip() == template
    assert "\n" not in template
    assert not template.endswith((".", "!"))
    assert len(template.split()) <= 30
    assert template.count("`") % 2 == 0
    assert not PREACHING.search(template)


@pytest.mark.parametrize("rule", RULES)
def test_help_is_one_sentence_that_says_what_to_do(rule: type[Rule]) -> None:
    assert rule.help.endswith(".")
    assert "\n" not in rule.help
    assert not re.search(r"[.!?]\s+[A-Z`]", rule.help)
    assert rule.help.count("`") % 2 == 0
    assert "{" not in rule.help.replace("{}", "").replace('{"GET", "HEAD"}', "")
    first = rule.help.split()[0]
    assert re.fullmatch(r"[A-Z][a-z-]+", first)
    assert first not in NO_VERB
    assert not PREACHING.search(rule.help)


def test_no_two_rules_have_the_same_message() -> None:
    messages = [rule.message for rule in all_rules().values()]
    assert len(set(messages)) == len(messages)


@pytest.mark.parametrize("rule", RULES)
def test_a_name_says_the_fault_and_not_the_cure(rule: type[Rule]) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", rule.name)
    assert not rule.name.startswith(CURE)


def test_every_rule_has_a_fixture() -> None:
    tried = {fixture.code for fixture in all_fixtures() if fixture.code in codes_marked(fixture)}
    wanted = {code for code, rule in all_rules().items() if not issubclass(rule, EngineRule)}
    assert wanted - tried == set()


def test_the_readme_shows_all_rules() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = re.search(r"<!-- rules -->\n(.*?)\n<!-- /rules -->", readme, re.DOTALL)
    assert shown, "README.md lacks <!-- rules --> ... <!-- /rules -->"
    assert shown[1].strip() == docs.rules_table()


def test_the_changelog_mentions_every_rule() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    mentioned = set(re.findall(r"FLG\d{3}", changelog))
    assert set(all_rules()) - mentioned == set()


# Layers

# What a check may know of: the facts and what helps to read a tree, never files, settings or runs.
FOR_CHECKS = {
    "context",
    "deployment",
    "editing",
    "facts",
    "literals",
    "model",
    "names",
    "nodes",
    "patterns",
    "project",
    "replacing",
    "rule",
    "template_facts",
    "walk",
}
MODULES = sorted(PACKAGE.rglob("*.py"))
CHECKS = [path for path in MODULES if path.parent.name == "checks"]
ENGINE = [path for path in MODULES if path.parent.name != "checks"]
REPORTERS = [path for path in MODULES if path.parent.name == "reporters"]
FOR_REPORTERS = {"__version__", "docs", "fingerprints", "model", "reporters", "streams"}
WITHOUT_LIBCST = [
    "cli",
    "deployment",
    "discover",
    "disk",
    "docs",
    "fingerprints",
    "flake8_plugin",
    "model",
    "reporters",
    "screen",
    "settings",
    "streams",
    "suppress",
]


def module_name(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


@pytest.mark.parametrize("path", CHECKS, ids=module_name)
def test_checks_know_only_facts_and_syntax(path: Path) -> None:
    for name in imports_of(path):
        first, *rest = name.split(".")
        if first == "flask_gotchas":
            assert rest, name
            assert rest[0] in FOR_CHECKS, name
        elif first == "libcst":
            assert rest[:1] not in (["matchers"], ["metadata"]), f"{name} is slow"
        else:
            assert first in sys.stdlib_module_names | {"msgspec"}, name


@pytest.mark.parametrize("path", ENGINE, ids=module_name)
def test_the_engine_knows_no_check(path: Path) -> None:
    assert not [name for name in imports_of(path) if name.startswith("flask_gotchas.checks")]


@pytest.mark.parametrize("path", REPORTERS, ids=module_name)
def test_reporters_know_only_the_model_and_the_documents(path: Path) -> None:
    own = {name for name in imports_of(path) if name.startswith("flask_gotchas.")}
    assert {name.split(".")[1] for name in own} <= FOR_REPORTERS


@pytest.mark.parametrize("module", WITHOUT_LIBCST)
def test_start_up_does_not_wait_for_libcst(module: str) -> None:
    code = f"import sys, flask_gotchas.{module}; sys.exit('libcst' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60, cwd=ROOT)


def headings_of(body: str) -> list[str]:
    outside = re.sub(r"^(`{3,}).*?^\1 *$", "", body, flags=re.DOTALL | re.MULTILINE)
    return re.findall(r"^#+ .*$", outside, re.MULTILINE)


def codes_marked(fixture: Fixture) -> set[str]:
    return {expected.code for expected in fixture.expected}


def imports_of(path: Path) -> Iterator[str]:
    """Yield the dotted names of all that a module imports, also for type checking only."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
