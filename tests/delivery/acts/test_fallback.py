"""A critical incident that its channel is late with is told over another one; a closed ticket ends its alerts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlmodel import select

from soc import clock
from soc.configuration.save import save_configuration
from soc.delivery import ledger
from soc.delivery.fallback import CRITICAL, LATEST, PATIENCE, send_fallbacks
from soc.delivery.ledger import Intent, Try
from soc.domain.actor import AT_A_PAGE
from soc.domain.classification import Classification
from soc.domain.incident import Incident
from soc.domain.message import OpenTicket, Receipt, ResolveAlert, SendAlert, read_message
from soc.errors import ConfigurationError
from soc.integrations.vendors.jira import RemoteTicket
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.batches.batches import BatchRow, BatchState
from soc.store.nouns.deliveries.deliveries import DeliveryRow, get_delivery, list_deliveries
from soc.store.nouns.incidents.incident_writing import add_incidents
from soc.store.nouns.tickets.tickets import TicketRow
from soc.store.nouns.vendors.integrations import save_integration
from soc.tickets.alerts import refresh_alerts
from soc.tickets.closing import resolve_alerts
from soc.tickets.opening import link_forgotten_alerts
from soc.tickets.sync import poll
from tests.tickets.answers import state_of

NIGHT = datetime(2026, 1, 14, 22, 0, tzinfo=UTC)
SLACK = {"bot_token": "xoxb-token"}
WEBHOOK = {"url": "https://receiver.example/soc"}
PAGERDUTY = {"integration_key": "0123456789abcdef" * 2}


@pytest.fixture(autouse=True)
def night() -> Iterator[time_machine.Traveller]:
    """A stopped clock, an installation with three channels; Slack's fallback is PagerDuty."""
    migrate()
    with time_machine.travel(NIGHT, tick=False) as travel:
        with write_session() as session:
            session.add(
                BatchRow(
                    id="bat-1",
                    name="b",
                    state=BatchState.FINISHED,
                    created_at=NIGHT,
                    idempotency_key="k",
                    made_by=str(AT_A_PAGE),
                )
            )
        save_configuration("slack", {**SLACK, "fallback": "pagerduty"}, actor=AT_A_PAGE)
        save_configuration("webhook", WEBHOOK, actor=AT_A_PAGE)
        save_configuration("pagerduty", PAGERDUTY, actor=AT_A_PAGE)
        yield travel


def _incident(score: int, name: str) -> Incident:
    return Incident(
        id=name, batch_id="bat-1", title="Failed logins", source="SecuritySystem",
        classification=Classification.SECURITY_ALERT, score=score, confidence=0.9, rule_id="auth", template_id="t",
        template="t", entity="", count=1, first_seen=None, last_seen=None, message="CRITICAL", reasons=(), samples=(),
    )  # fmt: skip


def _plan(
    integration: str = "slack",
    *,
    score: int = CRITICAL,
    incident: str = "inc-1",
    ticket: bool = False,
    suppressed: str = "",
) -> str:
    found = _incident(score, incident)
    message = OpenTicket(incident=found, due="2026-01-14") if ticket else SendAlert(incident=found)
    with write_session() as session:
        add_incidents(session, [found], eligible={incident}, now=clock.now())
        intent = Intent(
            key=f"{integration}:{message.action}:{incident}", integration=integration, message=message,
            incident_id=incident, batch_id="bat-1", score=score, suppressed=suppressed, actor=AT_A_PAGE,
        )  # fmt: skip
        ledger.plan(session, [intent], now=clock.now())
    with read_session() as session:
        return next(
            row.id
            for row in list_deliveries(session, integration=integration, incident_id=incident)
            if row.action == message.action
        )


def _rows(integration: str) -> list[DeliveryRow]:
    with read_session() as session:
        return list(list_deliveries(session, integration=integration))


def _row(delivery_id: str) -> DeliveryRow:
    with read_session() as session:
        return get_delivery(session, delivery_id)


def _deliver(delivery_id: str) -> None:
    with write_session() as session:
        number = get_delivery(session, delivery_id).try_number
        ledger.begin(
            session, delivery_id, number, executor="test", settle=timedelta(seconds=1), now=clock.now()
        )
        row = get_delivery(session, delivery_id)
        ledger.deliver(session, row, Receipt(remote_id="1", key="C1"), now=clock.now())


def _late(night: time_machine.Traveller, by: timedelta = timedelta(seconds=1)) -> None:
    night.move_to(NIGHT + PATIENCE + by)


def test_within_its_minute_nothing_else_is_told(night: time_machine.Traveller) -> None:
    _plan()
    night.move_to(NIGHT + PATIENCE)
    assert send_fallbacks() == []
    assert _rows("pagerduty") == []


