"""What is to be done now: incidents with the ticket of each, as the first page lists them. No table of its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col

from soc.domain.sla import SlaState
from soc.store.columns import whose
from soc.store.nouns.incidents.incidents import BURNING, ENDED, IncidentRow
from soc.store.nouns.tickets.tickets import TicketRow, in_state, still_runs


class Work(NamedTuple):
    """An incident that is not over, with its first open ticket (`ticket_id` None: it has none)."""

    incident_id: str
    title: str
    severity: str
    score: int
    entity: str
    status: str
    owner: str
    acknowledged_by: str
    found: datetime
    ticket_id: int | None
    key: str | None
    created_at: datetime | None
    due_at: datetime | None
    resolved_at: datetime | None
    priority: str | None
    sla_state: str | None

    @property
    def late_at_intake(self) -> bool:
        return self.sla_state == SlaState.INTAKE.value


_ROW, _TICKET = IncidentRow, TicketRow
_COLUMNS = (
    col(_ROW.id), col(_ROW.title), col(_ROW.severity), col(_ROW.score), col(_ROW.entity), col(_ROW.status), col(_ROW.owner),
    col(_ROW.acknowledged_by), col(_ROW.created_at), col(_TICKET.id), col(_TICKET.key), col(_TICKET.created_at),
    col(_TICKET.due_at), col(_TICKET.resolved_at), col(_TICKET.priority),
    col(_TICKET.sla_state),
)  # fmt: skip
_BURNING = sa.text(BURNING.replace("status", "incidents.status"))
_OPEN = col(_ROW.status).not_in(ENDED)
_ITS_TICKET = sa.and_(col(_TICKET.incident_id) == col(_ROW.id), col(_TICKET.resolved_at).is_(None))
_GRAVEST = (col(_ROW.score).desc(), col(_ROW.created_at).desc())


def list_critical(session: Session, *, limit: int) -> Sequence[Work]:
    """Critical and not over, the gravest and newest first; one line for each of its open tickets."""
    query = (
        sa.select(*_COLUMNS).outerjoin(_TICKET, _ITS_TICKET).where(_BURNING).order_by(*_GRAVEST).limit(limit)
    )
    return _read(session, query)


def count_critical(session: Session) -> int:
    """How many incidents are critical and not over."""
    return session.scalars(sa.select(sa.func.count()).select_from(_ROW).where(_BURNING)).one()


def list_overdue(session: Session, *, now: datetime, limit: int) -> Sequence[Work]:
    """Whose open ticket has run out of time, the longest ago first; not what was breached at intake."""
    return _read(session, _by_clock(in_state(SlaState.VIOLATED, now=now), limit))


def list_next_due(session: Session, *, now: datetime, limit: int) -> Sequence[Work]:
    """Whose clock runs or waits and still has time, the next to run out first."""
    return _read(session, _by_clock(sa.and_(col(_TICKET.due_at) >= now, still_runs()), limit))


def list_owned(session: Session, owner: str, *, limit: int) -> Sequence[Work]:
    """One person's that are not over: the next to run out first, then what was breached at intake, then those without a ticket, the
    gravest first.
    """
    query = (
        sa.select(*_COLUMNS)
        .outerjoin(_TICKET, _ITS_TICKET)
        .where(_OPEN, whose(col(_ROW.owner), [owner]))
        .order_by(
            col(_TICKET.due_at).is_(None),
            col(_TICKET.sla_state) == SlaState.INTAKE.value,
            col(_TICKET.due_at),
            *_GRAVEST,
        )
        .limit(limit)
    )
    return _read(session, query)


def count_owned(session: Session, owner: str) -> int:
    """How many incidents that are not over the person has."""
    query = sa.select(sa.func.count()).select_from(_ROW).where(_OPEN, whose(col(_ROW.owner), [owner]))
    return session.scalars(query).one()


def _by_clock(condition: sa.ColumnElement[bool], limit: int) -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(*_COLUMNS)
        .select_from(_TICKET)
        .join(_ROW, col(_TICKET.incident_id) == col(_ROW.id))
        .where(col(_TICKET.resolved_at).is_(None), condition)
        .order_by(col(_TICKET.due_at))
        .limit(limit)
    )


def _read(session: Session, query: sa.Select[*tuple[Any, ...]]) -> Sequence[Work]:
    return [Work(*row) for row in session.connection().execute(query)]
