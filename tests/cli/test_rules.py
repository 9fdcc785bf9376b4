"""`soc rules`: every command as it is typed, and what it says."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from soc.cli.commands import app
from soc.cli.endings import Ending
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.rules.rules import list_changes, list_rules
from tests.rows import add_incident


def soc(*words: str, ending: Ending = Ending.DONE) -> str:
    done = CliRunner().invoke(app, ["rules", *words])
    assert done.exit_code == ending, done.output
    return done.stdout + done.stderr


def ids() -> list[str]:
    with read_session() as session:
        return [rule.id for rule in list_rules(session)]


def test_a_rule_is_added_changed_moved_switched_and_taken_away() -> None:
    made = json.loads(
        CliRunner().invoke(app, ["rules", "add", "Mine", "--score", "6", "--tell", "slack", "--json"]).stdout
    )
    assert (made["min_score"], made["actions"], made["position"]) == (6, ["slack"], 4)
    soc("set", made["id"], "--class", "error", "--tell", "jira", "--tell", "slack")
    soc("move", made["id"], "1")
    assert ids()[0] == made["id"]
    soc("disable", made["id"])
    with read_session() as session:
        [mine] = [rule for rule in list_rules(session) if rule.id == made["id"]]
        assert (mine.name, mine.class_contains, mine.actions, mine.enabled) == (
            "Mine",
            "error",
            ("jira", "slack"),
            False,
        )
    soc("enable", made["id"])
    soc("delete", made["id"])
    assert ids() == ["severity-9", "security-8", "critical-8"]
    with read_session() as session:
        rows = list_changes(session, rule_id=made["id"])
    assert [row.act for row in rows] == [
        "taken away",
        "switched on",
        "switched off",
        "moved",
        "changed",
        "added",
    ]
    assert {row.made_by for row in rows} == {"person:shell@shell"}


def test_a_preview_is_a_sentence_and_changes_nothing() -> None:
    migrate()
    with write_session() as session:
        add_incident(session, score=7)
    assert "this rule would have matched 1; 1 more ticket than today" in soc("preview", "--score", "7")
    assert ids() == ["severity-9", "security-8", "critical-8"]


def test_a_rule_that_adds_nothing_is_warned_of() -> None:
    assert "Unreachable: “Severity score ≥ 9”" in soc("add", "Mine", "--score", "10")


@pytest.mark.parametrize(
    ("words", "ending"),
    [
        (["set", "nope", "--score", "5"], Ending.NOT_FOUND),
        (["enable", "nope"], Ending.NOT_FOUND),
        (["delete", "nope"], Ending.NOT_FOUND),
        (["move", "nope", "1"], Ending.NOT_FOUND),
        (["move", "severity-9", "0"], Ending.USAGE),
        (["add", "Mine", "--score", "11"], Ending.USAGE),
        (["add", "Mine", "--score", "5", "--tell", "pigeon"], Ending.USAGE),
        (["add", "\x1b[31m", "--score", "5"], Ending.USAGE),
        (["preview"], Ending.USAGE),
        (["preview", "nope"], Ending.NOT_FOUND),
    ],
)
def test_what_cannot_be_ends_with_its_code_and_changes_nothing(words: list[str], ending: Ending) -> None:
    said = soc(*words, ending=ending)
    assert said.strip()
    assert "\x1b[31m" not in said
    migrate()
    assert ids() == ["severity-9", "security-8", "critical-8"]


def test_every_document_is_json_alone() -> None:
    for words in (
        ["list"],
        ["changes"],
        ["preview", "severity-9"],
        ["enable", "severity-9"],
        ["move", "critical-8", "1"],
    ):
        json.loads(CliRunner().invoke(app, ["rules", *words, "--json"]).stdout)
