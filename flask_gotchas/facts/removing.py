"""What a file uses that a version of Flask or Werkzeug took away, and settings nobody reads."""

from __future__ import annotations

from typing import Any

import libcst as cst

from flask_gotchas.facts.collector import Collector
from flask_gotchas.facts.model import Guard, RemovedUseFact
from flask_gotchas.facts.removed_apis import (
    ATTRIBUTES,
    KEYWORDS,
    MODULES,
    NAMES,
    PASSWORD_METHODS,
)
from flask_gotchas.facts.removed_settings import ATTRIBUTES as SILENT_ATTRIBUTES
from flask_gotchas.facts.removed_settings import ATTRIBUTES_INSTEAD, ENVIRONMENT, KEYS
from flask_gotchas.literals import dotted_name, source_of, string_value
from flask_gotchas.nodes import children
from flask_gotchas.patterns import late_pattern

_PACKAGES = ("flask", "werkzeug")
_OF_OBJECTS = frozenset(name for _, name in ATTRIBUTES)
_OF_MODULES = frozenset(name.rpartition(".")[2] for name in NAMES)
_MENTIONS = KEYS.keys() | ENVIRONMENT.keys() | SILENT_ATTRIBUTES.keys()
_QUOTED = frozenset(quote + key + quote for key in _MENTIONS for quote in "\"'")
_ATTRIBUTES = _OF_OBJECTS | _OF_MODULES | KEYS.keys() | ATTRIBUTES_INSTEAD
_KEYWORDS = frozenset(keyword for rows in KEYWORDS.values() for keyword in rows)
# Ways that a guard may make harmless; the others only give a name to something else.
_USES = frozenset({"import", "name", "attribute", "keyword", "cookie", "password"})
_CLIENT_METHODS = frozenset(n.rpartition(".")[2] for n in KEYWORDS if n.startswith("client."))
_HASH = "werkzeug.security.generate_password_hash"
_ENVIRON_WRITES = frozenset({"os.environ.setdefault", "os.environ.update", "os.putenv"})
# What catches the failure, so that the code may well have another way.
_CATCHING = frozenset(
    {
        "builtins.AttributeError", "builtins.BaseException", "builtins.Exception",
        "builtins.ImportError", "builtins.ModuleNotFoundError", "builtins.TypeError",
        "builtins.ValueError",
    }
)  # fmt: skip
# Where an application is called otherwise, `json` that is assigned there is not seen.
_APPS = frozenset({"app", "application", "current_app", "flask_app", "self"})
_EXPECTING = frozenset({"deprecated_call", "raises", "suppress", "warns"})
# In a condition, these words say that it may ask for the version.
_ASKING = frozenset(
    {
        "compat", "dir", "flask", "getattr", "hasattr", "legacy", "py2", "py3", "supports", "vars",
        "version", "versions", "werkzeug",
    }
)  # fmt: skip
_WORD = late_pattern(r"[a-z]+\d*|\d+")


