"""Apply the fixes of reports to the texts of their files, in rounds, until nothing is left to fix.

Nothing is believed of a fix: with each round the project is checked again with the new texts in the
place of the files. A fix which does not take its report away, or gives a new one anywhere, is left
out. Only then files are written, each in one step.
"""

from __future__ import annotations

import difflib
import functools
import os
from collections import Counter
from typing import TYPE_CHECKING, Final

import msgspec

from flask_gotchas import files
from flask_gotchas.editing import LINE_END, FileEditor, NoFix
from flask_gotchas.model import Edit, Fix
from flask_gotchas.records import NamedTuple
from flask_gotchas.rule import Fixing, all_rules
from flask_gotchas.source import UnparsableError, decode, encoding_of
from flask_gotchas.unused_imports import removals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from flask_gotchas.model import Diagnostic, Report
    from flask_gotchas.unused_imports import Texts

    Check = Callable[[Mapping[str, bytes]], Report]
    Read = Callable[[str], bytes]

# A fix may wait for another one. What takes longer than this goes in circles.
ROUNDS: Final = 20


class Outcome(NamedTuple):
    """What became of fixes: the report of what is left, the files before and after, what to say."""

    report: Report
    before: dict[str, bytes]
    after: dict[str, bytes]
    said: list[str]


def with_fixes(report: Report, read: Read, texts: Texts = lambda: None) -> Report:
    """Add the fixes to the diagnostics of a report; nobody has tried them.

    `read` gives the bytes of a file, `texts` the Python files of the project by their paths from
    its root, or None if they are not known: then no fix takes an import out.
    """
    return _Maker(read, texts).with_fixes(report)


class _Maker:
    """Makes fixes, and keeps the files that it has read for that."""

    def __init__(self, read: Read, texts: Texts) -> None:
        self._read = read
        self._texts = functools.cache(texts)
        self._editors: dict[str, tuple[bytes, FileEditor | None]] = {}

    def with_fixes(self, report: Report) -> Report:
        """Add the fixes to the diagnostics of a report."""
        found = tuple(map(self._with_fix, report.diagnostics))
        return msgspec.structs.replace(report, diagnostics=found)

    def _with_fix(self, found: Diagnostic) -> Diagnostic:
        rule = all_rules().get(found.code)
        if rule is None or rule.fixing is None:
            return found
        editor = self._editor(found.location.path)
        if editor is None:
            return found
        try:
            message, edits = editor.edits(lambda: rule.fix(found, editor))
            safe = rule.fixing is Fixing.SAFE and editor.is_certain
            edits = tuple(sorted(self._with_removals(editor, set(edits))))
        except Exception:  # noqa: BLE001 - without a fix the report is as good as ever
            return found
        fix = Fix(message, edits, safe=safe)
        return msgspec.structs.replace(found, fix=fix)

    def together(self, path: str, edits: set[Edit]) -> set[Edit]:
        """Add to the edits of several fixes what only all of them have made needless."""
        editor = self._editor(path)
        return edits if editor is None else self._with_removals(editor, edits)

    def _with_removals(self, editor: FileEditor, edits: set[Edit]) -> set[Edit]:
        """Add what takes out needless imports, if the file is one of Python."""
        try:
            return {*edits, *removals(editor, edits, self._texts)}
        except NoFix:
            return edits

    def _editor(self, path: str) -> FileEditor | None:
        """Give the editor for a file, if its text can be written as it was read."""
        try:
            data = self._read(path)
        except OSError:
            return None
        known = self._editors.get(path)
        if known is None or known[0] != data:
            known = self._editors[path] = (data, _editor(path, data))
        return known[1]


def _editor(path: str, data: bytes) -> FileEditor | None:
    try:
        text = decode(data)
        if text.encode(encoding_of(data)) != data:
            return None
    except (UnparsableError, UnicodeError):
        return None
    return FileEditor(path, text)


def apply(data: bytes, edits: Iterable[Edit]) -> bytes:
    """Apply edits, which do not overlap, to the bytes of a file.

    Encoding and byte order mark stay; line ends are those of the file. Raises UnicodeError for what
    the encoding does not have.
    """
    encoding = encoding_of(data)
    text = decode(data)
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    text = text[len(mark) :]
    starts = [0, *(end.end() for end in LINE_END.finditer(text))]
    usual = LINE_END.search(text)
    newline = usual[0] if usual else "\n"
    parts: list[str] = [mark]
    done = 0
    for edit in sorted(set(edits)):
        at = edit.location
        start = starts[at.line - 1] + at.column
        parts += [text[done:start], edit.text.replace("\n", newline)]
        done = starts[at.end_line - 1] + at.end_column
    return "".join([*parts, text[done:]]).encode(encoding)


