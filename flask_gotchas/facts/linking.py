"""What Python code says about other URLs and about templates: by their names."""

from __future__ import annotations

from typing import Any

import libcst as cst

from flask_gotchas.facts.collector import Collector
from flask_gotchas.facts.model import Guard, TemplateUseFact, UrlForFact
from flask_gotchas.literals import string_value

# By their meanings.
_URL_BUILDERS = frozenset({"flask.url_for", "flask.Flask().url_for", "flask.current_app.url_for"})
# Functions whose first argument is the name of a template.
_RENDERING = frozenset(
    {"flask.get_template_attribute", "flask.render_template", "flask.stream_template"}
)
# What catches a template that is missing.
_CATCHING = frozenset(
    {
        "builtins.BaseException", "builtins.Exception", "builtins.IOError", "builtins.LookupError",
        "builtins.OSError", "jinja2.TemplateError", "jinja2.TemplateNotFound",
        "jinja2.TemplatesNotFound", "jinja2.exceptions.TemplateError",
        "jinja2.exceptions.TemplateNotFound", "jinja2.exceptions.TemplatesNotFound",
    }
)  # fmt: skip


class LinkingCollector(Collector):
    """Writes down calls of `url_for()` and of the functions that render a template."""

    def __init__(self, file: Any) -> None:
        super().__init__(file)
        self.url_fors: list[UrlForFact] = []
        self.template_uses: list[TemplateUseFact] = []
        self._catching: list[bool] = []

    def facts(self) -> dict[str, Any]:
        return {"url_fors": tuple(self.url_fors), "template_uses": tuple(self.template_uses)}

    def visit_Call(self, node: cst.Call) -> None:
        func = node.func
        if not isinstance(func, (cst.Name, cst.Attribute)) or self.file.guards & Guard.TYPING:
            return
        reference = self.names.reference(func)
        if reference is None:
            return
        if reference in _RENDERING:
            self._template(node)
        elif reference.endswith("url_for") and self.names.expand(reference) in _URL_BUILDERS:
            self._url_for(node)

    def _url_for(self, call: cst.Call) -> None:
        self.url_fors.append(
            UrlForFact(
                endpoint=self._text(_first(call, "endpoint")),
                keywords=tuple(
                    arg.keyword.value
                    for arg in call.args
                    if arg.keyword is not None and arg.keyword.value != "endpoint"
                ),
                unpacked=any(arg.star for arg in call.args),
                runs=self.file.runs,
                guards=self.file.guards,
                anchor=self.file.anchor(call),
            )
        )

    def _template(self, call: cst.Call) -> None:
        node = _first(call, "template_name_or_list", "template_name")
        names = self._names(node)
        if node is not None and names and not any(self._catching):
            self.template_uses.append(
                TemplateUseFact(names, self.file.runs, self.file.guards, self.file.anchor(node))
            )

    def _names(self, node: cst.BaseExpression | None) -> tuple[str, ...]:
        """Give the name of a template, or those of a list; nothing when one is not known."""
        value = None if node is None else self.names.value_of(node)
        if isinstance(value, (cst.List, cst.Tuple)):
            listed = [self._text(element.value) for element in value.elements]
            names = tuple(name for name in listed if name is not None)
            return names if len(names) == len(listed) else ()
        text = string_value(value)
        return () if text is None else (text,)

    def _text(self, node: cst.BaseExpression | None) -> str | None:
        return None if node is None else string_value(self.names.value_of(node))

    # -- where a template may be missing

    def visit_Try(self, node: cst.Try) -> None:
        self._catching.append(any(self._catches(handler.type) for handler in node.handlers))

    def leave_Try(self, original_node: cst.Try) -> None:  # noqa: ARG002
        self._catching.pop()

    def _catches(self, node: cst.BaseExpression | None) -> bool:
        if isinstance(node, cst.Tuple):
            return any(self._catches(element.value) for element in node.elements)
        return node is None or self.names.reference(node) in _CATCHING


def _first(call: cst.Call, *names: str) -> cst.BaseExpression | None:
    """Give the first argument of a call, by position or name; None if it is unpacked."""
    for arg in call.args:
        if arg.star:
            return None
        if arg.keyword is None or arg.keyword.value in names:
            return arg.value
    return None
