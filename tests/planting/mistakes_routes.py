"""Mistakes with routes, endpoints and class views: FLG1xx."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import libcst as cst
from places import (
    Change,
    Source,
    Template,
    View,
    body,
    code_with_first,
    decorator_name,
    dotted,
    keyword,
    literal,
    plants,
    plants_in_template,
    quoted,
    route_call,
    variables,
    with_args,
    with_value,
    without,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_GUARD = re.compile(r"(login|auth|key|token|admin|permission|role|fresh)\w*_?required|login|guard")


def _methods(view: View) -> list[tuple[cst.Call, cst.Arg, list[str]]]:
    """List the only `methods=` of a view with one route, with the methods as a literal."""
    if len(view.routes) != 1:
        return []
    arg = keyword(view.routes[0], "methods")
    if arg is None or not isinstance(arg.value, cst.List | cst.Tuple):
        return []
    texts = [literal(one.value) for one in arg.value.elements]
    if None in texts:
        return []
    return [(view.routes[0], arg, [text for text in texts if text])]


def _compared_methods(source: Source, function: cst.FunctionDef) -> dict[str, cst.Comparison]:
    found = {}
    for test in source.within(function.body, cst.Comparison):
        is_equal = isinstance(test.comparisons[0].operator, cst.Equal)
        text = literal(test.comparisons[0].comparator)
        if dotted(test.left).endswith("request.method") and is_equal and text:
            found[text] = test
    return found


@plants("FLG101")
def methods_dropped(source: Source) -> Iterator[Change]:
    for view in source.views:
        for call, arg, methods in _methods(view):
            tested = _compared_methods(source, view.function).keys()
            if tested & (set(methods) - {"GET", "HEAD", "OPTIONS"}):
                yield source.changed((call, without(call, arg)), at=view.function)


@plants("FLG101")
def tested_method_removed(source: Source) -> Iterator[Change]:
    for view in source.views:
        for call, arg, methods in _methods(view):
            for method in _compared_methods(source, view.function):
                left = [one for one in methods if one != method]
                if method in methods and method not in {"HEAD", "OPTIONS"} and left:
                    if method == "GET" and "HEAD" in left:
                        continue
                    yield source.changed(
                        (call, with_value(call, arg, repr(left))), at=view.function
                    )


@plants("FLG102")
def body_read_behind_get(source: Source) -> Iterator[Change]:
    for view in source.views:
        texts = {dotted(node) for node in source.within(view.function.body, cst.Attribute)}
        if not texts & {"request.form", "request.json", "request.get_json", "request.files"}:
            continue
        if any(text.endswith("request.method") for text in texts) or len(view.routes) != 1:
            continue
        call = view.routes[0]
        assert isinstance(call.func, cst.Attribute)
        if call.func.attr.value in {"post", "put", "patch"}:
            get = call.func.with_changes(attr=cst.Name("get"))
            yield source.changed((call, call.with_changes(func=get)), at=view.function)
        for _, arg, methods in _methods(view):
            if "GET" not in methods:
                yield source.changed((call, without(call, arg)), at=view.function)


@plants("FLG103")
def guard_above_route(source: Source) -> Iterator[Change]:
    for view in source.views:
        decorators = list(view.function.decorators)
        is_guard = _GUARD.fullmatch(decorator_name(decorators[-1]))
        if is_guard and route_call(decorators[-1].decorator) is None:
            moved = view.function.with_changes(decorators=[decorators[-1], *decorators[:-1]])
            yield source.changed((view.function, moved))


def _url_for(source: Source) -> Iterator[tuple[cst.Call, str]]:
    for call in source.nodes(cst.Call):
        if dotted(call.func) in {"url_for", "flask.url_for"} and call.args:
            endpoint = literal(call.args[0].value)
            if endpoint and not endpoint.startswith("/"):
                yield call, endpoint


@plants("FLG104")
def endpoint_renamed_in_url_for(source: Source) -> Iterator[Change]:
    for call, endpoint in _url_for(source):
        yield source.changed((call, with_value(call, call.args[0], repr(endpoint + "_renamed"))))


@plants("FLG104")
def view_renamed(source: Source) -> Iterator[Change]:
    used = {
        endpoint.rsplit(".", 1)[-1]
        for other in source.project.sources
        for _, endpoint in _url_for(other)
    }
    for view in source.views:
        name = view.function.name
        if name.value in used and len(source.project.views[name.value]) == 1:
            if not any(keyword(call, "endpoint") for call in view.routes):
                yield source.changed((name, cst.Name(f"{name.value}_renamed")), elsewhere=True)


@plants_in_template("FLG104")
def endpoint_renamed_in_template(template: Template) -> Iterator[Change]:
    for match in re.finditer(r"""\{\{[^{}]*?\burl_for\(\s*(['"])([\w.]+)\1""", template.text):
        yield template.replaced(match.end(2), match.end(2), "_renamed")


@plants("FLG105")
def value_dropped_from_url_for(source: Source) -> Iterator[Change]:
    for call, endpoint in _url_for(source):
        needed = source.project.variables(endpoint)
        if endpoint == "static":
            needed = {"filename"}
        for arg in call.args:
            if arg.keyword and arg.keyword.value in needed:
                yield source.changed((call, without(call, arg)))


@plants_in_template("FLG105")
def value_dropped_in_template(template: Template) -> Iterator[Change]:
    call = r"""\burl_for\(\s*(['"])([\w.]+)\1(\s*,\s*(\w+)\s*=[^,(){}]+)\)"""
    for match in re.finditer(call, template.text):
        if match[4] in template.project.variables(match[2]) or match[2] == "static":
            yield template.replaced(match.start(3), match.end(3), "")


def _copied(view: View, **changes: object) -> cst.FlattenSentinel[cst.CSTNode]:
    copied = view.function.with_changes(
        leading_lines=[cst.EmptyLine(), cst.EmptyLine()], **changes
    ).deep_clone()
    return cst.FlattenSentinel([view.function, copied])


def _one_simple_route(view: View) -> cst.Call | None:
    """Give the only route of a view if it has neither variables nor options but methods."""
    if len(view.routes) != 1 or not view.rules or view.rules[0] in {"", "/"}:
        return None
    named = {arg.keyword.value for arg in view.routes[0].args if arg.keyword}
    return view.routes[0] if named <= {"methods"} else None


@plants("FLG106")
def view_copied_with_other_url(source: Source) -> Iterator[Change]:
    for view in source.views:
        call = _one_simple_route(view)
        if call is not None:
            other = with_args(
                call,
                [call.args[0].with_changes(value=quoted("/copy" + view.rules[0])), *call.args[1:]],
            )
            decorators = [
                one.with_changes(decorator=other) if one.decorator is call else one
                for one in view.function.decorators
            ]
            yield source.changed(
                (view.function, _copied(view, decorators=decorators)), elsewhere=True
            )


@plants("FLG107")
def view_copied_with_other_name(source: Source) -> Iterator[Change]:
    for view in source.views:
        if _one_simple_route(view) is not None:
            name = cst.Name(f"{view.function.name.value}_again")
            yield source.changed((view.function, _copied(view, name=name)), elsewhere=True)


def _names(function: cst.FunctionDef) -> list[cst.Param]:
    return list(function.params.params)


@plants("FLG108")
def variable_renamed_in_rule(source: Source) -> Iterator[Change]:
    for view in source.views:
        if view.function.params.star_kwarg is not None:
            continue
        for call, rule in zip(view.routes, view.rules, strict=False):
            for name in sorted(variables(rule) & {one.name.value for one in _names(view.function)}):
                renamed = re.sub(rf"\b{name}>", f"{name}_renamed>", rule)
                new = with_args(
                    call, [call.args[0].with_changes(value=quoted(renamed)), *call.args[1:]]
                )
                yield source.changed((call, new), at=view.function)


@plants("FLG108")
def parameter_dropped(source: Source) -> Iterator[Change]:
    for view in source.views:
        if view.function.params.star_kwarg is not None:
            continue
        given = set().union(*map(variables, view.rules))
        for param in _names(view.function):
            if param.name.value in given:
                left = [one for one in _names(view.function) if one is not param]
                params = view.function.params.with_changes(
                    params=[one.with_changes(comma=cst.MaybeSentinel.DEFAULT) for one in left]
                )
                yield source.changed((view.function.params, params), at=view.function)


@plants("FLG109")
def route_without_parentheses(source: Source) -> Iterator[Change]:
    for view in source.views:
        if len(view.routes) == 1:
            yield source.changed((view.routes[0], view.routes[0].func), at=view.function)


@plants("FLG110")
def view_moved_below_run(source: Source) -> Iterator[Change]:
    top = body(source.module)
    for view in source.views:
        if view.function not in top or view.function is top[-1]:
            continue
        if isinstance(top[-1], cst.If) and "__main__" in source.code(top[-1].test):
            ran = [
                call for call in source.within(top[-1], cst.Call) if dotted(call.func) == "app.run"
            ]
            owner = view.routes[0].func
            if ran and isinstance(owner, cst.Attribute) and dotted(owner.value) == "app":
                moved = cst.FlattenSentinel([top[-1], view.function.deep_clone()])
                swaps = ((view.function, cst.RemoveFromParent()), (top[-1], moved))
                yield source.changed(*swaps, elsewhere=True)


@plants("FLG111")
def wraps_dropped(source: Source) -> Iterator[Change]:
    used: dict[str, int] = {}
    for other in source.project.sources:
        for view in other.views:
            for one in view.function.decorators[1:]:
                name = decorator_name(one)
                used[name] = used.get(name, 0) + 1
    for function in source.nodes(cst.FunctionDef):
        outer = source.function_around(function)
        while outer is not None and outer.name.value not in used:
            outer = source.function_around(outer)
        for one in function.decorators:
            if outer is not None and decorator_name(one) == "wraps" and used[outer.name.value] > 1:
                yield source.changed(
                    (one, cst.RemoveFromParent()), elsewhere=True, instead="FLG106"
                )


@plants("FLG112")
def method_misspelled(source: Source) -> Iterator[Change]:
    for view in source.views:
        for call, arg, methods in _methods(view):
            if "POST" in methods:
                wrong = [one if one != "POST" else "PSOT" for one in methods]
                yield source.changed((call, with_value(call, arg, repr(wrong))), at=view.function)


@plants("FLG113")
def method_in_small_letters(source: Source) -> Iterator[Change]:
    for view in source.views:
        for method, test in _compared_methods(source, view.function).items():
            text = test.comparisons[0].comparator
            yield source.changed((text, quoted(method.lower())))


@plants("FLG114")
def variable_in_braces(source: Source) -> Iterator[Change]:
    for view, call, rule in _with_variables(source):
        yield _with_rule(source, view, call, re.sub(r"<(?:[^<>]*:)?(\w+)>", r"{\1}", rule))


def _with_variables(source: Source) -> Iterator[tuple[View, cst.Call, str]]:
    for view in source.views:
        for call, rule in zip(view.routes, view.rules, strict=False):
            if variables(rule):
                yield view, call, rule


def _with_rule(source: Source, view: View, call: cst.Call, rule: str) -> Change:
    new = call.args[0].with_changes(value=quoted(rule))
    return source.changed((call, with_args(call, [new, *call.args[1:]])), at=view.function)


def _as_view(source: Source) -> Iterator[cst.Call]:
    for call in source.nodes(cst.Call):
        if isinstance(call.func, cst.Attribute) and call.func.attr.value == "as_view":
            yield call


@plants("FLG115")
def as_view_dropped(source: Source) -> Iterator[Change]:
    for call in _as_view(source):
        above = source.around(call, cst.Call)
        assert isinstance(call.func, cst.Attribute)
        if above is not None and dotted(above.func).endswith(".add_url_rule"):
            yield source.changed((call, call.func.value), at=above)


@plants("FLG115")
def name_of_class_view_dropped(source: Source) -> Iterator[Change]:
    for call in _as_view(source):
        if call.args and literal(call.args[0].value):
            yield source.changed((call, with_args(call, call.args[1:])))


@plants("FLG116")
def view_made_a_method(source: Source) -> Iterator[Change]:
    for view in source.views:
        if view.function not in body(source.module):
            continue
        itself = cst.Param(cst.Name("self"))
        params = view.function.params.with_changes(params=[itself, *view.function.params.params])
        method = view.function.with_changes(params=params, leading_lines=[])
        planted = cst.ClassDef(
            cst.Name("Planted"), cst.IndentedBlock([method]), leading_lines=[cst.EmptyLine()]
        )
        yield source.changed((view.function, planted))


@plants("FLG117")
def hook_added_in_view(source: Source) -> Iterator[Change]:
    for view in source.views:
        owner = view.routes[0].func
        if isinstance(owner, cst.Attribute) and isinstance(owner.value, cst.Name):
            if "app" not in owner.value.value:
                continue
            added = f"{owner.value.value}.before_request(print)\n"
            yield source.changed((view.function, code_with_first(view.function, added)))


@plants("FLG118")
def path_in_place_of_endpoint(source: Source) -> Iterator[Change]:
    for call, endpoint in _url_for(source):
        path = "/" + endpoint.strip(".").replace(".", "/")
        yield source.changed((call, with_value(call, call.args[0], repr(path))))


@plants("FLG118")
def value_without_its_name(source: Source) -> Iterator[Change]:
    for call, _ in _url_for(source):
        if (
            len(call.args) > 1
            and call.args[1].keyword
            and not call.args[1].keyword.value.startswith("_")
        ):
            plain = cst.Arg(call.args[1].value)
            yield source.changed((call, with_args(call, [call.args[0], plain, *call.args[2:]])))


@plants("FLG119")
def methods_as_text(source: Source) -> Iterator[Change]:
    for view in source.views:
        for call, arg, methods in _methods(view):
            if len(methods) == 1:
                yield source.changed(
                    (call, with_value(call, arg, repr(methods[0]))), at=view.function
                )


@plants("FLG120")
def converter_misspelled(source: Source) -> Iterator[Change]:
    for view, call, rule in _with_variables(source):
        for kind in ("int", "path", "string"):
            if f"<{kind}:" in rule:
                wrong = rule.replace(f"<{kind}:", f"<{kind}eger:", 1)
                yield _with_rule(source, view, call, wrong)


@plants("FLG121")
def bracket_dropped(source: Source) -> Iterator[Change]:
    for view, call, rule in _with_variables(source):
        yield _with_rule(source, view, call, rule[::-1].replace(">", "", 1)[::-1])


@plants("FLG122")
def slash_dropped_from_prefix(source: Source) -> Iterator[Change]:
    for call in source.nodes(cst.Call):
        arg = keyword(call, "url_prefix")
        prefix = literal(arg.value) if arg is not None else None
        name = dotted(call.func)
        # A prefix is joined to that of an outer blueprint whether it has a slash or not.
        is_one = name.endswith(("app.register_blueprint", "Blueprint"))
        if arg is not None and is_one and prefix and re.match(r"/\w", prefix):
            yield source.changed((call, with_value(call, arg, repr(prefix[1:]))), elsewhere=True)


@plants("FLG123")
def else_made_a_test_for_get(source: Source) -> Iterator[Change]:
    for view in source.views:
        for _, _, methods in _methods(view):
            for branch in body(view.function):
                if not isinstance(branch, cst.If) or not isinstance(branch.orelse, cst.Else):
                    continue
                is_post = re.fullmatch(
                    r"(\w+\.)?request\.method == .POST.", source.code(branch.test)
                )
                if is_post and sorted(methods) == ["GET", "POST"]:
                    test = source.code(branch.test).replace("POST", "GET")
                    new = cst.If(cst.parse_expression(test), branch.orelse.body)
                    yield source.changed((branch.orelse, new), at=view.function)


@plants("FLG124")
def decorator_put_on_class_view(source: Source) -> Iterator[Change]:
    for made in source.nodes(cst.ClassDef):
        for statement in body(made):
            code = source.code(statement).strip()
            found = re.fullmatch(r"decorators = \[(\w+)\]", code)
            if found and not made.decorators:
                left = [one for one in body(made) if one is not statement]
                new = made.with_changes(
                    decorators=[cst.Decorator(cst.Name(found[1]))],
                    body=made.body.with_changes(body=left or [cst.parse_statement("pass\n")]),
                )
                yield source.changed((made, new))
