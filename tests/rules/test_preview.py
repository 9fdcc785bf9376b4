"""What a change of the rules would have meant for stored incidents: the same answers as deciding each of them."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest

from soc.domain.classification import Classification
from soc.domain.rule import Rule
from soc.integrations.registry import KINDS
from soc.rules import decide
from soc.rules.preview import preview_removal, preview_rule
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.incidents.incidents import IncidentFilter, list_incidents, to_incident
from soc.store.nouns.rules.rules import list_rules
from tests.rows import NIGHT, add_incident

WIDE = Rule(id="wide", name="Wide", min_score=6, actions=("jira",))


@pytest.fixture(autouse=True)
def _night() -> None:
    """Forty incidents, a minute apart, of all scores and classes."""
    migrate()
    dice = Random(7)
    with write_session() as session:
        for number in range(40):
            add_incident(
                session, f"inc-{number:02}", score=dice.randint(1, 10), title=f"Title {number}",
                classification=dice.choice(list(Classification)).value, created_at=NIGHT + timedelta(minutes=number),
            )  # fmt: skip


def told(rules: list[Rule], channel: str, newest: int) -> int:
    """By deciding each incident, as a batch does."""
    with read_session() as session:
        rows = sorted(list_incidents(session, IncidentFilter(), limit=100), key=lambda row: row.created_at)[
            -newest:
        ]
    answers = [decide(to_incident(row), rules) for row in rows]
    return sum(any(one.matched and one.rule.names(channel) for one in each) for each in answers)


@pytest.mark.parametrize("newest", [40, 13])
def test_every_channel_s_numbers_are_those_of_deciding_each_incident(newest: int) -> None:
    with read_session() as session:
        rules = list(list_rules(session))
        found = preview_rule(session, WIDE, last=newest)
    assert found.incidents == newest
    assert {one.channel for one in found.channels} == {name for name, kind in KINDS.items() if kind.tells}
    for one in found.channels:
        assert (one.today, one.then) == (
            told(rules, one.channel, newest),
            told([*rules, WIDE], one.channel, newest),
        )
    assert found.matched == told([WIDE], "jira", newest)
    assert found.tickets == told([*rules, WIDE], "jira", newest) - told(rules, "jira", newest) > 0


def test_a_rule_that_is_stored_is_tried_in_its_own_place() -> None:
    with read_session() as session:
        stored = list(list_rules(session))
        off = stored[0].model_copy(update={"enabled": False})
        found = preview_rule(session, off)
    assert (found.matched, found.eligible_then) == (0, told([off, *stored[1:]], "jira", 40))
    assert "fewer" in found.sentence


def test_a_rule_that_goes_is_tried_by_leaving_it_out() -> None:
    with read_session() as session:
        stored = list(list_rules(session))
        found = preview_removal(session, stored[0])
    assert found.eligible_then == told(stored[1:], "jira", 40)


def test_examples_are_the_newest_that_match_among_those_looked_at() -> None:
    with read_session() as session:
        rows = list_incidents(session, IncidentFilter(), limit=100)
        found = preview_rule(session, WIDE, last=30)
    wanted = sorted((row.id for row in rows if row.score >= 6 and row.id >= "inc-10"), reverse=True)
    assert [one for one, _ in found.examples] == wanted[:5]


def test_without_incidents_there_is_nothing_to_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("soc.rules.preview.count_newest", lambda *_, **__: [])
    with read_session() as session:
        assert preview_rule(session, WIDE).sentence == "There is no incident yet to try it on."
