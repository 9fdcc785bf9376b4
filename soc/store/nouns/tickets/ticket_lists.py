"""Tickets in other orders than a column's: by clock, by batch, by incident, and all of them one after another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from soc.store.nouns.incidents.incidents import IncidentRow
from soc.store.nouns.tickets.tickets import TicketFilter, TicketRow, matching_tickets
from soc.store.paging import count_rows


def list_by_clock(
    session: Session, chosen: TicketFilter, *, now: datetime, offset: int = 0, limit: int = 50
) -> Sequence[TicketRow]:
    """The running clocks, the one that runs out first on top; after them the stopped ones, the last stopped first.

    Two lists, each in the order of an index, read as one.
    """
    conditions = matching_tickets(chosen, now=now)
    row, resolved = TicketRow, col(TicketRow.resolved_at)
    running, stopped = [*conditions, resolved.is_(None)], [*conditions, resolved.is_not(None)]
    soonest = (col(row.due_at), col(row.id))
    last = (resolved.desc(), col(row.id).desc())
    rows = list(
        session.exec(select(row).where(*running).order_by(*soonest).offset(offset).limit(limit)).all()
    )
    if len(rows) < limit and chosen.is_open is not True:
        passed = max(0, offset - count_rows(session, row, running)) if not rows else 0
        query = select(row).where(*stopped).order_by(*last)
        rows += session.exec(query.offset(passed).limit(limit - len(rows))).all()
    return rows


def walk_tickets(
    session: Session, chosen: TicketFilter, *, now: datetime
) -> Iterator[tuple[TicketRow, IncidentRow]]:
    """Every match with its incident, oldest first, some hundred in memory at a time."""
    query = (
        select(TicketRow, IncidentRow)
        .join(IncidentRow, col(IncidentRow.id) == col(TicketRow.incident_id))
        .where(*matching_tickets(chosen, now=now))
        .order_by(col(TicketRow.created_at), col(TicketRow.id))
    )
    yield from session.exec(query.execution_options(yield_per=500))


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


def list_keys_of(session: Session, incident_ids: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
    """By incident: the key and address of each of its tickets, the oldest first."""
    row, found = TicketRow, dict[str, list[tuple[str, str]]]()
    query = select(row.incident_id, row.key, row.url).where(col(row.incident_id).in_(incident_ids))
    for incident_id, key, url in session.exec(query.order_by(col(row.id))):
        found.setdefault(incident_id, []).append((key, url))
    return found
