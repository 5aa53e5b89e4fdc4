"""The order of a run: files, facts, project, findings, places, suppression, report."""

from __future__ import annotations

import functools
import os
import re
import tempfile
from typing import TYPE_CHECKING, NamedTuple

from flask_gotchas import discover, positions, screen, suppress
from flask_gotchas import settings as settings_module
from flask_gotchas.analysis import Analysis, RuleCrashError, analyse, no_collector
from flask_gotchas.flask_version import VersionReader
from flask_gotchas.model import Diagnostic, Location, Related, Report, Route
from flask_gotchas.modules import ModuleIndex, module_id
from flask_gotchas.project import Project
from flask_gotchas.project.link import is_test_path
from flask_gotchas.rule import FileRule, ProjectRule, Rule, all_rules
from flask_gotchas.settings import Settings
from flask_gotchas.source import Source, UnparsableError, decode, parse

if TYPE_CHECKING:
    import ast
    from collections.abc import Collection, Iterable, Mapping, Sequence

    import libcst as cst

    from flask_gotchas.deployment import Start
    from flask_gotchas.discover import TemplateFiles
    from flask_gotchas.facts.model import FileFacts
    from flask_gotchas.model import Severity
    from flask_gotchas.project import Finding

INTERNAL_ERROR = "FLG000"
SYNTAX_ERROR = "FLG001"
UNUSED_NOQA = "FLG002"
_TEMPLATES = re.compile(rf"(?<![^/]){discover.TEMPLATES}/").finditer


def run(paths: Sequence[str], settings: Settings, stdin: tuple[str, bytes] | None = None) -> Report:
    """Check files and folders, knowing the whole project that they belong to.

    `stdin` is a file name and what stands in place of that file's content. Raises PathNotFound for
    a path that does not exist.
    """
    found = discover.discover(paths, settings)
    overlay = dict([stdin] if stdin else [])
    wanted = sorted({*found.files, *overlay})
    # Without a mark of a project or a folder that was named there is no telling where it ends.
    complete = _is_marked(settings.root) or any(map(os.path.isdir, paths))
    everything, templates = wanted, None
    if complete:
        everything, folders = discover.survey(settings, wanted)
        templates = discover.TemplateFiles(settings.root, folders, settings, found)
    named = {os.path.normpath(path) for path in paths} | set(overlay)
    with no_collector():
        session = _Run(
            settings, everything, complete=complete, overlay=overlay, templates=templates
        )
        for path, problem in found.problems:
            session.unreadable(path, problem)
        return session.report(wanted, named, templates=found.templates)


class Listing(NamedTuple):
    """URL rules, the files that were asked about, and the files whose rules could not be read."""

    routes: list[Route]
    files: frozenset[str]
    unread: list[str]


def routes(paths: Sequence[str], settings: Settings) -> list[Route]:
    """List the URL rules that are registered in the given files and folders.

    Raises PathNotFound for a path that does not exist.
    """
    return list_routes(paths, settings).routes


def list_routes(paths: Sequence[str], settings: Settings, *, whole: bool = False) -> Listing:
    """List URL rules with what else is to be said about them.

    With `whole` they are those of the project, wherever they are registered. Raises PathNotFound
    for a path that does not exist.
    """
    found = discover.discover(paths, settings)
    everything = discover.project_files(settings, found.files)
    wanted = frozenset(found.files)
    with no_collector():
        session = _Run(settings, everything, complete=True, overlay={}, rules=())
        listed, broken = session.routes(frozenset(everything) if whole else wanted)
    return Listing(listed, wanted, [*(path for path, _ in found.problems), *broken])


def check_sources(
    sources: Mapping[str, str | bytes],
    settings: Settings | None = None,
    *,
    complete: bool = True,
    rules: Collection[str] | None = None,
) -> Report:
    """Check files that are given as text, as one project.

    `rules` are the codes to run instead of those that the settings select. Without `complete` the
    project has other files that cannot be seen. Files other than Python ones may be among them.
    """
    encoded = {
        path: source if isinstance(source, bytes) else source.encode("utf-8", "surrogatepass")
        for path, source in sources.items()
    }
    python = sorted(path for path in encoded if path.endswith(discover.SUFFIXES))
    with tempfile.TemporaryDirectory() as root, no_collector():
        # A deployment file starts only what is there, so it needs the Python files beside it.
        for path in encoded if len(encoded) > len(python) else ():
            target = os.path.join(root, path)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with open(target, "wb") as file:
                file.write(encoded[path])
        settings = settings or Settings(root=root)
        folders = {path[: match.end() - 1] for path in encoded for match in _TEMPLATES(path)}
        session = _Run(
            settings,
            python,
            complete=complete,
            overlay=encoded,
            rules=rules,
            root=root,
            templates=discover.TemplateFiles(
                root, [os.path.join(root, folder) for folder in sorted(folders)], settings
            ),
        )
        return session.report(python, set(python))


