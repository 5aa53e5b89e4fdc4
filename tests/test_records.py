"""Named tuples of our own: they are what those of the standard library would be."""

from __future__ import annotations

import copy
import pickle
import re
import typing
from pathlib import Path
from typing import Any

import msgspec
import pytest

import flask_gotchas
from flask_gotchas import records


class Usual(typing.NamedTuple):
    """A place."""

    path: str
    line: int = 1
    tags: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        return f"{self.path}:{self.line}"


class Quick(records.NamedTuple):
    """A place."""

    path: str
    line: int = 1
    tags: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        return f"{self.path}:{self.line}"


class Heir(Quick):
    """A place with a method more."""

    def twice(self) -> tuple[str, str]:
        return self.path, self.path


class Empty(records.NamedTuple):
    pass


def test_a_tuple_is_the_usual_one() -> None:
    pairs: list[tuple[Any, Any]] = [
        (Usual("a"), Quick("a")),
        (Usual("a", 2), Quick("a", 2)),
        (Usual(line=3, path="b", tags=("c",)), Quick(line=3, path="b", tags=("c",))),
    ]
    for usual, quick in pairs:
        assert tuple(quick) == quick == usual
        assert hash(quick) == hash(usual)
        assert repr(quick) == repr(usual).replace("Usual", "Quick")
        assert quick.shown == usual.shown
        assert quick._asdict() == usual._asdict()
        assert quick._replace(line=9) == usual._replace(line=9)
        assert type(quick._replace(line=9)) is Quick
        assert quick > Quick("A")
    path, *_ = Quick("a")
    assert path == "a"


def test_a_class_says_the_usual_of_itself() -> None:
    assert typing.get_type_hints(Quick) == typing.get_type_hints(Usual)
    for name in ("__doc__", "__match_args__", "_fields", "_field_defaults"):
        assert getattr(Quick, name) == getattr(Usual, name)
    assert (Quick.__name__, Quick.__module__) == ("Quick", __name__)
    assert not hasattr(Quick("a"), "__dict__")


def test_a_class_may_have_heirs_and_no_fields() -> None:
    assert Heir("a").twice() == ("a", "a")
    assert type(Heir("a", 2)._replace(path="b")) is Heir
    assert type(Quick("a")) is Quick
    assert Empty() == ()


@pytest.mark.parametrize("kind", [Usual, Quick])
def test_wrong_fields_are_refused(kind: type[Quick]) -> None:
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'path'"):
        kind()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="unexpected keyword argument 'column'"):
        kind("a", column=1)  # type: ignore[call-arg]
    with pytest.raises((TypeError, ValueError), match="column"):
        kind("a")._replace(column=1)  # type: ignore[call-arg]
    with pytest.raises(AttributeError):
        kind("a").path = "b"  # type: ignore[misc]


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_a_tuple_crosses_processes(protocol: int) -> None:
    for made in (Quick("a", 2), Heir("a", 2)):
        again = pickle.loads(pickle.dumps(made, protocol))
        assert (type(again), again) == (type(made), made)
        assert type(copy.deepcopy(made)) is type(made)


def test_a_tuple_can_be_kept() -> None:
    data = msgspec.msgpack.encode([Quick("a", 2, ("b",))])
    (again,) = msgspec.msgpack.decode(data, type=list[Quick])
    assert type(again) is Quick
    assert again == ("a", 2, ("b",))
    with pytest.raises(msgspec.ValidationError):
        msgspec.msgpack.decode(msgspec.msgpack.encode([1]), type=Quick)


def test_all_named_tuples_are_quick_to_make() -> None:
    slow = re.compile(r"^from typing import .*\bNamedTuple\b", re.MULTILINE)
    package = Path(flask_gotchas.__file__).parent
    modules = [path for path in package.rglob("*.py") if path.name != "records.py"]
    assert len(modules) > 100
    assert [path for path in modules if slow.search(path.read_text(encoding="utf-8"))] == []
