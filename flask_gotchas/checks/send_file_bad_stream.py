"""FLG308 send-file-bad-stream."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flask_gotchas.literals import argument, is_name, string_value
from flask_gotchas.rule import FileRule

if TYPE_CHECKING:
    from flask_gotchas.context import FileContext

_ORDER = ("path_or_file", "mimetype", "as_attachment", "download_name")
_OLD = frozenset({"add_etags", "attachment_filename", "cache_timeout", "filename_or_fp"})
_OPEN = frozenset({"builtins.open", "io.open"})
_CLOSED = _OPEN | {"io.BytesIO", "tempfile.TemporaryFile"}


class SendFileBadStream(FileRule):
    """`send_file` gets text, an unnamed stream, or a file that is closed before it is sent."""

    code = "FLG308"
    name = "send-file-bad-stream"
    message = "`send_file()` gets {what}, so it raises {error}"
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

    def leave_With(self, original_node: cst.With) -> None:  # noqa: ARG002
        self._with.pop()

    def visit_Return(self, node: cst.Return) -> None:
        if self._with:
            self._returned.add(id(node.value))

    def visit_called(self, node: cst.Call, target: str) -> None:  # noqa: ARG002
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


def _is_text(made: cst.Call) -> bool:
    if any(arg.star for arg in made.args):
        return False
    mode = argument(made, "mode", ("file", "mode"))
    text = "r" if mode is None else string_value(mode)
    return text is not None and "b" not in text
