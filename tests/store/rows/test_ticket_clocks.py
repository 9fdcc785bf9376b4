"""The SLA clock in SQL says what the domain's function says, to the microsecond."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from soc.domain.actor import Actor
from soc.domain.sla import SlaState, state_of
from soc.errors import NotFound
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.tickets.ticket_counts import count_clocks, record_breaches
from soc.store.nouns.tickets.ticket_lists import list_by_clock
from soc.store.nouns.tickets.ticket_reading import list_keys_to_ask
from soc.store.nouns.tickets.tickets import (
    TicketFilter,
    TicketRow,
    count_tickets,
    find_by_key,
    find_ticket,
    get_ticket,
    page_tickets,
)
from tests.rows import NIGHT, add_ticket

HOUR = timedelta(hours=1)
TICK = timedelta(microseconds=1)
WATCH = Actor.system("sla-watch")


@pytest.fixture(autouse=True)
def _schema() -> None:
    migrate()


def _add(*clocks: tuple[datetime, datetime, datetime | None]) -> None:
    """One ticket for each (created, due, resolved): SOC-0, SOC-1 …"""
    with write_session() as session:
        for number, (created, due, resolved) in enumerate(clocks):
            add_ticket(session, f"SOC-{number}", created_at=created, due_at=due, resolved_at=resolved)


def _states(now: datetime) -> dict[str, SlaState]:
    found = {}
    with read_session() as session:
        for state in SlaState:
            for row in page_tickets(session, TicketFilter(states=(state,)), now=now, limit=500).rows:
                assert row.key not in found, f"{row.key} is {found[row.key]} and {state}"
                found[row.key] = state
    return found


_MOMENTS = st.integers(-3_000_000, 3_000_000).map(lambda n: NIGHT + n * TICK)
_CLOCKS = st.tuples(_MOMENTS, st.integers(0, 3_000_000), st.none() | st.integers(0, 6_000_000)).map(
    lambda one: (
        one[0],
        one[0] + one[1] * TICK,
        None if one[2] is None else one[0] + one[2] * TICK,
    )
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(clocks=st.lists(_CLOCKS, min_size=1, max_size=12), now=_MOMENTS)
def test_sql_and_python_agree_on_every_clock(
    clocks: list[tuple[datetime, datetime, datetime | None]], now: datetime
) -> None:
    with write_session() as session:
        for row in page_tickets(session, limit=500).rows:
            session.delete(row)
    _add(*clocks)
    expected = {
        f"SOC-{n}": state_of(created=created, due=due, resolved=resolved, now=now)
        for n, (created, due, resolved) in enumerate(clocks)
    }
    assert _states(now) == expected
    with read_session() as session:
        counted: Counter[SlaState] = Counter()
        for one in count_clocks(session, now=now):
            counted[one.state] += one.tickets
    assert counted == Counter(expected.values())


@pytest.mark.parametrize(
    ("after", "state"),
    [
        (timedelta(0), SlaState.ON_TRACK),
        (HOUR / 2 - TICK, SlaState.ON_TRACK),
        (HOUR / 2, SlaState.AT_RISK),
        (HOUR - timedelta(seconds=1), SlaState.AT_RISK),
        (HOUR, SlaState.AT_RISK),
        (HOUR + TICK, SlaState.VIOLATED),
        (HOUR + timedelta(seconds=1), SlaState.VIOLATED),
    ],
)
def test_a_running_clock_turns_at_its_half_and_just_after_its_end(after: timedelta, state: SlaState) -> None:
    _add((NIGHT, NIGHT + HOUR, None))
    assert _states(NIGHT + after) == {"SOC-0": state}
    assert state_of(created=NIGHT, due=NIGHT + HOUR, resolved=None, now=NIGHT + after) is state


@pytest.mark.parametrize(
    ("took", "state"),
    [(HOUR - TICK, SlaState.MET), (HOUR, SlaState.MET), (HOUR + TICK, SlaState.MISSED)],
)
def test_a_stopped_clock_met_its_time_up_to_the_very_end(took: timedelta, state: SlaState) -> None:
    _add((NIGHT, NIGHT + HOUR, NIGHT + took))
    assert _states(NIGHT + 9 * HOUR) == {"SOC-0": state}
    assert state_of(created=NIGHT, due=NIGHT + HOUR, resolved=NIGHT + took, now=NIGHT) is state


def test_clocks_are_counted_by_priority_and_what_the_stopped_ones_took_is_added_up() -> None:
    with write_session() as session:
        add_ticket(session, "SOC-1", priority="High", resolved_at=NIGHT + HOUR)
        add_ticket(session, "SOC-2", priority="High", resolved_at=NIGHT + HOUR / 2)
        add_ticket(session, "SOC-3", priority="Low")
    with read_session() as session:
        counts = {one[:2]: one[2:] for one in count_clocks(session, now=NIGHT + 2 * HOUR)}
    assert counts == {
        ("High", SlaState.MET): (2, 1.5 * HOUR, 0),
        ("Low", SlaState.VIOLATED): (1, timedelta(0), 1),
    }


def test_the_clock_that_runs_out_first_is_on_top_and_stopped_ones_come_last_the_newest_first() -> None:
    _add(
        (NIGHT, NIGHT + 3 * HOUR, None),
        (NIGHT, NIGHT + 1 * HOUR, None),
        (NIGHT, NIGHT + 9 * HOUR, NIGHT + 1 * HOUR),
        (NIGHT, NIGHT + 2 * HOUR, NIGHT + 4 * HOUR),
        (NIGHT, NIGHT + 2 * HOUR, None),
    )
    expected = ["SOC-1", "SOC-4", "SOC-0", "SOC-3", "SOC-2"]
    with read_session() as session:
        for limit in (1, 2, 3, 4, 5):
            found: list[TicketRow] = []
            for offset in range(0, 5, limit):
                found += list_by_clock(session, TicketFilter(), now=NIGHT, offset=offset, limit=limit)
            assert [row.key for row in found] == expected, limit
        only_open = list_by_clock(session, TicketFilter(is_open=True), now=NIGHT)
        assert [row.key for row in only_open] == expected[:3]
        assert count_tickets(session, TicketFilter(states=(SlaState.MET, SlaState.MISSED)), now=NIGHT) == 2


def test_a_breach_is_written_down_once_and_only_after_the_time_is_up() -> None:
    _add(
        (NIGHT, NIGHT + HOUR, None), (NIGHT, NIGHT + HOUR, NIGHT + 2 * HOUR), (NIGHT, NIGHT + 2 * HOUR, None)
    )
    for now, expected in ((NIGHT + HOUR, []), (NIGHT + HOUR + TICK, ["SOC-0"]), (NIGHT + 1.5 * HOUR, [])):
        with write_session() as session:
            number, found = record_breaches(session, now=now, actor=WATCH, named=10)
            assert (number, [row.key for row in found]) == (len(expected), expected)
    with read_session() as session:
        [row] = find_by_key(session, "SOC-0")
    assert (row.breached_at, row.changed_by) == (NIGHT + HOUR, str(WATCH))


def test_a_key_may_be_a_practice_ticket_s_and_a_real_one_s() -> None:
    with write_session() as session:
        real = add_ticket(session, "SOC-1")
        practice = add_ticket(session, "SOC-1", practice=True, incident_id="inc-p")
        other = add_ticket(session, "SOC-1", integration="other", incident_id="inc-o")
    with read_session() as session:
        assert [row.id for row in find_by_key(session, "SOC-1")] == [other.id, practice.id, real.id]
        jira = find_by_key(session, "SOC-1", integration="jira", practice=False)
        assert [row.id for row in jira] == [real.id]
        assert get_ticket(session, practice.id).practice


@pytest.mark.parametrize("number", [0, -1, 7, 2**31, 10**30])
def test_a_ticket_that_is_not_there_is_not_found(number: int) -> None:
    with read_session() as session, pytest.raises(NotFound, match=f"There is no ticket {number} here"):
        get_ticket(session, number)


def test_jira_is_asked_for_what_is_open_or_may_yet_be_reopened() -> None:
    with write_session() as session:
        add_ticket(session, "SOC-1")
        add_ticket(session, "SOC-2", resolved_at=NIGHT)
        add_ticket(session, "SOC-3", resolved_at=NIGHT - TICK)
        add_ticket(session, "SOC-4", practice=True)
        add_ticket(session, "SOC-5", integration="other")
    with read_session() as session:
        keys = list_keys_to_ask(session, integration="jira", practice=False, resolved_since=NIGHT)
    assert keys == ["SOC-1", "SOC-2"]


def test_an_incident_s_ticket_is_its_first_and_breaches_come_in_the_order_in_which_they_were_due() -> None:
    with write_session() as session:
        for key, integration, minutes in (("SOC-2", "jira", 3), ("SEC-1", "other", 1), ("OPS-1", "third", 2)):
            add_ticket(
                session, key, incident_id="inc-1", integration=integration, due_at=NIGHT + minutes * HOUR / 60
            )
        add_ticket(session, "SOC-3", incident_id="inc-0")
        found = find_ticket(session, "inc-1")
        assert (found is not None and found.key, find_ticket(session, "inc-9")) == ("SOC-2", None)
        number, named = record_breaches(session, now=NIGHT + HOUR / 2, actor=WATCH, named=2)
        assert (number, [row.key for row in named]) == (3, ["SEC-1", "OPS-1"])
        left = count_clocks(session, TicketFilter(integration="jira"), now=NIGHT)
        assert sum(one.tickets for one in left) == 2
