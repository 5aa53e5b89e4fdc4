"""What order decides: hooks that are set up, imports that may fail, variables bound again."""

from __future__ import annotations

from typing import Any

import libcst as cst

from flask_gotchas.facts.collector import Collector
from flask_gotchas.facts.expressions import expression
from flask_gotchas.facts.flask_api import HOOKS
from flask_gotchas.facts.model import SetupFact

_SETUP = HOOKS | {"endpoint", "record", "record_once", "register_error_handler"}
_CATCHING = frozenset(
    {
        "builtins.AttributeError", "builtins.BaseException", "builtins.Exception",
        "builtins.ImportError", "builtins.ModuleNotFoundError", "builtins.NameError",
    }
)  # fmt: skip


class LoadingCollector(Collector):
    """Writes down what can only be judged by its place among other statements."""

    calls_named = frozenset({"()", *_SETUP})

    def __init__(self, file: Any) -> None:
        super().__init__(file)
        self.setups: list[SetupFact] = []
        self.caught_imports: set[int] = set()
        self._assigned: dict[str, int] = {}
        self._made: set[str] = set()
        self._catching: list[bool] = []
        self._decorators: set[int] = set()

    def facts(self) -> dict[str, Any]:
        return {
            "setups": tuple(self.setups),
            "caught_imports": frozenset(self.caught_imports),
            "rebound": frozenset(name for name in self._made if self._assigned[name] > 1),
        }

    # -- setting up

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        for decorator in node.decorators:
            target: cst.BaseExpression = decorator.decorator
            first = None
            if type(target) is cst.Call:
                self._decorators.add(id(target))
                first = target.args[0].value if target.args else None
                target = target.func
            if type(target) is cst.Attribute and target.attr.value in _SETUP:
                function = f"{self.file.scope.prefix}{node.name.value}"
                self._setup(target, decorator, function, first)

    def visit_named_call(self, node: cst.Call) -> None:
        func, first, args = node.func, None, node.args
        if type(func) is cst.Call:  # `app.errorhandler(404)(page)`
            self._decorators.add(id(func))
            first = func.args[0].value if func.args else None
            func = func.func
        if type(func) is not cst.Attribute or func.attr.value not in _SETUP:
            return
        if id(node) not in self._decorators:
            if len(args) == 2:
                first, args = args[0].value, args[1:]
            function = self.names.reference(args[0].value) if args else None
            self._setup(func, node, function, first)

    def _setup(
        self,
        func: cst.Attribute,
        node: cst.CSTNode,
        function: str | None,
        first: cst.BaseExpression | None,
    ) -> None:
        receiver = self.names.reference(func.value)
        if receiver is not None:
            file = self.file
            self.setups.append(
                SetupFact(
                    method=func.attr.value,
                    receiver=receiver,
                    runs=file.runs,
                    guards=file.guards,
                    anchor=file.anchor(node),
                    function=function,
                    first=None if first is None else expression(first, self.names),
                )
            )

    # -- variables

    def visit_Assign(self, node: cst.Assign) -> None:
        for target in node.targets:
            self._assign(target.target, node.value)

    def visit_AnnAssign(self, node: cst.AnnAssign) -> None:
        if node.value is not None:
            self._assign(node.target, node.value)

    def _assign(self, target: cst.BaseExpression, value: cst.BaseExpression) -> None:
        if type(target) is cst.Name:
            name = f"{self.file.scope.prefix}{target.value}"
            self._assigned[name] = self._assigned.get(name, 0) + 1
            if type(value) is cst.Call:
                self._made.add(name)

    # -- imports that may fail

    def visit_Try(self, node: cst.Try) -> None:
        self._catching.append(any(self._catches(handler.type) for handler in node.handlers))

    def leave_Try(self, original_node: cst.Try) -> None:
        self._catching.pop()

    def _catches(self, node: cst.BaseExpression | None) -> bool:
        if type(node) is cst.Tuple:
            return any(self._catches(element.value) for element in node.elements)
        return node is None or self.names.reference(node) in _CATCHING

    def visit_Import(self, node: cst.Import) -> None:
        if any(self._catching):
            self.caught_imports |= {self.file.anchor(alias) for alias in node.names}

    def visit_ImportFrom(self, node: cst.ImportFrom) -> None:
        if any(self._catching):
            if isinstance(node.names, cst.ImportStar):
                self.caught_imports.add(self.file.anchor(node))
            else:
                self.caught_imports |= {self.file.anchor(alias) for alias in node.names}
