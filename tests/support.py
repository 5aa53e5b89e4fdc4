"""What the tests of documents, fixtures and the plugin share."""

from __future__ import annotations

import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from flask_gotchas import fixes, marks
from flask_gotchas.docs import Example, Expected
from flask_gotchas.rule import all_rules
from flask_gotchas.run import _Run, check_sources
from flask_gotchas.settings import Settings
from flask_gotchas.ways import CACHE_FOLDER

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from flask_gotchas.model import Diagnostic, Route

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "fixtures"
UNUSED_NOQA = "FLG002"
MARKED = (".py", ".html")


class Fixture(NamedTuple):
    """A file or a folder of fixtures: its texts with their marks, and the rule it is for.

    A whole app under `projects` is for no rule in particular: its marks name theirs.
    """

    name: str
    code: str | None
    marked: dict[str, str]

    @property
    def files(self) -> dict[str, str]:
        """The texts without their marks."""
        return {path: where_marked(path, text, marks.strip) for path, text in self.marked.items()}

    @property
    def expected(self) -> list[Expected]:
        """What must be reported."""
        found = []
        for path, text in self.marked.items():
            for mark in marks.parse(text) if path.endswith(MARKED) else ():
                code = mark.code or self.code
                assert code, f"{self.name}: {path}:{mark.line}: a mark in projects/ needs a code"
                found.append(Expected(path, mark.line, mark.column, code, mark.text))
        return found

    def silenced(self) -> dict[str, str]:
        """Give the texts with every mark replaced by a noqa comment of the same rule."""

        def noqa(here: Iterable[marks.Mark]) -> str:
            codes = sorted({mark.code or self.code or "" for mark in here})
            # What is reported there is a comment itself, which takes one more code.
            return f",{UNUSED_NOQA}" if codes == [UNUSED_NOQA] else f"# noqa: {','.join(codes)}"

        return {
            path: where_marked(path, text, lambda source: marks.replace(source, noqa))
            for path, text in self.marked.items()
        }


def where_marked(path: str, text: str, change: Callable[[str], str]) -> str:
    """Change the text of a Python file or a template; others know no marks."""
    return change(text) if path.endswith(MARKED) else text


def offline_pip() -> dict[str, str]:
    """Give what lets pip install this checkout in an environment of its own without a network.

    What the tool needs, and what builds it, is found among the packages that the tests run with.
    """
    return {
        "PYTHONPATH": sysconfig.get_path("purelib"),
        "PIP_NO_INDEX": "1",
        "PIP_NO_BUILD_ISOLATION": "0",
    }


def single_fixtures() -> list[Fixture]:
    """List `fixtures/<rule-name>.py`, with paths as seen from `fixtures`."""
    return [
        Fixture(path.stem, code_of(path.stem), {path.name: path.read_text(encoding="utf-8")})
        for path in sorted(FIXTURES.glob("*.py"))
    ]


def all_fixtures() -> list[Fixture]:
    """List the single files, `fixtures/<rule-name>/<case>/` and `fixtures/projects/<name>/`."""
    found = single_fixtures()
    for folder in sorted(path for path in FIXTURES.glob("*/*") if path.is_dir()):
        rule = folder.parent.name
        if rule.startswith(("_", ".")) or folder.name.startswith(("_", ".")):
            continue
        files = sorted(
            path for path in folder.rglob("*") if is_source(path) and CACHE_FOLDER not in path.parts
        )
        texts = {
            path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in files
        }
        code = None if rule == "projects" else code_of(rule)
        found.append(Fixture(f"{rule}/{folder.name}", code, texts))
    return found


def is_source(path: Path) -> bool:
    """Tell whether a file was written by a person."""
    return path.is_file() and not {"__pycache__", CACHE_FOLDER} & set(path.parts)


def code_of(name: str) -> str:
    """Find the code of the rule that a fixture is named after."""
    codes = {rule.name: code for code, rule in all_rules().items()}
    assert name in codes, f"fixtures/{name} is named after no rule"
    return codes[name]


def check(
    files: Mapping[str, str], *, only: Collection[str] | None = None, complete: bool = True
) -> list[Diagnostic]:
    """Run every rule over files in memory and give the reports of some rules, or of all."""
    report = check_sources(files, complete=complete, rules=frozenset(all_rules()))
    assert not report.internal_error, [found.message for found in report.diagnostics]
    return [found for found in report.diagnostics if only is None or found.code in only]


def fixed(code: str, example: Example) -> tuple[Example, str]:
    """Fix an example by one rule, suggested fixes included; give it with the diff of its files."""
    before = {path: text.encode() for path, text in example.files.items()}
    outcome = fixes.fix(
        lambda texts: check_sources({**before, **texts}, rules=frozenset({code, "FLG001"})),
        before.__getitem__,
        unsafe=True,
        texts=lambda: example.files,
    )
    after = {path: text.decode() for path, text in {**before, **outcome.after}.items()}
    return example._replace(files=after), fixes.diff(outcome)


def url_map_of(sources: Mapping[str, str]) -> list[Route]:
    """Work out the URL rules of files in memory, as those of one whole project."""
    encoded = {path: text.encode() for path, text in sources.items()}
    session = _Run(
        Settings(root="."), sorted(encoded), complete=True, overlay=encoded, rules=(), root="."
    )
    return session.routes(frozenset(encoded))[0]


def place(found: Diagnostic) -> tuple[str, int, int, str, str]:
    """Say where and what a diagnostic is, with the column from 1."""
    at = found.location
    return (at.path, at.line, at.column + 1, found.code, found.message)


def assert_reports(found: Iterable[Diagnostic], expected: Iterable[Expected]) -> None:
    """Assert that exactly the expected places are reported with texts that hold the expected."""
    missing = list(expected)
    wrong = []
    for report in map(place, found):
        for wanted in missing:
            if wanted[:4] == report[:4] and wanted.text in report[4]:
                missing.remove(wanted)
                break
        else:
            wrong.append("unexpected: {}:{}:{}: {} {}".format(*report))
    wrong += ["missing: {}:{}:{}: {} ...{}...".format(*wanted) for wanted in missing]
    assert not wrong, "\n".join(wrong)
