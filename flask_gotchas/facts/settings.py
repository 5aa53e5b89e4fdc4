"""Settings that the source writes, and how it starts the application."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import libcst as cst
import msgspec

from flask_gotchas.facts.collector import Collector
from flask_gotchas.facts.flask_api import RUNNER_CLASSES
from flask_gotchas.facts.model import (
    UNKNOWN,
    ArgumentFact,
    ConfigSourceFact,
    ConfigWriteFact,
    ConstantFact,
    RunFact,
    Value,
)
from flask_gotchas.literals import is_name, source_of, string_value

if TYPE_CHECKING:
    from flask_gotchas.names import Names

_ENVIRONMENT_CALLS = frozenset({"os.environ.get", "os.getenv"})
# Attributes of an application which are settings.
_ATTRIBUTES = frozenset({"debug", "secret_key", "testing"})
_PYTHON_SOURCES = frozenset({"from_object", "from_pyfile"})
_OTHER_SOURCES = frozenset({"from_envvar", "from_file", "from_json", "from_prefixed_env"})
_CONFIG_METHODS = _PYTHON_SOURCES | _OTHER_SOURCES | {"from_mapping", "setdefault", "update"}
_READING = frozenset({"get", "pop", "setdefault"})
_RUN_ORDER = ("host", "port", "debug", "load_dotenv")
_SOCKETIO_ORDER = ("app", "host", "port")
_RUN_ARGUMENTS = frozenset({"debug", "host", "threaded", "use_debugger", "use_reloader"})
# Text goes through these and is as true as before, and a random value as random.
_KEEPING_CALLS = frozenset(
    {
        "base64.b64encode", "base64.urlsafe_b64encode", "binascii.hexlify", "builtins.bool",
        "builtins.str",
    }
)  # fmt: skip
_KEEPING_METHODS = frozenset(
    {"capitalize", "casefold", "decode", "encode", "lower", "strip", "title", "upper"}
)
_RANDOM = re.compile(
    r"(os\.urandom|random\.(?:getrandbits|randbytes|random|randint)|uuid\.uuid[14]|"
    r"secrets\.token_(?:bytes|hex|urlsafe)|werkzeug\.security\.gen_salt|"
    r"cryptography\.fernet\.Fernet\.generate_key)\(\)(?:\.\w+(?:\(\))?)?\Z"
)
_RUNNERS = frozenset(f"{name}()" for name in RUNNER_CLASSES)
_MAX_STEPS = 20
_CONSTANTS = {"True": Value("true"), "False": Value("false"), "None": Value("none")}


def value_of(node: cst.CSTNode, names: Names) -> Value:
    """Say what is known of an expression's value, through variables with one assignment."""
    # A random value in a variable may well be stored before it is used.
    stored = type(node) is cst.Name and not node.value.isupper()
    node = names.value_of(node)
    fallback = _fallback(node, names)
    within = _within(node, names)
    if within is None:
        value = _value(node, names)
        return UNKNOWN if stored and value.kind == "random" else value
    for _ in range(_MAX_STEPS):
        stored = stored or (type(within) is cst.Name and not within.value.isupper())
        node = names.value_of(within)
        within = _within(node, names)
        if within is None:
            value = _value(node, names)
            if value.kind == "environment":
                return msgspec.structs.replace(value, fallback=fallback or value.fallback)
            return value if value.kind == "random" and not stored else UNKNOWN
    return UNKNOWN


def _fallback(node: cst.CSTNode, names: Names) -> str:
    """Give the text of `x or "text"`."""
    if type(node) is cst.BooleanOperation and type(node.operator) is cst.Or:
        return string_value(names.value_of(node.right)) or ""
    return ""


def _within(node: cst.CSTNode, names: Names) -> cst.CSTNode | None:
    """Give `x` of `bool(x)`, `x.lower()` and `x or y`, as far as text from the environment goes."""
    if type(node) is cst.Call:
        if names.reference(node.func) in _KEEPING_CALLS and len(node.args) == 1:
            return node.args[0].value
        if type(node.func) is cst.Attribute and node.func.attr.value in _KEEPING_METHODS:
            return node.func.value
        return None
    if type(node) is not cst.BooleanOperation:
        return None
    while type(node) is cst.BooleanOperation and type(node.operator) is cst.Or:
        node = node.left
    return node


