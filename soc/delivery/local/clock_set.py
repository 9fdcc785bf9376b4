"""The clock was set back: what waits for a moment of the old time would wait for what it was set back by, and more.

Each wait is written down with the moment at which it was named. A moment that has not come yet tells that the clock was
set back since; what is left of the wait then begins now.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from sqlmodel import Session

from soc import clock
from soc.delivery.ledger import Try, again
from soc.domain.delivery import FINAL_STATES, DeliveryState
from soc.store.db import read_session, write_session
from soc.store.nouns.deliveries.outbox import lock_delivery
from soc.store.nouns.deliveries.outbox_due import list_armed_ahead
from soc.store.nouns.vendors.health import IntegrationHealthRow, health_to_change, list_health
from soc.store.nouns.vendors.rate_limits import shared_clock

log = structlog.get_logger(__name__)

#: Clocks of machines that share a store may differ by this much.
TOLERANCE = timedelta(seconds=15)


def bring_nearer() -> list[Try]:
    """Every wait that was named ahead of now begins now; returns the tries to enqueue in place of theirs."""
    with read_session() as session:
        now = clock.from_timestamp(shared_clock(session))
        ahead = list_armed_ahead(session, now=now + TOLERANCE)
        kinds = [row.kind for row in list_health(session) if _is_ahead(row, now)]
    tries: list[Try] = []
    for delivery_id in ahead:
        with write_session() as session:
            tries += _bring_one(session, delivery_id, now=now)
    for kind in kinds:
        with write_session() as session:
            _mend_health(session, kind, now=now)
    if ahead or kinds:
        log.warning("clock_was_set_back", deliveries=len(ahead), integrations=kinds)
    return tries


def _is_ahead(row: IntegrationHealthRow, now: datetime) -> bool:
    return row.last_failure_at is not None and row.last_failure_at > now + TOLERANCE


def _bring_one(session: Session, delivery_id: str, *, now: datetime) -> list[Try]:
    row = lock_delivery(session, delivery_id)
    state = DeliveryState(row.state)
    if state in FINAL_STATES or row.next_try_at is None or row.armed_at is None or row.armed_at <= now:
        return []
    wait = max(row.next_try_at - row.armed_at, timedelta(0))
    if state is DeliveryState.SENDING:
        row.next_try_at, row.armed_at = now + wait, now
        return []
    if row.booked_at is not None:
        row.booked_at = now + wait
    return [again(session, row, at=now + wait, now=now)]


def _mend_health(session: Session, kind: str, *, now: datetime) -> None:
    row = health_to_change(session, kind)
    if row.last_failure_at is None or row.last_failure_at <= now:
        return
    ahead = row.last_failure_at - now
    row.last_failure_at = now
    if row.throttled_until is not None:
        row.throttled_until -= ahead
    if row.breaker_until is not None:
        row.breaker_until -= ahead
