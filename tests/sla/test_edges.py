"""A clock on either side of each of its edges, and what a link to a ticket may mean."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import structlog
import time_machine

from soc.domain.sla import SlaState, state_of
from soc.sla.clocks import count_tickets, find_clocks, list_clocks, read_clock, watch
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.tickets.tickets import TicketFilter, TicketRow, find_ticket
from tests.rows import add_ticket

NOW = datetime(2026, 1, 15, 0, 0, tzinfo=UTC)
HOUR, TICK = timedelta(hours=1), timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("age", "state"),
    [
        (timedelta(0), SlaState.ON_TRACK), (HOUR / 2 - TICK, SlaState.ON_TRACK), (HOUR / 2, SlaState.AT_RISK),
        (HOUR, SlaState.AT_RISK), (HOUR + TICK, SlaState.VIOLATED),
    ],
)  # fmt: skip
def test_a_running_clock_is_at_risk_from_half_its_time_and_overdue_after_it(
    age: timedelta, state: SlaState
) -> None:
    assert state_of(created=NOW - age, due=NOW - age + HOUR, resolved=None, now=NOW) is state


@pytest.mark.parametrize(
    ("took", "state"), [(HOUR, SlaState.MET), (HOUR + TICK, SlaState.MISSED), (TICK, SlaState.MET)]
)
def test_a_stopped_clock_met_its_time_or_missed_it_whatever_the_time_is_now(
    took: timedelta, state: SlaState
) -> None:
    for now in (NOW, NOW + 99 * HOUR):
        assert state_of(created=NOW, due=NOW + HOUR, resolved=NOW + took, now=now) is state


def ticket(key: str = "SOC-1", **values: object) -> TicketRow:
    migrate()
    with write_session() as session:
        add_ticket(session, key, **{"created_at": NOW - HOUR, **values})
    with read_session() as session:
        found = find_ticket(session, f"inc-{key}")
    assert found is not None
    return found


@pytest.mark.parametrize(("minutes", "left", "share"), [(15, 45, 0.25), (60, 0, 1.0), (90, -30, 1.5)])
def test_what_is_left_and_what_is_used_add_up(minutes: int, left: int, share: float) -> None:
    clock = read_clock(ticket(), now=NOW - HOUR + timedelta(minutes=minutes))
    assert (clock.left, clock.share, clock.due) == (timedelta(minutes=left), share, NOW)


def test_a_stopped_clock_keeps_what_was_left() -> None:
    clock = read_clock(ticket(resolved_at=NOW - HOUR / 2), now=NOW + 9 * HOUR)
    assert (clock.left, clock.share, clock.state) == (HOUR / 2, 0.5, SlaState.MET)


def test_a_clock_without_any_time_is_all_used() -> None:
    assert read_clock(ticket(due_at=NOW - HOUR), now=NOW).share == 1.0


@pytest.mark.parametrize(("after", "breached"), [(timedelta(0), None), (TICK, NOW), (HOUR, NOW)])
def test_a_breach_is_of_the_moment_when_the_time_was_up(after: timedelta, breached: datetime | None) -> None:
    ticket()
    with time_machine.travel(NOW + after, tick=False):
        assert watch() == (1 if breached else 0)
    with read_session() as session:
        kept = find_ticket(session, "inc-SOC-1")
    assert kept is not None
    assert kept.breached_at == breached
    assert kept.changed_by == ("system:sla-watch@schedule" if breached else "")


def test_a_breach_is_logged_with_its_ticket() -> None:
    ticket()
    with time_machine.travel(NOW + HOUR, tick=False), structlog.testing.capture_logs() as said:
        watch()
    assert [(one["event"], one["ticket"], one["priority"]) for one in said] == [
        ("sla_breached", "SOC-1", "Highest")
    ]


def test_many_breaches_at_once_are_one_line() -> None:
    for number in range(12):
        ticket(f"SOC-{number}", due_at=NOW + timedelta(seconds=number))
    with time_machine.travel(NOW + HOUR, tick=False), structlog.testing.capture_logs() as said:
        assert watch() == 12
    assert [(one["event"], one["tickets"], one["first"][:2]) for one in said] == [
        ("sla_breached", 12, ["SOC-0", "SOC-1"])
    ]


def test_a_ticket_that_was_resolved_late_is_not_found_by_the_watch() -> None:
    ticket(resolved_at=NOW + HOUR)
    with time_machine.travel(NOW + 2 * HOUR, tick=False):
        assert watch() == 0


def test_clocks_are_listed_by_the_next_to_run_out_and_paged() -> None:
    for number, minutes in enumerate((30, 10, 20), start=1):
        ticket(f"SOC-{number}", created_at=NOW, due_at=NOW + timedelta(minutes=minutes))
    ticket("SOC-4", resolved_at=NOW)
    pages = [list_clocks(TicketFilter(), now=NOW, offset=offset, limit=3) for offset in (0, 3)]
    assert [[one.ticket.key for one in page] for page in pages] == [["SOC-2", "SOC-3", "SOC-1"], ["SOC-4"]]
    assert count_tickets(TicketFilter(), now=NOW) == 4
    assert count_tickets(TicketFilter(states=(SlaState.ON_TRACK,)), now=NOW) == 3
    assert count_tickets(TicketFilter(states=(SlaState.VIOLATED,)), now=NOW + HOUR) == 3


def test_a_link_means_the_number_here_and_else_the_vendors_key() -> None:
    first, second = ticket("SOC-1"), ticket("SOC-2", practice=True)
    assert [one.ticket.key for one in find_clocks(str(second.id), now=NOW)] == ["SOC-2"]
    assert [one.ticket.id for one in find_clocks("SOC-1", now=NOW)] == [first.id]
    assert [one.left for one in find_clocks("SOC-1", now=NOW - HOUR)] == [HOUR]
    with time_machine.travel(NOW - 2 * HOUR, tick=False):
        assert [one.left for one in find_clocks("SOC-1")] == [2 * HOUR]
        assert count_tickets(TicketFilter(states=(SlaState.VIOLATED,))) == 0
        assert [one.left for one in list_clocks(TicketFilter(key="SOC-1"))] == [2 * HOUR]
    assert find_clocks("999", now=NOW) == find_clocks("SOC-9", now=NOW) == find_clocks("²", now=NOW) == []
