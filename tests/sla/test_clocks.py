from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from soc.domain.actor import AT_A_PAGE
from soc.domain.sla import SlaState
from soc.sla.clocks import find_clocks, list_clocks, read_clocks, watch, words_of_time
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.batches.batches import BatchRow
from soc.store.nouns.combined.work import list_next_due
from soc.store.nouns.incidents.incidents import IncidentRow
from soc.store.nouns.tickets.tickets import TicketFilter, TicketRow, page_tickets

NOW = datetime(2026, 1, 15, 0, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _tickets() -> None:
    """SOC-1 has time, SOC-2 is past half of it, SOC-3 is overdue, SOC-4 was resolved in time."""
    migrate()
    with write_session() as session:
        session.add(
            BatchRow(
                id="b",
                name="b",
                state="finished",
                created_at=NOW,
                idempotency_key="k",
                made_by=str(AT_A_PAGE),
            )
        )
        session.flush()
        for number, (age, resolved) in enumerate([(10, None), (40, None), (90, None), (300, 50)], start=1):
            created = NOW - timedelta(minutes=age)
            session.add(
                IncidentRow(
                    id=f"inc-{number}", batch_id="b", created_at=created, title="t", source="s", classification="Error",
                    score=9, severity="critical", confidence=0.9, rule_id="r", template_id="t", template="t", count=1,
                    message="m",
                )
            )  # fmt: skip
            session.flush()
            session.add(
                TicketRow(
                    incident_id=f"inc-{number}", integration="jira", key=f"SOC-{number}", remote_id=str(number), url="u",
                    summary="s", priority="Highest", status="Open", created_at=created, due_at=created + timedelta(hours=1),
                    resolved_at=created + timedelta(minutes=resolved) if resolved else None, made_by=str(AT_A_PAGE),
                )
            )  # fmt: skip


def test_each_clock_stands_where_its_ticket_s_time_says() -> None:
    states = {clock.ticket.key: clock.state for clock in list_clocks(TicketFilter(), now=NOW)}
    assert states == {
        "SOC-1": SlaState.ON_TRACK,
        "SOC-2": SlaState.AT_RISK,
        "SOC-3": SlaState.VIOLATED,
        "SOC-4": SlaState.MET,
    }


def test_the_clock_that_runs_out_first_is_on_top() -> None:
    assert [clock.ticket.key for clock in list_clocks(TicketFilter(is_open=True), now=NOW)] == [
        "SOC-3",
        "SOC-2",
        "SOC-1",
    ]


def test_the_watch_records_a_breach_once() -> None:
    with time_machine.travel(NOW, tick=False):
        assert [watch(), watch()] == [1, 0]
    with read_session() as session:
        breached = [ticket.key for ticket in page_tickets(session).rows if ticket.breached_at]
    assert breached == ["SOC-3"]


def test_clocks_are_read_as_of_the_moment_that_is_asked_for_in_the_order_of_their_numbers() -> None:
    listed = list_clocks(TicketFilter(), now=NOW)
    numbers = [clock.ticket.id or 0 for clock in listed][::-1]
    again = read_clocks([*numbers, 9999], now=NOW)
    assert [clock.ticket.id for clock in again] == numbers
    assert [clock.state for clock in again] == [clock.state for clock in listed][::-1]
    assert find_clocks(str(numbers[0]), now=NOW) == again[:1]
    assert [clock.state for clock in find_clocks("SOC-1", now=NOW)] == [SlaState.ON_TRACK]
    assert find_clocks("9999", now=NOW) == find_clocks("SOC-9", now=NOW) == []


def test_a_clock_that_ended_with_its_ticket_is_about_to_run_out_nowhere() -> None:
    with write_session() as session:
        session.get_one(TicketRow, 2).sla_state = SlaState.CANCELLED.value
    with read_session() as session:
        assert [one.key for one in list_next_due(session, now=NOW, limit=5)] == ["SOC-1"]
    running = list_clocks(TicketFilter(is_open=True, has_time=True), now=NOW)
    assert [one.ticket.key for one in running] == ["SOC-3", "SOC-1"]


def test_time_is_said_as_what_it_is() -> None:
    left = timedelta(minutes=10)
    assert words_of_time(SlaState.ON_TRACK, left).endswith("left")
    assert words_of_time(SlaState.VIOLATED, -left).endswith("over")
    assert words_of_time(SlaState.MET, left).endswith("to spare")
    assert words_of_time(SlaState.CANCELLED, left) == "ended"
