"""All files of a project: what is known of them from an earlier run, and what must be checked."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import msgspec

from flask_gotchas import disk, one_file, ways
from flask_gotchas.cache.conclusions import condensed, facts_id
from flask_gotchas.disk import UNSURE, Look, Seen
from flask_gotchas.model import Location
from flask_gotchas.modules import ModuleIndex
from flask_gotchas.one_file import Checker, FileResult, FileTask, Job, Outcome
from flask_gotchas.project.link import is_test_path

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from types import TracebackType

    from flask_gotchas.cache.files import FileCache
    from flask_gotchas.cache.memory import Memory
    from flask_gotchas.facts.model import FileFacts
    from flask_gotchas.model import Diagnostic
    from flask_gotchas.workers import Workers

# So many bytes of source are worth two processes, and so many more one more.
WORTH_WORKERS = 250_000
_WORTH_ONE_MORE = 100_000


class Files:
    """The Python files of a project, with their results.

    `paths` are as reported. `overlay` has the bytes of files that are not to be read, and `text`
    the path and text of the only file. What is checked is remembered by `cache` for later runs, and
    by `memory` for this process, which also knows what files said that cannot be parsed just now.
    Up to `jobs` processes work. `lost` are reports of files that no process has survived, and
    `read_paths` those files that somebody wanted to see himself.
    """

    def __init__(
        self,
        paths: Iterable[str],
        root: str,
        checker: Checker,
        *,
        in_memory: bool = False,
        overlay: Mapping[str, bytes],
        text: tuple[str, str] | None = None,
        cache: FileCache | None = None,
        memory: Memory | None = None,
        jobs: int = 1,
        progress: Callable[[int, int], None] | None = None,
    ) -> None:
        self.paths = list(paths)
        self.checker = checker
        self.results: dict[str, FileResult] = {}
        self._root = root
        self._in_memory = in_memory
        self._overlay = overlay
        self._text = text
        self._cache = cache
        self._memory = memory
        self._jobs = jobs
        self._progress = progress
        self._workers: Workers | None = None
        self._digests: dict[str, bytes] = {}
        self._folders: dict[str, str] = {}
        self._relative = {path: self._from_root(path) for path in self.paths}
        self._by_relative = {relative: path for path, relative in self._relative.items()}
        self.index = ModuleIndex(list(self._by_relative))
        self.has_crash = False
        self.lost: list[Diagnostic] = []
        self.read_paths: set[str] = set()

    def __enter__(self) -> Files:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.checker.forget()
        if self._workers is not None:
            self._workers.__exit__(kind, error, trace)

    def save(self, *, complete: bool) -> None:
        """Write what was found out; of a complete project, forget the files that are gone."""
        if self._cache is not None:
            self._cache.save(self._by_relative if complete else None)
        if self._memory is not None and complete:
            self._memory.keep(self._relative.keys())

    # -- results

    def check_all(self, named: Collection[str]) -> None:
        """Find the results of all files; those that are named are parsed in any case."""
        todo = []
        for path in self.paths:
            result = self._known(path, always=path in named)
            if result is None:
                todo.append(path)
            else:
                self.results[path] = result
        if len(todo) == 1:
            self.checker.keep.add(todo[0])  # it may be asked for places, too
        self._check(todo)

    def _check(self, todo: list[str]) -> None:
        for number, (path, outcome) in enumerate(self._done(dict.fromkeys(todo)), 1):
            self.results[path] = self._taken(path, outcome)
            if self._progress is not None:
                self._progress(number, len(todo))

    def facts(self) -> list[FileFacts]:
        """List the facts of the files that have any."""
        lost = []
        for path, result in self.results.items():
            if result.facts is None and result.facts_id:
                self.results[path] = self._with_facts(path, result)
                if self.results[path].facts is None:
                    lost.append(path)
        self._check(lost)
        found = (self._parsed(path) for path in self.paths)
        return [result.facts for result in found if result is not None and result.facts is not None]

    def condensed_facts(self) -> bytes:
        """Condense what all files mean to Flask."""
        results = ((path, self._parsed(path)) for path in self.paths)
        ids = [
            (path, self._relative[path], result.facts_id if result is not None else b"")
            for path, result in results
        ]
        return condensed([ids, sorted(self.broken())])

    def broken(self) -> frozenset[str]:
        """List the modules that may have to do with Flask, but of which nothing is known."""
        found = []
        for path, result in self.results.items():
            parsed = self._parsed(path)
            is_known = parsed is not None and (parsed.facts is not None or parsed.facts_id)
            if result.is_relevant and not is_known:
                found.append(self.index.id_of(self._relative[path]))
        return frozenset(found)

    def _with_facts(self, path: str, result: FileResult) -> FileResult:
        """Add the facts that are kept; there are none if these are lost."""
        if result.facts is not None or not result.facts_id or self._cache is None:
            return result
        facts = self._cache.facts(self._relative[path], result.facts_id, path)
        return msgspec.structs.replace(result, facts=facts)

    def is_outdated(self, path: str) -> bool:
        """Tell whether the facts of a file are not those of its text, which cannot be parsed."""
        result = self.results.get(path)
        return self._memory is not None and result is not None and result.is_broken

    def _parsed(self, path: str, result: FileResult | None = None) -> FileResult | None:
        """Give the result of a file, or the one that it had when it could be parsed."""
        result = result or self.results[path]
        if self._memory is None or not result.is_broken:
            return result
        last = self._memory.last_parsed(path)
        module = self.index.id_of(self._relative[path])
        is_same = last is not None and last.facts is not None and last.facts.module == module
        return last if is_same else None

    def load(self, relative: str) -> FileFacts | None:
        """Read the facts of a file that the screen had left out, by its path from the root."""
        path = self._by_relative[relative]
        self.read_paths.add(path)
        before = self.results.get(path)
        if before is not None and before.has_crash:
            return before.facts
        result = self._known(path, always=True)
        result = None if result is None else self._with_facts(path, result)
        if result is None or (result.facts is None and result.facts_id):
            [(_, outcome)] = self._done({path: None})
            result = self._taken(path, outcome)
        parsed = self._parsed(path, result)
        return None if parsed is None else parsed.facts

    def path(self, relative: str) -> str:
        """Give the path under which a file is reported by its path from the root."""
        return self._by_relative[relative]

    def read(self, relative: str) -> bytes:
        """Read a file by its path from the root; raises OSError."""
        path = self._by_relative[relative]
        self.read_paths.add(path)
        return self.data(path)

    def digests(self) -> Mapping[str, bytes]:
        """Condense each file by itself."""
        return self._digests

    def other_digests(self) -> list[tuple[str, bytes]]:
        """Condense the templates that are not to be read."""
        others = sorted(self._overlay.keys() - self._relative.keys())
        return [(path, ways.digest(self._overlay[path])) for path in others]

    def data(self, path: str) -> bytes:
        """Read a file; raises OSError."""
        return self._overlay[path] if path in self._overlay else disk.read(path)

    def may_silence(self, path: str, *, something: bool) -> bool:
        """Tell whether comments of a file may silence something, or look as if they did."""
        result = self.results.get(path)
        return result is None or (result.has_noqa and (something or result.has_codes))

    # -- places

    def locate(self, wanted: Mapping[str, Collection[int]]) -> dict[tuple[str, int], Location]:
        """Work out the places of anchors, by path; the start of the file if it has changed."""
        places: dict[tuple[str, int], Location] = {}
        todo: dict[str, tuple[int, ...] | None] = {}
        for path, anchors in wanted.items():
            known = self._known_places(path)
            for anchor in anchors:
                places[path, anchor] = known.get(anchor, Location(path, 1, 0, 1, 0))
            missing = tuple(sorted(anchor for anchor in anchors if anchor not in known))
            if missing:
                todo[path] = missing
        for path, outcome in self._done(todo):
            if outcome.loss:
                self.lost.append(one_file.lost(path, outcome.loss))
            places.update(((path, anchor), place) for anchor, place in outcome.places.items())
            digest = self._digests.get(path)
            if digest is None or (outcome.seen is not None and outcome.seen.digest != digest):
                continue
            if self._cache is not None and outcome.seen is not None:
                self._cache.put_places(self._relative[path], digest, outcome.places)
            if self._memory is not None:
                self._memory.put_places(path, digest, outcome.places)
        return places

    def _known_places(self, path: str) -> Mapping[int, Location]:
        digest = self._digests.get(path)
        if digest is None:
            return {}
        known: dict[int, Location] = {}
        if self._cache is not None and not self._is_in_memory(path):
            known |= self._cache.places(self._relative[path], digest, path)
        if self._memory is not None:
            known |= self._memory.places(path, digest)
        return known

    # -- one file

    def _known(self, path: str, *, always: bool) -> FileResult | None:
        """Give the result of a file, if it need not be parsed for that."""
        if self._text is not None:
            return None
        if path in self._overlay:
            return self._known_in_memory(path, self._overlay[path], always=always)
        relative = self._relative[path]
        stamp = disk.stamp_of(path)
        digest = self._memory.digest(path, stamp) if self._memory is not None else None
        if digest is None and self._cache is not None:
            digest = self._cache.digest(relative, stamp)
        if digest is not None:
            seen = Seen(stamp, digest)
            result = self._cached(path, seen, always=always)
            if result is not None:
                return result
        try:
            data, seen = disk.read_noting(path)
        except OSError as error:
            return self._remember(path, one_file.unreadable(path, error), None)
        result = self._cached(path, seen, always=always)
        if result is None and not always:
            result = one_file.screened(path, data)
            if result is not None:
                result = self._remember(path, result, seen)
        return result

    def _known_in_memory(self, path: str, data: bytes, *, always: bool) -> FileResult | None:
        seen = Seen(UNSURE, ways.digest(data) if self._memory is not None else b"")
        result = self._cached(path, seen, always=always)
        if result is None and not always:
            result = one_file.screened(path, data)
            if result is not None:
                result = self._remember(path, result, None)
        return result

    def _cached(self, path: str, seen: Seen, *, always: bool) -> FileResult | None:
        relative = self._relative[path]
        result = None
        if self._memory is not None:
            result = self._memory.get(path, seen, always=always)
        if result is None and self._cache is not None and not self._is_in_memory(path):
            module = self.index.id_of(relative)
            result = self._cache.get(relative, seen, path, module, always=always)
            if result is not None and self._memory is not None:
                result = self._with_facts(path, result)
                if result.facts is None and result.facts_id:
                    return None
                self._memory.put(path, seen, result)
        facts = None if result is None else result.facts
        if facts is not None and facts.module != self.index.id_of(relative):
            return None  # a package of its name has come or gone
        if result is not None:
            if not self._is_in_memory(path):
                disk.note(Look("file", path), seen)
            self._digests[path] = seen.digest
        return result

    def _remember(self, path: str, result: FileResult, seen: Seen | None) -> FileResult:
        """Note what a result was made from, and keep it for later runs."""
        if result.facts is not None and (self._cache is not None or self._memory is not None):
            result = msgspec.structs.replace(result, facts_id=facts_id(result.facts))
        self.has_crash |= result.has_crash
        if not self._is_in_memory(path):
            look = Look("file", path)
            disk.note(look, seen or disk.look_again(look))
        elif self._memory is not None and path in self._overlay:
            seen = Seen(UNSURE, ways.digest(self._overlay[path]))
        if seen is not None:
            self._digests[path] = seen.digest
            if self._cache is not None and not self._is_in_memory(path):
                self._cache.put(self._relative[path], seen, result)
            if self._memory is not None and not result.has_crash:
                self._memory.put(path, seen, result)
        return result

    # -- work

    def _taken(self, path: str, outcome: Outcome) -> FileResult:
        if outcome.result is None:
            self.lost.append(one_file.lost(path, outcome.loss))
            return FileResult(has_crash=True)
        return self._remember(path, outcome.result, outcome.seen)

    def _done(self, todo: Mapping[str, tuple[int, ...] | None]) -> Iterator[tuple[str, Outcome]]:
        """Check files, or find the places of anchors in them; side by side if that pays."""
        jobs = [Job(self._task(path), anchors) for path, anchors in todo.items()]
        on_disk = [job for job in jobs if not self._is_in_memory(job.task.path)]
        sizes = {job: _size(job.task.path) for job in on_disk} if self._jobs > 1 else {}
        total = sum(sizes.values())
        if self._workers is None and len(sizes) > 1 and total >= WORTH_WORKERS:
            from flask_gotchas.workers import Workers  # noqa: PLC0415 - for many files only

            worth = 2 + total // _WORTH_ONE_MORE
            self._workers = Workers(self.checker, min(self._jobs, worth))
        if self._workers is None:
            for job in jobs:
                yield job.task.path, self._do(job)
            return
        # Once there are processes they get whatever is left: they may die of it, this one may not.
        on_disk.sort(key=lambda job: sizes[job], reverse=True)
        for job, outcome in self._workers.run(on_disk):
            yield job.task.path, outcome
        for job in jobs:
            if self._is_in_memory(job.task.path):
                yield job.task.path, self._do(job)

    def _do(self, job: Job) -> Outcome:
        task = job.task
        if not self._is_in_memory(task.path):
            return self.checker.do(job)
        data = self._overlay.get(task.path)
        if job.anchors is not None:
            return Outcome(places=self.checker.locate(task, job.anchors, data))
        if data is not None:
            return Outcome(self.checker.check(task, data))
        return Outcome(self.checker.check_text(task, self._text[1] if self._text else ""))

    def _is_in_memory(self, path: str) -> bool:
        return self._text is not None or path in self._overlay

    def _task(self, path: str) -> FileTask:
        relative = self._relative[path]
        return FileTask(path, self.index.id_of(relative), is_test_path(relative))

    def _from_root(self, path: str) -> str:
        """Give a path as seen from the project root, with forward slashes."""
        if self._in_memory:
            return path
        folder, name = os.path.split(path)
        if folder not in self._folders:
            relative = os.path.relpath(os.path.abspath(folder), self._root).replace(os.sep, "/")
            self._folders[folder] = "" if relative == "." else f"{relative}/"
        return self._folders[folder] + name


def _size(path: str) -> int:
    try:
        return os.path.getsize(path)
    except OSError:
        return 0


def usable_processors() -> int:
    """Count the processors that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
