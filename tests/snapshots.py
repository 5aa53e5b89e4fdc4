"""What each format makes of the same small report, as it lies in `tests/output`.

`python tests/snapshots.py` writes it anew; look at the difference before you commit it.
"""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import Final

from flask_gotchas import __version__, reporters
from flask_gotchas.model import Diagnostic, Edit, Fix, Location, Related, Report, Severity

OUTPUT: Final = Path(__file__).resolve().parent / "output"
SOURCES: Final = {
    "shop/views.py": """\
from flask import Blueprint

bp = Blueprint("shop", __name__)


@login_required
@bp.get("/orders")
def orders():
    return "größe 🌶", index, run(
        debug=True,
    )
""",
    "a b/50%.py": "index = 1\n",
}
# Codes that no document describes, so that the snapshots stay when a document changes.
REPORT: Final = Report(
    diagnostics=(
        Diagnostic(
            location=Location("a b/50%.py", 1, 0, 1, 5),
            code="FLG997",
            name="first-spoon",
            severity=Severity.WARNING,
            message="`index` is taken, see [1](2) and {0}",
            help="Rename `index`.",
        ),
        Diagnostic(
            location=Location("shop/views.py", 6, 0, 6, 15),
            code="FLG998",
            name="second-spoon",
            severity=Severity.ERROR,
            message="`@login_required` stands above the route of `orders`",
            help="Move it below.",
            related=(Related(Location("shop/views.py", 7, 0, 7, 18), "registered here"),),
            fix=Fix(
                "Swap the decorators.",
                (
                    Edit(Location("shop/views.py", 6, 0, 7, 0), ""),
                    Edit(Location("shop/views.py", 8, 0, 8, 0), "@login_required\n"),
                ),
                safe=False,
            ),
        ),
        Diagnostic(
            location=Location("shop/views.py", 9, 29, 11, 5),
            code="FLG998",
            name="second-spoon",
            severity=Severity.ERROR,
            message='`größe` <is> & "odd" in `Procfile:2`',
            help="Leave it.",
        ),
    ),
    files=3,
)


def snapshot(name: str) -> str:
    """Write the report in a format, without what differs from place to place."""
    out = io.StringIO()
    reporters.get(name)(REPORT, out, SOURCES.get)
    here = json.dumps(Path(os.getcwd()).as_uri())[1:-1]
    return out.getvalue().replace(here, "file:///shop").replace(__version__, "VERSION")


if __name__ == "__main__":
    OUTPUT.mkdir(exist_ok=True)
    for one in reporters.names():
        OUTPUT.joinpath(f"{one}.txt").write_text(snapshot(one), encoding="utf-8", newline="\n")
