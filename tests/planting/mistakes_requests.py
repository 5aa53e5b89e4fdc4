"""Mistakes with contexts, requests, answers and hooks: FLG2xx, FLG3xx and FLG4xx."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import libcst as cst
from places import (
    Change,
    Source,
    View,
    code_with_first,
    dotted,
    hooks,
    index,
    keyword,
    last_return,
    literal,
    only_expression,
    plants,
    replaced,
    with_args,
    with_keyword,
    with_value,
    without,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAKERS = frozenset({"redirect", "render_template", "jsonify"})
_MAPPINGS = frozenset({"request.args", "request.form", "request.values"})


# Contexts


def _flask_names(source: Source) -> set[str]:
    """Give the names that the top level of a file has imported from Flask as they are."""
    found = set()
    for statement in source.nodes(cst.ImportFrom):
        is_top = source.function_around(statement) is None
        if is_top and statement.module is not None and dotted(statement.module) == "flask":
            if isinstance(statement.names, cst.ImportStar):
                continue
            found |= {dotted(one.name) for one in statement.names if one.asname is None}
    return found


def _touches(source: Source) -> Iterator[str]:
    """Yield what functions read from a proxy, without anything else that belongs to a function."""
    proxies = {"current_app", "g", "request", "session"} & _flask_names(source)
    nodes: list[cst.Attribute | cst.Subscript] = [
        *source.nodes(cst.Attribute),
        *source.nodes(cst.Subscript),
    ]
    for node in nodes:
        if dotted(node.value).split(".")[0] not in proxies:
            continue
        is_plain = isinstance(node, cst.Attribute) or literal(index(node)) is not None
        if is_plain and source.function_around(node) is not None:
            yield source.code(node)


@plants("FLG201")
def proxy_touched_at_top_level(source: Source) -> Iterator[Change]:
    for touch in sorted(set(_touches(source))):
        yield source.appended(f"PLANTED = {touch}\n")


@plants("FLG202")
def function_called_at_top_level(source: Source) -> Iterator[Change]:
    names = _flask_names(source) & {"url_for", "jsonify", "flash", "render_template"}
    for call in source.nodes(cst.Call):
        arguments = [literal(arg.value) is not None for arg in call.args]
        if dotted(call.func) in names and arguments and all(arguments):
            if source.function_around(call) is not None:
                yield source.appended(f"PLANTED = {source.code(call)}\n")


def _with_touch(source: Source) -> Iterator[tuple[View, str]]:
    if "request" in _flask_names(source):
        for view in source.views:
            yield view, "request.path"
    if "current_app" in _flask_names(source):
        for view in source.views:
            yield view, "current_app.name"


@plants("FLG203")
def work_moved_to_a_thread(source: Source) -> Iterator[Change]:
    for view, touch in _with_touch(source):
        work = f"def planted():\n    print({touch})\n"
        start = "threading.Thread(target=planted).start()\n"
        new = code_with_first(view.function, "import threading\n", work, start)
        yield source.changed((view.function, new))


@plants("FLG204")
def answer_streamed(source: Source) -> Iterator[Change]:
    for view, touch in _with_touch(source):
        end = last_return(view.function)
        if end is not None:
            new = code_with_first(
                replaced(
                    view.function,
                    end,
                    end.with_changes(value=cst.parse_expression("flask.Response(planted())")),
                ),
                "import flask\n",
                f"def planted():\n    yield {touch}\n",
            )
            yield source.changed((view.function, new))


@plants("FLG205")
def proxy_compared_by_identity(source: Source) -> Iterator[Change]:
    for statement in source.nodes(cst.If):
        if dotted(statement.test) in {"g.user", "current_user"}:
            test = cst.parse_expression(f"{dotted(statement.test)} is not None")
            yield source.changed((statement.test, test))


@plants("FLG206")
def variable_made_global(source: Source) -> Iterator[Change]:
    for view in source.views:
        for made in source.within(view.function.body, cst.Assign):
            target = made.targets[0].target
            if isinstance(target, cst.Name) and len(made.targets) == 1:
                new = code_with_first(view.function, f"global {target.value}\n")
                added = cst.parse_statement(f"{target.value} = None\n")
                both = cst.FlattenSentinel([added, new])
                yield source.changed((view.function, both), at=made)
                break


@plants("FLG207")
def list_in_session_changed_in_place(source: Source) -> Iterator[Change]:
    for made in source.nodes(cst.Assign):
        target = made.targets[0].target
        if isinstance(target, cst.Subscript) and dotted(target.value) == "session":
            new = cst.parse_expression(f"{source.code(target)}.append(1)")
            if source.function_around(made) is not None:
                yield source.changed((made, cst.Expr(new)))


@plants("FLG208")
def proxy_given_to_a_thread(source: Source) -> Iterator[Change]:
    for view, touch in _with_touch(source):
        proxy = touch.split(".")[0]
        start = f"threading.Thread(target=print, args=({proxy},)).start()\n"
        new = code_with_first(view.function, "import threading\n", start)
        yield source.changed((view.function, new))


# Answers


def _made_by(source: Source, view: View) -> Iterator[tuple[cst.Return, cst.Call]]:
    for end in source.within(view.function.body, cst.Return):
        call = end.value
        if isinstance(call, cst.Call) and dotted(call.func).rsplit(".", 1)[-1] in _MAKERS:
            yield end, call


@plants("FLG301")
def return_dropped(source: Source) -> Iterator[Change]:
    for view in source.views:
        for end, call in _made_by(source, view):
            yield source.changed((end, cst.Expr(call)))


@plants("FLG302")
def number_returned(source: Source) -> Iterator[Change]:
    for view in source.views:
        end = last_return(view.function)
        if end is not None and end.value is not None:
            yield source.changed((end.value, cst.Integer("1")))


def _with_status(source: Source) -> Iterator[tuple[cst.FunctionDef, cst.Tuple]]:
    for end in source.nodes(cst.Return):
        around = source.function_around(end)
        if isinstance(end.value, cst.Tuple) and len(end.value.elements) == 2 and around:
            status = end.value.elements[1].value
            if isinstance(status, cst.Integer):
                yield around, end.value


@plants("FLG303")
def status_moved_into_call(source: Source) -> Iterator[Change]:
    for _, pair in _with_status(source):
        made, status = (one.value for one in pair.elements)
        if isinstance(made, cst.Call) and dotted(made.func) in {"jsonify", "render_template"}:
            plain = [arg for arg in made.args if not arg.keyword and arg.star != "**"]
            named = [arg for arg in made.args if arg not in plain]
            yield source.changed((pair, with_args(made, [*plain, cst.Arg(status), *named])))


@plants("FLG304")
def text_of_json_returned(source: Source) -> Iterator[Change]:
    for view in source.views:
        for _, call in _made_by(source, view):
            is_plain = len(call.args) == 1 and not call.args[0].keyword and not call.args[0].star
            if dotted(call.func) == "jsonify" and is_plain:
                dumped = call.with_changes(func=cst.parse_expression("json.dumps"))
                new = code_with_first(replaced(view.function, call, dumped), "import json\n")
                yield source.changed((view.function, new))


@plants("FLG305")
def last_return_made_a_variable(source: Source) -> Iterator[Change]:
    for view in source.views:
        end = last_return(view.function)
        if end is not None and end.value is not None:
            target = cst.AssignTarget(cst.Name("planted"))
            yield source.changed((end, cst.Assign([target], end.value)), at=view.function)


@plants("FLG306")
def answer_swapped(source: Source) -> Iterator[Change]:
    of_views = {id(view.function) for view in source.views}
    for function, pair in _with_status(source):
        if id(function) in of_views:
            first, second = (one.value for one in pair.elements)
            new = cst.Tuple(
                [cst.Element(second), cst.Element(first)], lpar=pair.lpar, rpar=pair.rpar
            )
            yield source.changed((pair, new))


@plants("FLG307")
def abort_with_text(source: Source) -> Iterator[Change]:
    for call in _aborts(source):
        yield source.changed((call, with_value(call, call.args[0], '"not found"')))


def _aborts(source: Source) -> Iterator[cst.Call]:
    names = {"flask.abort", *(_flask_names(source) & {"abort"})}
    for call in source.nodes(cst.Call):
        if dotted(call.func) in names and len(call.args) == 1:
            if isinstance(call.args[0].value, cst.Integer):
                yield call


@plants("FLG308")
def text_stream_sent(source: Source) -> Iterator[Change]:
    for call in source.nodes(cst.Call):
        if dotted(call.func) in {"send_file", "flask.send_file"} and call.args:
            function = source.function_around(call)
            if function is not None and not call.args[0].keyword and not call.args[0].star:
                stream = with_value(call, call.args[0], 'io.StringIO("text")')
                new = code_with_first(replaced(function, call, stream), "import io\n")
                yield source.changed((function, new))


def _gets(source: Source) -> Iterator[cst.Call]:
    for call in source.nodes(cst.Call):
        if isinstance(call.func, cst.Attribute) and call.func.attr.value == "get":
            if dotted(call.func.value) in _MAPPINGS:
                yield call


@plants("FLG309")
def type_made_bool(source: Source) -> Iterator[Change]:
    for call in _gets(source):
        kind = keyword(call, "type")
        if kind is not None:
            yield source.changed((call, with_value(call, kind, "bool")))
        elif len(call.args) == 1:
            yield source.changed((call, with_keyword(call, "type", "bool")))


@plants("FLG310")
def data_of_request_called(source: Source) -> Iterator[Change]:
    if "request" not in _flask_names(source):
        return
    for node in source.nodes(cst.Attribute):
        if dotted(node) in {"request.json", "request.form"}:
            yield source.changed((node, cst.Call(node)))


@plants("FLG310")
def get_json_not_called(source: Source) -> Iterator[Change]:
    for call in source.nodes(cst.Call):
        above = source.parent(call)
        if dotted(call.func) == "request.get_json" and not isinstance(above, cst.Await):
            yield source.changed((call, call.func), at=source.function_around(call))


@plants("FLG311")
def type_dropped(source: Source) -> Iterator[Change]:
    for call in _gets(source):
        kind = keyword(call, "type")
        if kind and dotted(kind.value) == "int" and len(call.args) == 3:
            yield source.changed((call, without(call, kind)), at=source.function_around(call))


@plants("FLG312")
def sides_of_assignment_swapped(source: Source) -> Iterator[Change]:
    for made in source.nodes(cst.Assign):
        value, target = made.value, made.targets[0].target
        if isinstance(value, cst.Subscript) and isinstance(target, cst.Name):
            if dotted(value.value) in _MAPPINGS:
                new = cst.Assign([cst.AssignTarget(value)], target)
                yield source.changed((made, new))


@plants("FLG313")
def attribute_of_other_framework(source: Source) -> Iterator[Change]:
    if "request" not in _flask_names(source):
        return
    others = {"request.form": "request.POST", "request.args": "request.GET"}
    for node in source.nodes(cst.Attribute):
        if dotted(node) in others:
            yield source.changed((node, cst.parse_expression(others[dotted(node)])))


@plants("FLG314")
def header_subscripted(source: Source) -> Iterator[Change]:
    for call in source.nodes(cst.Call):
        if dotted(call.func) == "request.headers.get" and len(call.args) == 1:
            new = cst.parse_expression(f"request.headers[{source.code(call.args[0])}]")
            function = source.function_around(call)
            if function is not None and any(view.function is function for view in source.views):
                yield source.changed((call, new))


# Hooks and error handlers


@plants("FLG401")
def status_dropped(source: Source) -> Iterator[Change]:
    for function, _ in hooks(source, "errorhandler", "app_errorhandler"):
        pairs = [pair for around, pair in _with_status(source) if around is function]
        if len(pairs) == 1 and len(source.within(function.body, cst.Return)) == 1:
            yield source.changed((pairs[0], pairs[0].elements[0].value), at=function)


@plants("FLG402")
def response_not_returned(source: Source) -> Iterator[Change]:
    for function, _ in hooks(source, "after_request", "after_app_request"):
        end = last_return(function)
        if end is not None:
            yield source.changed((end, cst.Pass()), at=function)


@plants("FLG403")
def parameter_dropped_from_hook(source: Source) -> Iterator[Change]:
    names = ("after_request", "after_app_request", "teardown_request", "teardown_appcontext")
    for function, _ in hooks(source, *names, "errorhandler", "app_errorhandler"):
        params = function.params
        if len(params.params) == 1 and params.star_kwarg is None and not params.kwonly_params:
            if isinstance(params.star_arg, cst.MaybeSentinel):
                yield source.changed((params, params.with_changes(params=[])), at=function)


@plants("FLG403")
def parameter_added_to_hook(source: Source) -> Iterator[Change]:
    for function, _ in hooks(source, "before_request", "before_app_request", "context_processor"):
        if not function.params.params:
            added = function.params.with_changes(params=[cst.Param(cst.Name("planted"))])
            yield source.changed((function.params, added), at=function)


@plants("FLG404")
def abort_caught(source: Source) -> Iterator[Change]:
    for call in _aborts(source):
        statement = source.around(call, cst.SimpleStatementLine)
        function = source.function_around(call)
        is_view = any(view.function is function for view in source.views)
        if statement is not None and is_view and only_expression(statement) is call:
            tried = (
                f"try:\n    {source.code(call)}\n"
                'except Exception:\n    return "something went wrong", 500\n'
            )
            yield source.changed((statement, cst.parse_statement(tried)))


@plants("FLG405")
def handler_for_all_exceptions(source: Source) -> Iterator[Change]:
    for function, decorator in hooks(source, "errorhandler", "app_errorhandler"):
        call = decorator.decorator
        pairs = [pair for around, pair in _with_status(source) if around is function]
        if isinstance(call, cst.Call) and len(pairs) == 1 and len(call.args) == 1:
            if len(source.within(function.body, cst.Return)) == 1:
                new = with_value(call, call.args[0], "Exception")
                yield source.changed((call, new), at=function)


@plants("FLG406")
def hook_returns_true(source: Source) -> Iterator[Change]:
    for function, _ in hooks(source, "before_request", "before_app_request"):
        for end in source.within(function.body, cst.Return):
            if end.value is not None:
                yield source.changed((end.value, cst.Name("True")))
        block = function.body
        if isinstance(block, cst.IndentedBlock):
            last = source.code(block.body[-1]).strip()
            if not re.match(r"(return|raise)\b", last):
                more = [*block.body, cst.parse_statement("return True\n")]
                yield source.changed((block, block.with_changes(body=more)), at=function)
