"""Functions that are handed to something which runs them elsewhere: threads, pools, schedulers."""

from __future__ import annotations

from typing import Any

import libcst as cst

from flask_gotchas.facts.collector import Collector
from flask_gotchas.facts.expressions import Expression, Items, Ref, Table, expression
from flask_gotchas.facts.flask_api import STARTERS, STARTING_METHODS, Starter
from flask_gotchas.facts.model import HandoverFact


class ElsewhereCollector(Collector):
    """Writes down calls that start threads and jobs.

    A pool may come from another file, so that its methods count by their names until all files are
    linked.
    """

    calls_named = STARTING_METHODS

    def __init__(self, file: Any) -> None:
        super().__init__(file)
        self.handovers: list[HandoverFact] = []
        self._pools: dict[str, str] = {}
        self._lambdas: dict[str, int] = {}

    def facts(self) -> dict[str, Any]:
        # Lambdas of one scope share a name: of several, nobody can tell which one is meant.
        several = {name for name, count in self._lambdas.items() if count > 1}
        return {
            "handovers": tuple(
                fact
                for fact in self.handovers
                if not (isinstance(fact.function, Ref) and fact.function.name in several)
            )
        }

    def visit_With(self, node: cst.With) -> None:
        for item in node.items:
            name = item.asname.name if item.asname is not None else None
            if type(item.item) is cst.Call and type(name) is cst.Name:
                made_by = self.names.meaning(item.item.func) or ""
                if made_by.endswith(("ThreadPoolExecutor", "ThreadPool")):
                    self._pools[f"{self.file.scope.prefix}{name.value}"] = f"{made_by}()"

    def visit_Lambda(self, node: cst.Lambda) -> None:
        name = f"{self.file.scope.prefix}<lambda>"
        self._lambdas[name] = self._lambdas.get(name, 0) + 1

    def visit_named_call(self, node: cst.Call) -> None:
        target = self._starter(node.func)
        if target is None or any(arg.star for arg in node.args):
            return
        starter = STARTERS.get(target) or _by_method(target)
        keywords = {a.keyword.value: a.value for a in node.args if a.keyword is not None}
        positional = [a.value for a in node.args if a.keyword is None]
        function = keywords.get(starter.keyword)
        if function is None and len(positional) > starter.position:
            function = positional[starter.position]
        if function is None:
            return
        if starter.args is None:
            given = [*positional[starter.position + 1 :]]
            given += [value for name, value in keywords.items() if name != starter.keyword]
        else:
            given = [keywords[name] for name in (starter.args, starter.kwargs) if name in keywords]
            if starter.args_position is not None:
                given += positional[starter.args_position : starter.args_position + 1]
        arguments = [expression(value, self.names) for value in given]
        if starter.args is not None:
            arguments = [inner for value in arguments for inner in _held(value)]
        self._add(target, self._function(function), tuple(arguments), node)

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        for decorator in node.decorators:
            if type(decorator.decorator) is cst.Call:
                target = self._starter(decorator.decorator.func)
                if target is not None and target.rpartition(".")[2] in {"scheduled_job", "task"}:
                    function = Ref(f"{self.file.scope.prefix}{node.name.value}")
                    self._add(target, function, (), decorator)

    def _starter(self, func: cst.BaseExpression) -> str | None:
        """Name what is called if it may run a function elsewhere."""
        if type(func) is cst.Attribute:
            if func.attr.value not in STARTING_METHODS:
                return None
            pool = self._pools.get(self.names.reference(func.value) or "")
            if pool is not None:
                return f"{pool}.{func.attr.value}"
        elif type(func) is not cst.Name:
            return None
        target = self.names.meaning(func)
        return target if target in STARTERS or type(func) is cst.Attribute else None

    def _function(self, node: cst.BaseExpression) -> Expression:
        if type(node) is cst.Lambda:
            return Ref(f"{self.file.scope.prefix}<lambda>")
        return expression(node, self.names)

    def _add(
        self,
        target: str,
        function: Expression,
        arguments: tuple[Expression, ...],
        node: cst.CSTNode,
    ) -> None:
        file = self.file
        self.handovers.append(
            HandoverFact(target, function, arguments, file.runs, file.guards, file.anchor(node))
        )


def _by_method(target: str) -> Starter:
    """Give what is known of the methods of that name; all of one name take the function alike."""
    method = target.rpartition(".")[2]
    return next(s for name, s in STARTERS.items() if name.rpartition(".")[2] == method)


def _held(value: Expression) -> tuple[Expression, ...]:
    """List the arguments in a tuple or dictionary of them."""
    if isinstance(value, Items):
        return value.items
    return tuple(inner for _, inner in value.pairs) if isinstance(value, Table) else ()