def test_after_a_minute_the_fallback_is_planned_once(night: time_machine.Traveller) -> None:
    late = _plan()
    _late(night)
    (one,) = send_fallbacks()
    (row,) = _rows("pagerduty")
    assert one == Try("deliver-pagerduty", row.id, 1, clock.now())
    assert (row.action, row.state, row.incident_id, row.batch_id) == (
        "send_alert",
        "pending",
        "inc-1",
        "bat-1",
    )
    assert isinstance(read_message(row.payload), SendAlert)
    assert _row(late).fallback_at == clock.now()
    for minutes in range(1, 5):
        _late(night, timedelta(minutes=minutes))
        assert send_fallbacks() == []
    assert len(_rows("pagerduty")) == 1


def test_a_fallback_is_as_urgent_as_what_it_stands_for_and_says_who_sent_it(
    night: time_machine.Traveller,
) -> None:
    _plan(score=10)
    with write_session() as session:
        save_integration(session, "pagerduty", {}, PAGERDUTY, practice=True, now=clock.now(), actor=AT_A_PAGE)
    _late(night)
    send_fallbacks()
    (row,) = _rows("pagerduty")
    assert (row.score, row.practice, row.key) == (10, True, "pagerduty:send_alert:inc-1")
    assert row.made_by == "system:fallback@schedule"


def test_the_late_message_itself_goes_on_being_tried(night: time_machine.Traveller) -> None:
    late = _plan()
    _late(night)
    send_fallbacks()
    assert _row(late).state == "pending"
    assert _row(late).next_try_at is not None


def test_a_late_ticket_is_told_too(night: time_machine.Traveller) -> None:
    save_configuration(
        "jira",
        {
            "base_url": "https://jira.example.com",
            "username": "a@b.c",
            "api_token": "t",
            "fallback": "pagerduty",
        },
        actor=AT_A_PAGE,
    )
    _plan("jira", ticket=True)
    _late(night)
    assert len(send_fallbacks()) == 1
    assert _rows("pagerduty")[0].action == "send_alert"


def test_one_incident_that_is_late_on_two_channels_is_told_once(night: time_machine.Traveller) -> None:
    save_configuration("webhook", {**WEBHOOK, "fallback": "pagerduty"}, actor=AT_A_PAGE)
    _plan("slack")
    _plan("webhook")
    _late(night)
    send_fallbacks()
    assert len(_rows("pagerduty")) == 1


def test_a_dead_message_is_a_late_one(night: time_machine.Traveller) -> None:
    late = _plan()
    with write_session() as session:
        ledger.bury(session, get_delivery(session, late), now=clock.now())
    _late(night)
    assert len(send_fallbacks()) == 1


def test_what_is_delivered_needs_no_fallback(night: time_machine.Traveller) -> None:
    _deliver(_plan())
    _late(night)
    assert send_fallbacks() == []


def test_what_was_suppressed_on_purpose_needs_none(night: time_machine.Traveller) -> None:
    _plan(suppressed="Slack was switched off for this batch")
    _late(night)
    assert send_fallbacks() == []


def test_what_is_not_critical_waits_for_its_own_channel(night: time_machine.Traveller) -> None:
    _plan(score=CRITICAL - 1)
    _late(night)
    assert send_fallbacks() == []


def test_what_is_a_day_old_is_no_news(night: time_machine.Traveller) -> None:
    _plan()
    night.move_to(NIGHT + LATEST)
    assert send_fallbacks() == []


@pytest.mark.parametrize("fallback", ["", "stackstorm"])
def test_without_another_channel_that_is_set_up_nothing_is_planned(
    night: time_machine.Traveller, fallback: str
) -> None:
    save_configuration("slack", {**SLACK, "fallback": fallback}, actor=AT_A_PAGE)
    late = _plan()
    _late(night)
    assert send_fallbacks() == []
    assert _row(late).fallback_at is None


def test_a_fallback_that_is_switched_off_is_used_once_it_is_on(night: time_machine.Traveller) -> None:
    save_configuration("pagerduty", {**PAGERDUTY, "enabled": False}, actor=AT_A_PAGE)
    _plan()
    _late(night)
    assert send_fallbacks() == []
    save_configuration("pagerduty", PAGERDUTY, actor=AT_A_PAGE)
    assert len(send_fallbacks()) == 1


def test_two_channels_that_name_each_other_do_not_go_round(night: time_machine.Traveller) -> None:
    save_configuration("pagerduty", {**PAGERDUTY, "fallback": "slack"}, actor=AT_A_PAGE)
    _plan()
    for minutes in range(1, 10):
        _late(night, timedelta(minutes=minutes))
        send_fallbacks()
    assert (len(_rows("slack")), len(_rows("pagerduty"))) == (1, 1)


def test_an_alert_that_the_fallback_channel_sent_anyway_is_not_sent_again(
    night: time_machine.Traveller,
) -> None:
    _plan("slack")
    _deliver(_plan("pagerduty"))
    _late(night)
    send_fallbacks()
    (row,) = _rows("pagerduty")
    assert (row.state, row.sends) == ("delivered", 1)


def test_an_alert_that_the_fallback_channel_was_spared_is_sent_after_all(
    night: time_machine.Traveller,
) -> None:
    _plan("slack")
    spared = _plan("pagerduty", suppressed="no matching rule names this channel")
    _late(night)
    (one,) = send_fallbacks()
    row = _row(spared)
    assert (row.state, row.reason) == ("pending", "")
    assert (one.delivery_id, one.number) == (spared, row.try_number)


