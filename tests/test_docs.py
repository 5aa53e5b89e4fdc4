from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from flask_gotchas import docs
from flask_gotchas.docs import Example, Expected
from flask_gotchas.model import Severity

FRONT = """\
+++
code = "FLG901"
name = "spoon-missing"
summary = "There is no spoon | fork."
default = true
severity = "warning"
fixable = false
flask = ">=2.2"
since = "0.1.0"
references = ["https://example.org/spoon"]
+++
"""

BODY = """\
# spoon-missing (FLG901)

## What happens

Nothing.

```python
ignored()
```

## Bad

```python bad
eat()  # error: 1 "no spoon" # error: 4 FLG902 "no fork"
```

## Good

```python good
take_spoon()
```
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    rules = tmp_path / "rules"
    rules.mkdir()
    monkeypatch.setattr(docs, "rules_dir", lambda: rules)
    return rules


def write(folder: Path, body: str = BODY, front: str = FRONT) -> docs.RuleDoc:
    path = folder / "FLG901-spoon-missing.md"
    path.write_text(front + body, encoding="utf-8")
    return docs.read(path)


def examples(folder: Path, body: str) -> list[Example]:
    return write(folder, body).examples()


def test_front_matter_says_what_the_rule_is(folder: Path) -> None:
    meta = write(folder).meta
    assert meta.code == "FLG901"
    assert meta.severity is Severity.WARNING
    assert meta.references == ("https://example.org/spoon",)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("default = true", 'default = "yes"', r"Expected `bool`.*default"),
        ("default = true\n", "", "missing required field `default`"),
        ("default = true", "default = true\nwhy = 1", "unknown field `why`"),
        ('severity = "warning"', 'severity = "loud"', "Invalid enum value 'loud'"),
        ("default = true", "default = ", "FLG901-spoon-missing.md: Invalid value"),
        ("spoon-missing", "fork-missing", "front matter is of FLG901-fork-missing"),
        ("+++\ncode", "++\ncode", "no front matter"),
    ],
)
def test_bad_front_matter_is_refused_with_a_reason(
    folder: Path, old: str, new: str, complaint: str
) -> None:
    with pytest.raises(docs.DocumentError, match=complaint):
        write(folder, front=FRONT.replace(old, new, 1))


def test_blocks_of_a_kind_are_examples_and_others_are_not(folder: Path) -> None:
    bad, good = write(folder).examples()
    assert bad == Example(
        "bad",
        {"app.py": "eat()\n"},
        [
            Expected("app.py", 1, 1, "FLG901", "no spoon"),
            Expected("app.py", 1, 4, "FLG902", "no fork"),
        ],
        bad.line_in_doc,
    )
    assert good[:3] == ("good", {"app.py": "take_spoon()\n"}, [])


def test_an_example_knows_its_line_in_the_document(folder: Path) -> None:
    doc = write(folder)
    lines = doc.path.read_text(encoding="utf-8").splitlines()
    assert [lines[example.line_in_doc - 1] for example in doc.examples()] == [
        "```python bad",
        "```python good",
    ]


def test_neighbouring_named_blocks_of_a_kind_are_one_project(folder: Path) -> None:
    body = """\
