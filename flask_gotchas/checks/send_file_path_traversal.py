"""FLG608 send-file-path-traversal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flask_gotchas.editing import NoFix
from flask_gotchas.literals import string_value
from flask_gotchas.project.request_texts import ANY_TEXT
from flask_gotchas.rule import Fixing, ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.editing import FileEditor
    from flask_gotchas.model import Diagnostic
    from flask_gotchas.project import Finding, Project

# Others take no slash.
_PATH = frozenset({"path"})
_JOINED = frozenset({"os.path.join", "pathlib.Path", "posixpath.join"})
_ABSOLUTE = frozenset({"os.path.abspath", "os.path.realpath"})
_FOLDERS = (".instance_path", ".root_path", ".static_folder")


class SendFilePathTraversal(ProjectRule):
    """A file is opened by a path that a visitor can choose."""

    code = "FLG608"
    name = "send-file-path-traversal"
    message = (
        "`{target}` takes `{text}` for a part of a path, "
        "so `../` in it leads a visitor to any file of the server"
    )
    fixing = Fixing.SUGGESTED
    help = "Use `send_from_directory` with the folder first, or `werkzeug.security.safe_join`."

    def check(self, project: Project) -> Iterator[Finding]:
        for file, fact, origin in project.request_texts.reaching("path", ANY_TEXT, _PATH):
            yield self.finding(
                file,
                fact.anchor,
                hints=(origin.spelling,),
                target=fact.target,
                text=origin.spelling,
            )

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        [spelling] = found.hints
        path = file.at(found.location, cst.BaseExpression)
        arg = next(file.above(path))
        call = next(file.above(arg))
        if not isinstance(call, cst.Call) or file.reference(call.func) != "flask.send_file":
            raise NoFix
        folder, name = _parts(path, file)
        if (
            call.args[0] is not arg
            or arg.keyword is not None
            or len(file.ways_in(name, spelling)) != 1
        ):
            raise NoFix
        if not _is_absolute(folder, file):
            raise NoFix  # a relative one would start at another place
        send = file.name("flask.send_from_directory", call)
        file.replace(call.func, send)
        file.replace(path, f"{file.source(folder)}, {file.source(name)}")
        return f"Use `{send}`"


def _parts(
    path: cst.BaseExpression, file: FileEditor
) -> tuple[cst.BaseExpression, cst.BaseExpression]:
    """Take a path apart into a folder and what is in it."""
    if isinstance(path, cst.BinaryOperation) and isinstance(path.operator, cst.Divide):
        if not path.lpar:
            return path.left, path.right
    elif isinstance(path, cst.Call) and len(path.args) == 2:
        first, second = path.args
        if file.reference(path.func) in _JOINED and not any(a.star or a.keyword for a in path.args):
            return first.value, second.value
    raise NoFix


def _is_absolute(folder: cst.CSTNode, file: FileEditor) -> bool:
    value = file.value_of(folder)
    text = string_value(value)
    if text is not None:
        return text.startswith("/")
    if isinstance(value, cst.Call) and value.args:
        made_by = file.reference(value.func)
        return made_by in _ABSOLUTE or (
            made_by in _JOINED and _is_absolute(value.args[0].value, file)
        )
    if isinstance(value, cst.BinaryOperation):
        return isinstance(value.operator, cst.Divide) and _is_absolute(value.left, file)
    return isinstance(value, cst.Attribute) and file.source(value).endswith(_FOLDERS)
