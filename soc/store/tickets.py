"""Tickets as stored: one for each incident and integration."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import UniqueConstraint
from sqlmodel import Field, Session, SQLModel, col, select

from soc.store.columns import key_of, moment
from soc.store.incidents import IncidentRow


class TicketRow(SQLModel, table=True):
    __tablename__ = "tickets"
    __table_args__ = (UniqueConstraint("incident_id", "integration"),)

    id: int | None = Field(default=None, primary_key=True)
    incident_id: str = Field(foreign_key=key_of(IncidentRow), index=True)
    integration: str
    key: str = Field(index=True)
    remote_id: str
    url: str
    summary: str
    priority: str
    status: str
    status_category: str = "new"
    assignee: str = ""
    practice: bool = False
    created_at: datetime = Field(sa_column=moment(nullable=False, index=True))
    due_at: datetime = Field(sa_column=moment(nullable=False, index=True))
    resolved_at: datetime | None = Field(default=None, sa_column=moment())
    breached_at: datetime | None = Field(default=None, sa_column=moment())
    synced_at: datetime | None = Field(default=None, sa_column=moment())


def find_ticket(session: Session, incident_id: str, integration: str = "jira") -> TicketRow | None:
    return session.exec(
        select(TicketRow).where(TicketRow.incident_id == incident_id, TicketRow.integration == integration)
    ).first()


def list_tickets(
    session: Session,
    *,
    open_only: bool = False,
    open_since: datetime | None = None,
    since: datetime | None = None,
    incident_ids: Sequence[str] = (),
    offset: int = 0,
    limit: int = 500,
) -> Sequence[TicketRow]:
    """Newest first. `open_since`: those open now or at any time since then."""
    query = select(TicketRow)
    if open_since is not None:
        query = query.where(
            sa.or_(col(TicketRow.resolved_at).is_(None), col(TicketRow.resolved_at) >= open_since)
        )
    if open_only:
        query = query.where(col(TicketRow.resolved_at).is_(None))
    if since is not None:
        query = query.where(col(TicketRow.created_at) >= since)
    if incident_ids:
        query = query.where(col(TicketRow.incident_id).in_(incident_ids))
    return session.exec(
        query.order_by(col(TicketRow.created_at).desc(), col(TicketRow.id).desc()).offset(offset).limit(limit)
    ).all()


def list_batch_tickets(
    session: Session, batch_id: str, *, limit: int = 10_000
) -> Sequence[tuple[TicketRow, IncidentRow]]:
    """The tickets of a batch's incidents with these, most urgent and oldest first."""
    return session.exec(
        select(TicketRow, IncidentRow)
        .join(IncidentRow, col(IncidentRow.id) == col(TicketRow.incident_id))
        .where(IncidentRow.batch_id == batch_id)
        .order_by(col(IncidentRow.score).desc(), col(TicketRow.id))
        .limit(limit)
    ).all()
