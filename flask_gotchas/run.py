"""The order of a run: files, facts, project, findings, places, suppression, report."""

from __future__ import annotations

import functools
import os
import re
from typing import TYPE_CHECKING

import msgspec

from flask_gotchas import discover, disk, suppress
from flask_gotchas import settings as settings_module
from flask_gotchas.analysis import no_collector
from flask_gotchas.cache import conclusions
from flask_gotchas.cache.conclusions import Conclusions, condensed
from flask_gotchas.cache.files import FileCache
from flask_gotchas.cache.templates import KnownTemplates
from flask_gotchas.checking import Files, usable_processors
from flask_gotchas.flask_version import VersionReader
from flask_gotchas.model import Diagnostic, Location, Related, Report, Route
from flask_gotchas.one_file import Checker, diagnostic, internal_error, syntax_error
from flask_gotchas.project import Project
from flask_gotchas.records import NamedTuple
from flask_gotchas.rule import FileRule, ProjectRule, Rule, all_rules
from flask_gotchas.settings import Settings
from flask_gotchas.source import UnparsableError, decode

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Collection, Mapping, Sequence

    from flask_gotchas.cache.folder import CacheFolder
    from flask_gotchas.cache.memory import Memory
    from flask_gotchas.deployment import Start
    from flask_gotchas.discover import TemplateFiles
    from flask_gotchas.facts.model import FileFacts
    from flask_gotchas.project import Finding

UNUSED_NOQA = "FLG002"
_TEMPLATES = re.compile(rf"(?<![^/]){discover.TEMPLATES}/").finditer


def run(
    paths: Sequence[str],
    settings: Settings,
    stdin: tuple[str, bytes] | None = None,
    cache: CacheFolder | None = None,
    progress: Callable[[int, int], None] | None = None,
    *,
    overlay: Mapping[str, bytes] | None = None,
) -> Report:
    """Check files and folders, knowing the whole project that they belong to.

    `stdin` is a file name and what stands in place of that file's content, `overlay` what stands in
    place of that of others. In `cache` is what earlier runs know of files, and what this one finds
    goes there. `progress` is told how many files of how many are done. Raises PathNotFound for a
    path that does not exist.
    """
    found = discover.discover(paths, settings)
    named_in_memory = [stdin[0]] if stdin else []
    overlay = {**(overlay or {}), **dict([stdin] if stdin else [])}
    wanted = sorted({*found.files, *named_in_memory})
    complete = _is_complete(paths, settings)
    everything, templates = wanted, None
    if complete:
        everything, folders = discover.survey(settings, wanted)
        templates = discover.TemplateFiles(settings.root, folders, settings, found, overlay)
    named = {os.path.normpath(path) for path in paths} | set(named_in_memory)
    with no_collector():
        session = _Run(
            settings,
            everything,
            complete=complete,
            overlay=overlay,
            templates=templates,
            cache=cache,
            progress=progress,
        )
        for path, problem in found.problems:
            session.unreadable(path, problem)
        with session.files:
            return session.report(wanted, named, templates=found.templates)