```python bad file=pkg/a.py
a()  # error: 1 "a"
```
and
```text bad file=Procfile
web: x  # error: 1 "stays"
```
```python good file=pkg/a.py
a()
```
### Another
```python good file=pkg/a.py
b()
```
```python good
c()
```
"""
    found = examples(folder, body)
    assert [(example.kind, example.files) for example in found] == [
        ("bad", {"pkg/a.py": "a()\n", "Procfile": 'web: x  # error: 1 "stays"\n'}),
        ("good", {"pkg/a.py": "a()\n"}),
        ("good", {"pkg/a.py": "b()\n"}),
        ("good", {"app.py": "c()\n"}),
    ]
    assert found[0].expected == [Expected("pkg/a.py", 1, 1, "FLG901", "a")]


def test_a_longer_fence_may_hold_a_shorter_one(folder: Path) -> None:
    (example,) = examples(folder, "````python good\n'''\n```\n# Title\n'''\n````\n")
    assert example.files == {"app.py": "'''\n```\n# Title\n'''\n"}


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("```python bda\nx\n```\n", "line 12: write ```python bad"),
        ("```python bad flie=x.py\nx\n```\n", "line 12: write ```python bad"),
        ("\n  ```python bad\n  x\n  ```\n", "line 13: a block must begin at the left margin"),
        ("```python bad\nx\n", "line 12: the block is never closed"),
        ("```python bad\nx # error: 1\n```\n", "block at line 12: line 1: a mark reads"),
        (
            "```python bad file=a.py\n```\n```python bad file=a.py\n```\n",
            "line 14: a second a.py",
        ),
    ],
)
def test_malformed_examples_are_refused(folder: Path, body: str, complaint: str) -> None:
    with pytest.raises(docs.DocumentError, match=f"FLG901-spoon-missing.md: {complaint}"):
        examples(folder, body)


@pytest.mark.parametrize("word", ["FLG901", "flg901", "spoon-missing", "Spoon-Missing"])
def test_a_document_is_found_by_code_and_by_name(folder: Path, word: str) -> None:
    doc = write(folder)
    assert docs.load(word) == doc


def test_other_files_in_the_folder_are_no_documents(folder: Path) -> None:
    (folder / "README.md").write_text("x", encoding="utf-8")
    doc = write(folder)
    assert docs.all_docs() == [doc]


def test_explain_shows_metadata_body_and_references(folder: Path) -> None:
    text = docs.explain(write(folder))
    assert text.startswith(
        "FLG901 spoon-missing: There is no spoon | fork.\n"
        "on by default, warning, Flask >=2.2, since 0.1.0\n"
        "\n"
        "## What happens\n"
    )
    assert "eat()  # <- FLG901, FLG902\n" in text
    assert "error: " not in text
    assert text.endswith("```\n\nReferences:\nhttps://example.org/spoon\n")


def test_explain_without_references_ends_with_the_body(folder: Path) -> None:
    front = FRONT.replace('"https://example.org/spoon"', "").replace(
        "fixable = false", "fixable = true"
    )
    text = docs.explain(write(folder, "Body.", front))
    assert text.endswith("\non by default, warning, fixable, Flask >=2.2, since 0.1.0\n\nBody.\n")


def test_the_table_of_rules_links_the_documents(folder: Path) -> None:
    write(folder)
    assert docs.rules_table().splitlines()[2:] == [
        "| FLG901 | [spoon-missing](rules/FLG901-spoon-missing.md) | on "
        r"| There is no spoon \| fork. |"
    ]


def copy_package(target: Path) -> None:
    target.mkdir(parents=True)
    package = Path(docs.__file__).parent
    for name in ("__init__.py", "docs.py", "marks.py", "model.py", "records.py"):
        shutil.copy(package / name, target)


def find_rules(where: Path) -> str:
    code = """if True:
        import sys
        sys.path.insert(0, sys.argv[1])
        from flask_gotchas import docs
        try:
            print(docs.rules_dir())
        except docs.DocumentError as error:
            print(error)
        assert "libcst" not in sys.modules
    """
    command = [sys.executable, "-c", code, str(where)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return done.stdout.strip()


def test_documents_are_found_in_a_wheel(tmp_path: Path) -> None:
    copy_package(tmp_path / "flask_gotchas")
    (tmp_path / "flask_gotchas" / "_rules").mkdir()
    assert find_rules(tmp_path) == str(tmp_path.resolve() / "flask_gotchas" / "_rules")


def test_documents_are_found_in_a_checkout(tmp_path: Path) -> None:
    copy_package(tmp_path / "flask_gotchas")
    (tmp_path / "rules").mkdir()
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "flask-gotchas"\n')
    assert find_rules(tmp_path) == str(tmp_path.resolve() / "rules")


@pytest.mark.parametrize("pyproject", [None, '[project]\nname = "rules"\n', "project = 1\n", "["])
def test_a_foreign_folder_named_rules_is_not_taken(tmp_path: Path, pyproject: str | None) -> None:
    copy_package(tmp_path / "flask_gotchas")
    (tmp_path / "rules").mkdir()
    if pyproject is not None:
        (tmp_path / "pyproject.toml").write_text(pyproject)
    assert "missing from this installation" in find_rules(tmp_path)


def test_near_misses_are_suggested(folder: Path) -> None:
    write(folder)
    with pytest.raises(docs.UnknownRuleError, match="did you mean FLG901"):
        docs.load("FLG910")
    with pytest.raises(docs.UnknownRuleError, match="did you mean spoon-missing"):
        docs.load("spoon-misssing")
    with pytest.raises(docs.UnknownRuleError, match=r"there is no rule 'zzz'$"):
        docs.load("zzz")
