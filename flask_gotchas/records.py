"""Named tuples that are quick to make.

`typing.NamedTuple` compiles the annotation of each field, and a function for each class, when the
class is made. There are a hundred of them, which is a twentieth of a run over few files. These
leave the annotations alone, and the function to the first tuple: most classes make none in a run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import NamedTuple as NamedTuple  # noqa: PLC0414 - for who imports it from here
else:
    from _collections import _tuplegetter

    class _Record(tuple):
        __slots__ = ()

        @classmethod
        def _make(cls, values):
            return cls(*values)

        def _asdict(self):
            return dict(zip(self._fields, self, strict=True))

        def _replace(self, **changes):
            return type(self)(**(self._asdict() | changes))

        def __repr__(self):
            fields = ", ".join(f"{name}={value!r}" for name, value in self._asdict().items())
            return f"{type(self).__name__}({fields})"

        def __getnewargs__(self):
            return tuple(self)

    class _Making(type):
        def __new__(cls, name, _bases, space):
            fields = tuple(space.get("__annotations__", ()))
            space["_fields"] = space["__match_args__"] = fields
            space["_field_defaults"] = {name: space[name] for name in fields if name in space}
            space |= {name: _tuplegetter(at, "") for at, name in enumerate(fields)}
            return type(name, (_Record,), {**space, "__slots__": (), "__new__": _first_new})

    def _first_new(cls, /, *values, **named):
        """Write the function that makes tuples of a class, and let it do so from now on."""
        owner = next(kind for kind in cls.__mro__ if "_fields" in vars(kind))
        names = "".join(f"{name}, " for name in owner._fields)
        new = eval(f"lambda cls_, {names}: make(cls_, ({names}))", {"make": tuple.__new__})  # noqa: S307 - own names
        new.__defaults__ = tuple(owner._field_defaults.values())
        owner.__new__ = staticmethod(new)
        return new(cls, *values, **named)

    NamedTuple = type.__new__(_Making, "NamedTuple", (), {})
