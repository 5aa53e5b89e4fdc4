"""What a rule is, and where all of them are found.

A rule is one class in a module of `flask_gotchas.checks`. There is no list to maintain: the
package is walked. `FileRule`s are LibCST visitors over one file, `ProjectRule`s ask the linked
facts of all files, and `EngineRule`s only lend code and wording to what the tool says of itself.
"""

from __future__ import annotations

import functools
import re
from enum import Enum
from typing import TYPE_CHECKING, ClassVar

import libcst as cst

from flask_gotchas.model import Location, Severity
from flask_gotchas.plugins import classes_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from flask_gotchas.context import FileContext
    from flask_gotchas.editing import FileEditor
    from flask_gotchas.facts.model import FileFacts
    from flask_gotchas.model import Diagnostic
    from flask_gotchas.project import Finding, Project
    from flask_gotchas.template_facts import TemplateFacts


class Fixing(str, Enum):
    """Whether a fix may be applied as it is, or only by somebody who looks at it."""

    SAFE = "safe"
    SUGGESTED = "suggested"


class Rule:
    """What every rule declares.

    `message` is a format string: a fact and its consequence, with the user's own names filled in.
    `help` says in one imperative sentence what to do. `flask` is the range of Flask versions for
    which the message is true. A rule that can put right what it reports says in `fixing` how sure
    that is, and defines `fix`.
    """

    code: ClassVar[str]
    name: ClassVar[str]
    message: ClassVar[str]
    help: ClassVar[str]
    default: ClassVar[bool] = True
    severity: ClassVar[Severity] = Severity.ERROR
    flask: ClassVar[str] = ">=2.2"
    fixing: ClassVar[Fixing | None] = None

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        """Put right what was found, by edits of the file in which it is; say what they do.

        This is asked only when somebody wants fixes. Raises NoFix where it takes a person.
        """
        raise NotImplementedError


class EngineRule(Rule):
    """A rule which the engine itself reports, such as a syntax error."""


class FileRule(Rule, cst.CSTVisitor):
    """A rule which looks at the syntax of one file.

    Define LibCST's own methods, `visit_Call`, `leave_FunctionDef` and so on. The shared walk calls
    them in LibCST's order, once per node of every file; a new instance is made for each file. What
    a `visit_` method returns is ignored: the walk always goes on.

    A rule about calls of things with a name lists their meanings in `calls` (see
    `flask_gotchas.names`) and defines `visit_called`. One listener looks each call up for all of
    these rules, so that another one costs nothing where it has nothing to say.

    Test code does odd things on purpose: only a rule with `in_tests` looks at it, such as one about
    names that Flask does not have any more.
    """

    calls: ClassVar[frozenset[str]] = frozenset()
    in_tests: ClassVar[bool] = False

    def __init__(self, file: FileContext) -> None:
        super().__init__()
        self.file = file

    def visit_called(self, node: cst.Call, target: str) -> None:
        """Look at a call of one of `calls`; `target` tells which."""
        raise NotImplementedError

    def report(
        self,
        node: cst.CSTNode,
        *,
        severity: Severity | None = None,
        related: Iterable[tuple[cst.CSTNode, str]] = (),
        **fields: object,
    ) -> None:
        """Report this rule at a node; the fields fill in the message."""
        self.file.report(self, node, severity=severity, related=related, fields=fields)


class ProjectRule(Rule):
    """A rule which asks the facts of all files, linked by the `Project`."""

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield what is wrong, made by `finding`."""
        raise NotImplementedError

    def finding(
        self,
        file: FileFacts | TemplateFacts | None,
        anchor: int | Location,
        *,
        severity: Severity | None = None,
        related: Iterable[tuple[FileFacts | TemplateFacts, int | Location, str]] = (),
        hints: Iterable[str] = (),
        **fields: object,
    ) -> Finding:
        """Make a report of this rule at an anchor of a file; the fields fill in the message.

        `hints` is what `fix` has to know.

        In a template, a location stands for the anchor; in a file that has no facts, it says all.
        """
        from flask_gotchas.project import Finding  # noqa: PLC0415 - the project imports this module

        return Finding(
            code=self.code,
            path=anchor.path if isinstance(anchor, Location) else file.path if file else "",
            anchor=anchor,
            message=self.message.format(**fields),
            severity=severity or self.severity,
            related=tuple((other.path, at, text) for other, at, text in related),
            hints=tuple(hints),
        )


def listed(words: Sequence[str]) -> str:
    """Join words for a message: `GET`, `GET and HEAD`, `GET, HEAD and OPTIONS`."""
    return " and ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)


RULE_CODE = re.compile(r"FLG\d{3}\Z")


@functools.cache
def all_rules() -> dict[str, type[Rule]]:
    """Find every rule of `flask_gotchas.checks`, by code in ascending order.

    Raises TypeError for a rule that lacks code, name, message or help, that is not named like its
    module, or that takes the code of another one.
    """
    rules: dict[str, type[Rule]] = {}
    for rule in classes_in("flask_gotchas.checks", Rule):
        for field in ("code", "name", "message", "help"):
            if not isinstance(getattr(rule, field, None), str):
                raise TypeError(f"rule {rule.__qualname__} in {rule.__module__} lacks {field}")
        if not RULE_CODE.match(rule.code):
            raise TypeError(f"{rule.code} is no rule code: FLG and three digits")
        if rule.name != rule.__module__.rpartition(".")[2].replace("_", "-"):
            raise TypeError(f"rule {rule.name} must live in the module of that name")
        if rule.code in rules:
            raise TypeError(f"{rule.code} is taken by {rules[rule.code].name}")
        rules[rule.code] = rule
    return dict(sorted(rules.items()))
