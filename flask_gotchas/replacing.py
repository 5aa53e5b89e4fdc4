"""Fixes for what is gone from Flask and Werkzeug: put in its place what tables name for it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import libcst as cst

from flask_gotchas.editing import NoFix
from flask_gotchas.facts.replaced_apis import ATTRIBUTES, CHARSETS, KEYWORDS, NAMES, OF_APPS
from flask_gotchas.literals import string_value
from flask_gotchas.records import NamedTuple

if TYPE_CHECKING:
    from flask_gotchas.editing import FileEditor
    from flask_gotchas.facts.replaced_apis import Instead
    from flask_gotchas.model import Location

# An expression may stand under these without parentheses.
_LOOSE = (cst.Arg, cst.Assign, cst.BooleanOperation, cst.If, cst.IfExp, cst.Return, cst.While)
_UTF8 = frozenset({"utf-8", "utf8"})


class Gone(NamedTuple):
    """A use of something that is gone: its place, and what the facts say of it.

    `way` and `what` are those of the fact; `owner` is what the object is to Flask. `wanted` holds
    the names that other files import from this one, `*` for all.
    """

    place: Location
    way: str
    what: str
    owner: str
    wanted: frozenset[str]


def replace(gone: Gone, file: FileEditor) -> str:
    """Make the edits for a use of something that is gone; say what they do."""
    if gone.way == "import":
        return _import(gone, file)
    if gone.way == "name":
        return _name(gone, file)
    if gone.way == "attribute":
        return _attribute(gone, file)
    if gone.way == "keyword":
        return _keyword(gone, file)
    if gone.way == "password":
        arg = file.at(gone.place, cst.Arg)
        call = file.around(arg, cst.Call)
        _leave_out(file, call, arg)
        file.only_suggest()
        return "Leave the method out"
    return _cookie(file, file.at(gone.place, cst.Call))


# -- names


def _import(gone: Gone, file: FileEditor) -> str:
    node = file.at(gone.place, cst.ImportAlias, cst.ImportFrom)
    if isinstance(node, cst.ImportFrom):
        return _import_of_module(node, file)
    if node.evaluated_name != gone.what.rpartition(".")[2] or gone.what not in NAMES:
        raise NoFix
    instead = NAMES[gone.what]
    old = node.evaluated_alias or node.evaluated_name
    new = instead.name.rpartition(".")[2]
    if new != old:
        new = _renamed(node, gone, file)
    elif instead.takes is not None:
        for use in file.uses(old, node):
            _replaced(use, instead, file)
    file.import_instead(node, instead.name, new)
    if not instead.certain:
        file.only_suggest()
    return f"Import `{instead.name}` instead"


def _import_of_module(node: cst.ImportFrom, file: FileEditor) -> str:
    if node.module is None or isinstance(node.names, cst.ImportStar):
        raise NoFix
    old = cst.Module([]).code_for_node(node.module)
    if old.startswith("flask.ext."):
        new = old.replace("flask.ext.", "flask_", 1)
    else:
        found = [NAMES.get(f"{old}.{alias.evaluated_name}") for alias in node.names]
        modules = {one.name.rpartition(".")[0] if one else "" for one in found}
        if len(modules) != 1 or "" in modules:
            raise NoFix
        [new] = modules
        if not all(one is not None and one.certain for one in found):
            file.only_suggest()
    file.replace(node.module, new)
    return f"Import from `{new}` instead"


def _renamed(node: cst.ImportAlias, gone: Gone, file: FileEditor) -> str:
    """Write a new name where the old one is used, if it can be; give how it is to be imported."""
    instead = NAMES[gone.what]
    old = node.evaluated_alias or node.evaluated_name
    new = instead.name.rpartition(".")[2]
    uses = file.uses(old, node)
    replaced = [_replaced(use, instead, file) for use in uses]
    is_needed = (
        node.asname is not None
        or not uses
        or not gone.wanted.isdisjoint({old, "*"})
        or _is_in_text(old, file)
    )
    is_free = file.is_free(new)
    if (instead.tail or instead.part) and (is_needed or not is_free):
        raise NoFix
    keep = is_needed or not is_free
    for use, whole in zip(uses, replaced, strict=True):
        if not keep:
            file.replace(whole, f"{new}{instead.tail}")
        if instead.adds:
            file.add_argument(file.around(use, cst.Call), instead.adds)
    return old if keep else new


def _is_in_text(name: str, file: FileEditor) -> bool:
    """Tell whether a literal has a name, as `__all__` and annotations do."""
    word = re.compile(rf"\b{name}\b")
    return any(word.search(text.value) for text in file.inside(file.tree, cst.SimpleString))


def _name(gone: Gone, file: FileEditor) -> str:
    node = file.at(gone.place, cst.Attribute)
    instead = NAMES.get(gone.what)
    if instead is None:
        raise NoFix
    whole = _replaced(node, instead, file)
    name = file.name(instead.name, node)
    file.replace(whole, f"{name}{instead.tail}")
    if instead.adds:
        file.add_argument(file.around(node, cst.Call), instead.adds)
    if not instead.certain:
        file.only_suggest()
    return f"Use `{instead.name}` instead"


def _replaced(use: cst.CSTNode, instead: Instead, file: FileEditor) -> cst.CSTNode:
    """Give what is to be replaced where something is used; raise NoFix if it is used otherwise."""
    call = outer = next(file.above(use))
    if instead.part:
        is_part = isinstance(outer, cst.Attribute) and outer.attr.value == instead.part
        if not is_part or not isinstance(next(file.above(outer)), cst.Attribute):
            raise NoFix
        return outer
    if instead.takes is None:
        return use
    if not isinstance(call, cst.Call) or call.func is not use:
        if instead.adds or instead.tail or instead.gives:
            raise NoFix
        file.only_suggest()  # how it is called is out of view
        return use
    if len(call.args) > instead.takes or any(arg.star or arg.keyword for arg in call.args):
        raise NoFix
    _check_result(call, instead, file)
    return use


def _check_result(call: cst.Call, instead: Instead, file: FileEditor) -> None:
    """Raise NoFix if something of a result is used that the new one does not have."""
    if not instead.gives:
        return
    outer = next(file.above(call))
    if isinstance(outer, cst.Attribute) and outer.attr.value in instead.gives:
        return
    if not isinstance(outer, cst.Assign) or len(outer.targets) != 1:
        raise NoFix
    target = outer.targets[0].target
    if not isinstance(target, cst.Name):
        raise NoFix
    for name in file.inside(file.function(outer).body, cst.Name):
        if name.value == target.value and name is not target:
            above = next(file.above(name))
            is_part = isinstance(above, cst.Attribute) and (
                above.attr is name or above.attr.value in instead.gives
            )
            if not is_part:
                raise NoFix


# -- objects and arguments


def _attribute(gone: Gone, file: FileEditor) -> str:
    node = file.at(gone.place, cst.Attribute)
    outer = next(file.above(node))
    if gone.what == "before_first_request":
        return _before_first_request(file, node, outer)
    if gone.what == "from_json":
        return _from_json(file, node, outer)
    if (gone.owner, gone.what) not in ATTRIBUTES:
        raise NoFix
    template = ATTRIBUTES[gone.owner, gone.what]
    if "{}" not in template and "(" in file.source(node):
        raise NoFix  # what is called there does something
    code = template.format(file.source(node.value))
    is_loose = isinstance(outer, _LOOSE) or (
        isinstance(outer, cst.UnaryOperation) and isinstance(outer.operator, cst.Not)
    )
    if " " in template and not is_loose:
        code = f"({code})"
    file.replace(node, code)
    return f"Write `{code}`"


def _before_first_request(file: FileEditor, node: cst.Attribute, outer: cst.CSTNode) -> str:
    """Run the function where the application is made, behind all else that is done there."""
    if isinstance(outer, cst.Decorator):
        statement = function = file.around(outer, cst.FunctionDef)
        removed: cst.CSTNode = outer
    elif isinstance(outer, cst.Call) and len(outer.args) == 1:
        statement = removed = file.around(outer, cst.SimpleStatementLine)
        function = _function_at(outer.args[0].value, next(file.above(statement)))
    else:
        raise NoFix
    block = next(file.above(statement))
    made_here = isinstance(node.value, cst.Name) and file.is_value(node.value.value, statement)
    if not made_here or len(function.decorators) != (function is statement):
        raise NoFix
    if not _runs_without_request(function, file):
        raise NoFix
    body = list(block.body) if isinstance(block, (cst.Module, cst.IndentedBlock)) else []
    while body and _is_end(body[-1]):
        body.pop()
    if statement not in body:
        raise NoFix
    file.remove_lines(removed)
    last = body[-1] if body[-1] is not removed else body[-2]
    indent = file.indent_of(last)
    gap = "\n\n" if isinstance(last, (cst.FunctionDef, cst.ClassDef)) and not indent else "\n"
    head = f"with {file.source(node.value)}.app_context():\n"
    call = f"{indent}{file.indent}{function.name.value}()"
    file.line_after(last, f"{gap}{head}{call}")
    file.only_suggest()
    return "Run it where the application is made"


def _function_at(name: cst.BaseExpression, block: cst.CSTNode) -> cst.FunctionDef:
    """Find the one function of a name in a block."""
    body = block.body if isinstance(block, (cst.Module, cst.IndentedBlock)) else ()
    found = [
        one
        for one in body
        if isinstance(one, cst.FunctionDef)
        and isinstance(name, cst.Name)
        and one.name.value == name.value
    ]
    if len(found) != 1:
        raise NoFix
    return found[0]


def _runs_without_request(function: cst.FunctionDef, file: FileEditor) -> bool:
    params = function.params
    if function.asynchronous is not None or params.params or params.posonly_params:
        return False
    if any(file.inside(function.body, cst.Yield)):
        return False
    return not any(
        file.reference(part).startswith(("flask.request", "flask.session", "flask.g"))
        for kind in (cst.Attribute, cst.Name)
        for part in file.inside(function.body, kind)
    )


def _is_end(statement: cst.CSTNode) -> bool:
    """Tell what stands at the end, where the application is ready: it is started or returned."""
    if isinstance(statement, cst.If):
        return any(
            isinstance(part, cst.Name) and part.value == "__name__"
            for part in (statement.test, getattr(statement.test, "left", None))
        )
    if not isinstance(statement, cst.SimpleStatementLine):
        return False
    small = statement.body[0]
    if isinstance(small, cst.Return):
        return True
    call = small.value if isinstance(small, cst.Expr) else None
    return isinstance(call, cst.Call) and (
        isinstance(call.func, cst.Attribute) and call.func.attr.value == "run"
    )


def _from_json(file: FileEditor, node: cst.Attribute, call: cst.CSTNode) -> str:
    if not isinstance(call, cst.Call) or call.func is not node:
        raise NoFix
    if len(call.args) not in {1, 2} or any(arg.star for arg in call.args):
        raise NoFix
    if len(call.args) == 2 and call.args[1].keyword is None:
        file.write(file.start(call.args[1]), file.start(call.args[1]), "silent=")
    load = file.name("json.load", node)
    file.replace(node.attr, "from_file")
    file.add_argument(call, f"load={load}")
    return "Load it by `from_file`"


def _keyword(gone: Gone, file: FileEditor) -> str:
    arg = file.at(gone.place, cst.Arg)
    call = file.around(arg, cst.Call)
    keyword = arg.keyword.value if arg.keyword is not None else ""
    others = {one.keyword.value for one in call.args if one.keyword is not None}
    if gone.what in OF_APPS and isinstance(arg.value, (cst.Name, cst.Attribute)):
        app = file.source(arg.value)
        if app != "None":
            file.replace(call.func, OF_APPS[gone.what].format(app))
        file.remove_argument(call, arg)
        return "Call the method of the application"
    if gone.what in CHARSETS:
        if (string_value(arg.value) or "").lower() not in _UTF8:
            raise NoFix
        file.remove_argument(call, arg)
        return "Leave it out"
    new = KEYWORDS.get(keyword)
    if new is None or new in others:
        raise NoFix
    file.replace(arg.keyword, new)
    return f"Name it `{new}`"


def _leave_out(file: FileEditor, call: cst.Call, arg: cst.Arg) -> None:
    if arg.keyword is None and arg is not call.args[-1]:
        after = call.args[[id(one) for one in call.args].index(id(arg)) + 1]
        if after.keyword is None:
            raise NoFix
    file.remove_argument(call, arg)


def _cookie(file: FileEditor, call: cst.Call) -> str:
    first = call.args[0]
    given = [arg for arg in call.args if arg.keyword is None]
    keywords = {arg.keyword.value for arg in call.args if arg.keyword is not None}
    if len(given) != 3 or "domain" in keywords or any(arg.star for arg in call.args):
        raise NoFix
    if string_value(first.value) != "localhost":
        file.add_argument(call, f"domain={file.source(first.value)}")
    file.remove_argument(call, first)
    return "Pass the host as `domain`, if it is not the usual one"
