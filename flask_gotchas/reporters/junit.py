"""JUnit's XML, which every build server shows: a suite for each file, a failure each diagnostic."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Final, TextIO
from xml.etree import ElementTree as ET

from flask_gotchas.reporters import Sources, clean, clean_path

if TYPE_CHECKING:
    from flask_gotchas.model import Diagnostic, Report

TOOL: Final = "flask-gotchas"
# What no XML document may hold, beyond what `clean` makes visible.
NOT_IN_XML: Final = re.compile("[\ufffe\uffff]")


def write(report: Report, out: TextIO, _sources: Sources) -> None:
    """Write the document in ASCII; when nothing was found it has one test that passed."""
    total = len(report.diagnostics)
    counts = {"tests": str(max(total, 1)), "failures": str(total), "errors": "0"}
    root = ET.Element("testsuites", {"name": TOOL, **counts})
    for path, group in itertools.groupby(report.diagnostics, lambda found: found.location.path):
        found = list(group)
        counts = {"tests": str(len(found)), "failures": str(len(found)), "errors": "0"}
        suite = ET.SubElement(root, "testsuite", {"name": _text(clean_path(path)), **counts})
        for diagnostic in found:
            _case(suite, diagnostic)
    if not total:
        counts = {"tests": "1", "failures": "0", "errors": "0"}
        suite = ET.SubElement(root, "testsuite", {"name": TOOL, **counts})
        ET.SubElement(suite, "testcase", {"name": "no problems", "classname": TOOL})
    ET.indent(root)
    out.write('<?xml version="1.0" encoding="UTF-8"?>\n')
    out.write(ET.tostring(root, encoding="us-ascii", xml_declaration=False).decode("ascii"))
    out.write("\n")


def _case(suite: ET.Element, diagnostic: Diagnostic) -> None:
    at = diagnostic.location
    path = _text(clean_path(at.path))
    message = _text(clean(diagnostic.message))
    name = f"{diagnostic.code} {diagnostic.name} in line {at.line}"
    case = ET.SubElement(
        suite,
        "testcase",
        {"name": name, "classname": path, "file": path, "line": str(at.line)},
    )
    kind = {"message": message, "type": diagnostic.severity.value}
    failure = ET.SubElement(case, "failure", kind)
    place = f"{path}:{at.line}:{at.column + 1}"
    failure.text = f"{place}: {diagnostic.code} {message}\n{_text(clean(diagnostic.help))}"


def _text(text: str) -> str:
    return NOT_IN_XML.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
