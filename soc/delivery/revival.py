"""Deliveries that are brought back: held ones when their integration works again, dead ones by a person's wish,
stuck ones by the sweep. Part of the ledger: like it, these write, and the caller's transaction commits."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from soc.delivery.ledger import Try, again, close_interrupted, locked, move
from soc.delivery.queues import delivery_queue
from soc.domain.actor import Actor
from soc.domain.delivery import FINAL_STATES, DeliveryState
from soc.store.attempts import AttemptRow
from soc.store.deliveries import DeliveryRow


def release(session: Session, integration: str, *, actor: Actor, now: datetime) -> list[Try]:
    """Let the held deliveries of an integration be tried now."""
    waiting = [DeliveryState.PENDING.value, DeliveryState.RETRY.value, DeliveryState.UNKNOWN.value]
    query = select(DeliveryRow).where(
        DeliveryRow.integration == integration,
        col(DeliveryRow.state).in_(waiting),
        col(DeliveryRow.next_try_at).is_(None),
    )
    released = []
    for row in session.exec(query.with_for_update()).all():
        row.try_number += 1
        row.next_try_at, row.updated_at, row.hint = now, now, ""
        row.revived_by = str(actor)
        session.add(row)
        released.append(Try(delivery_queue(row.integration, row.action), row.id, row.try_number, now))
    return released


def revive(session: Session, delivery_id: str, *, actor: Actor, now: datetime) -> Try | None:
    """Bring a dead, suppressed or cancelled delivery back; None when it is in another state.

    One that may have reached the vendor comes back as unknown, so that it is looked up before it is sent.
    """
    row = locked(session, delivery_id)
    state = DeliveryState(row.state)
    if state not in (DeliveryState.DEAD, DeliveryState.SUPPRESSED, DeliveryState.CANCELLED):
        return None
    doubtful = state is not DeliveryState.SUPPRESSED and _may_have_arrived(session, row)
    move(row, DeliveryState.UNKNOWN if doubtful else DeliveryState.PENDING, now=now)
    row.failures = row.reconciled = 0
    row.try_number += 1
    row.next_try_at, row.revived_by = now, str(actor)
    row.reason = row.error = row.hint = ""
    session.add(row)
    return Try(delivery_queue(row.integration, row.action), row.id, row.try_number, now)


def _may_have_arrived(session: Session, row: DeliveryRow) -> bool:
    attempts = session.exec(
        select(AttemptRow).where(AttemptRow.delivery_id == row.id, AttemptRow.kind == "send")
    )
    return any(attempt.outcome in ("unknown", "interrupted", "") for attempt in attempts)


def rearm(session: Session, delivery_id: str, try_number: int, *, now: datetime) -> Try | None:
    """For the sweep: this try's workflow is gone without a word; give the delivery a fresh one."""
    row = locked(session, delivery_id)
    if row.try_number != try_number or DeliveryState(row.state) in FINAL_STATES:
        return None
    if DeliveryState(row.state) is DeliveryState.SENDING:
        close_interrupted(session, row, now=now)
        move(row, DeliveryState.UNKNOWN, now=now)
    return again(session, row, at=now)
