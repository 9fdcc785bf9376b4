"""An escalation that was called off between claim and send is not sent; one of several tickets is taken out of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session

from soc import clock
from soc.delivery import ledger
from soc.delivery.ledger import Intent, Send, Skip, Step
from soc.delivery.turns import still_wanted
from soc.domain.actor import Actor, Known
from soc.domain.delivery import DeliveryState
from soc.domain.message import EndEscalation, EscalatedTicket, Escalation
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.deliveries.attempts import Ending, close_attempt, open_attempt
from soc.store.nouns.deliveries.deliveries import DeliveryRow, get_delivery
from soc.store.nouns.escalation.escalations import EscalationLineRow, EscalationNoticeRow, EscalationStepRow
from soc.store.nouns.incidents.incidents import IncidentRow
from soc.store.nouns.tickets.tickets import TicketRow
from tests.rows import add_ticket


@pytest.fixture(autouse=True)
def _store() -> None:
    migrate()


MIA = Actor.person("p-mia", Known.SHELL)


def _notice(session: Session, *tickets: TicketRow) -> str:
    """A notice of these tickets, planned and not sent; returns its delivery's id."""
    now = clock.now()
    told = tuple(
        EscalatedTicket(
            ticket_id=one.id or 0, incident_id=one.incident_id, key=one.key, remote_id=one.remote_id, url="", title="t",
            priority="High", score=7, step="SLA violation", why="its time is up",
        )
        for one in tickets
    )  # fmt: skip
    message = Escalation(subject="ntc-1", tickets=told[:1], folded=tuple(one.key for one in told[1:]))
    (planned,) = ledger.plan(
        session, [Intent(key="k", integration="slack", message=message, actor=MIA)], now=now
    )
    session.add(
        EscalationNoticeRow(
            id="ntc-1",
            recipient="",
            channel="c",
            delivery_id=planned.delivery_id,
            told_at=now,
            tickets=1,
            made_by="x",
        )
    )
    for one in told:
        step = EscalationStepRow(
            ticket_id=one.ticket_id, cycle=1, chain_id="guide", chain_version=1, step=0, loop=0, title="t",
            state="told", made_by="x",
        )  # fmt: skip
        session.add(step)
        session.flush()
        session.add(
            EscalationLineRow(
                step_id=step.id or 0, ticket_id=one.ticket_id, recipient="", channel="c", state="told",
                notice_id="ntc-1", said="s", created_at=now, made_by="x",
            )
        )  # fmt: skip
    session.flush()
    return planned.delivery_id


def _begin(delivery_id: str) -> Step:
    with write_session() as session:
        return ledger.begin(session, delivery_id, 1, executor="e", settle=timedelta(), now=clock.now())


def _row(delivery_id: str) -> DeliveryRow:
    with read_session() as session:
        return get_delivery(session, delivery_id)


def test_an_acknowledgement_between_claim_and_send_cancels_it_and_says_by_whom() -> None:
    with write_session() as session:
        ticket = add_ticket(session)
        delivery = _notice(session, ticket)
    with write_session() as session:
        incident = session.get_one(IncidentRow, ticket.incident_id)
        incident.acknowledged_at, incident.acknowledged_by = clock.now(), str(MIA)
    assert _begin(delivery) == Skip()
    assert (_row(delivery).state, _row(delivery).reason) == ("cancelled", "acknowledged by Somebody (p-mia)")
    assert _row(delivery).sends == 0


def test_what_is_left_of_a_notice_is_told_without_what_was_called_off() -> None:
    with write_session() as session:
        first, second = add_ticket(session), add_ticket(session, key="SOC-2")
        delivery = _notice(session, first, second)
    with write_session() as session:
        session.get_one(TicketRow, second.id).resolved_at = clock.now()
    step = _begin(delivery)
    assert isinstance(step, Send)
    assert isinstance(step.message, Escalation)
    assert ([one.key for one in step.message.tickets], step.message.folded) == ([first.key], ())
    assert _row(delivery).payload["folded"] == []


def test_a_failed_send_is_not_repeated_after_the_acknowledgement() -> None:
    with write_session() as session:
        ticket = add_ticket(session)
        delivery = _notice(session, ticket)
    assert isinstance(_begin(delivery), Send)
    with write_session() as session:
        incident = session.get_one(IncidentRow, ticket.incident_id)
        incident.acknowledged_at, incident.acknowledged_by = clock.now(), str(MIA)
        row = session.get_one(DeliveryRow, delivery)
        ledger.retry(session, row, DeliveryState.RETRY, at=clock.now(), now=clock.now())
    with write_session() as session:
        step = ledger.begin(session, delivery, 2, executor="e", settle=timedelta(), now=clock.now())
    assert (step, _row(delivery).state, _row(delivery).sends) == (Skip(), "cancelled", 1)


def test_the_end_of_what_never_arrived_is_not_told_and_that_of_what_may_have_is() -> None:
    with write_session() as session:
        delivery = _notice(session, add_ticket(session))
        end = EndEscalation(subject="ntc-1", outcome="resolved")
        stranger = end.model_copy(update={"subject": "ntc-9"})
        never = (None, "what it ends never arrived")
        assert [still_wanted(session, one) for one in (end, stranger)] == [never, never]
        row = session.get_one(DeliveryRow, delivery)
        open_attempt(session, row, "send", executor="e", now=clock.now())  # its answer is not known
        assert [still_wanted(session, one) for one in (end, stranger)] == [(end, ""), never]
        close_attempt(session, row, "send", Ending("refused"), now=clock.now())
        assert still_wanted(session, end) == never
        row.state = "delivered"
        session.flush()
        assert still_wanted(session, end) == (end, "")
