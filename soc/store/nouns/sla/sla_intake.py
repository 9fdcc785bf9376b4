"""Tickets that were late before anybody here could know, by the batch that brought them: one line a batch."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col

from soc.domain.sla.event import ClockKind
from soc.store.nouns.batches.batches import BatchRow
from soc.store.nouns.incidents.incidents import IncidentRow
from soc.store.nouns.sla.sla_clocks import SlaClockRow
from soc.store.nouns.tickets.tickets import TicketRow


class LateBatch(NamedTuple):
    """So many of its tickets were breached at intake, and so many of these are open."""

    batch_id: str
    name: str
    created_at: datetime
    tickets: int
    open: int

    @property
    def words(self) -> str:
        one = self.tickets == 1
        return (
            f"{self.tickets:,} {'ticket was' if one else 'tickets were'} breached at intake (late before anybody here could "
            f"know): counted apart, never escalated; {self.open:,} {'is' if self.open == 1 else 'are'} open"
        )


_BY_TICKET = col(SlaClockRow.ticket_id) == col(TicketRow.id)
_WERE = (col(SlaClockRow.clock) == ClockKind.RESPONSE.value, col(SlaClockRow.intake).is_(True))


def list_late_batches(
    session: Session, *, since: datetime | None = None, open_only: bool = False, limit: int = 50
) -> Sequence[LateBatch]:
    """Batches with tickets whose response clock was breached at intake, the newest first; those with an open one alone if asked,
    those handed in since then.
    """
    batch = BatchRow
    is_open = sa.func.sum(sa.case((col(TicketRow.resolved_at).is_(None), 1), else_=0))
    query = (
        sa.select(col(batch.id), col(batch.name), col(batch.created_at), sa.func.count(), is_open)
        .select_from(TicketRow)
        .join(SlaClockRow, _BY_TICKET)
        .join(IncidentRow, col(IncidentRow.id) == col(TicketRow.incident_id))
        .join(batch, col(batch.id) == col(IncidentRow.batch_id))
        .where(*_WERE, *([] if since is None else [col(batch.created_at) >= since]))
        .group_by(col(batch.id), col(batch.name), col(batch.created_at))
        .having(is_open >= (1 if open_only else 0))
        .order_by(col(batch.created_at).desc(), col(batch.id))
        .limit(limit)
    )
    return [LateBatch(*row) for row in session.connection().execute(query)]


def count_intake_of(session: Session, batch_id: str) -> int:
    """How many tickets of this batch were breached at intake."""
    query = (
        sa.select(sa.func.count())
        .select_from(TicketRow)
        .join(SlaClockRow, _BY_TICKET)
        .join(IncidentRow, col(IncidentRow.id) == col(TicketRow.incident_id))
        .where(*_WERE, col(IncidentRow.batch_id) == batch_id)
    )
    return session.scalars(query).one()
