"""Who calls a function and who passes an object on, looked for by name first.

To follow each call of a project to what it calls takes long, and few functions are asked about.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from flask_gotchas.facts.expressions import Ref

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.facts.model import CallFact, FileFacts
    from flask_gotchas.project.link import Project


class Callers:
    """Finds calls and mentions; ask it through `Project.callers`."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._mentioned: dict[str, bool] = {}
        self._names: dict[str, frozenset[str]] = {}

    def may_call(self, function: str) -> Iterator[tuple[FileFacts, CallFact]]:
        """Go through the calls in all files which, by the name of what they call, may call it."""
        for name in self.names_of(function):
            yield from self._calls.get(name, ())

    def calls(self, function: str) -> Iterator[tuple[FileFacts, CallFact]]:
        """Go through the calls of a function or method of the project, tests aside."""
        for file, call in self.may_call(function):
            if not self.project.is_test(file):
                found = self.project.called(call.target, file)
                if found is not None and found[1].reference == function:
                    yield file, call

    def is_mentioned(self, reference: str) -> bool:
        """Tell whether an object is passed on or stored somewhere, and so may get out of view."""
        known = self._mentioned.get(reference)
        if known is None:
            known = self._mentioned[reference] = any(
                reference in self._meant(mention, file)
                for name in self.names_of(reference)
                for file, mention in self._mentions.get(name, ())
            )
        return known

    def _meant(self, mention: str, file: FileFacts) -> Iterator[str]:
        resolved = self.project.resolve(mention, file)
        yield resolved
        # In `a = b = Blueprint(...)` the first is a name of the second.
        value = file.values.get(resolved)
        if isinstance(value, Ref):
            yield value.name

    # -- by name

    def names_of(self, reference: str) -> frozenset[str]:
        """List the names under which code may know something, its own among them.

        The `__init__` of a class has those of the class, too.
        """
        owner, _, name = reference.rpartition(".")
        if name == "__init__":
            return self._known_as(name) | self._known_as(owner.rpartition(".")[2])
        return self._known_as(last_name(reference))

    def _known_as(self, name: str) -> frozenset[str]:
        if name not in self._names:
            found = {name}
            todo = [name]
            while todo:
                new = self._aliases.get(todo.pop(), set()) - found
                found |= new
                todo += new
            self._names[name] = frozenset(found)
        return self._names[name]

    @cached_property
    def _aliases(self) -> dict[str, set[str]]:
        """The names that imports and variables give to things, by the names which these have."""
        found: dict[str, set[str]] = {}
        for file in self.project.files:
            pairs = [*file.names.items(), *file.meanings.items()]
            pairs += [(key, value.name) for key, value in file.values.items() if type(value) is Ref]
            for key, value in pairs:
                if not value.endswith((")", "]")):
                    new, old = last_name(key), last_name(value)
                    if new != old:
                        found.setdefault(old, set()).add(new)
        return found

    @cached_property
    def _calls(self) -> dict[str, list[tuple[FileFacts, CallFact]]]:
        found: dict[str, list[tuple[FileFacts, CallFact]]] = {}
        for file in self.project.files:
            for call in file.calls:
                found.setdefault(last_name(call.target), []).append((file, call))
        return found

    @cached_property
    def _mentions(self) -> dict[str, list[tuple[FileFacts, str]]]:
        found: dict[str, list[tuple[FileFacts, str]]] = {}
        for file in self.project.files:
            for mention in file.mentions:
                found.setdefault(last_name(mention), []).append((file, mention))
            # `LOGIN_VIEW = login` is an alias here, and a setting for whoever loads the module.
            for name, value in file.values.items():
                if isinstance(value, Ref) and name.rpartition(".")[2].isupper():
                    found.setdefault(last_name(value.name), []).append((file, value.name))
        return found


def last_name(reference: str) -> str:
    """Give the last name of a reference, without calls and subscripts: `run` of `shop.run()`."""
    name = reference[reference.rfind(".") + 1 :]
    return name.partition("(")[0].partition("[")[0] if name.endswith((")", "]")) else name