def _value(node: cst.CSTNode, names: Names) -> Value:
    if type(node) is cst.Name or type(node) is cst.Attribute:
        if type(node) is cst.Name and node.value in _CONSTANTS:
            return _CONSTANTS[node.value]
        reference = names.reference(node)
        made = _RANDOM.match(reference or "")
        if made:
            return Value("random", made[1])
        return UNKNOWN if reference is None else Value("reference", reference)
    text = string_value(node)
    if text is not None:
        return Value("string", text)
    if type(node) is cst.Integer or type(node) is cst.Float:
        return Value("number", node.value)
    if type(node) is cst.SimpleString:
        return Value("bytes", node.value)
    if type(node) is cst.Call:
        if names.reference(node.func) in _ENVIRONMENT_CALLS and node.args:
            default = string_value(names.value_of(node.args[1].value)) if node.args[1:] else None
            return Value("environment", string_value(node.args[0].value) or "", default or "")
    elif type(node) is cst.Subscript and names.reference(node.value) == "os.environ":
        index = node.slice[0].slice
        key = string_value(index.value) if type(index) is cst.Index else None
        return Value("environment", key or "")
    if type(node) is cst.Call:
        made = _RANDOM.match(names.reference(node) or "")
        if made:
            return Value("random", made[1])
    return UNKNOWN


