"""One file by itself: from its bytes to its facts and to what the file rules report there."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import msgspec

from flask_gotchas import disk, positions, screen
from flask_gotchas.analysis import Analysis, RuleCrashError, analyse
from flask_gotchas.disk import Seen
from flask_gotchas.facts.model import FileFacts
from flask_gotchas.model import Diagnostic, Location, Related
from flask_gotchas.records import NamedTuple
from flask_gotchas.rule import all_rules
from flask_gotchas.source import Source, UnparsableError, decode, parse

if TYPE_CHECKING:
    import ast
    from collections.abc import Collection, Iterable

    import libcst as cst

    from flask_gotchas.model import Severity
    from flask_gotchas.rule import FileRule, Rule

INTERNAL_ERROR = "FLG000"
SYNTAX_ERROR = "FLG001"


class FileResult(msgspec.Struct, frozen=True):
    """What became of one file.

    `is_relevant` is what the screen says. There are no `facts` where the file was not parsed for
    that or cannot be, and not yet where it only has the `facts_id` of those that are kept, which
    stays empty until somebody keeps them. `has_noqa` tells that the word is in it, `has_codes` that
    there may be a code of this tool, too, and `has_crash` that a rule crashed.
    """

    diagnostics: tuple[Diagnostic, ...] = ()
    facts: FileFacts | None = None
    is_relevant: bool = True
    is_parsed: bool = True
    has_noqa: bool = False
    has_codes: bool = False
    has_crash: bool = False
    facts_id: bytes = b""

    @property
    def is_broken(self) -> bool:
        """Tell whether the file cannot be decoded or parsed."""
        return (
            self.facts is None
            and not self.facts_id
            and any(one.code == SYNTAX_ERROR for one in self.diagnostics)
        )


class FileTask(NamedTuple):
    """A file to be checked: its path as reported, and its dotted path from the project root."""

    path: str
    module: str
    is_test: bool = False


class Job(NamedTuple):
    """A file to be checked or, if there are anchors, in which to find their places."""

    task: FileTask
    anchors: tuple[int, ...] | None = None


class Outcome(msgspec.Struct, frozen=True):
    """What became of a job: a result or places, with what is noted about the file.

    `loss` says why there is neither.
    """

    result: FileResult | None = None
    places: dict[int, Location] = {}
    seen: Seen | None = None
    loss: str = ""


class Checker:
    """Checks one file at a time with some rules.

    `tree` is the only file as `ast` parsed it, which saves doing that again. The trees of the files
    to `keep` are remembered, so that they can be located without being parsed again.
    """

    def __init__(
        self,
        rules: tuple[type[FileRule], ...] = (),
        *,
        tree: ast.Module | None = None,
        keep: Collection[str] = (),
    ) -> None:
        self.rules = rules
        self._tree = tree
        self.keep = set(keep)
        self._kept: dict[str, tuple[Source, Analysis]] = {}

    def forget(self) -> None:
        """Let the trees go that were kept, so that the cyclic collector need not look through."""
        self._kept.clear()

    def do(self, job: Job) -> Outcome:
        """Do a job on a file on disk, whatever happens: one file must not cost the others."""
        try:
            if job.anchors is None:
                result, seen = self.check_file(job.task)
                return Outcome(result, seen=seen)
            places, seen = self.locate_file(job.task, job.anchors)
            return Outcome(places=places, seen=seen)
        except Exception as error:  # noqa: BLE001
            return Outcome(loss=f"{type(error).__name__}: {error}")

    # -- checking

    def check_file(self, task: FileTask) -> tuple[FileResult, Seen | None]:
        """Read and check a file; give with the result what is noted about the file."""
        try:
            data, seen = disk.read_noting(task.path)
        except OSError as error:
            return unreadable(task.path, error), None
        return self.check(task, data), seen

    def check(self, task: FileTask, data: bytes) -> FileResult:
        """Parse and check the bytes of a file."""
        is_relevant = screen.is_relevant_bytes(data)
        try:
            text = decode(data)
        except UnparsableError as error:
            return unparsable(task.path, error, is_relevant=is_relevant)
        return self.check_text(task, text, is_relevant=is_relevant)

    def check_text(self, task: FileTask, text: str, *, is_relevant: bool = True) -> FileResult:
        """Parse and check the text of a file."""
        try:
            source = parse(task.path, text, self._tree)
        except UnparsableError as error:
            lowered = text.lower()
            return unparsable(
                task.path,
                error,
                is_relevant=is_relevant,
                has_noqa="noqa" in lowered,
                has_codes="flg" in lowered,
            )
        analysis, diagnostics = self._analyse(task, source)
        if analysis is not None:
            diagnostics += self._located(source, analysis)
            if source.path in self.keep:
                self._kept[source.path] = (source, analysis)
        lowered = source.text.lower()
        return FileResult(
            diagnostics=tuple(diagnostics),
            facts=analysis.facts if analysis is not None else None,
            is_relevant=is_relevant,
            has_noqa="noqa" in lowered,
            has_codes="flg" in lowered,
            has_crash=any(found.code == INTERNAL_ERROR for found in diagnostics),
        )

    def _analyse(self, task: FileTask, source: Source) -> tuple[Analysis | None, list[Diagnostic]]:
        """Walk a file, again without a rule that crashes; no analysis if a collector does."""
        crashes: list[Diagnostic] = []
        without = {rule for rule in self.rules if task.is_test and not rule.in_tests}
        while True:
            try:
                analysis = analyse(source, task.module, self.rules, without)
                break
            except RuleCrashError as crash:
                crashes.append(internal_error(source.path, crash.listener, crash.error))
                crashed = {rule for rule in self.rules if rule is crash.listener}
                if not crashed:
                    return None, crashes
                without |= crashed
        return analysis, crashes

    # -- places

    def locate_file(
        self, task: FileTask, anchors: Iterable[int]
    ) -> tuple[dict[int, Location], Seen | None]:
        """Read a file again to work out the places of anchors."""
        try:
            data, seen = disk.read_noting(task.path)
        except OSError:  # it has gone since it was checked
            return {}, None
        return self.locate(task, anchors, data), seen

    def locate(
        self, task: FileTask, anchors: Iterable[int], data: bytes | None = None
    ) -> dict[int, Location]:
        """Work out the places of anchors in a file that is kept, or that has these bytes."""
        kept = self._kept.get(task.path)
        if kept is None:
            if data is None:
                return {}
            try:
                source = parse(task.path, decode(data))
                kept = source, analyse(source, task.module, self.rules, self.rules)
            except (UnparsableError, RuleCrashError):  # it has changed since it was checked
                return {}
        source, analysis = kept
        nodes = {
            anchor: analysis.nodes[anchor] for anchor in anchors if anchor < len(analysis.nodes)
        }
        places = self._places(source, list(nodes.values()))
        return {anchor: places[id(node)] for anchor, node in nodes.items()}

    def _located(self, source: Source, analysis: Analysis) -> list[Diagnostic]:
        nodes = [finding.node for finding in analysis.findings]
        nodes += [node for finding in analysis.findings for node, _ in finding.related]
        if not nodes:
            return []
        places = self._places(source, nodes)
        return [
            diagnostic(
                type(finding.rule),
                places[id(finding.node)],
                finding.message,
                severity=finding.severity,
                related=[Related(places[id(node)], text) for node, text in finding.related],
            )
            for finding in analysis.findings
        ]

    def _places(self, source: Source, nodes: list[cst.CSTNode]) -> dict[int, Location]:
        spans = positions.locate(source.tree, nodes, self._tree, source.text)
        return {key: Location(source.path, *span) for key, span in spans.items()}


def screened(path: str, data: bytes) -> FileResult | None:
    """Give the result for a file that has nothing to do with Flask; None if it must be parsed."""
    if screen.is_relevant_bytes(data):
        return None
    if b"\0" in data or not data.isascii():
        try:
            decode(data)
        except UnparsableError as error:
            return unparsable(path, error, is_relevant=False)
    lowered = data.lower()
    return FileResult(
        is_relevant=False,
        is_parsed=False,
        has_noqa=b"noqa" in lowered,
        has_codes=b"flg" in lowered,
    )


def unparsable(
    path: str,
    error: UnparsableError,
    *,
    is_relevant: bool,
    has_noqa: bool = False,
    has_codes: bool = False,
) -> FileResult:
    """Give the result for a file that cannot be decoded or parsed."""
    found = syntax_error(path, error.message, error.line, error.column)
    return FileResult((found,), is_relevant=is_relevant, has_noqa=has_noqa, has_codes=has_codes)


def unreadable(path: str, error: OSError) -> FileResult:
    """Give the result for a file that cannot be read."""
    problem = f"the file cannot be read: {error.strerror or error}"
    return FileResult((syntax_error(path, problem),))


# Diagnostics


def diagnostic(
    rule: type[Rule],
    location: Location,
    message: str,
    *,
    severity: Severity | None = None,
    related: Iterable[Related] = (),
    hints: tuple[str, ...] = (),
) -> Diagnostic:
    """Make a report of a rule."""
    return Diagnostic(
        location=location,
        code=rule.code,
        name=rule.name,
        severity=severity or rule.severity,
        message=message,
        help=rule.help,
        related=tuple(related),
        hints=hints,
    )


def syntax_error(path: str, problem: str, line: int = 1, column: int = 0) -> Diagnostic:
    """Report a file or folder that cannot be read or parsed."""
    rule = all_rules()[SYNTAX_ERROR]
    place = Location(path, line, column, line, column + 1)
    return diagnostic(rule, place, rule.message.format(problem=problem))


def lost(path: str, loss: str) -> Diagnostic:
    """Report a file whose result is lost, perhaps with the process that worked on it."""
    rule = all_rules()[INTERNAL_ERROR]
    message = rule.message.format(rule="flask-gotchas", where="this file", error=loss)
    return diagnostic(rule, Location(path, 1, 0, 1, 0), message)


def internal_error(path: str, culprit: type, error: Exception) -> Diagnostic:
    """Report that a rule or a collector crashed."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = ""
    if trace is not None:
        where = f"{os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}"
    rule = all_rules()[INTERNAL_ERROR]
    message = rule.message.format(
        rule=getattr(culprit, "name", culprit.__name__),
        error=f"{type(error).__name__}: {error}",
        where=where,
    )
    return diagnostic(rule, Location(path, 1, 0, 1, 0), message)
