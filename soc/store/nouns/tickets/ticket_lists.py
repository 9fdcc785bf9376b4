"""Tickets in other orders than a column's: by clock, by batch, by incident, and all of them one after another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from soc.domain.sla.states import SlaState
from soc.store.nouns.incidents.incidents import IncidentRow
from soc.store.nouns.tickets.tickets import TicketFilter, TicketRow, matching_tickets
from soc.store.paging import count_rows


def list_by_clock(
    session: Session, chosen: TicketFilter, *, now: datetime, offset: int = 0, limit: int = 50
) -> Sequence[TicketRow]:
    """The running clocks, the one that runs out first on top; then those that were late before anybody here could know; after
    them the stopped ones, the last stopped first.

    Three lists, each in the order of an index, read as one.
    """
    row, resolved = TicketRow, col(TicketRow.resolved_at)
    late = col(row.sla_state) == SlaState.INTAKE.value
    soonest, last = (col(row.due_at), col(row.id)), (resolved.desc(), col(row.id).desc())
    parts: list[tuple[tuple[Any, ...], tuple[Any, ...]]]
    parts = [((resolved.is_(None), ~late), soonest), ((resolved.is_(None), late), soonest)]
    parts += [] if chosen.is_open is True else [((resolved.is_not(None),), last)]
    rows: list[TicketRow] = []
    for which, order in parts:
        conditions = [*matching_tickets(chosen, now=now), *which]
        query = select(row).where(*conditions).order_by(*order)
        found = session.exec(query.offset(offset).limit(limit - len(rows))).all()
        rows += found
        if len(rows) == limit:
            break
        offset = 0 if found or not offset else max(0, offset - count_rows(session, row, conditions))
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
