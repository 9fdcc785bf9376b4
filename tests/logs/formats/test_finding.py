"""A file's format is found on a sample; no format is known by its name outside its own file."""

from __future__ import annotations

import ast

import pytest

from soc.logs.formats import all_formats
from soc.logs.formats.kit.declare import Sample
from soc.logs.formats.kit.finding import find_format
from soc.logs.layout import LogFormat, ReadOptions
from soc.settings import ROOT

SYSLOG = "Mar  1 02:00:07 web1 app[7]: one\n"


def found(text: str, name: str = "a.log", chosen: LogFormat = LogFormat.AUTO) -> str:
    sample = Sample(text, name)
    return find_format(sample, chosen.declared, ReadOptions(), all_formats()).format


@pytest.mark.parametrize(
    ("text", "name", "format"),
    [
        ('{"msg": 1}\n', "a.csv", "jsonl"),
        (SYSLOG * 3, "a.csv.gz", "plain"),
        ("x,y\n1,2\n", "A.TSV", "csv"),
        (f"time,message\n{SYSLOG * 3}", "a.log", "syslog"),
        ("time,message\n1,x\n", "a.log", "csv"),
        ("message,height\n1,x\n", "a.log", "plain"),
        ("[error] x\n", "a.json", "plain"),
        ("nothing known", "a.jsonl", "plain"),
    ],
)
def test_what_is_surest_wins(text: str, name: str, format: str) -> None:
    assert found(text, name) == format


def test_syslog_is_more_than_half_of_the_lines() -> None:
    assert found(f"{SYSLOG}x\n{SYSLOG}") == "syslog"
    assert found(f"{SYSLOG}x\n") == "plain"


def test_the_users_choice_wins() -> None:
    assert found('{"msg": 1}\n', chosen=LogFormat.PLAIN) == "plain"
    assert found("a,b\n1,2", chosen=LogFormat.SYSLOG) == "syslog"


def test_blanks_are_refused() -> None:
    answer = find_format(Sample(" \n\t\n", "a.csv"), None, ReadOptions(), all_formats())
    assert (answer.format, answer.error[:28]) == ("plain", "The file holds only blanks: ")


def test_no_format_is_named_outside_its_file() -> None:
    names = {one.name for one in all_formats()}
    named = []
    for path in sorted((ROOT / "soc").rglob("*.py")):
        place = path.relative_to(ROOT).as_posix()
        inside = place.startswith(("soc/logs/", "soc/analysis/")) and not place.startswith(
            ("soc/logs/formats/", "soc/logs/text/")
        )
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Name)
                and node.value.id == "LogFormat"
            ):
                named += [(place, node.attr)] if node.attr != "AUTO" else []
            elif inside and isinstance(node, ast.Constant) and node.value in names:
                named.append((place, str(node.value)))
    # a list of records is written as JSON lines by this module itself; the other is a key of records
    assert named == [
        ("soc/analysis/pairs.py", "JSON_LINES"),
        ("soc/logs/general/sender/signs.py", "priority"),
    ]
