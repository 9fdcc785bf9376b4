"""The escalation's clock: what ran out, what is due, one notice a recipient, and the proof that nothing is late."""

from __future__ import annotations

from datetime import datetime

import structlog
from sqlmodel import Session

from soc import clock
from soc.audit.write import record
from soc.delivery.queues import enqueue_tries
from soc.domain.audit import Subject, SubjectKind
from soc.domain.escalation.states import StepState
from soc.escalation import notices
from soc.escalation.chains import keep_default
from soc.escalation.ending import end_notices
from soc.escalation.heartbeat import beat
from soc.escalation.planning import plan_missing
from soc.escalation.settling import TICK, settle_due
from soc.store.db import read_session, write_session
from soc.store.nouns.escalation import escalation_acks
from soc.store.nouns.escalation import escalations as stored
from soc.store.nouns.escalation.escalation_acks import EXPIRED
from soc.store.nouns.tickets.tickets import lock_tickets
from soc.store.trail.committed import LogOnceCommitted
from soc.tickets import acts

log = structlog.get_logger(__name__)
#: So many tickets are settled, planned or released in one transaction: others wait for it no longer than that.
PORTION = 100


def tick() -> int:
    """One look at everything that is due; returns for how many tickets a step was settled.

    In this order: whatever lost its plan gets one, acknowledgements run out, due steps become lines, lines become
    notices, and what they began at a vendor is ended there. Each portion is a transaction of its own: what a crash cuts off is done by the next tick, and once.
    """
    now = clock.now()
    with write_session() as session:
        keep_default(session, now=now)
        plan_missing(session, now=now)
    _expire_acks(now)
    settled = _settle(now)
    _tell(now)
    _end(now)
    beat()
    return settled


def _settle(now: datetime) -> int:
    settled = 0
    while True:
        with write_session() as session:
            number, tries = settle_due(session, now=now, limit=PORTION)
        enqueue_tries(tries)
        settled += number
        if number < PORTION:
            return settled


def _tell(now: datetime) -> None:
    with read_session() as session:
        waiting = notices.list_recipients(session)
    for recipient, channels in waiting.items():
        with write_session() as session:
            tries = notices.tell(session, recipient, channels, now=now)
        enqueue_tries(tries)


def _end(now: datetime) -> None:
    while True:
        with write_session() as session:
            tries = end_notices(session, actor=TICK, now=now, limit=PORTION)
        enqueue_tries(tries)
        if len(tries) < PORTION:
            return


def _expire_acks(now: datetime) -> None:
    with read_session() as session:
        expired = [
            row.incident_id for row in escalation_acks.list_expired_acks(session, now=now, limit=1_000)
        ]
    for incident_id in dict.fromkeys(expired):
        with write_session() as session:
            _expire(session, incident_id, now=now)


def _expire(session: Session, incident_id: str, *, now: datetime) -> None:
    """Nothing moved: the acknowledgement is taken back, and what it had stopped goes on."""
    acts.release(session, incident_id, actor=TICK)  # locks the incident, as acts do
    ack = escalation_acks.find_open_ack(session, incident_id)
    if ack is None or ack.expires_at is None or ack.expires_at > now:
        return
    ack.ended_at, ack.why = now, EXPIRED
    session.add(ack)
    for ticket in lock_tickets(session, incident_id):
        for row in stored.lock_steps(session, ticket.id or 0, (StepState.STOPPED,)):
            row.state, row.why, row.changed_by = StepState.PLANNED.value, "", str(TICK)
            session.add(row)
    after = {"acknowledged_by": ack.made_by, "expired_at": ack.expires_at}
    record(session, TICK, "expire", Subject(SubjectKind.ESCALATION, incident_id), after=after)
    LogOnceCommitted(session, log).warning("acknowledgement_expired", incident=incident_id)
