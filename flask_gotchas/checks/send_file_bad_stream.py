"""FLG308 send-file-bad-stream."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

import libcst as cst

from flask_gotchas.editing import NoFix
from flask_gotchas.literals import argument, is_name, string_value
from flask_gotchas.rule import FileRule, Fixing

if TYPE_CHECKING:
    from flask_gotchas.context import FileContext
    from flask_gotchas.editing import FileEditor
    from flask_gotchas.model import Diagnostic

_UNQUOTABLE = frozenset("'\"\\")
_ORDER = ("path_or_file", "mimetype", "as_attachment", "download_name")
_OLD = frozenset({"add_etags", "attachment_filename", "cache_timeout", "filename_or_fp"})
_OPEN = frozenset({"builtins.open", "io.open"})
_CLOSED = _OPEN | {"io.BytesIO", "tempfile.TemporaryFile"}


class SendFileBadStream(FileRule):
    """`send_file` gets text, an unnamed stream, or a file that is closed before it is sent."""

    code = "FLG308"
    name = "send-file-bad-stream"
    message = "`send_file()` gets {what}, so it raises {error}"
    fixing = Fixing.SUGGESTED
    help = "Pass the path of the file, or bytes with `mimetype=` and `download_name=`."
    calls = frozenset({"flask.send_file"})

    def __init__(self, file: FileContext) -> None:
        super().__init__(file)
        self._with: list[dict[str, cst.Call]] = []
        self._returned: set[int] = set()

    def visit_With(self, node: cst.With) -> None:
        bound = {}
        for item in node.items:
            if type(item.item) is cst.Call and item.asname is not None:
                name = item.asname.name
                if type(name) is cst.Name:
                    bound[f"{self.file.scope.prefix}{name.value}"] = item.item
        self._with.append(bound)

    def leave_With(self, original_node: cst.With) -> None:
        self._with.pop()

    def visit_Return(self, node: cst.Return) -> None:
        if self._with:
            self._returned.add(id(node.value))

    def visit_called(self, node: cst.Call, target: str) -> None:
        stream = argument(node, "path_or_file", _ORDER)
        # Names of old times stand where the version of Flask was asked for.
        is_old = any(arg.keyword is not None and arg.keyword.value in _OLD for arg in node.args)
        if stream is None or is_old:
            return
        opened = self._opened(stream)
        made = opened or self.file.names.value_of(stream)
        if type(made) is not cst.Call:
            return
        what, error = self._wrong(node, made)
        is_left = opened is not None and id(node) in self._returned
        if is_left and not what and self.file.names.meaning(made.func) in _CLOSED:
            what, error = "a file that `with` closes before it is sent", "ValueError"
        if what:
            self.report(stream, what=what, error=error)

    def _opened(self, stream: cst.BaseExpression) -> cst.Call | None:
        """Give the call after `with` that a variable stands for."""
        if type(stream) is not cst.Name:
            return None
        name = f"{self.file.scope.prefix}{stream.value}"
        return next((bound[name] for bound in reversed(self._with) if name in bound), None)

    def _wrong(self, node: cst.Call, made: cst.Call) -> tuple[str, str]:
        called = self.file.names.meaning(made.func)
        if called == "io.StringIO":
            return "text from `StringIO`, which cannot be sent", "ValueError"
        if called in _OPEN and _is_text(made):
            return "a file that is open as text", "ValueError"
        if called not in {*_OPEN, "io.BytesIO"} or any(arg.star for arg in node.args):
            return "", ""
        if argument(node, "download_name", _ORDER) is None:
            if argument(node, "mimetype", _ORDER) is None:
                return "a stream without `mimetype` or `download_name`", "TypeError"
            if is_name(argument(node, "as_attachment", _ORDER), "True"):
                return "a stream as attachment without `download_name`", "TypeError"
        return "", ""

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        stream = file.at(found.location, cst.BaseExpression)
        call = file.around(stream, cst.Call)
        block = _with_alone(call, file)
        if block is not None:
            opened = _opened_for_bytes(block.items[0].item, file)
            if sum(is_name(one, file.source(stream)) for one in file.inside(call, cst.Name)) > 1:
                raise NoFix
            returned = file.source(call)
            at = file.start(stream) - file.start(call)
            rest = returned[at + len(file.source(stream)) :]
            text = f"return {returned[:at]}{opened}{rest}"
            file.write(file.start(block), file.end(block.body.body[0]), text)
            return "Let the response close it"
        called = file.value_of(stream)
        if not isinstance(called, cst.Call):
            raise NoFix
        name = file.meaning(called.func)
        if name == "io.StringIO":
            make = file.name("io.BytesIO", file.function(call))
            text = f"{file.source(stream)}.getvalue()"
            if called is stream and len(called.args) == 1 and called.args[0].keyword is None:
                text = file.source(called.args[0])
            file.replace(stream, f"{make}({text}.encode())")
            return "Encode the text"
        if called is not stream or name not in _OPEN:
            raise NoFix
        file.replace(called, _opened_for_bytes(called, file))
        if all(argument(call, one, _ORDER) is None for one in ("mimetype", "download_name")):
            path = string_value(called.args[0].value)
            if not path or not path.isprintable() or not _UNQUOTABLE.isdisjoint(path):
                raise NoFix
            name = f"{file.quote}{posixpath.basename(path)}{file.quote}"
            file.add_argument(call, f"download_name={name}")
        return "Open it for bytes"


def _with_alone(call: cst.Call, file: FileEditor) -> cst.With | None:
    """Give the `with` that does nothing but open a file and return it; None if there is none."""
    blocks = [one for one in file.above(call) if isinstance(one, cst.With)]
    if not blocks:
        return None
    [block, *others] = blocks
    returned = file.around(call, cst.BaseSmallStatement)
    lines = block.body.body
    if others or len(block.items) != 1 or len(lines) != 1 or not isinstance(returned, cst.Return):
        raise NoFix
    if returned.value is not call:
        raise NoFix
    return block


def _opened_for_bytes(opened: cst.BaseExpression, file: FileEditor) -> str:
    """Write what opens a stream, for bytes where that was for text."""
    if not isinstance(opened, cst.Call):
        raise NoFix
    if file.meaning(opened.func) not in _OPEN or not _is_text(opened):
        return file.source(opened)
    path, *others = opened.args
    if path.keyword is not None or len(others) > 1:
        raise NoFix
    if others and not (others[0].keyword is None or others[0].keyword.value == "mode"):
        raise NoFix
    return f"{file.text[file.start(opened) : file.end(path)]}, {file.quote}rb{file.quote})"


def _is_text(made: cst.Call) -> bool:
    if any(arg.star for arg in made.args):
        return False
    mode = argument(made, "mode", ("file", "mode"))
    text = "r" if mode is None else string_value(mode)
    return text is not None and "b" not in text
