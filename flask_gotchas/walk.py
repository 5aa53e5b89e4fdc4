"""The one traversal of a file, which drives every listener.

LibCST's own drivers rebuild each node on the way and cost more than the parse. This walk looks
only: one Python function is generated per node class, which calls the listeners' `visit_` methods,
goes through the child fields in LibCST's order, and calls the `leave_` methods. Whitespace,
punctuation and operator tokens are left out; a handler for them is refused.

Besides `visit_X` and `leave_X` a listener may define `enter_scope(node)` and `leave_scope(node)`.
They are called around the part of a function, class, lambda or comprehension that runs in a scope
of its own: after decorators, default values and base classes, which run in the scope outside.
`enter_branch(node)` and `leave_branch(node)` are called around the operands of `and`, `or` and
`x if y else z` that may be skipped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import libcst as cst

from flask_gotchas.node_table import CHILDREN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

Handler = Any  # a bound method which takes a node

SCOPE_BODY = {"FunctionDef": "body", "ClassDef": "body", "Lambda": "body"}
SCOPE_WHOLE = frozenset({"ListComp", "SetComp", "DictComp", "GeneratorExp"})
BRANCHES = {"BooleanOperation": frozenset({"right"}), "IfExp": frozenset({"body", "orelse"})}
EXTRA_EVENTS = frozenset({"enter_scope", "leave_scope", "enter_branch", "leave_branch"})
# Handlers that another listener calls, which looks calls up for all.
_DISPATCHED = frozenset({"visit_called", "visit_named_call"})
_NODES: dict[str, type] = {name: getattr(cst, name) for name in CHILDREN if hasattr(cst, name)}


def handler_names(listener: type) -> list[str]:
    """List the handlers that a listener class defines, its base classes' included.

    Raises TypeError for a `visit_` or `leave_` method that would never be called: a misspelt node,
    a node which the walk leaves out, or LibCST's handler for a single attribute.
    """
    names: dict[str, None] = {}
    for cls in reversed(listener.__mro__):
        if cls.__module__.partition(".")[0] == "libcst":
            continue
        for name in vars(cls):
            event, _, node = name.partition("_")
            if event not in {"visit", "leave"}:
                if name in EXTRA_EVENTS:
                    names[name] = None
            elif name in EXTRA_EVENTS or node in _NODES:
                names[name] = None
            elif name in _DISPATCHED:
                continue
            else:
                raise TypeError(f"{listener.__qualname__}.{name} would never be called")
    return list(names)


def _around(name: str, field: str) -> str:
    """Name what the events around a child field are about: a scope, a branch, or nothing."""
    if SCOPE_BODY.get(name) == field:
        return "scope"
    return "branch" if field in BRANCHES.get(name, ()) else ""


def _ignore(node: cst.CSTNode) -> None:
    """Stand in for the handlers of a listener that is not there."""


class Walk:
    """A traversal prepared for a fixed list of listener classes.

    Build it once for a process: the functions are generated here. Then `run` takes a module and
    one instance of each class, in the same order, or None for those that are not to listen this
    time. Not for use by two threads at once.
    """

    def __init__(self, listeners: Sequence[type]) -> None:
        self._slots = [
            (index, name)
            for index, listener in enumerate(listeners)
            for name in handler_names(listener)
        ]
        by_event: dict[str, list[int]] = {}
        for slot, (_, name) in enumerate(self._slots):
            by_event.setdefault(name, []).append(slot)
        # What was entered first is left last, so that a later listener still sees its state.
        self._on = {
            event: tuple(reversed(slots) if event.startswith("leave_") else slots)
            for event, slots in by_event.items()
        }
        self._handlers: list[Handler] = [None] * len(self._slots)
        self._functions: dict[type, Callable[[Any], None]] = {}
        self._generate()

    def run(self, module: cst.Module, listeners: Sequence[object]) -> None:
        """Visit every node of a module.

        Raises RecursionError for code that is nested too deeply for Python's own stack; call
        `run_deep` then, with new listeners, since these have seen a part.
        """
        self._bind(listeners)
        try:
            self._functions[cst.Module](module)
        finally:
            self._handlers[:] = [None] * len(self._handlers)

    def run_deep(self, module: cst.Module, listeners: Sequence[object]) -> None:
        """Visit every node in the same order with an explicit stack: slower, but never too deep."""
        self._bind(listeners)
        todo = [self._steps(module)]
        try:
            while todo:
                step = next(todo[-1], None)
                if step is None:
                    todo.pop()
                elif isinstance(step, tuple):
                    slots, node = step
                    for slot in slots:
                        self._handlers[slot](node)
                else:
                    todo.append(self._steps(step))
        finally:
            self._handlers[:] = [None] * len(self._handlers)

    def _bind(self, listeners: Sequence[object]) -> None:
        self._handlers[:] = [
            _ignore if listeners[index] is None else getattr(listeners[index], name)
            for index, name in self._slots
        ]

    def _steps(self, node: Any) -> Iterator[Any]:
        """Yield what happens at a node: events as (slots, node), and between them its children."""
        name = type(node).__name__
        around = {
            kind: (self._on.get(f"enter_{kind}", ()), self._on.get(f"leave_{kind}", ()))
            for kind in ("scope", "branch")
        }
        enter, leave = around["scope"]
        yield self._on.get(f"visit_{name}", ()), node
        if name in SCOPE_WHOLE:
            yield enter, node
        for field, holds in CHILDREN[name].items():
            value = getattr(node, field)
            inner = _around(name, field)
            if inner:
                yield around[inner][0], node
            several = holds == "many" or (holds == "either" and isinstance(value, (list, tuple)))
            for child in (value or ()) if several else (value,):
                if type(child).__name__ in CHILDREN:
                    yield child
            if inner:
                yield around[inner][1], node
        if name in SCOPE_WHOLE:
            yield leave, node
        yield self._on.get(f"leave_{name}", ()), node

    def _generate(self) -> None:
        """Write, compile and keep one function per node class that needs one.

        A class with neither handlers nor children is not in the table and so never called.
        """
        lines: list[str] = []
        for name in _NODES:
            body = self._function_body(name)
            if body:
                lines += [f"def walk_{name}(n):", *(f"    {line}" for line in body)]
        space: dict[str, Any] = {"h": self._handlers, "get": self._functions.get}
        exec(compile("\n".join(lines), "<generated walk>", "exec"), space)  # noqa: S102 - own text
        for name, node in _NODES.items():
            if f"walk_{name}" in space:
                self._functions[node] = space[f"walk_{name}"]

    def _function_body(self, name: str) -> list[str]:
        enter, leave = self._call("enter_scope"), self._call("leave_scope")
        lines = self._call(f"visit_{name}")
        if name in SCOPE_WHOLE:
            lines += enter
        for field, holds in CHILDREN[name].items():
            inner = _around(name, field)
            if inner:
                lines += self._call(f"enter_{inner}")
            if holds == "either":
                lines.append(f"x = n.{field}")
                lines.append("for x in x if x.__class__ in (list, tuple) else (x,):")
            elif holds == "many":
                lines.append(f"for x in n.{field} or ():")
            else:
                lines.append(f"x = n.{field}")
            indent = "" if holds == "one" else "    "
            lines.append(f"{indent}f = get(x.__class__)")
            lines.append(f"{indent}if f: f(x)")
            if inner:
                lines += self._call(f"leave_{inner}")
        if name in SCOPE_WHOLE:
            lines += leave
        return lines + self._call(f"leave_{name}")

    def _call(self, event: str) -> list[str]:
        return [f"h[{slot}](n)" for slot in self._on.get(event, ())]
