"""Mistakes with set-up, settings, versions, templates and databases: FLG5xx to FLG9xx."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import libcst as cst
from places import (
    Change,
    Source,
    Template,
    body,
    dotted,
    hooks,
    index,
    keyword,
    last_return,
    literal,
    only_expression,
    plants,
    plants_in_template,
    quoted,
    with_keyword,
    with_value,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_FLASK_OWN = re.compile(
    "SECRET_KEY|DEBUG|TESTING|SERVER_NAME|MAX_CONTENT_LENGTH|PERMANENT_SESSION_LIFETIME"
    "|SESSION_COOKIE_[A-Z]+|SQLALCHEMY_DATABASE_URI|WTF_CSRF_ENABLED"
)
_FORM = re.compile(r"<form\b.*?</form>", re.DOTALL | re.IGNORECASE)


# Applications and blueprints


def _registrations(source: Source) -> Iterator[tuple[cst.SimpleStatementLine, cst.Call, str]]:
    """Yield the statements that do nothing but register a blueprint of a name."""
    for statement in source.nodes(cst.SimpleStatementLine):
        call = only_expression(statement)
        if isinstance(call, cst.Call) and dotted(call.func).endswith(".register_blueprint"):
            if len(call.args) == 0:
                continue
            name = dotted(call.args[0].value)
            if name and source.around(statement, cst.For) is None:
                yield statement, call, name


def _followed_by(statement: cst.BaseStatement, text: str) -> cst.FlattenSentinel[cst.CSTNode]:
    return cst.FlattenSentinel([statement, cst.parse_statement(text)])


@plants("FLG501")
def registration_dropped(source: Source) -> Iterator[Change]:
    here = list(_registrations(source))
    for statement, _, name in here:
        if [other for _, _, other in here].count(name) == 1:
            yield source.removed(statement)


@plants("FLG502")
def switch_read_from_environment(source: Source) -> Iterator[Change]:
    for name, value in _settings(source):
        if name in {"DEBUG", "TESTING", "TEMPLATES_AUTO_RELOAD"} and dotted(value) in _SWITCHES:
            read = f'os.environ.get("{name}", "{dotted(value)}")'
            yield source.changed((value, cst.parse_expression(read)), imports="os")


_SWITCHES = frozenset({"True", "False"})


def _settings(source: Source) -> Iterator[tuple[str, cst.BaseExpression]]:
    """Yield the names and values of settings in `config[...]` and in classes for `from_object`."""
    for made in source.nodes(cst.Assign):
        target = made.targets[0].target
        if isinstance(target, cst.Subscript) and dotted(target.value).endswith("app.config"):
            name = literal(index(target))
            if name is not None:
                yield name, made.value
        around = source.around(made, cst.ClassDef)
        if isinstance(target, cst.Name) and around is not None:
            if "config" in around.name.value.lower() and target.value.isupper():
                yield target.value, made.value


@plants("FLG503")
def blueprint_registered_twice(source: Source) -> Iterator[Change]:
    for statement, call, _ in _registrations(source):
        new = _followed_by(statement, source.code(call) + "\n")
        yield source.changed((statement, new), elsewhere=True)


@plants("FLG504")
def route_below_registration(source: Source) -> Iterator[Change]:
    for statement, call, name in _registrations(source):
        if "app" not in dotted(call.func).split(".register")[0]:
            continue  # what is registered on another blueprint is open until that one is
        view = f'@{name}.route("/planted")\ndef planted():\n    return "planted"\n'
        yield source.changed((statement, _followed_by(statement, view)), elsewhere=True)


def _top_level_app(source: Source) -> cst.SimpleStatementLine | None:
    for statement in body(source.module):
        if re.match(r"\w+ = (flask\.)?(Flask|Blueprint)\(", source.code(statement).strip()):
            if isinstance(statement, cst.SimpleStatementLine):
                return statement
    return None


def _late_imports(source: Source) -> Iterator[tuple[cst.SimpleStatementLine, cst.BaseStatement]]:
    """Yield the imports below the line that makes an application or blueprint, and that line."""
    made = _top_level_app(source)
    top = body(source.module)
    for statement in top[top.index(made) + 1 :] if made is not None else ():
        if isinstance(statement, cst.SimpleStatementLine) and made is not None:
            if isinstance(statement.body[0], cst.ImportFrom | cst.Import):
                yield made, statement


@plants("FLG505")
def late_import_moved_up(source: Source) -> Iterator[Change]:
    for made, statement in _late_imports(source):
        moved = cst.FlattenSentinel([statement.deep_clone(), made])
        yield source.changed((made, moved), (statement, cst.RemoveFromParent()), elsewhere=True)


@plants("FLG507")
def late_import_dropped(source: Source) -> Iterator[Change]:
    for _, statement in _late_imports(source):
        yield source.removed(statement)


@plants("FLG508")
def setting_moved_below_extension(source: Source) -> Iterator[Change]:
    for call in source.nodes(cst.Call):
        statement = source.around(call, cst.SimpleStatementLine)
        if not dotted(call.func).endswith("db.init_app") or not call.args or statement is None:
            continue
        app = dotted(call.args[0].value)
        if only_expression(statement) is call and app:
            late = f'{app}.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///planted.db"\n'
            new = _followed_by(statement, late)
            yield source.changed((statement, new), elsewhere=True)


def _factories(source: Source) -> Iterator[tuple[cst.FunctionDef, cst.Return]]:
    for function in source.nodes(cst.FunctionDef):
        end = last_return(function)
        if function.name.value in {"create_app", "make_app"} and end is not None:
            if source.function_around(function) is None:
                yield function, end


@plants("FLG509")
def application_not_returned(source: Source) -> Iterator[Change]:
    for function, end in _factories(source):
        if isinstance(end.value, cst.Name):
            yield source.changed((end, cst.Pass()), at=function)


@plants("FLG510")
def setting_in_small_letters(source: Source) -> Iterator[Change]:
    for made in source.nodes(cst.Assign):
        target = made.targets[0].target
        if isinstance(target, cst.Subscript) and dotted(target.value).endswith("app.config"):
            key = index(target)
            name = literal(key)
            if key is not None and name and _FLASK_OWN.fullmatch(name):
                yield source.changed((key, quoted(name.lower())))


@plants("FLG511")
def number_read_from_environment(source: Source) -> Iterator[Change]:
    numbers = {"MAX_CONTENT_LENGTH", "PERMANENT_SESSION_LIFETIME", "SEND_FILE_MAX_AGE_DEFAULT"}
    for name, value in _settings(source):
        if name in numbers:
            read = f'os.environ.get("{name}", "1000")'
            yield source.changed((value, cst.parse_expression(read)), imports="os")


@plants("FLG512")
def name_made_a_text(source: Source) -> Iterator[Change]:
    for call in source.nodes(cst.Call):
        if dotted(call.func).rsplit(".", 1)[-1] in {"Flask", "Blueprint"}:
            for arg in call.args[:2]:
                if dotted(arg.value) == "__name__":
                    yield source.changed((call, with_value(call, arg, '"__name__"')))


# Deployment and security


def _runs(source: Source) -> Iterator[cst.Call]:
    for call in source.nodes(cst.Call):
        if dotted(call.func).endswith(("app.run", "application.run")):
            yield call


@plants("FLG601")
def debug_mode_switched_on(source: Source) -> Iterator[Change]:
    for call in _runs(source):
        if not keyword(call, "debug") and not any(arg.star for arg in call.args):
            yield source.changed((call, with_keyword(call, "debug", "True")))


@plants("FLG602")
def main_guard_dropped(source: Source) -> Iterator[Change]:
    for call in _runs(source):
        guard = source.around(call, cst.If)
        if guard is not None and guard in body(source.module):
            if "__main__" in source.code(guard.test) and guard.orelse is None:
                yield source.changed((guard, cst.FlattenSentinel(body(guard))))


def _secrets(source: Source) -> Iterator[cst.BaseExpression]:
    for name, value in _settings(source):
        if name == "SECRET_KEY":
            yield value
    for made in source.nodes(cst.Assign):
        if dotted(made.targets[0].target).endswith("app.secret_key"):
            yield made.value


@plants("FLG603")
def secret_made_literal(source: Source) -> Iterator[Change]:
    for value in _secrets(source):
        if literal(value) is None:
            secret = cst.SimpleString('"5f352379324c22463451387a0aec5d2f"')
            yield source.changed((value, secret))


@plants("FLG606")
def secret_made_random(source: Source) -> Iterator[Change]:
    for value in _secrets(source):
        yield source.changed((value, cst.parse_expression("os.urandom(24)")), imports="os")


def _applications(source: Source) -> Iterator[tuple[cst.SimpleStatementLine, str]]:
    for made in source.nodes(cst.Assign):
        statement = source.around(made, cst.SimpleStatementLine)
        target = dotted(made.targets[0].target)
        is_app = isinstance(made.value, cst.Call) and dotted(made.value.func) in {
            *("Flask", "flask.Flask"),
        }
        if is_app and target and statement is not None:
            yield statement, target


def _set_up(source: Source, text: str) -> Iterator[Change]:
    """Yield the changes that add a statement below those that make an application."""
    for statement, app in _applications(source):
        new = _followed_by(statement, text.format(app=app))
        plain = source.changed((statement, new))
        yield plain._replace(last=plain.last + text.count("\n"))


@plants("FLG613")
def cookie_shown_to_scripts(source: Source) -> Iterator[Change]:
    for name, value in _settings(source):
        if name == "SESSION_COOKIE_HTTPONLY" and dotted(value) == "True":
            yield source.changed((value, cst.Name("False")))
    yield from _set_up(source, '{app}.config["SESSION_COOKIE_HTTPONLY"] = False\n')


# Versions


@plants("FLG701")
def removed_hook(source: Source) -> Iterator[Change]:
    for function, decorator in hooks(source, "before_request"):
        node = decorator.decorator
        if isinstance(node, cst.Attribute) and "app" in dotted(node.value):
            name = node.with_changes(attr=cst.Name("before_first_request"))
            yield source.changed((node, name), at=function)


@plants("FLG701")
def removed_name_imported(source: Source) -> Iterator[Change]:
    for statement in source.nodes(cst.ImportFrom):
        if statement.module is None or isinstance(statement.names, cst.ImportStar):
            continue
        if dotted(statement.module) == "flask" and statement.lpar is None:
            added = cst.ImportAlias(cst.Name("_request_ctx_stack"))
            names = [*statement.names, added]
            plain = [one.with_changes(comma=cst.MaybeSentinel.DEFAULT) for one in names]
            yield source.changed((statement, statement.with_changes(names=plain)))


@plants("FLG701")
def removed_attribute(source: Source) -> Iterator[Change]:
    yield from _set_up(source, "print({app}.json_encoder)\n")


@plants("FLG702")
def removed_setting(source: Source) -> Iterator[Change]:
    yield from _set_up(source, '{app}.config["JSON_SORT_KEYS"] = False\n')


# Templates


@plants("FLG801")
def template_renamed(source: Source) -> Iterator[Change]:
    for call in source.nodes(cst.Call):
        if dotted(call.func) in {"render_template", "flask.render_template"} and call.args:
            name = literal(call.args[0].value)
            if name is not None:
                new = with_value(call, call.args[0], repr("renamed_" + name))
                yield source.changed((call, new))


@plants_in_template("FLG801")
def extended_template_renamed(template: Template) -> Iterator[Change]:
    for match in re.finditer(
        r"""\{%-?\s*(?:extends|include)\s+(['"])([^'"{}]+)\1\s*-?%\}""", template.text
    ):
        yield template.replaced(match.end(2), match.end(2), ".renamed")


@plants_in_template("FLG802")
def method_of_form_dropped(template: Template) -> Iterator[Change]:
    for match in re.finditer(r"<form\b[^<>]*(?:\{\{.*?\}\}[^<>]*)*>", template.text):
        method = re.search(r"""\s+method\s*=\s*(['"]?)post\1""", match[0], re.IGNORECASE)
        action = re.search(r"""action\s*=\s*['"]\{\{\s*url_for\(\s*(['"])([\w.]+)\1""", match[0])
        if method and action and _only_post(template, action[2]):
            start = match.start() + method.start()
            yield template.replaced(start, match.start() + method.end(), "")


def _only_post(template: Template, endpoint: str) -> bool:
    views = template.project.views.get(endpoint.rsplit(".", 1)[-1], ())
    codes = [
        re.sub(r"\s", "", cst.Module([]).code_for_node(call))
        for view in views
        for call in view.routes
    ]
    return len(views) == 1 and all(
        re.search(r"""\.post\(|methods=[\[(]["']POST["'],?[\])]""", code) for code in codes
    )


@plants_in_template("FLG803")
def encoding_of_form_dropped(template: Template) -> Iterator[Change]:
    for match in _FORM.finditer(template.text):
        encoding = re.search(r"""\s+enctype\s*=\s*(['"]?)multipart/form-data\1""", match[0])
        if encoding and re.search(r"""<input\b[^>]*\btype\s*=\s*['"]?file\b""", match[0]):
            start = match.start() + encoding.start()
            yield template.replaced(start, match.start() + encoding.end(), "")


# Databases


@plants("FLG901")
def query_at_top_level(source: Source) -> Iterator[Change]:
    for node in source.nodes(cst.Attribute):
        found = re.fullmatch(r"([A-Z]\w+)\.query", dotted(node))
        if found and source.function_around(node) is not None:
            if any(
                made.name.value == found[1]
                for made in body(source.module)
                if isinstance(made, cst.ClassDef)
            ):
                yield source.appended(f"PLANTED = {found[0]}.all()\n")
                return


@plants("FLG901")
def tables_made_at_top_level(source: Source) -> Iterator[Change]:
    for statement in body(source.module):
        if re.match(r"db = (\w+\.)?SQLAlchemy\(", source.code(statement).strip()):
            yield source.appended("db.create_all()\n")


@plants("FLG902")
def default_called(source: Source) -> Iterator[Change]:
    for call in source.nodes(cst.Call):
        default = keyword(call, "default")
        if dotted(call.func).endswith("Column") and default is not None:
            if dotted(default.value).endswith((".utcnow", ".now", "uuid4")):
                new = with_value(call, default, source.code(default.value) + "()")
                yield source.changed((call, new))


@plants("FLG903")
def database_bound_twice(source: Source) -> Iterator[Change]:
    for statement in source.nodes(cst.SimpleStatementLine):
        call = only_expression(statement)
        if (
            isinstance(call, cst.Call)
            and dotted(call.func) == "db.init_app"
            and len(call.args) == 1
        ):
            yield source.changed(
                (statement, _followed_by(statement, source.code(call) + "\n")), elsewhere=True
            )


@plants("FLG904")
def old_name_of_postgres(source: Source) -> Iterator[Change]:
    for name, value in _settings(source):
        address = literal(value)
        if name == "SQLALCHEMY_DATABASE_URI" and address is not None:
            new = cst.SimpleString('"postgres://localhost/planted"')
            yield source.changed((value, new))
