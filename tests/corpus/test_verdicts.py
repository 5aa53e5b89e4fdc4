"""The verdicts on published packages: what is known, what is new, what is gone."""

from __future__ import annotations

import re

import tomli
from verdicts import VERDICTS, Read, compare, shown, verdicts

from flask_gotchas.rule import all_rules

TABLE = tomli.loads(VERDICTS.read_text(encoding="utf-8"))


def test_each_verdict_names_a_package_a_default_rule_and_a_place() -> None:
    for read in verdicts(TABLE):
        assert read.package in TABLE["packages"]
        assert all_rules()[read.rule].default
        assert re.fullmatch(r"[\w./-]+:\d+", read.place)


def test_no_report_is_known_to_be_wrong() -> None:
    assert [read for read in verdicts(TABLE) if not read.true] == []


def test_reports_are_known_new_or_gone() -> None:
    known = [Read("a", "x.py:1", "FLG101", true=True), Read("a", "x.py:2", "FLG102", true=False)]
    found = [("a", "x.py:1", "FLG101"), ("b", "y.py:3", "FLG103")]
    compared = compare(found, known)
    assert compared.known == known[:1]
    assert compared.new == found[1:]
    assert compared.gone == known[1:]


def test_two_reports_in_one_place_need_two_verdicts() -> None:
    place = ("a", "x.py:1", "FLG101")
    known = [Read(*place, true=True)]
    assert compare([place, place], known).new == [place]
    assert compare([place, place], known * 2).new == []


def test_the_table_counts_by_rule() -> None:
    known = [Read("a", "x.py:1", "FLG101", true=True), Read("b", "x.py:2", "FLG101", true=False)]
    lines = shown(compare([read[:3] for read in known] + [("b", "y.py:1", "FLG102")], known))
    assert "FLG101      2     1      1  a 1, b 1" in lines.splitlines()
    assert lines.endswith("not read: FLG102 b y.py:1")
