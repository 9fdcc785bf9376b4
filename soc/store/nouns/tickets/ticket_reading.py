"""Which tickets are to be read at their vendor next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from soc.store.nouns.tickets.tickets import TicketRow
from soc.store.paging import portions


def list_keys_to_ask(
    session: Session, *, integration: str, practice: bool, resolved_since: datetime
) -> Sequence[str]:
    """The keys of the tickets that are open, or were resolved no longer ago than that; the oldest first."""
    row = TicketRow
    return session.exec(
        select(row.key)
        .where(row.integration == integration, col(row.practice).is_(practice))
        .where(sa.or_(col(row.resolved_at).is_(None), col(row.resolved_at) >= resolved_since))
        .order_by(col(row.id))
    ).all()


def list_remote(
    session: Session, remote_ids: Sequence[str], *, integration: str, practice: bool
) -> Sequence[TicketRow]:
    """The tickets with these ids at their vendor."""
    row, found = TicketRow, list[TicketRow]()
    for some in portions(remote_ids):
        query = select(row).where(
            row.integration == integration, col(row.practice).is_(practice),
            col(row.remote_id).in_(some),
        )  # fmt: skip
        found += session.exec(query.order_by(col(row.id))).all()
    return found


def list_unread(
    session: Session,
    *,
    integration: str,
    practice: bool,
    before: datetime,
    resolved_since: datetime,
    limit: int,
) -> Sequence[TicketRow]:
    """Those that were not read since then, of the open ones and the ones resolved lately; the longest unread first."""
    row = TicketRow
    query = (
        select(row)
        .where(row.integration == integration, col(row.practice).is_(practice), row.absence != "deleted")
        .where(sa.or_(col(row.read_at).is_(None), col(row.read_at) < before))
        .where(sa.or_(col(row.resolved_at).is_(None), col(row.resolved_at) >= resolved_since))
    )
    return session.exec(query.order_by(col(row.read_at).nulls_first(), col(row.id)).limit(limit)).all()
