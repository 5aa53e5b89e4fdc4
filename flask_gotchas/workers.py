"""Processes that check files side by side.

Each gets a file at a time and gives back its result, never a tree. When one dies, the file that it
was at is lost, and nothing else.
"""

from __future__ import annotations

import collections
import contextlib
import gc
import multiprocessing
import pickle
import signal
import sys
import threading
from multiprocessing import connection as connections
from typing import TYPE_CHECKING, Any, Final

import msgspec

from flask_gotchas import lean_import  # noqa: F401 - before LibCST comes in another way
from flask_gotchas.analysis import build_walk
from flask_gotchas.one_file import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from multiprocessing.connection import Connection
    from types import TracebackType

    from flask_gotchas.one_file import Checker, Job

# A second job keeps a worker busy while its result is looked at.
_AT_ONCE: Final = 2
# The pipe has room for a job with so many anchors while the worker does another one.
_FEW_ANCHORS: Final = 1000
_READY = b""


def start_method() -> str | None:
    """Choose how to start processes; None for what is usual with this Python.

    A fork has everything imported and built already, but is only safe without other threads.
    """
    if not sys.platform.startswith("linux"):
        return None
    return "fork" if threading.active_count() == 1 else "spawn"


class Workers:
    """Up to `jobs` processes, started when there is work for them."""

    def __init__(self, checker: Checker, jobs: int) -> None:
        self._checker = checker
        self._most = jobs
        self._method = start_method()
        self._context: Any = multiprocessing.get_context(self._method)
        self._all: list[_Worker] = []
        self._can_start = True

    def __enter__(self) -> Workers:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for worker in self._all:
            worker.end(at_once=kind is not None)

    def run(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, Outcome]]:
        """Do jobs, the large ones first, and give each with what became of it, in any order."""
        waiting = collections.deque(jobs)
        while waiting or any(worker.jobs for worker in self._all):
            self._start(len(waiting))
            if not self._all:
                job = waiting.popleft()
                yield job, self._checker.do(job)
                continue
            for _ in range(_AT_ONCE):
                for worker in self._all:
                    if waiting and worker.can_take(waiting[0]):
                        worker.give(waiting.popleft())
            readable = connections.wait([worker.connection for worker in self._all])
            for worker in [worker for worker in self._all if worker.connection in readable]:
                done = worker.take()
                if done is not None:
                    yield done
                elif worker.is_dead:
                    self._all.remove(worker)
                    lost = list(worker.jobs)
                    if not worker.was_ready:
                        self._can_start = False  # it would be the same again
                    elif lost:
                        yield lost.pop(0), Outcome(loss=worker.last_words())
                    waiting.extendleft(reversed(lost))
                    worker.end(at_once=True)

    def _start(self, wanted: int) -> None:
        wanted = min(wanted, self._most)
        if self._can_start and len(self._all) < wanted:
            if self._method == "fork":
                build_walk(self._checker.rules)
                gc.freeze()
            while self._can_start and len(self._all) < wanted:
                others = [worker.connection for worker in self._all]
                try:
                    worker = _Worker(self._context, self._checker, others)
                except OSError:  # there are too many processes or open files
                    self._can_start = False
                else:
                    self._all.append(worker)


class _Worker:
    """A process as seen from here, with the jobs that it has."""

    def __init__(self, context: Any, checker: Checker, others: Iterable[Connection]) -> None:
        self.jobs: collections.deque[Job] = collections.deque()
        self.was_ready = False
        self.is_dead = False
        self.connection, there = context.Pipe()
        try:
            # A fork has all that is open here, and would keep the others from noticing our end.
            forked = context.get_start_method() == "fork"
            here = [self.connection, *others] if forked else []
            self._process = context.Process(target=_work, args=(checker, there, here), daemon=True)
            with _deaf_to_interrupts():
                self._process.start()
        except BaseException:
            self.connection.close()
            raise
        finally:
            there.close()

    def can_take(self, job: Job) -> bool:
        """Tell whether a job can be given without waiting for the worker, which may wait for us."""
        is_small = job.anchors is None or len(job.anchors) <= _FEW_ANCHORS
        return len(self.jobs) < (_AT_ONCE if is_small else 1)

    def give(self, job: Job) -> None:
        self.jobs.append(job)
        with contextlib.suppress(OSError):  # it has died, which `take` will find out
            self.connection.send(job)

    def take(self) -> tuple[Job, Outcome] | None:
        try:
            data = self.connection.recv_bytes()
        except (EOFError, OSError):
            self.is_dead = True
            return None
        if data == _READY:
            self.was_ready = True
            return None
        outcome: Outcome = (
            _OUTCOME.decode(data[1:]) if data[:1] == b"m" else pickle.loads(data[1:])  # noqa: S301
        )
        return self.jobs.popleft(), outcome

    def last_words(self) -> str:
        """Say how the process has died."""
        self._process.join(5)
        code = self._process.exitcode
        if code is None or code >= 0:
            return f"exit status {code}"
        try:
            return signal.Signals(-code).name
        except ValueError:
            return f"signal {-code}"

    def end(self, *, at_once: bool) -> None:
        self.connection.close()
        if at_once:
            self._process.kill()
        self._process.join(5)
        if self._process.exitcode is None:
            self._process.kill()
            self._process.join()
        self._process.close()


@contextlib.contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Start processes that Ctrl-C does not reach: whoever starts them decides.

    They would be interrupted while Python starts, and say so. An interrupt comes afterwards.
    """
    if sys.platform == "win32" or threading.current_thread() is not threading.main_thread():
        yield
        return
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    before = signal.getsignal(signal.SIGINT)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


_OUTCOME: Final = msgspec.msgpack.Decoder(Outcome)


def _work(checker: Checker, connection: Connection, others: Sequence[Connection]) -> None:
    """Do jobs until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started this decides
    for other in others:
        other.close()
    gc.disable()
    try:
        connection.send_bytes(_READY)
        while True:
            job = connection.recv()
            connection.send_bytes(_packed(checker.do(job)))
    except (EOFError, OSError):
        return


def _packed(outcome: Outcome) -> bytes:
    try:
        return b"m" + msgspec.msgpack.encode(outcome)
    except (ValueError, OverflowError, RecursionError):  # what the source says is no Unicode
        return b"p" + pickle.dumps(outcome)
