"""What every page asks is kept while nothing was written, and is new at once after somebody acted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from soc import clock
from soc.batches.telling.planning import kept_other_channels
from soc.configuration.save import disconnect, save_configuration
from soc.configuration.state import every_state
from soc.domain.actor import AT_A_PAGE
from soc.domain.sla import SlaState
from soc.metrics import lists
from soc.metrics.attention import Concern, read_attention
from soc.metrics.deliveries import read_deliveries
from soc.metrics.overview import latest_critical, read_installation
from soc.metrics.sla import read_policies, read_sla
from soc.metrics.workers import read_workers
from soc.store.db import write_session
from soc.store.migrate import migrate
from soc.store.nouns.incidents.incidents import IncidentFilter
from soc.store.nouns.sla.policies import SlaPolicyRow
from soc.store.nouns.tickets.tickets import TicketFilter, TicketRow
from soc.store.nouns.vendors.health import health_to_change
from soc.ui.kit.unchecked import unchecked_integrations
from tests.rows import NIGHT, add_batch, add_delivery, add_incident, add_ticket

SLACK = {"bot_token": "xoxb-1-2-abcdefghijklm", "channel": "#soc"}
#: Every read that is kept.
READS: dict[str, Callable[[], Any]] = {
    "installation": read_installation,
    "attention": read_attention,
    "unchecked": unchecked_integrations,
    "workers": read_workers,
    "states": every_state,
    "deliveries": read_deliveries,
    "sla": read_sla,
    "policies": read_policies,
    "critical": latest_critical,
    "incidents": lambda: lists.list_incidents(IncidentFilter()),
    "incidents again": lambda: lists.incidents_again(("inc-1",)),
    "incidents by id": lambda: lists.incidents_by_id(("inc-1",)),
    "found": lambda: lists.find_incidents("root"),
    "batches": lambda: lists.list_batches(limit=25),
    "list of deliveries": lists.list_deliveries,
    "deliveries again": lambda: lists.deliveries_again(("dlv-1",)),
    "clocks": lambda: lists.kept_list_clocks(TicketFilter()),
    "clocks again": lambda: lists.kept_read_clocks((1,)),
    "channels": kept_other_channels,
}


@pytest.fixture(autouse=True)
def _store() -> None:
    migrate()


@pytest.mark.sqlite("PostgreSQL's log also moves by what else the server does: then it is read again")
@pytest.mark.parametrize("name", READS)
def test_it_is_read_once_while_nothing_was_written(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)  # however slow the machine is
    assert READS[name]() is READS[name]()


def test_saved_and_removed_settings_show_at_once() -> None:
    assert read_installation().configured == ()
    assert not every_state()["slack"].configured
    save_configuration("slack", SLACK, actor=AT_A_PAGE)
    assert read_installation().configured == ("slack",)
    assert every_state()["slack"].masked["channel"] == "#soc"
    save_configuration("slack", {**SLACK, "channel": "#night", "enabled": False}, actor=AT_A_PAGE)
    assert every_state()["slack"].masked["channel"] == "#night"
    assert not every_state()["slack"].enabled
    disconnect("slack", actor=AT_A_PAGE)
    assert not every_state()["slack"].configured
    assert read_installation().configured == ()


def test_a_pause_and_its_end_show_at_once() -> None:
    save_configuration("slack", SLACK, actor=AT_A_PAGE)
    for paused in (False, True, False, True):
        with write_session() as session:
            row = health_to_change(session, "slack")
            row.paused, row.paused_at = paused, clock.now()
            session.add(row)
        assert [one.concern for one in read_attention()] == ([Concern.PAUSED] if paused else [])


def test_a_list_shows_at_once_what_was_just_written() -> None:
    assert lists.count_incidents(IncidentFilter()) == lists.kept_count_deliveries() == 0
    assert lists.kept_count_tickets(TicketFilter()) == 0
    with write_session() as session:
        add_ticket(session)
        add_delivery(session, "dlv-1")
    assert lists.count_incidents(IncidentFilter()) == len(lists.list_incidents(IncidentFilter())) == 1
    assert lists.kept_count_deliveries() == len(lists.list_deliveries()) == 1
    (clock_,) = lists.kept_list_clocks(TicketFilter())
    assert lists.kept_count_tickets(TicketFilter()) == 1
    with write_session() as session:
        session.get_one(TicketRow, clock_.ticket.id).status = "Done"
    assert lists.kept_read_clocks((clock_.ticket.id or 0,))[0].ticket.status == "Done"


def test_new_rows_count_at_once() -> None:
    assert (read_deliveries(), latest_critical(), read_workers().queued_batches) == ((), [], 0)
    with write_session() as session:
        add_delivery(session)
        add_incident(session, "inc-1", score=10, severity="critical")
        add_batch(session, "bat-2", state="queued")
    assert read_deliveries()[0].total == 1
    assert [row.id for row in latest_critical()] == ["inc-1"]
    assert read_workers().queued_batches == 1


def test_a_resolved_ticket_and_a_changed_policy_show_at_once() -> None:
    with write_session() as session:
        ticket = add_ticket(session)
    assert read_sla().all.states == {SlaState.VIOLATED: 1}
    with write_session() as session:
        ticket.resolved_at = NIGHT + timedelta(minutes=1)
        session.add(ticket)
    assert read_sla().all.states == {SlaState.MET: 1}
    before = read_policies()[0].minutes
    with write_session() as session:
        row = session.get_one(SlaPolicyRow, read_policies()[0].priority)
        row.minutes = before + 7
        session.add(row)
    assert read_policies()[0].minutes == before + 7