def check_text(
    path: str, text: str, settings: Settings, tree: ast.Module | None = None
) -> list[Diagnostic]:
    """Check one file as a part of a project that is out of view; noqa comments are not applied.

    `tree` is the file as `ast` parsed it, which saves doing that again; it is not changed.
    """
    with no_collector():
        session = _Run(settings, [path], complete=False, overlay={}, text=(path, text), tree=tree)
        return session.diagnose([path], {path})


class _Found(NamedTuple):
    """What became of one file: its facts, or why there are none."""

    facts: FileFacts | None
    diagnostics: tuple[Diagnostic, ...]


class _Run:
    """One run over one project."""

    def __init__(
        self,
        settings: Settings,
        files: list[str],
        *,
        complete: bool,
        overlay: Mapping[str, bytes],
        rules: Collection[str] | None = None,
        root: str | None = None,
        text: tuple[str, str] | None = None,
        tree: ast.Module | None = None,
        templates: TemplateFiles | None = None,
    ) -> None:
        self.settings = settings
        self.templates = templates
        self.root = root if root is not None else os.path.abspath(settings.root)
        self._in_memory = root is not None
        self.files = files
        self.complete = complete
        self.overlay = overlay
        self.text = text
        self.tree = tree
        self.versions = VersionReader(self.root, settings.flask_version)
        self.rules = all_rules()
        enabled = settings_module.selected(settings, self.rules) if rules is None else rules
        self.enabled = {
            code: rule
            for code, rule in self.rules.items()
            if code in enabled and self._concerns(rule)
        }
        self.file_rules = tuple(
            rule for rule in self.enabled.values() if issubclass(rule, FileRule)
        )
        self.index = ModuleIndex([self._relative(path) for path in files])
        self._paths = {self._relative(path): path for path in files}
        self.internal_error = False
        self._kept: dict[str, tuple[Source, Analysis]] = {}
        self._extra: list[Diagnostic] = []

    def _concerns(self, rule: type[Rule]) -> bool:
        """Tell whether what a rule says can be true of the project's Flask."""
        everywhere = rule.flask == Rule.flask  # spares reading the requirements
        return everywhere or self.versions.versions().flask.meets(rule.flask)

    # -- the whole

    def report(self, wanted: list[str], named: set[str], templates: Sequence[str] = ()) -> Report:
        """Check all files and report on those wanted, without what noqa comments silence."""
        kept: list[Diagnostic] = []
        by_path: dict[str, list[Diagnostic]] = {path: [] for path in wanted}
        for diagnostic in self.diagnose(wanted, named):
            by_path.setdefault(diagnostic.location.path, []).append(diagnostic)
        for path, diagnostics in by_path.items():
            kept += self._suppressed(path, diagnostics)
        return Report(
            diagnostics=tuple(sorted(kept, key=lambda found: found.sort_key)),
            files=len(wanted) + len(templates),
            internal_error=self.internal_error,
        )

    def diagnose(self, wanted: list[str], named: set[str]) -> list[Diagnostic]:
        """Give all diagnostics of the wanted files, sorted, with per-file ignores applied."""
        facts: list[FileFacts] = []
        diagnostics: list[Diagnostic] = self._extra
        asked = set(wanted)
        for path in self.files:
            found = self._check_file(path, always=path in named)
            if found.facts is not None:
                facts.append(found.facts)
            if path in asked:
                diagnostics += found.diagnostics
        diagnostics += self._check_project(facts, asked)
        return sorted(
            (found for found in set(diagnostics) if not self._is_ignored(found)),
            key=lambda found: found.sort_key,
        )

    def unreadable(self, path: str, problem: str) -> None:
        """Report a folder or file that cannot be read."""
        self._extra.append(self._syntax_error(path, problem))

    # -- files

    def _check_file(self, path: str, *, always: bool) -> _Found:
        try:
            source = self._read(path, always=always)
        except UnparsableError as error:
            return _Found(
                None, (self._syntax_error(path, error.message, error.line, error.column),)
            )
        except OSError as error:
            problem = f"the file cannot be read: {error.strerror or error}"
            return _Found(None, (self._syntax_error(path, problem),))
        return _Found(None, ()) if source is None else self._analyse(source)

    def _read(self, path: str, *, always: bool) -> Source | None:
        """Read and parse a file; None if it has nothing to do with Flask."""
        if self.text is not None:
            return parse(*self.text)
        data = self._bytes(path)
        if not always and not screen.is_relevant_bytes(data):
            if b"\0" in data or not data.isascii():
                decode(data)
            return None
        return parse(path, decode(data))

    def _bytes(self, path: str) -> bytes:
        if path in self.overlay:
            return self.overlay[path]
        with open(path, "rb") as file:
            return file.read()

    def _analyse(self, source: Source) -> _Found:
        diagnostics: list[Diagnostic] = []
        rules = self.file_rules
        if is_test_path(self._relative(source.path)):
            rules = tuple(rule for rule in rules if rule.in_tests)
        while True:
            try:
                analysis = analyse(source, self._module(source.path), rules)
                break
            except RuleCrashError as crash:
                diagnostics.append(self._crash(source.path, crash.listener, crash.error))
                if crash.listener not in rules:
                    return _Found(None, tuple(diagnostics))
                rules = tuple(rule for rule in rules if rule is not crash.listener)
        diagnostics += self._locate_file_findings(source, analysis)
        if self.text is not None:
            self._kept[source.path] = (source, analysis)
        return _Found(analysis.facts, tuple(diagnostics))

    def _locate_file_findings(self, source: Source, analysis: Analysis) -> list[Diagnostic]:
        nodes = [finding.node for finding in analysis.findings]
        nodes += [node for finding in analysis.findings for node, _ in finding.related]
        if not nodes:
            return []
        locations = self._locations(source, nodes)
        return [
            _diagnostic(
                type(finding.rule),
                locations[id(finding.node)],
                finding.message,
                severity=finding.severity,
                related=[Related(locations[id(node)], text) for node, text in finding.related],
            )
            for finding in analysis.findings
        ]

    def _locations(self, source: Source, nodes: list[cst.CSTNode]) -> dict[int, Location]:
        spans = positions.locate(source.tree, nodes, self.tree, source.text)
        return {key: Location(source.path, *span) for key, span in spans.items()}

    # -- the project

    def routes(self, wanted: frozenset[str]) -> tuple[list[Route], list[str]]:
        """List the URL rules registered in the wanted files, and those files that are broken."""
        found = {path: self._check_file(path, always=False) for path in self.files}
        facts = [of_file.facts for of_file in found.values() if of_file.facts is not None]
        rules = [rule for rule in self._project(facts).url_map.rules if rule.file.path in wanted]
        anchors: dict[str, set[int]] = {}
        for rule in rules:
            anchors.setdefault(rule.file.path, set()).add(rule.anchor)
        places: dict[tuple[str, int], Location] = {}
        for path, numbers in anchors.items():
            places.update(self._anchor_locations(path, numbers))
        listed = [
            Route(
                app=rule.app,
                rule=rule.rule,
                methods=rule.methods,
                endpoint=rule.endpoint,
                view=rule.view,
                blueprint=rule.blueprint,
                location=places[rule.file.path, rule.anchor],
                why=dict(rule.why),
                options=dict(rule.options),
            )
            for rule in rules
        ]
        return listed, [path for path in self.files if path in wanted and found[path].diagnostics]

    def _project(self, facts: list[FileFacts]) -> Project:
        return Project(
            facts,
            self.index,
            complete=self.complete,
            root=os.getcwd() if self._in_memory else self.root,
            starts=functools.cache(lambda: _production_starts(self.root)),
            load=self._load,
            read=lambda path: self._bytes(self._paths[path]),
            others=functools.partial(discover.other_texts, self.root),
            options=functools.partial(settings_module.options_for, self.settings),
            template_files=self.templates,
            versions=self.versions,
        )

    def _check_project(self, facts: list[FileFacts], wanted: set[str]) -> list[Diagnostic]:
        project = self._project(facts)
        findings: list[Finding] = []
        diagnostics: list[Diagnostic] = []
        for rule in self.enabled.values():
            if issubclass(rule, ProjectRule):
                try:
                    findings += [
                        found
                        for found in rule().check(project)
                        if found.path in wanted or isinstance(found.anchor, Location)
                    ]
                except Exception as error:  # noqa: BLE001 - one rule must not stop the others
                    path = min(wanted, default=self.root)
                    diagnostics.append(self._crash(path, rule, error))
        return diagnostics + self._locate_findings(findings)

    def _load(self, relative: str) -> FileFacts | None:
        """Read the facts of a project file that the screen had left out."""
        return self._check_file(self._paths[relative], always=True).facts

    def _locate_findings(self, findings: list[Finding]) -> list[Diagnostic]:
        """Work out the places of anchors, walking the files again that have one reported."""
        wanted: dict[str, set[int]] = {}
        for finding in findings:
            for path, anchor in [finding[1:3], *(related[:2] for related in finding.related)]:
                if not isinstance(anchor, Location):
                    wanted.setdefault(path, set()).add(anchor)
        places: dict[tuple[str, int], Location] = {}
        for path, anchors in wanted.items():
            places.update(self._anchor_locations(path, anchors))

        def place(path: str, at: int | Location) -> Location:
            return at if isinstance(at, Location) else places[path, at]

        return [
            _diagnostic(
                finding.rule,
                place(finding.path, finding.anchor),
                finding.message,
                severity=finding.severity,
                related=[Related(place(path, at), text) for path, at, text in finding.related],
            )
            for finding in findings
        ]

    def _anchor_locations(
        self, path: str, anchors: Iterable[int]
    ) -> dict[tuple[str, int], Location]:
        source, nodes = self._nodes(path)
        chosen = {anchor: nodes[anchor] for anchor in anchors if anchor < len(nodes)}
        locations = self._locations(source, list(chosen.values())) if source is not None else {}
        start = Location(path, 1, 0, 1, 0)
        return {(path, anchor): locations.get(id(chosen.get(anchor)), start) for anchor in anchors}

    def _nodes(self, path: str) -> tuple[Source | None, list[cst.CSTNode]]:
        if path in self._kept:
            source, analysis = self._kept[path]
            return source, analysis.nodes
        try:
            again = self._read(path, always=True)
            if again is None:
                return None, []
            return again, analyse(again, self._module(path)).nodes
        except (OSError, UnparsableError, RuleCrashError):  # it has changed since it was checked
            return None, []

    # -- suppression

    def _suppressed(self, path: str, diagnostics: list[Diagnostic]) -> list[Diagnostic]:
        """Apply the noqa comments of a file, and report the unused ones."""
        wants_unused = UNUSED_NOQA in self.enabled
        if not diagnostics and not wants_unused:
            return []
        try:
            data = self._bytes(path)
            lowered = data.lower()
            if b"noqa" not in lowered or not (diagnostics or b"flg" in lowered):
                return diagnostics
            text = decode(data)
        except (OSError, UnparsableError):
            return diagnostics
        if not path.endswith(discover.SUFFIXES) and path not in self.files:
            return suppress.apply(diagnostics, suppress.parse_template_noqa(text))[0]
        noqa = suppress.parse_noqa(text)
        kept, used = suppress.apply(diagnostics, noqa)
        if wants_unused:
            unused = self._unused(path, noqa, used)
            kept += suppress.apply(unused, noqa)[0]
        return kept

    def _unused(
        self, path: str, noqa: dict[int, suppress.Noqa], used: set[tuple[int, str]]
    ) -> list[Diagnostic]:
        ignored = settings_module.ignored_in(self.settings, path, self.rules)
        enabled = self.enabled.keys() - ignored
        rule = self.rules[UNUSED_NOQA]
        return [
            _diagnostic(
                rule,
                Location(path, comment.line, comment.column, comment.line, comment.end_column),
                rule.message.format(codes=", ".join(codes)),
            )
            for comment, codes in suppress.unused(noqa, used, enabled)
            if rule.code in enabled
        ]

    def _is_ignored(self, found: Diagnostic) -> bool:
        if not self.settings.per_file_ignores:
            return False
        path = found.location.path
        return found.code in settings_module.ignored_in(self.settings, path, self.rules)

    # -- small things

    def _relative(self, path: str) -> str:
        """Give a path as seen from the project root, with forward slashes."""
        if self._in_memory:
            return path
        relative = os.path.relpath(os.path.abspath(path), self.root)
        return relative.replace(os.sep, "/")

    def _module(self, path: str) -> str:
        return ".".join(module_id(self._relative(path)))

    def _syntax_error(self, path: str, problem: str, line: int = 1, column: int = 0) -> Diagnostic:
        rule = self.rules[SYNTAX_ERROR]
        place = Location(path, line, column, line, column + 1)
        return _diagnostic(rule, place, rule.message.format(problem=problem))

    def _crash(self, path: str, culprit: type, error: Exception) -> Diagnostic:
        self.internal_error = True
        rule = self.rules[INTERNAL_ERROR]
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        where = ""
        if trace is not None:
            where = f"{os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}"
        message = rule.message.format(
            rule=getattr(culprit, "name", culprit.__name__),
            error=f"{type(error).__name__}: {error}",
            where=where,
        )
        return _diagnostic(rule, Location(path, 1, 0, 1, 0), message)


def _diagnostic(
    rule: type[Rule],
    location: Location,
    message: str,
    *,
    severity: Severity | None = None,
    related: Iterable[Related] = (),
) -> Diagnostic:
    return Diagnostic(
        location=location,
        code=rule.code,
        name=rule.name,
        severity=severity or rule.severity,
        message=message,
        help=rule.help,
        related=tuple(related),
    )


def _production_starts(root: str) -> tuple[Start, ...]:
    # Only few runs find something that production could start.
    from flask_gotchas.deployment import find_starts  # noqa: PLC0415

    return find_starts(root)


def _is_marked(root: str) -> bool:
    return any(os.path.exists(os.path.join(root, name)) for name in ("pyproject.toml", ".git"))