class SettingsCollector(Collector):
    """Writes down configuration and starts of the development server."""

    calls_named = frozenset({"run", *_READING, *_CONFIG_METHODS})

    def __init__(self, file: Any) -> None:
        super().__init__(file)
        self.runs: list[RunFact] = []
        self.writes: list[ConfigWriteFact] = []
        self.sources: list[ConfigSourceFact] = []
        self.constants: list[ConstantFact] = []
        self.reads: set[str] = set()
        self._written: set[int] = set()

    def facts(self) -> dict[str, Any]:
        return {
            "runs": tuple(self.runs),
            "config_writes": tuple(self.writes),
            "config_sources": tuple(self.sources),
            "constants": tuple(self.constants),
            "config_reads": frozenset(self.reads),
        }

    def visit_Assign(self, node: cst.Assign) -> None:
        for target in node.targets:
            self._assigned(target.target, node.value, node)

    def visit_AnnAssign(self, node: cst.AnnAssign) -> None:
        if node.value is not None:
            self._assigned(node.target, node.value, node)

    def visit_AugAssign(self, node: cst.AugAssign) -> None:
        if type(node.operator) is cst.BitOrAssign:
            found, receiver = self._config(node.target)
            if found:
                self._merged(receiver, node.value, "update", node)

    def _assigned(
        self, target: cst.BaseExpression, value: cst.BaseExpression, node: cst.CSTNode
    ) -> None:
        if type(target) is cst.Name:
            if target.value.isupper() and self.file.scope.kind in {"module", "class"}:
                self.constants.append(
                    ConstantFact(
                        reference=f"{self.file.scope.prefix}{target.value}",
                        value=value_of(value, self.names),
                        guards=self.file.guards,
                        anchor=self.file.anchor(node),
                    )
                )
        elif type(target) is cst.Attribute:
            if target.attr.value in _ATTRIBUTES:
                receiver = self.names.reference(target.value)
                self._write(receiver, target.attr.value.upper(), value, "attribute", node)
        elif type(target) is cst.Subscript and len(target.slice) == 1:
            index = target.slice[0].slice
            key = string_value(index.value) if type(index) is cst.Index else None
            found, receiver = self._config(target.value)
            if found and key is not None:
                self._written.add(id(target))
                self._write(receiver, key, value, "item", node)

    def visit_Subscript(self, node: cst.Subscript) -> None:
        index = node.slice[0].slice
        if type(index) is cst.Index and id(node) not in self._written:
            self._read(node.value, index.value)

    def visit_Comparison(self, node: cst.Comparison) -> None:
        target = node.comparisons[0]
        if type(target.operator) is cst.In or type(target.operator) is cst.NotIn:
            self._read(target.comparator, node.left)

    def _read(self, node: cst.BaseExpression, key: cst.BaseExpression) -> None:
        if type(key) is cst.SimpleString or type(key) is cst.ConcatenatedString:
            text = string_value(key)
            if text is not None and self._config(node)[0]:
                self.reads.add(text)

    def _config(self, node: cst.BaseExpression) -> tuple[bool, str | None]:
        """Tell whether an expression is an application's `config`, and of which application."""
        if type(node) is cst.Attribute and node.attr.value == "config":
            return True, self.names.reference(node.value)
        reference = self.names.reference(node) if type(node) is cst.Name else None
        if reference is not None and reference.endswith(".config"):
            return True, reference.removesuffix(".config")
        return False, None

    def _write(
        self,
        receiver: str | None,
        key: str,
        value: cst.BaseExpression,
        way: str,
        node: cst.CSTNode,
    ) -> None:
        file = self.file
        known = value_of(value, self.names)
        anchor = file.anchor(node)
        self.writes.append(
            ConfigWriteFact(receiver, key, known, way, file.runs, file.guards, anchor)
        )

    def visit_named_call(self, node: cst.Call) -> None:
        func = node.func
        if type(func) is not cst.Attribute:
            return
        name = func.attr.value
        if name in _READING and node.args:
            self._read(func.value, node.args[0].value)
        if name == "run":
            self._run(node, func)
        elif name in _CONFIG_METHODS:
            found, receiver = self._config(func.value)
            if found:
                self._config_call(node, name, receiver)

    def _config_call(self, node: cst.Call, name: str, receiver: str | None) -> None:
        first = node.args[0].value if node.args and not node.args[0].star else None
        if name in _PYTHON_SOURCES or name in _OTHER_SOURCES:
            is_python = name in _PYTHON_SOURCES
            source = self._source(first) if is_python and first is not None else None
            anchor = self.file.anchor(node)
            guards = self.file.guards
            self.sources.append(ConfigSourceFact(receiver, source, name, guards, anchor))
        elif name == "setdefault":
            key = string_value(first)
            if key is not None and len(node.args) > 1:
                self._write(receiver, key, node.args[1].value, "default", node)
        else:
            for arg in node.args:
                if arg.keyword is not None:
                    self._write(receiver, arg.keyword.value, arg.value, "mapping", arg)
                else:
                    value = arg.value if not arg.star else None
                    self._merged(receiver, value, name, node)

    def _merged(
        self, receiver: str | None, value: cst.BaseExpression | None, way: str, node: cst.CSTNode
    ) -> None:
        """Note a dictionary that is put into the configuration; None for one out of view."""
        if type(value) is cst.Dict:
            self._dictionary(receiver, value)
        elif type(value) is cst.Call and self.names.reference(value.func) == "builtins.dict":
            for pair in value.args:
                if pair.keyword is not None:
                    self._write(receiver, pair.keyword.value, pair.value, "mapping", pair)
        else:
            anchor, guards = self.file.anchor(node), self.file.guards
            self.sources.append(ConfigSourceFact(receiver, None, way, guards, anchor))

    def _dictionary(self, receiver: str | None, node: cst.Dict) -> None:
        for element in node.elements:
            if type(element) is cst.DictElement:
                key = string_value(element.key)
                if key is not None:
                    self._write(receiver, key, element.value, "mapping", element)
            else:
                anchor, guards = self.file.anchor(element), self.file.guards
                self.sources.append(ConfigSourceFact(receiver, None, "update", guards, anchor))

    def _source(self, node: cst.BaseExpression) -> str | None:
        if is_name(node, "__name__"):
            return self.names.module
        text = string_value(self.names.value_of(node))
        return text if text is not None else self.names.reference(node)

    def _run(self, node: cst.Call, func: cst.Attribute) -> None:
        receiver = self.names.reference(func.value)
        if receiver is None:
            return
        socketio = self.names.expand(receiver) in _RUNNERS
        order = _SOCKETIO_ORDER if socketio else _RUN_ORDER
        arguments = []
        unpacked = False
        for index, arg in enumerate(node.args):
            unpacked = unpacked or bool(arg.star)
            if arg.keyword is not None:
                name = arg.keyword.value
            else:
                name = order[index] if index < len(order) and not unpacked else ""
            if name in _RUN_ARGUMENTS:
                value = value_of(arg.value, self.names)
                arguments.append(ArgumentFact(name, value, self.file.anchor(arg)))
        file = self.file
        self.runs.append(
            RunFact(
                receiver=receiver,
                spelling=source_of(func),
                arguments=tuple(arguments),
                runs=file.runs,
                guards=file.guards,
                anchor=file.anchor(node),
            )
        )
