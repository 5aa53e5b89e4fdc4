"""FLG803 file-form-without-enctype."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flask_gotchas.patterns import late_pattern
from flask_gotchas.rule import Fixing, ProjectRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask_gotchas.editing import FileEditor
    from flask_gotchas.model import Diagnostic
    from flask_gotchas.project import Finding, Project

_ENCTYPE = late_pattern(r"""(?<=\s)enctype\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)""", re.IGNORECASE)
_END = late_pattern(r"\s*/?>\Z")


class FileFormWithoutEnctype(ProjectRule):
    """A form with an input for files is not sent as `multipart/form-data`."""

    code = "FLG803"
    name = "file-form-without-enctype"
    message = (
        'this form sends files without `enctype="multipart/form-data"`, so only their names '
        "arrive and `request.files` is empty"
    )
    fixing = Fixing.SAFE
    help = 'Add `enctype="multipart/form-data"` to the form.'

    def check(self, project: Project) -> Iterator[Finding]:
        for template in project.templates.facts():
            for form in template.forms:
                if (
                    form.files
                    and form.method == "post"
                    and form.enctype is not None
                    and form.enctype != "multipart/form-data"
                    and form.is_whole
                    and not form.is_scripted
                ):
                    related = [(template, at, "files are chosen here") for at in form.files]
                    yield self.finding(template, form.at, related=related)

    @classmethod
    def fix(cls, found: Diagnostic, file: FileEditor) -> str:
        start, end = file.span(found.location)
        given = _ENCTYPE.search(file.text, start, end)
        closing = _END.search(file.text, start, end)
        if given is not None:
            file.write(given.start(), given.end(), 'enctype="multipart/form-data"')
        elif closing is not None:
            at = closing.start()
            file.write(at, at, ' enctype="multipart/form-data"')
        return "Send the form as multipart/form-data"
