"""What the audit is told of tickets beside acts: two sides that both changed a field."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from soc.audit.write import record
from soc.domain.actor import Actor
from soc.domain.audit import Subject, SubjectKind
from soc.store.nouns.tickets.ticket_conflicts import TicketConflictRow
from soc.store.nouns.tickets.tickets import TicketRow


def new_conflict(
    session: Session, ticket: TicketRow, field: str, *, reason: str, actor: Actor, now: datetime
) -> TicketConflictRow:
    """The row of a conflict about this field; the caller adds it."""
    about, told = Subject(SubjectKind.INCIDENT, ticket.incident_id), {"field": field, "reason": reason}
    record(session, actor, "open conflict", about, after=told, note=ticket.key)
    return TicketConflictRow(
        ticket_id=ticket.id or 0,
        field=field,
        reason=reason,
        made_by=str(actor),
        created_at=now,
        updated_at=now,
    )
