"""Whether rows of practice are among the real ones."""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import Session, col

from soc.store.nouns.batches import BatchRow
from soc.store.nouns.deliveries import DeliveryRow
from soc.store.nouns.tickets import TicketRow


def has_practice(session: Session, table: type[BatchRow | DeliveryRow | TicketRow]) -> bool:
    """Whether the table has a row of practice: one look into an index of those rows alone."""
    return session.scalar(sa.select(col(table.id)).where(col(table.practice).is_(True)).limit(1)) is not None