def check_documents(
    documents: Mapping[str, bytes],
    settings: Settings,
    memory: Memory,
    *,
    complete: bool,
    wanted: Collection[str] | None = None,
    cache: CacheFolder | None = None,
    progress: Callable[[int, int], None] = lambda _, __: None,
    pause: Callable[[], None] = lambda: None,
    steady: bool = False,
) -> Report:
    """Check documents of an editor, knowing the project that they belong to.

    `documents` are what stands in files, by absolute paths, whether it is saved or not. Only those
    `wanted` are reported on, and those are left out that are no part of the project. `memory` is
    what is known of its files: it must be of the same settings. Without `complete` the project ends
    with the documents. `steady` promises that nothing but documents has changed since the last
    time. `progress` and `pause` are called often, and may raise to give up.
    """
    asked = documents if wanted is None else wanted
    folders: list[str] = []
    if complete:
        survey, found = discover.survey_with(settings, documents)
        everything, folders = survey.files, survey.template_folders
        found = found._replace(
            files=[path for path in found.files if path in asked],
            templates=[path for path in found.templates if path in asked],
        )
    else:
        everything = sorted(path for path in documents if path.endswith(discover.SUFFIXES))
        found = discover.NOTHING._replace(files=[path for path in everything if path in asked])
    with no_collector():
        session = _Run(
            settings,
            everything,
            complete=complete,
            overlay=documents,
            templates=discover.TemplateFiles(settings.root, folders, settings, found, documents),
            cache=cache,
            memory=memory,
            progress=progress,
            pause=pause,
            steady=steady,
        )
        with session.files:
            return session.report(found.files, set(), templates=found.templates)


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
        with session.files:
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
    import tempfile  # noqa: PLC0415 - the command has its files on disk

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
        with session.files:
            return session.diagnose([path], {path})


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
        cache: CacheFolder | None = None,
        memory: Memory | None = None,
        progress: Callable[[int, int], None] | None = None,
        pause: Callable[[], None] = lambda: None,
        steady: bool = False,
    ) -> None:
        self.settings = settings
        self._memory = memory
        self._steady = steady
        self._pause = pause
        self.templates = templates
        self.root = root if root is not None else os.path.abspath(settings.root)
        self._in_memory = root is not None
        self.complete = complete
        self.versions = VersionReader(self.root, settings.flask_version)
        self.rules = all_rules()
        enabled = settings_module.selected(settings, self.rules) if rules is None else rules
        with disk.watching() as self._watch:  # for versions may be read that project rules ask for
            self.enabled = {
                code: rule
                for code, rule in self.rules.items()
                if code in enabled and self._concerns(rule)
            }
        file_rules = tuple(rule for rule in self.enabled.values() if issubclass(rule, FileRule))
        if memory is not None:
            memory.depend_on(self._decisive(file_rules))
        keep = [text[0]] if text else overlay if memory is not None else ()
        self._cache = self._file_cache(cache, file_rules) if cache is not None else None
        self._known_templates = KnownTemplates()
        if memory is not None:
            self._known_templates = memory.templates
        elif self._cache is not None:
            asked = condensed(templates.asked() if templates is not None else None)
            key = f"{self._cache.key}\n{asked.hex()}"
            self._known_templates = KnownTemplates(self._cache.folder, key)
        # What is given in place of files is nothing to remember for later runs.
        self._keeps_conclusions = self._cache is not None and not overlay and memory is None
        self.files = Files(
            files,
            self.root,
            Checker(file_rules, tree=tree, keep=keep),
            in_memory=self._in_memory,
            overlay=overlay,
            text=text,
            cache=self._cache,
            memory=memory,
            jobs=settings.jobs or usable_processors(),
            progress=progress,
        )
        self.internal_error = False
        self._extra: list[Diagnostic] = []

    def _concerns(self, rule: type[Rule]) -> bool:
        """Tell whether what a rule says can be true of the project's Flask."""
        everywhere = rule.flask == Rule.flask  # spares reading the requirements
        return everywhere or self.versions.versions().flask.meets(rule.flask)

    def _file_cache(self, folder: CacheFolder, rules: Sequence[type[FileRule]]) -> FileCache:
        """Find what is known of the files under the settings that may matter to file rules."""
        return FileCache(folder, self.root, self._decisive(rules))

    def _decisive(self, rules: Sequence[type[FileRule]]) -> str:
        settings = {**self.settings.rule_options, "flask-version": self.settings.flask_version}
        return repr([sorted(rule.code for rule in rules), sorted(settings.items())])

    # -- the whole

    def report(self, wanted: list[str], named: set[str], templates: Sequence[str] = ()) -> Report:
        """Check all files and report on those wanted, without what noqa comments silence."""
        kept: list[Diagnostic] = []
        by_path: dict[str, list[Diagnostic]] = {path: [] for path in wanted}
        for found in self.diagnose(wanted, named):
            by_path.setdefault(found.location.path, []).append(found)
        for path, diagnostics in by_path.items():
            kept += self._suppressed(path, diagnostics)
        self.files.save(complete=self.complete)
        self._known_templates.save()
        return Report(
            diagnostics=tuple(sorted(kept, key=lambda found: found.sort_key)),
            files=len(wanted) + len(templates),
            internal_error=self.internal_error or self.files.has_crash or bool(self.files.lost),
        )

    def diagnose(self, wanted: list[str], named: set[str]) -> list[Diagnostic]:
        """Give all diagnostics of the wanted files, sorted, with per-file ignores applied."""
        self.files.check_all(named)
        diagnostics: list[Diagnostic] = self._extra
        for path in wanted:
            diagnostics += self.files.results[path].diagnostics
        diagnostics += self._check_project(set(wanted))
        diagnostics += self.files.lost
        return sorted(
            (found for found in set(diagnostics) if not self._is_ignored(found)),
            key=lambda found: found.sort_key,
        )

    def unreadable(self, path: str, problem: str) -> None:
        """Report a folder or file that cannot be read."""
        self._extra.append(syntax_error(path, problem))

    # -- the project

    def routes(self, wanted: frozenset[str]) -> tuple[list[Route], list[str]]:
        """List the URL rules registered in the wanted files, and those files that are broken."""
        self.files.check_all(())
        facts = self.files.facts()
        rules = [rule for rule in self._project(facts).url_map.rules if rule.file.path in wanted]
        anchors: dict[str, set[int]] = {}
        for rule in rules:
            anchors.setdefault(rule.file.path, set()).add(rule.anchor)
        places = self.files.locate(anchors)
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
        results = self.files.results
        return listed, [p for p in self.files.paths if p in wanted and results[p].diagnostics]

    def _project(self, facts: list[FileFacts]) -> Project:
        return Project(
            facts,
            self.files.index,
            complete=self.complete,
            broken=self.files.broken(),
            root=os.getcwd() if self._in_memory else self.root,
            starts=functools.cache(lambda: _production_starts(self.root)),
            load=self.files.load,
            read=self.files.read,
            imported=self._imported_names if self._keeps_conclusions else None,
            others=functools.partial(discover.other_texts, self.root),
            options=functools.partial(settings_module.options_for, self.settings),
            template_files=self.templates,
            known_templates=self._known_templates,
            versions=self.versions,
        )

    def _imported_names(self, relative: str) -> frozenset[str]:
        return disk.imported_names(self.files.path(relative), self._watch)

    def _check_project(self, wanted: set[str]) -> list[Diagnostic]:
        crashes: list[Diagnostic] = []
        asked = self._asked(wanted)
        known = self._concluded(asked)
        if known is not None:
            findings = known.findings
        else:
            facts = self.files.facts()
            with disk.watching(self._watch):
                findings, crashes = self._ask_rules(facts, wanted)
            if self._watch.steady and not crashes:
                self._conclude(asked, findings)
        located = [one for one in findings if not self.files.is_outdated(one.path)]
        return crashes + self._locate_findings(located)

    def _asked(self, wanted: set[str]) -> bytes:
        """Condense what project rules are asked, apart from the facts."""
        if self._memory is None and not self._keeps_conclusions:
            return b""
        templates = self.templates.asked() if self.templates is not None else None
        settings = msgspec.structs.replace(
            self.settings, origins={}, jobs=None, output_format="", cache_dir=""
        )
        return condensed(
            [
                *(self.root, os.getcwd(), self.complete, settings, templates),
                *(sorted(self.enabled), sorted(wanted), self.files.other_digests()),
            ]
        )

    def _concluded(self, asked: bytes) -> Conclusions | None:
        """Give what project rules found before, if that still holds."""
        known = None
        if self._memory is not None:
            known = self._memory.conclusions
        elif self._cache is not None and self._keeps_conclusions:
            known = conclusions.find(self._cache.folder, self._cache.key, asked)
        if known is None or not all(map(self._fits, known.findings)):
            return None
        facts, digests = self.files.condensed_facts(), self.files.digests()
        holding = known.holding(asked, facts, digests, steady=self._steady)
        if holding is not None and holding is not known:
            self._keep(holding)
        return holding

    def _fits(self, finding: Finding) -> bool:
        """Tell whether a rule of today may have found this in these files."""
        places = [(finding.path, finding.anchor), *(one[:2] for one in finding.related)]
        return finding.code in self.rules and all(
            isinstance(anchor, Location) or path in self.files.results for path, anchor in places
        )

    def _conclude(self, asked: bytes, findings: list[Finding]) -> None:
        """Remember what project rules have found, with all that it came from."""
        if self._memory is not None or self._keeps_conclusions:
            digests = self.files.digests()
            read = {path: digests.get(path, b"") for path in sorted(self.files.read_paths)}
            facts = self.files.condensed_facts()
            self._keep(Conclusions(asked, facts, read, list(self._watch.seen.items()), findings))

    def _keep(self, concluded: Conclusions) -> None:
        if self._memory is not None:
            self._memory.conclusions = concluded
        elif self._cache is not None:
            conclusions.keep(self._cache.folder, self._cache.key, concluded)

    def _ask_rules(
        self, facts: list[FileFacts], wanted: set[str]
    ) -> tuple[list[Finding], list[Diagnostic]]:
        """Give what project rules find in the wanted files, and reports of rules that crash."""
        project = self._project(facts)
        findings: list[Finding] = []
        crashes: list[Diagnostic] = []
        for rule in self.enabled.values():
            if issubclass(rule, ProjectRule):
                self._pause()
                try:
                    findings += [
                        found
                        for found in rule().check(project)
                        if found.path in wanted or isinstance(found.anchor, Location)
                    ]
                except Exception as error:  # noqa: BLE001 - one rule must not stop the others
                    path = min(wanted, default=self.root)
                    self.internal_error = True
                    crashes.append(internal_error(path, rule, error))
        return findings, crashes

    def _locate_findings(self, findings: list[Finding]) -> list[Diagnostic]:
        """Work out the places of anchors, walking the files again that have one reported."""
        wanted: dict[str, set[int]] = {}
        for finding in findings:
            anchors = [(finding.path, finding.anchor), *(one[:2] for one in finding.related)]
            for path, anchor in anchors:
                if not isinstance(anchor, Location):
                    wanted.setdefault(path, set()).add(anchor)
        places = self.files.locate(wanted)

        def place(path: str, at: int | Location) -> Location:
            return at if isinstance(at, Location) else places[path, at]

        return [
            diagnostic(
                self.rules[finding.code],
                place(finding.path, finding.anchor),
                finding.message,
                severity=finding.severity,
                related=[Related(place(path, at), text) for path, at, text in finding.related],
                hints=finding.hints,
            )
            for finding in findings
        ]

    # -- suppression

    def _suppressed(self, path: str, diagnostics: list[Diagnostic]) -> list[Diagnostic]:
        """Apply the noqa comments of a file, and report the unused ones."""
        wants_unused = UNUSED_NOQA in self.enabled
        if not (diagnostics or wants_unused):
            return diagnostics
        if not self.files.may_silence(path, something=bool(diagnostics)):
            return diagnostics
        try:
            data = self.files.data(path)
            lowered = data.lower()
            if b"noqa" not in lowered or not (diagnostics or b"flg" in lowered):
                return diagnostics
            text = decode(data)
        except (OSError, UnparsableError):
            return diagnostics
        if not path.endswith(discover.SUFFIXES) and path not in self.files.results:
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
            diagnostic(
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


def _production_starts(root: str) -> tuple[Start, ...]:
    # Only few runs find something that production could start.
    from flask_gotchas.deployment import find_starts  # noqa: PLC0415

    return find_starts(root)


def project_texts(paths: Sequence[str], settings: Settings) -> dict[str, str] | None:
    """Read the Python files of the project that some paths belong to, by their relative paths.

    There may be files of other kinds among them. None if there are too many, or if nobody can tell
    which they are.
    """
    return discover.other_texts(settings.root) if _is_complete(paths, settings) else None


def _is_complete(paths: Sequence[str], settings: Settings) -> bool:
    # Without a mark of a project or a folder that was named there is no telling where it ends.
    return is_marked(settings.root) or any(map(disk.is_folder, paths))


def is_marked(root: str) -> bool:
    """Tell whether a folder is where a project begins."""
    return any(disk.exists(os.path.join(root, name)) for name in ("pyproject.toml", ".git"))
