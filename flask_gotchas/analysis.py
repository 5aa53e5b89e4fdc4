"""One file: parse, walk once with all listeners, and keep facts and findings."""

from __future__ import annotations

import functools
import gc
from contextlib import contextmanager
from types import NoneType
from typing import TYPE_CHECKING, Any

import libcst as cst

from flask_gotchas.context import FileContext, FileFinding
from flask_gotchas.facts.collector import Collector, collectors
from flask_gotchas.facts.model import FileFacts
from flask_gotchas.names import Names
from flask_gotchas.records import NamedTuple
from flask_gotchas.walk import Walk

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from flask_gotchas.rule import FileRule
    from flask_gotchas.source import Source


class Analysis(NamedTuple):
    """What a walk gave: facts, findings of file rules, and the nodes behind the anchors."""

    facts: FileFacts
    findings: list[FileFinding]
    nodes: list[cst.CSTNode]


class RuleCrashError(Exception):
    """A listener raised an exception; `listener` is its class, `error` what it raised."""

    def __init__(self, listener: type, error: Exception) -> None:
        super().__init__(f"{listener.__name__}: {error!r}")
        self.listener = listener
        self.error = error


class CallDispatcher:
    """A listener which looks calls up once for all who name what they are about."""

    def __init__(self, file: FileContext, listeners: Sequence[Any]) -> None:
        self.file = file
        self._reference = file.names.reference
        self._listeners = listeners
        kinds = tuple(type(listener) for listener in listeners)
        self._collectors, self._rules = _asking(kinds)

    def visit_Call(self, node: cst.Call) -> None:
        func = node.func
        if type(func) is cst.Attribute:
            name = func.attr.value
        elif type(func) is cst.Name:
            reference = self._reference(func)
            name = func.value if reference is None else reference.rpartition(".")[2]
        elif type(func) is cst.Call:
            name = "()"
        else:
            return
        for index in self._collectors.get(name, ()):
            self._listeners[index].visit_named_call(node)
        rules = self._rules.get(name)
        if rules is not None:
            target = self.file.names.meaning(func)
            for index in rules:
                rule = self._listeners[index]
                if target in rule.calls:
                    rule.visit_called(node, target)


@functools.lru_cache(maxsize=64)
def _asking(
    listeners: tuple[type[Any], ...],
) -> tuple[dict[str, dict[int, None]], dict[str, dict[int, None]]]:
    """Find who asks for calls of a name, by their places: first collectors, then rules."""
    found: tuple[dict[str, dict[int, None]], dict[str, dict[int, None]]] = ({}, {})
    for index, listener in enumerate(listeners):
        if issubclass(listener, Collector):
            for name in listener.calls_named:
                found[0].setdefault(name, {})[index] = None
        elif listener is not NoneType:
            for target in listener.calls:
                found[1].setdefault(target.rpartition(".")[2], {})[index] = None
    return found


@functools.lru_cache(maxsize=8)
def _walk(rules: tuple[type[FileRule], ...]) -> Walk:
    return Walk([FileContext, CallDispatcher, *collectors(), *rules])


def build_walk(rules: tuple[type[FileRule], ...]) -> None:
    """Build what every walk with these rules needs, so that processes need not do that again."""
    _walk(rules)


def analyse(
    source: Source,
    module: str,
    rules: tuple[type[FileRule], ...] = (),
    without: Collection[type[FileRule]] = (),
) -> Analysis:
    """Collect the facts of a file and the findings of file rules in one walk.

    `module` is the dotted path of the file from the project root. The walk is built once for
    `rules`; those `without` which it is to do this time stay silent. The same source gives the same
    anchors every time. Raises RuleCrashError when a listener fails.
    """
    is_package = source.path.endswith("__init__.py")
    walk = _walk(rules)
    used = tuple(None if rule in without else rule for rule in rules)
    file, listeners = _listeners(source, module, used, is_package=is_package)
    try:
        try:
            walk.run(source.tree, listeners)
        except RecursionError:
            file, listeners = _listeners(source, module, used, is_package=is_package)
            walk.run_deep(source.tree, listeners)
        return _result(file, listeners, is_package=is_package)
    except Exception as error:
        raise RuleCrashError(_culprit(error, listeners), error) from error


def _listeners(
    source: Source, module: str, rules: tuple[type[FileRule] | None, ...], *, is_package: bool
) -> tuple[FileContext, list[object]]:
    names = Names(source.tree, source.text, module, is_package=is_package)
    file = FileContext(source.path, names)
    made: list[Any] = [listener and _made(listener, file) for listener in (*collectors(), *rules)]
    return file, [file, CallDispatcher(file, made), *made]


def _made(listener: type[Any], file: FileContext) -> object:
    try:
        return listener(file)
    except Exception as error:
        raise RuleCrashError(listener, error) from error


def _result(file: FileContext, listeners: list[object], *, is_package: bool) -> Analysis:
    fields = {}
    for collector in listeners:
        if isinstance(collector, Collector):
            fields.update(collector.facts())
    bound = file.names.module_names()
    facts = FileFacts(
        path=file.path,
        module=file.names.module,
        is_package=is_package,
        names=bound,
        meanings=file.names.meanings,
        stars=tuple(file.names.stars),
        pushes=frozenset(file.pushes),
        **fields,
    )
    return Analysis(facts, file.findings, file.nodes)


def _culprit(error: Exception, listeners: list[object]) -> type:
    """Find the listener whose method was running, from the traceback.

    The context is at the bottom of all that the others ask it, and only to blame by itself.
    """
    owners = {id(listener): type(listener) for listener in listeners[1:]}
    found: type = FileContext
    trace = error.__traceback__
    while trace is not None:
        owner = owners.get(id(trace.tb_frame.f_locals.get("self")))
        found = owner or found
        trace = trace.tb_next
    return found


@contextmanager
def no_collector() -> Iterator[None]:
    """Turn the cyclic collector off: trees have no cycles and it costs a tenth of the parse."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
