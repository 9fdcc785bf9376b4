"""Whose turn it is: messages about one incident keep their order where the vendor holds an incident open."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col

from soc.clock import UtcDateTime
from soc.domain.delivery import FINAL_STATES
from soc.integrations.registry import KINDS
from soc.store.deliveries import DeliveryRow

#: How long a message waits at least, and at most, before it looks whether the one before it has ended.
SHORTEST_TURN, LONGEST_TURN = timedelta(seconds=2), timedelta(seconds=60)
#: Where the order of messages about one subject matters: an end must not overtake its beginning.
ORDERED = frozenset(kind for kind, declared in KINDS.items() if declared.ordered)
_EARLIER = (
    sa.select(col(DeliveryRow.next_try_at))
    .where(
        col(DeliveryRow.subject) == sa.bindparam("its_subject"),
        col(DeliveryRow.integration) == sa.bindparam("its_integration"),
        col(DeliveryRow.created_at) < sa.bindparam("its_birth", type_=UtcDateTime()),
        col(DeliveryRow.state).not_in([state.value for state in FINAL_STATES]),
    )
    .order_by(col(DeliveryRow.created_at))
    .limit(1)
)


def turn_of(session: Session, row: DeliveryRow, *, now: datetime) -> datetime | None:
    """When to look again, where an earlier message about the same subject has not ended; None: it is this one's turn.

    A vendor that keeps an incident open until it is told otherwise must not hear of its end before its beginning.
    """
    if row.integration not in ORDERED or not row.subject or row.action == "send_alert":
        return None  # an alert begins an incident: nothing of it comes before
    earlier = (
        session.connection()
        .execute(
            _EARLIER,
            {"its_integration": row.integration, "its_subject": row.subject, "its_birth": row.created_at},
        )
        .first()
    )
    if earlier is None:
        return None
    soonest = now + SHORTEST_TURN
    return min(max(earlier.next_try_at or soonest, soonest), now + LONGEST_TURN)
