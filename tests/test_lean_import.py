"""The quick way to import LibCST: the classes that one would have got without it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# Says of each class of LibCST what can be seen of it, whichever way it was imported.
_DESCRIBE = """
import dataclasses, pickle, sys
if {lean}:
    from flask_gotchas import lean_import
import libcst as cst

def outcome(action):
    try:
        return repr(action())
    except Exception as error:
        return f"{{type(error).__name__}}: {{error}}"

def fields(cls):
    made = dataclasses.fields(cls)
    return [(field.name, str(field.type), field.default is dataclasses.MISSING) for field in made]

def spoil(node):
    node.value = 1

def remove(node):
    del node.value

def other(node):
    node.other = 1

classes = [cls for _, cls in sorted(vars(cst).items()) if isinstance(cls, type)]
for cls in classes:
    # A signature stands in for a text that is missing: nobody reads it there.
    doc = str(cls.__doc__).partition(f"{{cls.__name__}}(")[0]
    print(cls, cls.__qualname__, doc, [base.__name__ for base in cls.__mro__])
    print(sorted(vars(cls)))
    if not dataclasses.is_dataclass(cls):
        continue
    print(fields(cls), cls.__dataclass_params__, cls.__match_args__)
    print(cls.__init__.__qualname__, cls.__setattr__.__qualname__, cls.__delattr__.__qualname__)
    if issubclass(cls, cst.CSTNode):
        print(outcome(cls))
        print(outcome(lambda: cls(nothing=1)))
name = cst.Name("a")
print(outcome(lambda: spoil(name)), outcome(lambda: remove(name)), outcome(lambda: other(name)))
print(outcome(lambda: cst.Name("")), outcome(lambda: cst.Name(value="b", lpar=[cst.LeftParen()])))
print(outcome(lambda: cst.Call(name).with_changes(args=[cst.Arg(name)])))
print(outcome(lambda: dataclasses.replace(name, value="c")))
print(pickle.loads(pickle.dumps(name)).deep_equals(name), name == cst.Name("a"), name == name)
module = cst.parse_module("class A(B):\\n    async def f(x, *, y=1): [z async for z in x]\\n")
print(repr(module), module.code, module.deep_clone().deep_equals(module))

class Heir(cst.Name):
    pass

print(repr(Heir("d")))

@dataclasses.dataclass(frozen=True)
class Frozen(cst.Name):
    value: str = "d"

print(Frozen().value, outcome(lambda: spoil(Frozen())))
print(dataclasses.dataclass.__module__, sys.modules["libcst"] is cst)
"""


def _described(*, lean: bool) -> list[str]:
    return _run(_DESCRIBE.format(lean=lean)).splitlines()


def _run(program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_classes_are_what_they_would_be() -> None:
    described = _described(lean=True)
    assert len(described) > 500
    assert described == _described(lean=False)


_IS_LEAN = """
import libcst
print(libcst.MatchClass.__init__.__code__.co_filename.endswith("lean_import.py"))
"""


@pytest.mark.parametrize(
    "way",
    {
        "the command": "from flask_gotchas.__main__ import main\n"
        "import sys; sys.argv = ['', '--isolated', '--no-cache', 'flask_gotchas/model.py']; main()",
        "routes": "from flask_gotchas.__main__ import main\n"
        "import sys; sys.argv = ['', 'routes', '--isolated', 'flask_gotchas/model.py']; main()",
        "flake8": "import ast; from flask_gotchas.flake8_plugin import Plugin\n"
        "list(Plugin(ast.parse('import flask'), ['import flask'], 'x.py').run())",
        "a worker": "import flask_gotchas.workers",
        "the server": "import flask_gotchas.server.language_server",
    }.items(),
    ids=lambda item: item[0],
)
def test_each_way_in_takes_it(way: tuple[str, str]) -> None:
    if way[0] == "the server":
        pytest.importorskip("pygls")
    assert _run(way[1] + _IS_LEAN).splitlines()[-1] == "True"


def test_who_has_libcst_keeps_it() -> None:
    assert _run("import libcst; from flask_gotchas import lean_import" + _IS_LEAN) == "False\n"


def test_what_goes_wrong_on_the_way_does_not_matter() -> None:
    told = _run(
        "import dataclasses, flask_gotchas\n"
        "before = dataclasses.dataclass\n"
        "real = dataclasses.fields\n"
        "def fails(cls):\n"
        "    if dataclasses.dataclass is not before: raise ValueError\n"
        "    return real(cls)\n"
        "dataclasses.fields = fails\n"
        "from flask_gotchas import lean_import\n"
        "print(dataclasses.dataclass is before)" + _IS_LEAN
    )
    assert told == "True\nFalse\n"


def test_dataclasses_made_afterwards_are_ordinary() -> None:
    told = _run(
        "from flask_gotchas import lean_import\n"
        "import libcst._nodes.base as base\n"
        "@base.dataclass(frozen=True)\n"
        "class Node(base.CSTNode):\n"
        "    x: int = 0\n"
        "print('lean_import' in Node.__init__.__code__.co_filename)"
    )
    assert told == "False\n"
