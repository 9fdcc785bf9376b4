"""What people do to an incident stops what is planned about its tickets, and what was planned to be sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlmodel import Session

from soc.audit.write import record
from soc.delivery import ledger
from soc.delivery.ledger import Try
from soc.delivery.turns import said_by, still_wanted
from soc.domain.actor import Actor
from soc.domain.acts import ActKind
from soc.domain.audit import Subject, SubjectKind
from soc.domain.delivery import FINAL_STATES, DeliveryState
from soc.domain.escalation.settle import ack_ends
from soc.domain.escalation.states import LineState, StepState
from soc.domain.message import read_message
from soc.domain.severity import Priority
from soc.escalation.ending import end_notices
from soc.escalation.planning import PLANNER, cancel_steps, chain_of, keep_priority, plan_ticket
from soc.escalation.undoing import ANSWERS, MOVES, is_of_people  # what is taken back is gone on with there
from soc.store.nouns.deliveries.outbox import lock_delivery
from soc.store.nouns.escalation import escalation_acks, escalation_lines
from soc.store.nouns.escalation import escalations as stored
from soc.store.nouns.escalation.escalation_acks import EscalationAckRow
from soc.store.nouns.escalation.escalations import EscalationLineRow
from soc.store.nouns.incidents.incidents import IncidentRow
from soc.store.nouns.tickets.tickets import TicketRow
from soc.tickets.acts import Happened, follow_acts

log = structlog.get_logger(__name__)
#: Who has it and what is written of it moves no clock, where it is no person's answer; and only these end what was begun elsewhere.
_STILL = (
    ActKind.ASSIGN, ActKind.ADD_NOTE, ActKind.EDIT_NOTE, ActKind.SET_VERDICT, ActKind.SET_LABELS, ActKind.SET_COMPONENTS,
    ActKind.SET_WATCHERS,
)  # fmt: skip
_ENDS = (ActKind.SET_STATUS, ActKind.CLOSE, ActKind.MERGE, ActKind.SPLIT)


@dataclass(frozen=True)
class CalledOff:
    """`cancelled` deliveries are not sent; `under_way` had begun to be sent before, and are listed."""

    steps: int = 0
    cancelled: tuple[str, ...] = ()
    under_way: tuple[str, ...] = ()


@follow_acts
def follow_act(session: Session, happened: Happened) -> Sequence[Try]:
    """In the transaction of each act."""
    incident, actor, now = happened.incident, happened.asked.actor, happened.asked.at
    who = said_by(session, f" by {actor}").strip()
    if happened.act is ActKind.ACKNOWLEDGE:
        acknowledged(session, incident, happened.tickets, actor=actor, now=now)
        return _end(session, happened)
    of_people = is_of_people(actor)
    if not of_people and happened.act in _STILL:
        return []
    if of_people and happened.act in ANSWERS:
        _settle_ack(session, incident, happened.act, who, now=now)
        for ticket in happened.tickets:
            words = happened.act.value.replace("_", " ")
            call_off(session, ticket, why=f"answered {who} ({words})", actor=actor, now=now, wait=False)
    for ticket in happened.tickets:
        if (
            not of_people and actor.id == PLANNER.id and happened.act is ActKind.SET_PRIORITY
        ):  # a step's own: it re-aims no clock
            keep_priority(session, ticket)
        else:
            plan_ticket(session, ticket, now=now)
    return _end(session, happened) if of_people or happened.act in _ENDS else []


def _end(session: Session, happened: Happened) -> list[Try]:
    ids = [ticket.id or 0 for ticket in happened.tickets]
    return (
        end_notices(session, actor=happened.asked.actor, now=happened.asked.at, ticket_ids=ids) if ids else []
    )


def acknowledged(
    session: Session, incident: IncidentRow, tickets: Sequence[TicketRow], *, actor: Actor, now: datetime
) -> CalledOff:
    """Somebody looks into it: everything pending about its tickets waits, and no escalation that has not left is sent."""
    done = [
        call_off(session, ticket, why=f"acknowledged by {actor}", actor=actor, now=now, wait=True)
        for ticket in tickets
    ]
    found = CalledOff(
        sum(one.steps for one in done),
        tuple(delivery for one in done for delivery in one.cancelled),
        tuple(delivery for one in done for delivery in one.under_way),
    )
    expires = min(filter(None, (_expires(session, ticket, now) for ticket in tickets)), default=None)
    session.add(
        EscalationAckRow(incident_id=incident.id, made_by=str(actor), made_at=now, expires_at=expires)
    )
    after = {
        "expires_at": expires, "steps": found.steps, "cancelled": list(found.cancelled),
        "under_way": list(found.under_way),
    }  # fmt: skip
    record(session, actor, "call off", Subject(SubjectKind.ESCALATION, incident.id), after=after)
    return found


def _expires(session: Session, ticket: TicketRow, now: datetime) -> datetime | None:
    plan = stored.find_plan(session, ticket.id or 0)
    chain = chain_of(session, plan) if plan is not None else None
    if chain is None or ticket.priority not in list(Priority):
        return None
    return ack_ends(now, Priority(ticket.priority), chain.ack_minutes)


def _settle_ack(session: Session, incident: IncidentRow, act: ActKind, who: str, *, now: datetime) -> None:
    ack = escalation_acks.find_open_ack(session, incident.id)
    if ack is not None and act in MOVES:
        ack.ended_at, ack.why = now, f"it moved: {act.value.replace('_', ' ')} {who}"
        session.add(ack)
    elif (
        ack is None
        and (last := escalation_acks.find_last_ack(session, incident.id))
        and last.why == escalation_acks.EXPIRED
    ):
        last.why = f"expired; answered {who} after it"
        session.add(last)


def call_off(
    session: Session, ticket: TicketRow, *, why: str, actor: Actor, now: datetime, wait: bool
) -> CalledOff:
    """Stop the planned steps of a ticket (`wait`: until an acknowledgement ends; else for good), and take the ticket out of
    every escalation that has not left.
    """
    words = said_by(session, why)
    if wait:
        rows = stored.lock_steps(session, ticket.id or 0, (StepState.PLANNED,))
        for row in rows:
            row.state, row.why, row.changed_by = StepState.STOPPED.value, words, str(actor)
            session.add(row)
        steps = len(rows)
    elif escalation_acks.find_open_ack(session, ticket.incident_id) is not None:
        return CalledOff()  # it is acknowledged, and that is not over
    else:
        steps = cancel_steps(session, ticket, why=words, actor=actor, now=now)
    cancelled, under_way = _take_out(session, ticket, words, actor, now=now, wait=wait)
    return CalledOff(steps, tuple(cancelled), tuple(under_way))


def _take_out(
    session: Session, ticket: TicketRow, words: str, actor: Actor, *, now: datetime, wait: bool
) -> tuple[list[str], list[str]]:
    """The ticket's lines that wait, and those of deliveries that have not ended: which of these are cancelled now, and of
    which the bytes may be leaving. `begin` asks again: what is under way and fails is not sent a second time.
    """
    by_notice: dict[str, list[EscalationLineRow]] = {}
    for line in escalation_lines.lock_lines(session, ticket.id or 0):
        if line.notice_id is None:
            _settle_line(session, line, LineState.CANCELLED, words, actor)
        else:
            by_notice.setdefault(line.notice_id, []).append(line)
    cancelled, under_way = [], []
    for notice in escalation_lines.list_notices_of(session, by_notice):
        row = lock_delivery(session, notice.delivery_id)
        state = DeliveryState(row.state)
        if state in FINAL_STATES:
            for line in [] if wait else by_notice[notice.id]:
                _settle_line(session, line, LineState.ANSWERED, words, actor)
            continue
        for line in by_notice[notice.id]:
            _settle_line(session, line, LineState.CANCELLED, words, actor)
        session.flush()
        wanted, why = still_wanted(session, read_message(row.payload))
        if state is DeliveryState.SENDING:
            under_way.append(row.id)
        elif wanted is None:
            ledger.cancel(session, row, why=why, now=now)
            cancelled.append(row.id)
    return cancelled, under_way


def _settle_line(
    session: Session, line: EscalationLineRow, state: LineState, words: str, actor: Actor
) -> None:
    line.state, line.why, line.changed_by = state.value, words, str(actor)
    session.add(line)
