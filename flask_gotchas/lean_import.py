"""Import LibCST at half of its cost: whoever imports this module first has done so.

Two hundred classes of nodes are dataclasses, and Python writes and compiles five methods for each
while it imports them. LibCST has its own for two of these, replaces none of the others, and most
classes never make a node. So the decorator that LibCST finds while it is imported leaves `__init__`
to the first node of a class, and gives all classes the same two methods that keep nodes frozen.

The classes are LibCST's own, and behave as they always do. What does not look like such a class
goes to the decorator of the standard library; if anything goes wrong, LibCST is imported as usual.
"""

from __future__ import annotations

import dataclasses
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    Decorator = Callable[..., Any]

_NODE_OPTIONS = {"frozen": True}
# A node class has these before it becomes a dataclass, so that none are made for it.
_GIVEN = {"__eq__", "__hash__", "__repr__"}
_NOT_GIVEN: Any = object()


class _Deferring:
    """A decorator that makes dataclasses, and classes of nodes with less work."""

    def __init__(self, dataclass: Decorator) -> None:
        self._dataclass = dataclass
        self._parameters: list[Any] | None = []

    def __call__(self, cls: type[Any] | None = None, /, **options: Any) -> Any:
        if cls is None:
            return lambda cls: self(cls, **options)
        # A dataclass without a docstring gets one that `inspect` takes long to work out.
        cls.__doc__ = cls.__doc__ or f"{cls.__name__}()"
        given = vars(cls)
        is_node = options == _NODE_OPTIONS and given.keys() >= _GIVEN and "__init__" not in given
        if self._parameters is None or not is_node:
            return self._dataclass(cls, **options)
        self._dataclass(cls, init=False, repr=False, eq=False)
        self._parameters.append(vars(cls)["__dataclass_params__"])
        cls.__init__ = _first_init(cls)
        cls.__setattr__, cls.__delattr__ = _refusals(cls)
        return cls

    def end(self) -> None:
        """Let the classes say that they are what they would be, and make no more such classes.

        Until then they must not, as a frozen dataclass may not have heirs that are not.
        """
        for parameters in self._parameters or ():
            parameters.init = parameters.repr = parameters.eq = parameters.frozen = True
        self._parameters = None


def _first_init(made: type[Any]) -> Callable[..., None]:
    """Make an `__init__` that puts the real one into its place and calls that."""

    def first(self: Any, *values: Any, **named: Any) -> None:
        # Slots make another class of the one that was decorated.
        cls = next(cls for cls in type(self).__mro__ if vars(cls).get("__init__") is first)
        init = cls.__init__ = _init(cls)  # type: ignore[misc]
        init(self, *values, **named)

    return _named(first, made, "__init__")


def _init(cls: type[Any]) -> Callable[..., None]:
    """Write the `__init__` of a frozen dataclass."""
    space: dict[str, Any] = {"not_given": _NOT_GIVEN, "put": object.__setattr__}
    body = []
    for field in dataclasses.fields(cls):
        value, default = write_field(field, space, "not_given")
        space.setdefault("parameters", []).append(default)
        body.append(f"    put(self, {field.name!r}, {value})")
    if hasattr(cls, "__post_init__"):
        body.append("    self.__post_init__()")
    head = f"def __init__({', '.join(['self', *space.pop('parameters', [])])}):"
    exec("\n".join([head, *(body or ["    pass"])]), space)  # noqa: S102 - own text
    return _named(space["__init__"], cls, "__init__")


def write_field(
    field: dataclasses.Field[Any], space: dict[str, Any], not_given: str, prefix: str = "default"
) -> tuple[str, str]:
    """Write the value of a field and the parameter that gives it; the default goes to `space`.

    `not_given` is what stands for a value that a factory is to make.
    """
    name, default = field.name, f"{prefix}_{field.name}"
    if field.default is not dataclasses.MISSING:
        space[default] = field.default
        return name, f"{name}={default}"
    if field.default_factory is not dataclasses.MISSING:
        space[default] = field.default_factory
        return f"{default}() if {name} is {not_given} else {name}", f"{name}={not_given}"
    return name, name


def _refusals(cls: type[Any]) -> tuple[Callable[..., None], Callable[..., None]]:
    names = frozenset(field.name for field in dataclasses.fields(cls))

    def assign(self: Any, name: str, value: object) -> None:
        if type(self) is cls or name in names:
            raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")
        super(cls, self).__setattr__(name, value)

    def delete(self: Any, name: str) -> None:
        if type(self) is cls or name in names:
            raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")
        super(cls, self).__delattr__(name)

    return _named(assign, cls, "__setattr__"), _named(delete, cls, "__delattr__")


def _named(method: Callable[..., None], cls: type[Any], name: str) -> Callable[..., None]:
    method.__name__ = name
    method.__qualname__ = f"{cls.__qualname__}.{name}"
    return method


def _import() -> None:
    usual = dataclasses.dataclass
    deferring = _Deferring(usual)
    vars(dataclasses)["dataclass"] = deferring
    try:
        import libcst  # noqa: PLC0415 - between two lines that prepare for it
    except Exception:  # noqa: BLE001 - the import below says what there is to say
        for name in [name for name in sys.modules if name.partition(".")[0] == "libcst"]:
            del sys.modules[name]
    finally:
        vars(dataclasses)["dataclass"] = usual
        deferring.end()
    import libcst  # noqa: F401, PLC0415 - the usual way, if that one failed


if "libcst" not in sys.modules:
    _import()
