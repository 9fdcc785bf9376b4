"""Tickets as lists and figures choose them: each condition with a ticket on either side of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session

from soc.domain.actor import Actor
from soc.domain.sla import SlaState
from soc.errors import NotFound
from soc.store.nouns.combined.figures import (
    FigureFilter,
    count_creations,
    count_opened,
    list_sources,
    log_to_ticket,
)
from soc.store.nouns.escalation.escalations import EscalationStepRow
from soc.store.nouns.sla.sla_clocks import SlaClockRow
from soc.store.nouns.tickets.ticket_counts import Breach, ClockCount, count_clocks, record_breaches
from soc.store.nouns.tickets.ticket_lists import list_by_clock, list_keys_of, walk_tickets
from soc.store.nouns.tickets.tickets import (
    TicketFilter,
    count_tickets,
    find_of_incident,
    find_ticket,
    get_ticket,
    list_tickets,
    lock_tickets,
    page_tickets,
    read_state,
)
from tests.rows import NIGHT, add_batch, add_delivery, add_incident, add_ticket

MINUTE, TICK = timedelta(minutes=1), timedelta(microseconds=1)
NOW = NIGHT + 60 * MINUTE
ROBOT = Actor.system("sla")


def _add(session: Session, **rows: dict[str, Any]) -> None:
    for key, values in rows.items():
        add_ticket(session, key, **values)


def _keys(session: Session, **chosen: Any) -> set[str]:
    wanted = TicketFilter(**chosen)
    rows = list_tickets(session, wanted, sort="created_at", now=NOW)
    assert count_tickets(session, wanted, now=NOW) == len(rows)
    assert page_tickets(session, wanted, now=NOW).total == len(rows)
    return {row.key for row in rows}


def test_a_list_of_tickets_shows_what_is_asked_for_and_nothing_else(session: Session) -> None:
    add_batch(session, "other")
    add_incident(session, "inc-B", batch_id="other", source="firewall")
    _add(
        session, A={}, B={"integration": "servicenow"}, C={"priority": "Low", "practice": True}, D={"resolved_at": NOW},
        E={"owner": "per-kim"}, F={"owner": "per-lea", "sla_state": "cancelled"}, G={"created_at": NIGHT + MINUTE},
    )  # fmt: skip
    told = {"cycle": 1, "chain_id": "c", "chain_version": 1, "step": 0, "title": "Lead", "made_by": "x"}
    for key, loop, state in (("A", 0, "told"), ("B", 1, "planned"), ("C", 2, "told")):
        title = "Lead" if key != "C" else "Team"
        row = EscalationStepRow(
            ticket_id=_id(session, key), loop=loop, state=state, **{**told, "title": title}
        )
        session.add(row)
    session.flush()
    everything = set("ABCDEFG")
    assert _keys(session) == everything
    for expected, chosen in (
        ("B", {"integration": "servicenow"}),
        ("C", {"key": "C"}),
        ("B", {"batch_id": "other"}),
        ("BD", {"incident_ids": ("inc-B", "inc-D")}),
        ("C", {"priorities": ("Low", "Medium")}),
        ("B", {"source": "firewall"}),
        ("A", {"escalated": "Lead"}),
        ("D", {"is_open": False}),
        ("ABCEFG", {"is_open": True}),
        ("ABCEG", {"has_time": True}),
        ("C", {"practice": True}),
        ("ABDEFG", {"practice": False}),
        ("E", {"owners": ("per-kim",)}),
        ("EF", {"owners": ("per-kim", "per-lea", "")}),
        ("ABCDG", {"owners": ("",)}),
        ("G", {"since": NIGHT + MINUTE}),
        ("ABCDEF", {"until": NIGHT + MINUTE}),
    ):
        assert _keys(session, **chosen) == set(expected), chosen


def _id(session: Session, key: str) -> int:
    row = find_ticket(session, f"inc-{key}")
    assert row is not None
    return row.id or 0


def test_the_database_says_where_a_clock_stands_as_the_product_does(session: Session) -> None:
    half = NIGHT + 60 * MINUTE
    _add(
        session,
        on_track={"due_at": half + 60 * MINUTE + TICK},  # half of it is used an instant later
        at_risk={"due_at": half + 60 * MINUTE},
        early={"due_at": half + 90 * MINUTE, "at_risk_at": NOW},
        later={"due_at": NOW + TICK, "at_risk_at": NOW + TICK},
        last={"due_at": NOW},
        late={"due_at": NOW - TICK},
        met={"due_at": NOW, "resolved_at": NOW},
        missed={"due_at": NOW, "resolved_at": NOW + TICK},
        waits={"due_at": NOW - TICK, "sla_state": "paused"},
        intake={"sla_state": SlaState.INTAKE.value},
        called={"sla_state": "cancelled", "resolved_at": NOW},
        said_met={"due_at": NOW, "resolved_at": NOW + MINUTE, "sla_state": "met"},
        said_missed={"due_at": NOW, "resolved_at": NOW - MINUTE, "sla_state": "missed"},
    )  # fmt: skip
    by_state: dict[SlaState, set[str]] = {state: _keys(session, states=(state,)) for state in SlaState}
    assert {state: keys for state, keys in by_state.items() if keys} == {
        SlaState.ON_TRACK: {"on_track", "later"}, SlaState.AT_RISK: {"at_risk", "early", "last"},
        SlaState.VIOLATED: {"late"}, SlaState.MET: {"met", "said_met"}, SlaState.MISSED: {"missed", "said_missed"},
        SlaState.PAUSED: {"waits"}, SlaState.INTAKE: {"intake"}, SlaState.CANCELLED: {"called"},
    }  # fmt: skip
    for state, keys in by_state.items():
        assert {read_state(_row(session, key), now=NOW) for key in keys} <= {state}
    assert _keys(session, states=(SlaState.VIOLATED, SlaState.PAUSED)) == {"late", "waits"}
    counted = {one.state: one for one in count_clocks(session, now=NOW)}
    assert {state: one.tickets for state, one in counted.items()} == {
        state: len(keys) for state, keys in by_state.items() if keys
    }
    assert counted[SlaState.MISSED] == ClockCount(
        "Highest", SlaState.MISSED, 2, 2 * 60 * MINUTE - MINUTE + TICK, open=0
    )
    assert (counted[SlaState.AT_RISK].took, counted[SlaState.AT_RISK].open) == (timedelta(0), 3)


def _row(session: Session, key: str) -> Any:
    return get_ticket(session, _id(session, key))


def test_clocks_are_listed_as_they_run_out_and_after_them_the_stopped_ones_the_last_first(
    session: Session,
) -> None:
    for number, key in enumerate("ABC"):
        add_ticket(session, key, due_at=NOW - number * MINUTE)
    add_ticket(session, "I", due_at=NIGHT - 60 * 24 * MINUTE, sla_state="breached at intake")
    for number, key in enumerate("XYZ"):
        add_ticket(session, key, resolved_at=NOW + number * MINUTE)

    def listed(offset: int, limit: int, **chosen: Any) -> str:
        rows = list_by_clock(session, TicketFilter(**chosen), now=NOW, offset=offset, limit=limit)
        return "".join(row.key for row in rows)

    assert listed(0, 9) == "CBAIZYX"  # what was late before anybody could know is not what runs out next
    assert [listed(start, 2) for start in range(8)] == ["CB", "BA", "AI", "IZ", "ZY", "YX", "X", ""]
    assert listed(0, 9, is_open=True) == "CBAI"
    assert (listed(0, 9, is_open=False), listed(1, 1, is_open=False)) == ("ZYX", "Y")


def test_a_ticket_that_ran_out_of_time_is_written_down_once_with_the_moment_at_which_it_did(
    session: Session,
) -> None:
    late = NOW - MINUTE
    _add(
        session, A={"due_at": late}, B={"due_at": late - MINUTE, "priority": "Low"}, C={"due_at": NOW},
        D={"due_at": late, "resolved_at": NOW}, E={"due_at": late, "breached_at": NIGHT}, F={"due_at": late, "sla_state": "paused"},
    )  # fmt: skip
    assert record_breaches(session, actor=ROBOT, now=NOW, named=1) == (2, [Breach("B", "Low", "inc-B")])
    session.expire_all()
    assert [_row(session, key).breached_at for key in "ABCDEF"] == [
        late,
        late - MINUTE,
        None,
        None,
        NIGHT,
        None,
    ]
    assert [_row(session, key).changed_by for key in "AE"] == [str(ROBOT), ""]
    assert record_breaches(session, actor=ROBOT, now=NOW, named=1) == (0, [])


def test_tickets_are_found_by_their_incident_and_walked_oldest_first(session: Session) -> None:
    _add(session, A={"created_at": NIGHT + MINUTE}, B={})
    add_ticket(session, "A2", incident_id="inc-A", integration="servicenow", url="https://snow/A2")
    assert [row.key for row in lock_tickets(session, "inc-A")] == ["A", "A2"]
    assert list_keys_of(session, ["inc-A", "inc-none"]) == {
        "inc-A": [("A", "https://jira.example.com/browse/A"), ("A2", "https://snow/A2")]
    }
    walked = [(row.key, incident.id) for row, incident in walk_tickets(session, TicketFilter(), now=NOW)]
    assert walked == [("B", "inc-B"), ("A2", "inc-A"), ("A", "inc-A")]
    for kind, key in (("jira", "A"), ("servicenow", "A2")):
        found = find_of_incident(session, "inc-A", integration=kind)
        assert found is not None
        assert found.key == key
    assert find_of_incident(session, "inc-B", integration="servicenow") is None
    for number in (0, -1, 99, 2**31):
        with pytest.raises(NotFound, match=f"no ticket {number} here"):
            get_ticket(session, number)


def test_tickets_are_chosen_by_where_a_clock_of_theirs_stands(session: Session) -> None:
    _add(session, A={}, B={}, C={}, D={})
    known = {
        "cycle": 1, "policy": "p", "version": 1, "priority": "Low", "target": 1, "started_at": NIGHT, "due_at": NIGHT,
        "at_risk_at": NIGHT, "runs": True, "position": NIGHT,
    }  # fmt: skip
    for key, which, values in (
        ("A", "response", {"state": "", "breached_at": NIGHT}),
        ("B", "response", {"state": "missed", "breached_at": NIGHT, "ended_at": NIGHT}),
        ("C", "response", {"state": ""}),
        ("D", "resolution", {"state": "", "breached_at": NIGHT}),
    ):
        session.add(SlaClockRow(ticket_id=_id(session, key), clock=which, **{**known, **values}))
    session.flush()
    for expected, chosen in (
        ("A", "response violated"), ("B", "response missed"), ("D", "resolution violated"), ("", "resolution missed"),
    ):  # fmt: skip
        assert _keys(session, clock=chosen) == set(expected), chosen


def test_figures_count_what_their_filter_lets_through(session: Session) -> None:
    add_batch(session, "later", created_at=NIGHT + 2 * MINUTE)
    add_incident(session, "inc-B", source="firewall", score=5, batch_id="later")
    add_incident(session, "inc-none", source="nowhere")
    add_incident(session, "inc-C", origin="api")
    _add(session, A={"owner": "per-kim"}, B={"created_at": NIGHT + 20 * MINUTE, "priority": "Low"}, C={})
    for key, values in {
        "d1": {"incident_id": "inc-A", "state": "delivered"},
        "d2": {"incident_id": "inc-B", "state": "dead", "created_at": NIGHT + 20 * MINUTE},
        "d3": {"incident_id": "inc-A", "state": "pending"},
        "d4": {"incident_id": "inc-A", "state": "delivered", "action": "send_alert"},
    }.items():
        add_delivery(session, key, **values)

    def opened(**chosen: Any) -> int:
        return sum(one.tickets for one in count_opened(session, FigureFilter(**chosen)))

    def made(**chosen: Any) -> list[tuple[str, str, int]]:
        return sorted(count_creations(session, FigureFilter(**chosen), actions=["open_ticket"]))

    done, dead = ("jira", "delivered", 1), ("jira", "dead", 1)
    later = NIGHT + 20 * MINUTE
    assert (opened(), opened(priorities=("Low",)), opened(source="firewall")) == (3, 1, 1)
    assert (opened(owners=("per-kim",)), opened(owners=("",))) == (1, 2)
    assert (opened(since=later), opened(until=later)) == (1, 2)
    assert made() == [dead, done]
    assert (made(since=later), made(until=later), made(source="firewall")) == ([dead], [done], [dead])
    assert (made(severities=("critical",)), made(severities=("medium",))) == ([done], [dead])
    assert {one.quarter for one in count_opened(session, FigureFilter(since=later))} == {
        int(later.timestamp()) // 900
    }
    took = log_to_ticket(session, FigureFilter())
    assert took is not None
    assert (took.number, took.total, took.p95) == (2, 18 * 60_000_000, 18 * 60_000_000)
    assert log_to_ticket(session, FigureFilter(source="nowhere")) is None
    assert list_sources(session) == ["firewall", "s"]
    assert list_sources(session, limit=1) == ["firewall"]
