"""Which message each channel gets about which incident, by whose decision, and why another gets none."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine

from soc.batches.telling.planning import channels_of, other_channels, plan_messages
from soc.configuration.save import save_configuration
from soc.delivery.ledger import Intent
from soc.domain.actor import AT_A_PAGE, Actor
from soc.domain.classification import Classification
from soc.domain.incident import Incident
from soc.domain.message import OpenTicket, SendSummary
from soc.domain.rule import Rule
from soc.rules import decide
from soc.store.db import write_session
from soc.store.migrate import migrate
from soc.store.nouns.batches.batches import BatchRow
from soc.store.nouns.vendors.integrations import IntegrationRow
from tests.rows import add_batch

NIGHT = datetime(2026, 1, 14, 23, 30, tzinfo=UTC)
SETTINGS: dict[str, dict[str, Any]] = {
    "jira": {"base_url": "https://jira.example.com", "username": "a@b.c", "api_token": "t"},
    "slack": {"bot_token": "xoxb-token"},
    "webhook": {"url": "https://receiver.example/soc"},
    "stackstorm": {"base_url": "https://st2.example.com", "api_key": "k"},
}
EVERYTHING = Rule(id="r-all", name="All", min_score=1)


@pytest.fixture(autouse=True)
def _store() -> Any:
    migrate()
    with time_machine.travel(NIGHT, tick=False):
        yield


def _set_up(kind: str, **values: Any) -> None:
    save_configuration(kind, {**SETTINGS[kind], **values}, actor=AT_A_PAGE)


def _incident(name: str = "inc-1", *, score: int = 9, count: int = 1) -> Incident:
    return Incident(
        id=name, batch_id="b", title=f"Title of {name}", source="S", classification=Classification.SECURITY_ALERT,
        score=score, confidence=0.9, rule_id="auth", template_id="t", template="t", entity="", count=count,
        first_seen=None, last_seen=None, message="m", reasons=(), samples=(),
    )  # fmt: skip


def _plan(
    *incidents: Incident, rules: tuple[Rule, ...] = (EVERYTHING,), **values: Any
) -> tuple[list[Intent], BatchRow]:
    with write_session() as session:
        known = session.get(BatchRow, "b")
        batch = known or add_batch(session, "b", **{"enable_jira": True, "enable_slack": True, **values})
        decisions = {one.id: decide(one, list(rules)) for one in incidents}
        return plan_messages(session, batch, incidents, decisions), batch


def _of(intents: list[Intent], channel: str) -> list[Intent]:
    return [one for one in intents if one.integration == channel]


def test_the_worst_incidents_go_first() -> None:
    _set_up("jira")
    found = [_incident("inc-1", score=8), _incident("inc-2", score=10), _incident("inc-3", score=9)]
    told = _of(_plan(*found)[0], "jira")
    assert [(one.incident_id, one.score) for one in told] == [("inc-2", 10), ("inc-3", 9), ("inc-1", 8)]


def test_a_message_is_the_first_rule_s_that_matched_and_names_the_channel() -> None:
    _set_up("jira")
    rules = (
        Rule(id="r-none", name="None", min_score=10),
        Rule(id="r-slack", name="Slack", min_score=1, actions=("slack",)),
        Rule(id="r-jira", name="Jira", min_score=1, actions=("jira",)),
        EVERYTHING,
    )
    [one] = _of(_plan(_incident(), rules=rules)[0], "jira")
    assert (one.actor, one.suppressed, one.batch_id) == (Actor.rule("r-jira"), "", "b")
    assert one.key == "jira:open_ticket:inc-1"


def test_a_channel_that_no_matching_rule_names_is_spared_with_the_reason() -> None:
    _set_up("jira")
    rules = (
        Rule(id="r-slack", name="Slack", min_score=1, actions=("slack",)),
        Rule(id="r-10", name="Ten", min_score=10),
    )
    [one] = _of(_plan(_incident(), rules=rules)[0], "jira")
    assert (one.actor, one.suppressed) == (Actor.system("batch"), "no matching rule names this channel")


def test_a_ticket_is_due_by_its_priority_counted_from_now() -> None:
    _set_up("jira")
    message = _of(_plan(_incident(score=10))[0], "jira")[0].message
    assert isinstance(message, OpenTicket)
    assert message.due == "2026-01-15"  # an hour from half past eleven


@pytest.mark.parametrize(
    ("batch", "configuration", "said"),
    [
        ({}, None, "Jira is not configured"),
        ({}, {"enabled": False}, "Jira is disabled in its configuration"),
        ({"enable_jira": False}, {}, "Jira was switched off for this batch"),
        ({"enable_jira": False}, {"enabled": False}, "Jira was switched off for this batch"),
        ({"muted": ["jira"]}, {}, ""),
    ],
)
def test_why_nothing_is_sent(batch: dict[str, Any], configuration: dict[str, Any] | None, said: str) -> None:
    if configuration is not None:
        _set_up("jira", **configuration)
    assert [one.suppressed for one in _of(_plan(_incident(), **batch)[0], "jira")] == [said]


def test_a_channel_without_a_switch_is_told_when_it_is_set_up_unless_it_is_muted() -> None:
    assert "webhook" not in channels_of(_plan(_incident())[1])
    _set_up("webhook")
    assert [one.suppressed for one in _of(_plan(_incident())[0], "webhook")] == [""]
    _set_up("webhook", enabled=False)
    assert _of(_plan(_incident())[0], "webhook") == []


def test_one_that_takes_no_incidents_as_it_is_set_up_gets_none() -> None:
    _set_up("stackstorm")
    assert other_channels() == []
    _set_up("webhook")
    assert other_channels() == ["webhook"]


def _practising(*kinds: str) -> None:
    """Mark what is saved as practice, as the sandbox does."""
    with write_session() as session:
        for kind in kinds:
            row = session.get(IntegrationRow, kind)
            assert row
            row.practice = True


def test_a_batch_that_was_told_to_a_practice_channel_is_practice() -> None:
    _set_up("jira")
    _practising("jira")
    _set_up("slack")
    intents, batch = _plan(_incident())
    assert batch.practice
    assert [one.practice for one in _of(intents, "jira")] == [True]
    assert {one.practice for one in _of(intents, "slack")} == {False}


def test_a_practice_channel_that_is_switched_off_makes_no_batch_practice() -> None:
    _set_up("jira", enabled=False)
    _practising("jira")
    assert not _plan(_incident())[1].practice


def test_the_summary_names_the_five_worst_and_the_most_frequent_of_equals_first() -> None:
    _set_up("slack")
    found = [_incident(f"inc-{number}", score=8, count=number) for number in range(1, 7)]
    found[0] = _incident("inc-1", score=9)
    intents, _ = _plan(
        *found, lines_in=9, parsed=8, rejected=1, incidents=7, eligible=6, by_severity={"high": 8}
    )
    [one] = [one for one in intents if isinstance(one.message, SendSummary)]
    message = one.message
    assert isinstance(message, SendSummary)
    assert message.top == tuple(f"Title of inc-{number}" for number in (1, 6, 5, 4, 3))
    assert (message.lines, message.parsed, message.rejected, message.incidents, message.eligible) == (
        9,
        8,
        1,
        7,
        6,
    )
    assert (message.by_severity, one.actor, one.batch_id) == ({"high": 8}, Actor.system("batch"), "b")


def test_a_channel_that_is_switched_off_gets_no_summary() -> None:
    _set_up("slack")
    intents, _ = _plan(_incident(), enable_slack=False)
    assert [one.message.action for one in _of(intents, "slack")] == ["send_alert"]
