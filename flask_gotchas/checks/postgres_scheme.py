"""FLG904 postgres-scheme."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flask_gotchas.editing import NoFix
from flask_gotchas.patterns import late_pattern
from flask_gotchas.rule import Fixing, ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.editing import FileEditor
    from flask_gotchas.model import Diagnostic
    from flask_gotchas.project import Finding, Project

_KEY = "SQLALCHEMY_DATABASE_URI"
_POSTGRES = late_pattern(r"postgres(?:\+\w+)?(?=://)")


class PostgresScheme(ProjectRule):
    """The address of a database begins with a name which SQLAlchemy does not know any more."""

    code = "FLG904"
    name = "postgres-scheme"
    message = "SQLAlchemy 1.4 and newer know no `{scheme}://`, so this raises NoSuchModuleError"
    fixing = Fixing.SAFE
    help = "Write `postgresql://`."

    def check(self, project: Project) -> Iterator[Finding]:
        found = [(file, one) for file, one in project.configuration.settings() if one.key == _KEY]
        # What is not known may be the same address, with the name replaced.
        replaced = {file.path for file, one in found if one.value.kind == "unknown"}
        for file, setting in found:
            match = _POSTGRES.match(
                setting.value.fallback
                if setting.value.kind == "environment"
                else setting.value.text
            )
            if not project.versions(file).sqlalchemy.may_be_at_least("1.4"):
                continue
            if match and file.path not in replaced:
                yield self.finding(file, setting.anchor, hints=(match[0],), scheme=match[0])

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        [scheme] = found.hints
        value = file.value_of(file.value_given(found.location))
        texts = [
            text
            for text in file.inside(value, cst.SimpleString)
            if text.raw_value.startswith(f"{scheme}://")
        ]
        if len(texts) != 1:
            raise NoFix
        file.rewrite(texts[0], f"{scheme}://", f"{scheme.replace('postgres', 'postgresql')}://")
        return "Write `postgresql`"
