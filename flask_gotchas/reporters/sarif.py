"""SARIF 2.1.0, for code scanning on GitHub, Azure DevOps, and viewers in editors.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html says what each part means. Columns
count characters, which the document declares.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, Final, TextIO
from urllib.parse import quote

from flask_gotchas import __version__, docs, fingerprints
from flask_gotchas.reporters import Sources, clean
from flask_gotchas.reporters.json import dump

if TYPE_CHECKING:
    from flask_gotchas.model import Diagnostic, Fix, Location, Related, Report

SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
# The number is that of the way in which fingerprints are made.
FINGERPRINT: Final = "flaskGotchas/v1"
BASE: Final = "%SRCROOT%"
# In a message `[text](target)` is a link, and `{0}` a place to be filled in.
LINK: Final = re.compile(r"\[([^\[\]]*)\](?=\()")
PLACEHOLDER: Final = re.compile(r"\{(\d+)\}")


def write(report: Report, out: TextIO, sources: Sources) -> None:
    """Write one run with all diagnostics and the documents of their rules."""
    here = os.getcwd()
    found = report.diagnostics
    first_of = {diagnostic.code: diagnostic for diagnostic in reversed(found)}
    codes = sorted(first_of)
    results = [
        _result(diagnostic, codes.index(diagnostic.code), mark, here)
        for diagnostic, mark in zip(found, fingerprints.numbered(found, sources, here), strict=True)
    ]
    driver = {
        "name": "flask-gotchas",
        "version": __version__,
        "semanticVersion": __version__,
        "rules": [_rule(first_of[code]) for code in codes],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "newlineSequences": ["\r\n", "\n", "\r"],
        "originalUriBaseIds": {BASE: {"uri": _file_uri(here).rstrip("/") + "/"}},
        "invocations": [{"executionSuccessful": not report.internal_error}],
        "results": results,
    }
    out.write(dump({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}))


def _rule(diagnostic: Diagnostic) -> dict[str, Any]:
    """Describe a rule by its document, or by what a diagnostic says of it."""
    rule: dict[str, Any] = {"id": diagnostic.code, "name": _pascal_case(diagnostic.name)}
    level = diagnostic.severity.value
    try:
        doc = docs.load(diagnostic.code)
    except (docs.UnknownRuleError, docs.DocumentError):
        rule["shortDescription"] = rule["fullDescription"] = {"text": diagnostic.name}
        rule["help"] = {"text": diagnostic.help}
    else:
        level = doc.meta.severity.value
        rule["shortDescription"] = {"text": doc.meta.summary}
        rule["fullDescription"] = {"text": doc.meta.summary}
        text = docs.markdown(doc)
        rule["help"] = {"text": text, "markdown": text}
    rule["defaultConfiguration"] = {"level": level}
    rule["properties"] = {"problem.severity": level, "tags": ["flask"]}
    return rule


def _result(diagnostic: Diagnostic, index: int, mark: str, here: str) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": diagnostic.code,
        "ruleIndex": index,
        "level": diagnostic.severity.value,
        "message": {"text": _message(f"{diagnostic.message}. {diagnostic.help}")},
        "locations": [_location(diagnostic.location, here)],
        "partialFingerprints": {FINGERPRINT: mark},
    }
    if diagnostic.related:
        result["relatedLocations"] = [
            _related(number, related, here) for number, related in enumerate(diagnostic.related, 1)
        ]
    if diagnostic.fix is not None:
        result["fixes"] = [_fix(diagnostic.fix, here)]
    return result


def _related(number: int, related: Related, here: str) -> dict[str, Any]:
    message = {"text": _message(related.message)}
    return {"id": number, **_location(related.location, here), "message": message}


def _fix(fix: Fix, here: str) -> dict[str, Any]:
    by_path: dict[str, list[dict[str, Any]]] = {}
    for edit in fix.edits:
        # The text of an edit is not cleaned: it goes into a file, and JSON escapes it.
        replacement = {
            "deletedRegion": _region(edit.location),
            "insertedContent": {"text": edit.text},
        }
        by_path.setdefault(edit.location.path, []).append(replacement)
    changes = [
        {"artifactLocation": _artifact(path, here), "replacements": replacements}
        for path, replacements in by_path.items()
    ]
    return {
        "description": {"text": _message(fix.message)},
        "artifactChanges": changes,
        "properties": {"safe": fix.safe},
    }


def _location(at: Location, here: str) -> dict[str, Any]:
    place = {"artifactLocation": _artifact(at.path, here), "region": _region(at)}
    return {"physicalLocation": place}


def _artifact(path: str, here: str) -> dict[str, str]:
    path = fingerprints.relative_path(path, here)
    if os.path.isabs(path):
        return {"uri": _file_uri(path)}
    return {"uri": quote(os.fsencode(path)), "uriBaseId": BASE}


def _file_uri(path: str) -> str:
    path = path.replace(os.sep, "/")
    # The letter of a drive follows a third slash, and its colon stays.
    return "file://" + quote(os.fsencode(path if path.startswith("/") else f"/{path}"), safe="/:")


def _region(at: Location) -> dict[str, int]:
    return {
        "startLine": at.line,
        "startColumn": at.column + 1,
        "endLine": at.end_line,
        "endColumn": at.end_column + 1,
    }


def _message(text: str) -> str:
    return PLACEHOLDER.sub(r"{{\1}}", LINK.sub(r"\\[\1\\]", clean(text)))


def _pascal_case(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("-"))
