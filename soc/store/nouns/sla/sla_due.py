"""Clocks whose moment has come: what the watch looks for, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from soc import clock
from soc.domain.actor import Actor
from soc.domain.sla.event import EventKind
from soc.store.nouns.incidents.incidents import IncidentRow
from soc.store.nouns.sla.sla_clocks import SlaClockRow, SlaEventRow
from soc.store.nouns.tickets.tickets import TicketRow


def record_breaches(session: Session, *, now: datetime, actor: Actor) -> int:
    """A row of the ledger for each clock that ran out, at the moment when its time was up; returns how many. All in the database."""
    row = SlaClockRow
    ran_out = (col(row.next_at) < now, col(row.runs).is_(True), col(row.breached_at).is_(None))
    made = sa.bindparam("made_at", clock.now(), type_=SlaEventRow.__table__.c.made_at.type)  # type: ignore[attr-defined]
    breaches = sa.select(
        col(row.ticket_id), col(row.clock), col(row.cycle), sa.literal(EventKind.BREACH.value), col(row.due_at), made,
        sa.literal(str(actor)), *(sa.literal("") for _ in range(4)), sa.literal(0), sa.literal(0), sa.literal(""),
    ).where(*ran_out)  # fmt: skip
    columns = (
        "ticket_id", "clock", "cycle", "kind", "at", "made_at", "made_by", "reason", "mark", "policy", "priority",
        "version", "carried", "source",
    )  # fmt: skip
    connection = session.connection()
    connection.execute(sa.insert(SlaEventRow).from_select(columns, breaches))
    changed = sa.update(SlaClockRow).where(*ran_out).values(breached_at=col(row.due_at), next_at=None)
    return connection.execute(changed).rowcount


def list_over_pauses(session: Session, *, now: datetime, limit: int) -> Sequence[TicketRow]:
    """Tickets with a clock whose pause is over."""
    row = SlaClockRow
    over = (col(row.next_at) <= now, col(row.runs).is_(False))
    ids = select(row.ticket_id).where(*over).distinct().limit(limit)
    return session.exec(select(TicketRow).where(col(TicketRow.id).in_(ids))).all()


def list_open_with_incidents(session: Session) -> Sequence[tuple[TicketRow, IncidentRow]]:
    """Every open ticket with its incident, oldest first."""
    query = select(TicketRow, IncidentRow).join(
        IncidentRow, col(IncidentRow.id) == col(TicketRow.incident_id)
    )
    return session.exec(query.where(col(TicketRow.resolved_at).is_(None)).order_by(col(TicketRow.id))).all()