@pytest.mark.parametrize("fallback", ["slack", "pager"])
def test_a_fallback_that_is_no_other_integration_cannot_be_saved(
    night: time_machine.Traveller, fallback: str
) -> None:
    with pytest.raises(ConfigurationError, match="names no other integration"):
        save_configuration("slack", {**SLACK, "fallback": fallback}, actor=AT_A_PAGE)


@pytest.mark.parametrize("broken", ["no integration", "unreadable"])
def test_a_broken_configuration_does_not_keep_the_other_incidents_waiting(
    night: time_machine.Traveller, broken: str
) -> None:
    if broken == "no integration":
        public = {"url": WEBHOOK["url"], "fallback": "pager"}
    else:
        public = {"url": "nowhere"}
    with write_session() as session:
        save_integration(session, "webhook", public, {}, practice=False, now=clock.now(), actor=AT_A_PAGE)
    _plan("webhook", incident="inc-0")
    _plan("slack")
    _late(night)
    assert [one.queue for one in send_fallbacks()] == ["deliver-pagerduty"]


def test_a_ticket_s_link_goes_to_the_alert_that_can_show_it_and_to_no_other() -> None:
    for channel in ("pagerduty", "webhook", "slack"):
        _deliver(_plan(channel))
    _ticket()
    with write_session() as session:
        tries = refresh_alerts(session, "inc-1", now=clock.now())
    assert [one.queue for one in tries] == ["deliver-slack-updates"]


def test_an_alert_that_nobody_can_change_is_not_looked_at_again_and_again() -> None:
    _deliver(_plan("pagerduty"))
    _ticket()
    assert link_forgotten_alerts() == []
    assert [row.action for row in _rows("pagerduty")] == ["send_alert"]


# -- a closed ticket -----------------------------------------------------------------------------------------


def _ticket(incident: str = "inc-1") -> None:
    with write_session() as session:
        session.add(
            TicketRow(
                incident_id=incident, integration="jira", key="SOC-1", remote_id="1", url="u", summary="s",
                priority="Highest", status="Open", created_at=NIGHT, due_at=NIGHT, made_by=str(AT_A_PAGE),
            )
        )  # fmt: skip


def _resolve(incident: str = "inc-1") -> list[Try]:
    with write_session() as session:
        return resolve_alerts(session, incident, now=clock.now(), actor=AT_A_PAGE, reopened=0)


def test_a_closed_ticket_ends_the_alerts_of_vendors_that_know_an_end_once() -> None:
    for channel in ("slack", "pagerduty", "webhook"):
        _deliver(_plan(channel))
    for _ in range(3):
        _resolve()
    ended = {
        channel: [row for row in _rows(channel) if row.action == "resolve_alert"]
        for channel in ("slack", "pagerduty", "webhook")
    }
    assert {channel: len(rows) for channel, rows in ended.items()} == {
        "slack": 0,
        "pagerduty": 1,
        "webhook": 1,
    }
    message = read_message(ended["pagerduty"][0].payload)
    assert isinstance(message, ResolveAlert)
    assert message.incident.id == "inc-1"


def test_an_alert_that_was_given_up_needs_no_end() -> None:
    delivery = _plan("pagerduty")
    with write_session() as session:
        ledger.bury(session, get_delivery(session, delivery), now=clock.now())
    assert _resolve() == []


def test_an_alert_that_is_still_on_its_way_is_ended_after_it_arrived(night: time_machine.Traveller) -> None:
    delivery = _plan("pagerduty")
    night.move_to(NIGHT + timedelta(seconds=1))
    [end] = _resolve()
    with write_session() as session:
        waiting = ledger.begin(
            session, end.delivery_id, 1, executor="test", settle=timedelta(seconds=1), now=clock.now()
        )
    assert isinstance(waiting, ledger.Skip)
    _deliver(delivery)
    assert _row(delivery).state == "delivered"


def test_other_incidents_go_on() -> None:
    for incident in ("inc-1", "inc-2"):
        _deliver(_plan("pagerduty", incident=incident))
    _resolve("inc-1")
    assert {row.incident_id for row in _rows("pagerduty") if row.action == "resolve_alert"} == {"inc-1"}


def test_the_ticket_s_end_is_noticed_when_it_is_read_from_jira_and_told_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _deliver(_plan("pagerduty"))
    _ticket()
    closed: dict[str, Any] = {
        "id": "1", "key": "SOC-1", "url": "u", "summary": "s", "priority": "Highest",
        "status": "Done", "status_category": "done",
    }  # fmt: skip
    planned: list[Try] = []
    monkeypatch.setattr(poll, "enqueue_tries", planned.extend)
    for changes in ({"status": "In Progress", "status_category": "indeterminate"}, {}, {}):
        with read_session() as session:
            (ticket,) = session.exec(select(TicketRow)).all()
        poll.merge_in(ticket, state_of(RemoteTicket(**{**closed, **changes})), read_from=clock.now())
    assert [one.queue for one in planned] == ["deliver-pagerduty"]
