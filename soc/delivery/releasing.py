"""What awaits release is let go: part of the ledger, as it writes deliveries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from soc.delivery.ledger import Try
from soc.delivery.queues import delivery_queue
from soc.store.nouns.waiting import free_messages


def release_messages(session: Session, incident_ids: Sequence[str], *, by: str, now: datetime) -> list[Try]:
    """The messages of these incidents go now; returns their tries. The caller's transaction commits, and he tells the audit."""
    session.flush()
    return [
        Try(delivery_queue(one.integration, one.action), one.delivery_id, one.number, now)
        for one in free_messages(session, incident_ids, by=by, now=now)
    ]