def fix(
    check: Check,
    read: Read,
    *,
    unsafe: bool,
    first: Report | None = None,
    texts: Texts = lambda: None,
) -> Outcome:
    """Fix what a check reports, in memory.

    `check` gives the report with some files replaced, `read` the bytes of a file; `unsafe` asks for
    suggested fixes, too. `first` is the report of the files as they are, if it is known, and
    `texts` as for `with_fixes`.
    """
    fixer = _Fixer(check, read, texts, unsafe=unsafe)
    return fixer.outcome(first if first is not None else check({}))


def with_tried_fixes(check: Check, read: Read, report: Report, texts: Texts) -> Report:
    """Add the fixes to the diagnostics of a report, but only those that `fix` would apply."""
    return _Fixer(check, read, texts, unsafe=True).judged(report)


class _Fixer:
    """The rounds of one run."""

    def __init__(self, check: Check, read: Read, texts: Texts, *, unsafe: bool) -> None:
        self._check = check
        self._maker = _Maker(self._read, texts)
        self._read_file = read
        self._unsafe = unsafe
        self._before: dict[str, bytes] = {}
        self._after: dict[str, bytes] = {}
        self._refused: dict[tuple[str, tuple[Edit, ...]], str] = {}
        self._fixed = 0

    def _read(self, path: str) -> bytes:
        if path in self._after:
            return self._after[path]
        if path not in self._before:
            self._before[path] = self._read_file(path)
        return self._before[path]

    def outcome(self, report: Report) -> Outcome:
        """Go through the rounds, from the report of the files as they are."""
        start = report
        rounds = 0
        while True:
            report = self._maker.with_fixes(report)
            chosen = self._chosen(report.diagnostics)
            if not chosen:
                break
            rounds += 1
            if rounds > ROUNDS:
                # They might go round for ever, so nothing of this is written.
                self._after, self._fixed, report = {}, 0, start
                said = [f"No fix is applied: after {ROUNDS} rounds there is still more to fix."]
                return Outcome(report, self._before, {}, said)
            report = self._tried(report, chosen)
        after = {path: data for path, data in self._after.items() if data != self._before[path]}
        left = msgspec.structs.replace(report, fixed=self._fixed)
        return Outcome(left, self._before, after, self._said(report))

    def judged(self, report: Report) -> Report:
        """Give a report with the fixes that stand the test, each of them for the files as they are.

        Those that overlap are tried one after the other.
        """
        if report.internal_error:
            return report  # what a crash has kept back would be held against each fix
        report = self._maker.with_fixes(report)
        passed: set[int] = set()
        waiting = list(report.diagnostics)
        for _ in range(ROUNDS):
            chosen = self._chosen(waiting)
            ids = set(map(id, chosen))
            waiting = [found for found in waiting if id(found) not in ids]
            todo = [chosen] if chosen else []
            while todo:
                fixes = todo.pop()
                texts, reason = self._applied(fixes)
                if not reason and not _objection(report, self._check(texts), fixes):
                    passed.update(map(id, fixes))
                elif len(fixes) > 1:
                    half = len(fixes) // 2
                    todo += [fixes[half:], fixes[:half]]
        left = tuple(
            found if id(found) in passed else msgspec.structs.replace(found, fix=None)
            for found in report.diagnostics
        )
        return msgspec.structs.replace(report, diagnostics=left)

    def _chosen(self, diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
        """List what is fixed in this round: edits that overlap wait for the next one."""
        chosen: list[Diagnostic] = []
        taken: dict[str, set[Edit]] = {}
        for found in diagnostics:
            if found.fix is None or not (found.fix.safe or self._unsafe):
                continue
            if (found.code, found.fix.edits) in self._refused:
                continue
            mine = taken.setdefault(found.location.path, set())
            edits = set(found.fix.edits)
            if not any(_overlap(one, other) for one in edits - mine for other in mine):
                mine |= edits
                chosen.append(found)
        return chosen

    def _tried(self, report: Report, chosen: Sequence[Diagnostic]) -> Report:
        """Apply fixes that stand the test, and give the report that is left.

        Together if that goes well; else in halves, until those that do not are alone.
        """
        todo = [list(chosen)]
        while todo:
            fixes = todo.pop()
            # What one half did may have moved the places of the other one: then it waits.
            fixes = _still_there(report, fixes)
            if not fixes:
                continue
            texts, reason = self._applied(fixes)
            if not reason:
                new = self._check({**self._after, **texts})
                reason = _objection(report, new, fixes)
                if not reason:
                    self._after |= texts
                    self._fixed += len(report.diagnostics) - len(new.diagnostics)
                    report = self._maker.with_fixes(new)
                    continue
            if len(fixes) == 1:
                self._refuse(fixes[0], reason)
            else:
                half = len(fixes) // 2
                todo += [fixes[half:], fixes[:half]]
        return report

    def _applied(self, fixes: Sequence[Diagnostic]) -> tuple[dict[str, bytes], str]:
        by_path: dict[str, set[Edit]] = {}
        for found in fixes:
            if found.fix is not None:
                by_path.setdefault(found.location.path, set()).update(found.fix.edits)
        if len(fixes) > 1:
            by_path = {path: self._maker.together(path, edits) for path, edits in by_path.items()}
        try:
            return {path: apply(self._read(path), edits) for path, edits in by_path.items()}, ""
        except UnicodeError:
            return {}, "the encoding of the file does not have what it takes"

    def _refuse(self, found: Diagnostic, reason: str) -> None:
        if found.fix is not None:
            self._refused[found.code, found.fix.edits] = reason

    def _said(self, report: Report) -> list[str]:
        said = []
        for found in report.diagnostics:
            reason = self._refused.get((found.code, found.fix.edits)) if found.fix else None
            if reason:
                at = found.location
                said.append(f"{at.path}:{at.line}: {found.code} is not fixed: {reason}")
        hidden = sum(found.fix is not None and not found.fix.safe for found in report.diagnostics)
        if hidden and not self._unsafe:
            said.append(f"{hidden} more can be fixed with --unsafe-fixes.")
        return said


def _still_there(report: Report, fixes: list[Diagnostic]) -> list[Diagnostic]:
    """Choose the fixes that a report has, too, with the same edits."""
    present = {(found.code, found.fix.edits) for found in report.diagnostics if found.fix}
    return [one for one in fixes if one.fix and (one.code, one.fix.edits) in present]


def _overlap(one: Edit, other: Edit) -> bool:
    """Tell whether two edits touch: the order of two at the same place would be left to chance."""
    a, b = one.location, other.location
    start, end = (a.line, a.column), (a.end_line, a.end_column)
    other_start, other_end = (b.line, b.column), (b.end_line, b.end_column)
    return start <= other_end and other_start <= end


def _objection(before: Report, after: Report, fixes: Sequence[Diagnostic]) -> str:
    """Say what is wrong with the report after some fixes; empty if nothing is."""
    if after.internal_error and not before.internal_error:
        return "a rule crashes on the result"
    allowed = Counter((found.location.path, found.code) for found in before.diagnostics)
    allowed.subtract(Counter({(found.location.path, found.code) for found in fixes}))
    for (path, code), number in Counter(
        (found.location.path, found.code) for found in after.diagnostics
    ).items():
        if number > max(allowed[path, code], 0):
            fixed = (path, code) in {(found.location.path, found.code) for found in fixes}
            return "it would still be reported" if fixed else f"that would lead to {code} in {path}"
    return ""


def write(outcome: Outcome, read: Read) -> list[str]:
    """Write the files that have changed; give what to say, with more of those that could not be.

    A file that has changed since it was checked, or that cannot be written, stays as it is.
    """
    said = list(outcome.said)
    for path, data in outcome.after.items():
        try:
            if read(path) != outcome.before[path]:
                said.append(f"{path} is not written, because it has changed meanwhile")
                continue
            files.replace(path, data)
        except OSError as error:
            said.append(f"{path} is not written: {error.strerror or error}")
    return said


def compared(before: Report, after: Report) -> Report:
    """Say in a report how many problems less there are than in the one before."""
    fixed = max(0, len(before.diagnostics) - len(after.diagnostics))
    return msgspec.structs.replace(after, fixed=fixed)


def diff(outcome: Outcome) -> str:
    """Show what has changed as a unified diff."""
    return "".join(
        unified(path, decode(outcome.before[path]), decode(outcome.after[path]))
        for path in sorted(outcome.after)
    )


def unified(path: str, before: str, after: str) -> str:
    """Show how a text has changed, as `patch` understands it."""
    shown = path.replace(os.sep, "/")
    lines = difflib.unified_diff(_lines(before), _lines(after), shown, shown)
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )


def _lines(text: str) -> list[str]:
    """Split a text as `patch` does, which knows one line end only."""
    lines = text.split("\n")
    return [*(f"{line}\n" for line in lines[:-1]), *(lines[-1:] if lines[-1] else [])]
