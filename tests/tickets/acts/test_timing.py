"""What acts do to the clocks of the incident's tickets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlmodel import col, select

from soc.domain.actor import Actor
from soc.domain.acts import ActKind, Verdict
from soc.domain.incident import IncidentStatus
from soc.domain.severity import Priority
from soc.sla.clocks import watch
from soc.sla.explain import explain_ticket, find_differences
from soc.sla.starting import open_book
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.combined.handovers import list_reopened
from soc.store.nouns.sla.sla_clocks import SlaClockRow, SlaEventRow
from soc.store.nouns.tickets.tickets import TicketRow
from soc.tickets import acts
from soc.tickets.acts import Asked, Outcome, bulk
from soc.tickets.acts.bulk import Wish
from tests.rows import NIGHT, add_person, add_ticket

KIM, LEE, KEY = Actor.said("per-kim"), Actor.said("per-lee"), Actor.key("key-1")
INCIDENT = "inc-SOC-1"
SOON = NIGHT + timedelta(minutes=5)


@pytest.fixture(autouse=True)
def _ticket() -> Iterator[None]:
    with time_machine.travel(SOON, tick=False):
        migrate()
        with write_session() as session:
            add_ticket(session, "SOC-1")
            add_person(session, "per-kim")
        yield


def do(work: Callable[..., Outcome], *args: Any, who: Actor = KIM, **named: Any) -> None:
    asked = Asked(who, f"{work.__name__}-{args}", at=SOON)
    acts.perform(lambda session: work(session, INCIDENT, *args, asked, **named))


def ends() -> dict[str, tuple[str, str]]:
    """By clock: how it ended, and the reason that the ledger has."""
    with read_session() as session:
        reasons = {
            one.clock: one.reason for one in session.exec(select(SlaEventRow)) if one.kind != "activate"
        }
        return {
            one.clock: (one.state, reasons.get(one.clock, "")) for one in session.exec(select(SlaClockRow))
        }


def test_what_a_key_does_answers_nothing() -> None:
    do(acts.acknowledge, who=KEY)
    do(acts.assign, "per-kim", who=KEY)
    do(acts.set_status, IncidentStatus.IN_PROGRESS, who=KEY)
    assert ends()["response"][0] == ""


@pytest.mark.parametrize(
    ("work", "args", "reason"),
    [
        (acts.acknowledge, (), "acknowledged it"),
        (acts.assign, ("per-kim",), "assigned it"),
        (acts.add_note, ("Seen.",), "wrote a note"),
        (acts.set_status, (IncidentStatus.IN_PROGRESS,), "moved it to In Progress"),
    ],
)
def test_the_first_act_of_a_person_ends_the_response_and_says_which(
    work: Any, args: tuple[Any, ...], reason: str
) -> None:
    do(work, *args)
    assert ends() == {"response": ("met", reason), "resolution": ("", "")}


def test_closing_ends_both_clocks() -> None:
    do(acts.close, Verdict.BENIGN)
    assert {clock: state for clock, (state, _) in ends().items()} == {"response": "met", "resolution": "met"}


def kept(*, when: timedelta) -> list[dict[str, object]]:
    """What is kept of the ticket's clocks, as it is at that moment after the first look, without where they were followed to."""
    with time_machine.travel(SOON + when, tick=False), write_session() as session:
        ticket = session.exec(select(TicketRow)).one()
        open_book(session, ticket).keep()
        rows = session.exec(
            select(SlaClockRow).order_by(col(SlaClockRow.clock), col(SlaClockRow.cycle))
        ).all()
        listed = (ticket.due_at, ticket.sla_state, ticket.breached_at, ticket.reopened)
        return [row.model_dump() for row in rows] + [{"ticket": listed}]


CLOSING = Wish(ActKind.CLOSE, verdict=Verdict.BENIGN)
REOPENING = Wish(ActKind.SET_STATUS, status=IncidentStatus.OPEN)


@pytest.mark.parametrize(
    ("first", "wish"),
    [
        (None, Wish(ActKind.ACKNOWLEDGE)),
        (None, Wish(ActKind.ADD_NOTE, note="Seen.")),
        (None, CLOSING),
        (None, Wish(ActKind.SET_PRIORITY, priority=Priority.LOW)),
        (CLOSING, REOPENING),
    ],
)
def test_what_is_taken_back_leaves_the_clocks_as_if_it_had_not_been_and_every_row_stays(
    first: Wish | None, wish: Wish
) -> None:
    if first is not None:
        bulk.do_many([INCIDENT], first, Asked(KIM, "first", at=SOON))
    before = kept(when=timedelta(minutes=1))
    with time_machine.travel(SOON + timedelta(seconds=20), tick=False):
        done = bulk.do_many([INCIDENT], wish, Asked(KIM, "then"))
        watch()
        assert kept(when=timedelta(minutes=1)) != before
        with read_session() as session:
            rows = len(session.exec(select(SlaEventRow)).all())
        bulk.undo(done.group, actor=KIM)
    assert kept(when=timedelta(minutes=1)) == before
    with read_session() as session:
        assert len(session.exec(select(SlaEventRow)).all()) > rows
        assert list(find_differences(session)) == []
        told = " ".join(explain_ticket(session, session.exec(select(TicketRow)).one()))
        assert "taken back" in told
        assert not list_reopened(session, since=NIGHT, limit=9)


def test_a_breach_that_only_the_undone_act_brought_is_none() -> None:
    """A ticket that was made urgent for two seconds did not miss an hour that it never had."""
    with write_session() as session:
        ticket = session.exec(select(TicketRow)).one()
        ticket.priority, ticket.due_at = "Low", NIGHT + timedelta(hours=72)
    with time_machine.travel(SOON + timedelta(hours=2), tick=False) as travel:
        done = bulk.do_many(
            [INCIDENT], Wish(ActKind.SET_PRIORITY, priority=Priority.HIGHEST), Asked(KIM, "oops")
        )
        travel.shift(2)
        watch()
        with read_session() as session:
            assert session.exec(select(TicketRow)).one().breached_at is not None
        bulk.undo(done.group, actor=KIM)
        with read_session() as session:
            assert session.exec(select(TicketRow)).one().breached_at is None
            assert all(row.breached_at is None for row in session.exec(select(SlaClockRow)))


def test_what_somebody_else_did_meanwhile_answers_the_ticket_when_the_first_answer_is_taken_back() -> None:
    done = bulk.do_many([INCIDENT], Wish(ActKind.ACKNOWLEDGE), Asked(KIM, "first", at=SOON))
    later = SOON + timedelta(seconds=3)
    with time_machine.travel(later, tick=False):
        acts.perform(lambda session: acts.add_note(session, INCIDENT, "Mine.", Asked(LEE, "note")))
        bulk.undo(done.group, actor=KIM)
    with read_session() as session:
        response = session.get_one(SlaClockRow, (1, "response", 1))
        assert (response.ended_at, response.ended_by) == (later, str(LEE))
