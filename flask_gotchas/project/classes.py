"""Classes of the project as Python sees them: members in the order of look-up, calls of bases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_gotchas.facts.expressions import Invoke, Ref
from flask_gotchas.project.evaluate import Missing, Scope, Thing, Unknown, Value
from flask_gotchas.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask_gotchas.facts.expressions import Expression
    from flask_gotchas.facts.model import DecoratorFact, FileFacts, FunctionFact, RegisteringFact
    from flask_gotchas.project.link import Project

# Bases that bring no attributes which an extension would ask for.
PLAIN_BASES = frozenset(
    {"abc.ABC", "builtins.object", "typing.Generic", "typing.Generic[]", "typing.Protocol"}
)


class Member(NamedTuple):
    """A name in the body of a class of the project.

    `function` is None for what is assigned and no function of the project; `nested` tells a class.
    """

    name: str
    file: FileFacts
    function: FunctionFact | None
    nested: str | None = None


class Classes:
    """Reads the classes of a project."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._bodies: dict[str, dict[str, dict[str, Member]]] = {}
        self._decorators: dict[str, dict[int, RegisteringFact]] = {}

    def of(self, value: Value) -> str | None:
        """Give the class that a value is, or is an object of; it may be out of view."""
        if not isinstance(value, Thing):
            return None
        if value.call is None:
            return value.reference
        return self.project.resolve(value.call.target or "", value.file)

    def members(self, cls: str) -> dict[str, Member]:
        """Give what a class has by name, its own and inherited from others of the project."""
        found: dict[str, Member] = {}
        for reference in reversed(self.project.ancestry(cls)):
            found.update(self.body(reference))
        return found

    def body(self, cls: str) -> dict[str, Member]:
        """Give what stands in the body of a class of the project, by name."""
        found = self.project.cls(cls)
        if found is None:
            return {}
        file = found[0]
        if file.module not in self._bodies:
            self._bodies[file.module] = self._read(file)
        return self._bodies[file.module].get(cls, {})

    def _read(self, file: FileFacts) -> dict[str, dict[str, Member]]:
        """Sort what stands in the classes of a file by class and name."""
        bodies: dict[str, dict[str, Member]] = {cls.reference: {} for cls in file.classes}
        for nested in file.classes:
            holder = nested.reference.rpartition(".")[0]
            if holder in bodies:
                bodies[holder][nested.name] = Member(nested.name, file, None, nested.reference)
        for function in file.functions:
            if function.owner in bodies:
                bodies[function.owner][function.name] = Member(function.name, file, function)
        for name, expression in file.values.items():
            holder, _, attribute = name.rpartition(".")
            # `view = login_required(view)` after a function is taken for that function.
            if holder in bodies and attribute not in bodies[holder]:
                bodies[holder][attribute] = self._assigned(attribute, expression, file)
        return bodies

    def _assigned(self, name: str, expression: Expression, file: FileFacts) -> Member:
        """Give what is assigned in a class body: a function under another name, or a value."""
        if isinstance(expression, Ref) and self.project.may_be_function(expression.name, file):
            value = self.project.evaluator.value(expression, Scope(file, {}))
            found = self.project.function(value.reference) if isinstance(value, Thing) else None
            if found is not None:
                return Member(name, *found)
        return Member(name, file, None)

    def attribute(self, cls: str, name: str, outside: Callable[[str], Value]) -> Value:
        """Work out an attribute of a class; `Missing` if no class of its ancestry has it.

        `outside` says what a base has which is no class of the project, `Missing` for nothing.
        """
        for reference in self.project.ancestry(cls):
            found = self.project.cls(reference)
            if found is None:
                value = outside(reference)
                if value is not Missing:
                    return value
                continue
            file = found[0]
            for key in (f"{reference}().{name}", f"{reference}.{name}"):
                if key in file.values:
                    return self.project.evaluator.value(file.values[key], Scope(file, {}))
            if name in found[1].methods:
                return Unknown(f"a function gives `{name}`")
        return Missing

    # -- decorators

    def decorators(self, member: Member) -> Iterator[tuple[DecoratorFact, RegisteringFact | None]]:
        """Go through the decorators of a member in the order in which Python applies them.

        With each goes what it may register, if it is called by such a name.
        """
        if member.nested is not None:
            cls = self.project.cls(member.nested)
            facts = cls[1].decorators if cls is not None else ()
        else:
            facts = member.function.decorators if member.function is not None else ()
        registering = self._registering(member.file)
        for decorator in reversed(facts):
            yield decorator, registering.get(decorator.anchor)

    def _registering(self, file: FileFacts) -> dict[int, RegisteringFact]:
        if file.module not in self._decorators:
            self._decorators[file.module] = {
                fact.anchor: fact for fact in file.registering if fact.on_view
            }
        return self._decorators[file.module]

    # -- what reaches a base

    def passed_on(
        self, cls: str, method: str, call: Invoke, scope: Scope
    ) -> tuple[Invoke, Scope] | Unknown:
        """Follow a call of a method through the classes of the project to the base out of view.

        Each override has to call the method of its base once. What comes back is the last of these
        calls, with the scope in which to work out its arguments.
        """
        evaluator = self.project.evaluator
        for reference in self.project.ancestry(cls):
            found = self.project.cls(reference)
            if found is None or method not in found[1].methods:
                continue
            function = f"{reference}.{method}"
            onward = [fact.call for fact in found[0].registering if fact.runs == function]
            onward = [one for one in onward if self._is_of_base(one, method)]
            if len(onward) != 1 or self.project.function(function) is None:
                return Unknown(f"a class of the project has its own `{method}`")
            scope = Scope(found[0], evaluator.parameters(function, call, scope))
            call = onward[0]
        return call, scope

    def _is_of_base(self, call: Invoke, method: str) -> bool:
        return (
            call.method == method
            and isinstance(call.base, Invoke)
            and call.base.target == "builtins.super"
        )
