"""What Python code says about other URLs and about templates: by their names."""

from __future__ import annotations

from typing import Any

import libcst as cst

from flask_gotchas.facts.collector import Collector
from flask_gotchas.facts.expressions import Opaque, expression
from flask_gotchas.facts.flask_api import APP_CLASSES, BLUEPRINT_CLASSES
from flask_gotchas.facts.model import Guard, TemplateFolderFact, TemplateUseFact, UrlForFact
from flask_gotchas.literals import dotted_name, is_name, string_value

# By their meanings.
_URL_BUILDERS = frozenset({"flask.url_for", "flask.Flask().url_for", "flask.current_app.url_for"})
# Functions whose first argument is the name of a template.
_RENDERING = frozenset(
    {"flask.get_template_attribute", "flask.render_template", "flask.stream_template"}
)
# The positions of `template_folder` among the arguments.
_FOLDER = {**dict.fromkeys(APP_CLASSES, 6), **dict.fromkeys(BLUEPRINT_CLASSES, 4)}
# By what a program decides itself where templates come from, or how they are written.
_LOADING = frozenset(
    {
        "block_start_string", "comment_start_string", "create_global_jinja_loader",
        "create_jinja_environment", "jinja_environment", "jinja_loader", "jinja_options",
        "line_statement_prefix", "overlay", "variable_start_string",
    }
)  # fmt: skip
_THEMES = frozenset({"flask_theme", "flask_themer", "flask_themes", "flask_themes2"})
# What catches a template that is missing.
_CATCHING = frozenset(
    {
        "builtins.BaseException", "builtins.Exception", "builtins.IOError", "builtins.LookupError",
        "builtins.OSError", "jinja2.TemplateError", "jinja2.TemplateNotFound",
        "jinja2.TemplatesNotFound", "jinja2.exceptions.TemplateError",
        "jinja2.exceptions.TemplateNotFound", "jinja2.exceptions.TemplatesNotFound",
    }
)  # fmt: skip

# What decides which templates escape by themselves.
_ESCAPING = frozenset({"autoescape", "select_jinja_autoescape"})


class LinkingCollector(Collector):
    """Writes down calls of `url_for()` and of the functions that render a template."""

    calls_named = frozenset(
        name.rpartition(".")[2] for name in (*_FOLDER, *_RENDERING, *_URL_BUILDERS)
    )

    def __init__(self, file: Any) -> None:
        super().__init__(file)
        self.url_fors: list[UrlForFact] = []
        self.template_uses: list[TemplateUseFact] = []
        self.template_folders: list[TemplateFolderFact] = []
        self.loads_templates = False
        self.sets_autoescape = False
        self._catching: list[bool] = []

    def facts(self) -> dict[str, Any]:
        return {
            "url_fors": tuple(self.url_fors),
            "template_uses": tuple(self.template_uses),
            "template_folders": tuple(self.template_folders),
            "loads_templates": self.loads_templates,
            "sets_autoescape": self.sets_autoescape,
        }

    def visit_named_call(self, node: cst.Call) -> None:
        reference = self.names.reference(node.func)
        if reference is None or self.file.guards & Guard.TYPING:
            return
        meaning = self.names.expand(reference)
        if reference in _RENDERING:
            self._template(node)
        elif meaning in _URL_BUILDERS:
            self._url_for(node)
        elif meaning in _FOLDER and node.args:
            self._template_folder(node, meaning)

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
                positional=sum(arg.keyword is None and not arg.star for arg in call.args),
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

    # -- where templates are

    def visit_Call(self, node: cst.Call) -> None:
        """Look at what other classes may take as an application or a blueprint takes it."""
        for arg in node.args:
            value = arg.value
            if (type(value) is cst.Name and value.value == "__name__") or (
                arg.keyword is not None and arg.keyword.value == "template_folder"
            ):
                break
        else:
            return
        func = node.func
        if type(func) is cst.Name or type(func) is cst.Attribute:
            meaning = self.names.meaning(func)
            if meaning not in _FOLDER and not self.file.guards & Guard.TYPING:
                self._template_folder(node, meaning)

    def _template_folder(self, call: cst.Call, made_by: str | None) -> None:
        position = _FOLDER.get(made_by or "")
        is_own = any(is_name(arg.value, "__name__") for arg in call.args)
        is_own = is_own and not (made_by or "").endswith("getLogger")
        folder = None
        for index, arg in enumerate(call.args):
            if arg.keyword is not None and arg.keyword.value == "template_folder":
                folder = expression(arg.value, self.names)
            elif arg.star and position is not None:
                folder = folder or Opaque("arguments are unpacked")
            elif arg.keyword is None and index == position:
                folder = expression(arg.value, self.names)
        if folder is not None or position is not None or is_own:
            anchor = self.file.anchor(call)
            self.template_folders.append(
                TemplateFolderFact(made_by, folder, is_own, self.file.runs, anchor)
            )

    def visit_Attribute(self, node: cst.Attribute) -> None:
        name = node.attr.value
        if name in _LOADING or (
            name == "loader"
            and isinstance(node.value, cst.Attribute)
            and node.value.attr.value == "jinja_env"
        ):
            self.loads_templates = True
        elif name in _ESCAPING:
            self.sets_autoescape = True

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        self.loads_templates |= node.name.value in _LOADING
        self.sets_autoescape |= node.name.value in _ESCAPING

    def visit_AssignTarget(self, node: cst.AssignTarget) -> None:
        if isinstance(node.target, cst.Name):
            self.loads_templates |= node.target.value in _LOADING

    def visit_Import(self, node: cst.Import) -> None:
        for alias in node.names:
            self.loads_templates |= dotted_name(alias.name).partition(".")[0] in _THEMES

    def visit_ImportFrom(self, node: cst.ImportFrom) -> None:
        module = self.names.absolute(node) or ""
        self.loads_templates |= module.partition(".")[0] in _THEMES

    # -- templates that are used

    def _names(self, node: cst.BaseExpression | None) -> tuple[str, ...]:
        """Give the name of a template, or those of a list; nothing when one is not known."""
        value = None if node is None else self.names.value_of(node)
        if type(value) is cst.List or type(value) is cst.Tuple:
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

    def leave_Try(self, original_node: cst.Try) -> None:
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
