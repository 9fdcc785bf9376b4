"""Tickets as stored, and the policy their clocks run by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from soc.domain.severity import Priority
from soc.store.tables import IncidentRow, SlaPolicyRow, TicketRow


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


def list_policies(session: Session) -> Sequence[SlaPolicyRow]:
    """Most urgent first."""
    return session.exec(select(SlaPolicyRow).order_by(col(SlaPolicyRow.position))).all()


def read_thresholds(session: Session) -> Mapping[Priority, timedelta]:
    """The time each priority has."""
    return {Priority(row.priority): timedelta(minutes=row.minutes) for row in list_policies(session)}