class RemovingCollector(Collector):
    """Writes down uses that nothing guards, and who gives such a name to something of its own."""

    calls_named = frozenset(
        {"generate_password_hash", "putenv", "set_cookie", "setdefault", "update"}
    )

    def __init__(self, file: Any) -> None:
        super().__init__(file)
        self.uses: list[RemovedUseFact] = []
        self.mentions: set[str] = set()
        self._written: set[int] = set()
        # The statements and expressions around the walk which may guard a use.
        self._around: list[Any] = []

    def facts(self) -> dict[str, Any]:
        return {
            "removed_uses": tuple(self.uses),
            "removed_mentions": frozenset(self.mentions),
        }

    def _use(
        self,
        way: str,
        what: str,
        node: cst.CSTNode,
        *,
        receiver: str | None = None,
        spelling: str = "",
    ) -> None:
        file = self.file
        if file.guards & Guard.TYPING or (way in _USES and self._is_guarded(node)):
            return
        self.uses.append(
            RemovedUseFact(way, what, receiver, spelling or what, file.guards, file.anchor(node))
        )

    # -- imports

    def visit_ImportFrom(self, node: cst.ImportFrom) -> None:
        module = self.names.absolute(node) or ""
        if module.partition(".")[0] not in _PACKAGES:
            return
        if isinstance(node.names, cst.ImportStar) or _row_of(module):
            self._import(module, node)
            return
        for alias in node.names:
            self._import(f"{module}.{dotted_name(alias.name)}", alias)

    def visit_Import(self, node: cst.Import) -> None:
        for alias in node.names:
            name = dotted_name(alias.name)
            if name.partition(".")[0] in _PACKAGES:
                self._import(name, alias)

    def _import(self, name: str, node: cst.CSTNode) -> None:
        if self.file.guards & Guard.CONDITIONAL:
            return  # whoever imports under a condition has one for every version
        what = _row_of(name)
        if what:
            self._use("import", what, node, spelling=name)

    # -- attributes

    def visit_Attribute(self, node: cst.Attribute) -> None:
        name = node.attr.value
        if name not in _ATTRIBUTES:
            return
        is_write = id(node) in self._written
        if name in KEYS or (is_write and name in ATTRIBUTES_INSTEAD and _is_of_json(node)):
            self.mentions.add(name)
        if name in _OF_MODULES:
            reference = self.names.reference(node)
            if reference in NAMES:
                self._use("write" if is_write else "name", reference, node)
                return
        if name in _OF_OBJECTS:
            receiver = self.names.reference(node.value)
            if receiver is not None:
                spelling = source_of(node)
                way = "write" if is_write else "attribute"
                self._use(way, name, node, receiver=receiver, spelling=spelling)

    def visit_Assign(self, node: cst.Assign) -> None:
        for target in node.targets:
            self._target(target.target, node.value)

    def visit_AnnAssign(self, node: cst.AnnAssign) -> None:
        self._target(node.target, node.value)

    def visit_Del(self, node: cst.Del) -> None:
        self._target(node.target, None)

    def _target(self, target: cst.BaseExpression, value: cst.BaseExpression | None) -> None:
        if type(target) is cst.Attribute:
            self._written.add(id(target))
        elif type(target) is cst.Name:
            if target.value in ATTRIBUTES_INSTEAD and self.file.scope.kind == "class":
                self.mentions.add(target.value)
            self._of_class("constant", target)
        elif type(target) is cst.Tuple or type(target) is cst.List:
            for element in target.elements:
                self._target(element.value, None)
        elif type(target) is cst.Subscript and len(target.slice) == 1:
            index = target.slice[0].slice
            key = string_value(index.value) if type(index) is cst.Index else None
            if type(index) is cst.Index and key in _MENTIONS:
                self._written.add(id(index.value))
                if key in ENVIRONMENT and self.names.reference(target.value) == "os.environ":
                    self._variable(key, value, target)

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        self._of_class("method", node.name)

    def _of_class(self, way: str, name: cst.Name) -> None:
        """Note a name that a class gives to something of its own."""
        scope = self.file.scope
        if scope.kind == "class" and name.value in _OF_OBJECTS:
            self._use(way, name.value, name, receiver=scope.prefix[:-1])

    # -- calls

    def visit_Call(self, node: cst.Call) -> None:
        for arg in node.args:
            keyword = arg.keyword
            if keyword is not None and keyword.value in _KEYWORDS:
                self._keyword(node.func, keyword.value, arg)

    def visit_named_call(self, node: cst.Call) -> None:
        if not node.args:
            return
        func = node.func
        name = func.attr.value if type(func) is cst.Attribute else ""
        if name == "setdefault" and string_value(node.args[0].value) in _MENTIONS:
            self._written.add(id(node.args[0].value))
        if name == "set_cookie":
            given = [arg for arg in node.args if arg.keyword is None and not arg.star]
            receiver = self.names.reference(func.value) if type(func) is cst.Attribute else None
            if len(given) >= 3 and receiver is not None:
                self._use("cookie", "set_cookie", node, receiver=receiver)
            return
        reference = self.names.reference(func)
        if reference == _HASH:
            self._password(node)
        elif reference in _ENVIRON_WRITES:
            self._environment(node)

    def _keyword(self, func: cst.BaseExpression, keyword: str, arg: cst.Arg) -> None:
        meaning = self.names.meaning(func)
        if meaning in KEYWORDS:
            if keyword in KEYWORDS[meaning]:
                spelling = f"{source_of(func)}({keyword}=)"
                self._use("keyword", f"{meaning}.{keyword}", arg, spelling=spelling)
        elif type(func) is cst.Attribute and func.attr.value in _CLIENT_METHODS:
            receiver = self.names.reference(func.value)
            method = f"client.{func.attr.value}"
            if receiver is not None and keyword in KEYWORDS[method]:
                spelling = f"{source_of(func)}({keyword}=)"
                self._use(
                    "keyword", f"{method}.{keyword}", arg, receiver=receiver, spelling=spelling
                )

    def _password(self, node: cst.Call) -> None:
        for index, arg in enumerate(node.args):
            if arg.star:
                return
            if (index == 1 and arg.keyword is None) or (
                arg.keyword is not None and arg.keyword.value == "method"
            ):
                method = string_value(self.names.value_of(arg.value))
                if method and method.partition(":")[0] not in PASSWORD_METHODS:
                    spelling = f'generate_password_hash(method="{method}")'
                    self._use("password", "method", arg, spelling=spelling)

    def _environment(self, node: cst.Call) -> None:
        first = node.args[0].value
        pairs: list[tuple[cst.BaseExpression, cst.BaseExpression]] = []
        if type(first) is cst.Dict:
            pairs = [(e.key, e.value) for e in first.elements if type(e) is cst.DictElement]
        elif len(node.args) > 1:
            pairs = [(first, node.args[1].value)]
        for key, value in pairs:
            text = string_value(key)
            if text in ENVIRONMENT:
                self._written.add(id(key))
                self._variable(str(text), value, node)
        for arg in node.args:
            if arg.keyword is not None and arg.keyword.value in ENVIRONMENT:
                self._variable(arg.keyword.value, arg.value, node)

    def _variable(self, name: str, value: cst.BaseExpression | None, node: cst.CSTNode) -> None:
        text = None if value is None else string_value(self.names.value_of(value))
        if text and text not in ENVIRONMENT[name].harmless:
            self._use("environment", name, node, spelling=f"{name}={text}")

    # -- settings that the file reads itself

    def visit_DictElement(self, node: cst.DictElement) -> None:
        self._written.add(id(node.key))

    def visit_SimpleString(self, node: cst.SimpleString) -> None:
        if node.value in _QUOTED and id(node) not in self._written:
            self.mentions.add(node.value[1:-1])

    # -- guards

    def visit_Try(self, node: cst.Try) -> None:
        self._around.append(node)

    def leave_Try(self, original_node: cst.Try) -> None:
        self._around.pop()

    def visit_If(self, node: cst.If) -> None:
        self._around.append(node)

    def leave_If(self, original_node: cst.If) -> None:
        self._around.pop()

    def visit_With(self, node: cst.With) -> None:
        self._around.append(node)

    def leave_With(self, original_node: cst.With) -> None:
        self._around.pop()

    def enter_branch(self, node: cst.CSTNode) -> None:
        self._around.append(node)

    def leave_branch(self, node: cst.CSTNode) -> None:
        self._around.pop()

    def _is_guarded(self, node: cst.CSTNode) -> bool:
        return any(self._guards(around, node) for around in self._around) or self._may_be_skipped()

    def _guards(self, around: Any, node: cst.CSTNode) -> bool:
        if type(around) is cst.Try:
            return any(self._catches(handler.type) for handler in around.handlers)
        if type(around) is cst.With:
            return any(_last_name(item.item) in _EXPECTING for item in around.items)
        test = around.left if type(around) is cst.BooleanOperation else around.test
        return self._asks_for_version(test) and not _holds(test, node)

    def _catches(self, node: cst.BaseExpression | None) -> bool:
        if type(node) is cst.Tuple:
            return any(self._catches(element.value) for element in node.elements)
        return node is None or self.names.reference(node) in _CATCHING

    def _asks_for_version(self, test: cst.BaseExpression) -> bool:
        todo: list[Any] = [test]
        while todo:
            part = todo.pop()
            if type(part) is cst.Name:
                made = self.names.value_of(part)
                if made is not part and type(made) is not cst.Name:
                    todo.append(made)
                words = part.value
            elif type(part) is cst.Attribute:
                words = part.attr.value
                todo.append(part.value)
            else:
                words = ""
                todo += children(part)
            if not _ASKING.isdisjoint(_WORD.findall(words.lower())):
                return True
        return False

    def _may_be_skipped(self) -> bool:
        """Tell whether a test around this place says that it is for some versions only."""
        scope = self.file.scope
        while scope.parent is not None:
            decorators = getattr(scope.node, "decorators", ())
            if any("skip" in source_of(d.decorator) for d in decorators):
                return True
            scope = scope.parent
        return False


def _row_of(name: str) -> str:
    """Give the longest beginning of a dotted name that is gone; empty if none is."""
    while name and name not in NAMES and name not in MODULES:
        name = name.rpartition(".")[0]
    return name


def _is_of_json(node: cst.Attribute) -> bool:
    """Tell `app.json` and `app.json.sort_keys` from attributes of that name of something else."""
    name, owner = node.attr.value, _last_name(node.value)
    if name == "json":
        return owner in _APPS
    return name == "json_provider_class" or owner == "json"


def _holds(whole: cst.CSTNode, node: cst.CSTNode) -> bool:
    todo = [whole]
    while todo:
        part = todo.pop()
        if part is node:
            return True
        todo += children(part)
    return False


def _last_name(node: cst.BaseExpression) -> str:
    func = node.func if type(node) is cst.Call else node
    if type(func) is cst.Attribute:
        return func.attr.value
    return func.value if type(func) is cst.Name else ""
