"""Whose turn it is: messages about one incident keep their order where the vendor holds an incident open."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session

from soc.domain.message import announcements
from soc.integrations.registry import KINDS
from soc.store.nouns.deliveries import DeliveryRow
from soc.store.nouns.outbox import find_earlier

#: How long a message waits at least, and at most, before it looks whether the one before it has ended.
SHORTEST_TURN, LONGEST_TURN = timedelta(seconds=2), timedelta(seconds=60)
#: Where the order of messages about one subject matters: an end must not overtake its beginning.
ORDERED = frozenset(kind for kind, declared in KINDS.items() if declared.ordered)


def turn_of(session: Session, row: DeliveryRow, *, now: datetime) -> datetime | None:
    """When to look again, where an earlier message about the same subject has not ended; None: it is this one's turn.

    A vendor that keeps an incident open until it is told otherwise must not hear of its end before its beginning.
    """
    if row.integration not in ORDERED or not row.subject or row.action in announcements():
        return None  # it begins what is said of the incident: nothing comes before it
    earlier = find_earlier(session, row)
    if earlier is None:
        return None
    soonest = now + SHORTEST_TURN
    return min(max(earlier.next_try_at or soonest, soonest), now + LONGEST_TURN)
