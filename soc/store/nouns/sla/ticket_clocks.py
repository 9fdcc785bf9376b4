"""What is read of tickets' clocks by those who know a ticket only by its vendor's id, and whose end is to be told there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col, select

from soc.domain.sla import SlaState
from soc.domain.sla.event import ClockKind
from soc.store.db import read_session
from soc.store.nouns.sla.sla_clocks import SlaClockRow
from soc.store.nouns.tickets.ticket_reading import list_remote
from soc.store.nouns.tickets.tickets import TicketRow, read_state


class Standing(NamedTuple):
    """Of the clock that a ticket is listed by: when its time is up, and where it stands."""

    due_at: datetime
    state: SlaState


def known_clocks(
    integration: str, remote_ids: Sequence[str], *, practice: bool, now: datetime
) -> Mapping[str, Standing]:
    """By the vendor's ids; nothing where the store was never made."""
    with read_session() as session:
        if not sa.inspect(session.connection()).has_table(TicketRow.__tablename__):
            return {}
        rows = list_remote(session, remote_ids, integration=integration, practice=practice)
    return {row.remote_id: Standing(row.due_at, read_state(row, now=now)) for row in rows}


class Ending(NamedTuple):
    """Of the newest cycle of a clock: when its time is up, whether it runs, and whether it has ended."""

    due_at: datetime
    runs: bool
    ended: bool


def known_endings(
    integration: str, remote_ids: Sequence[str], *, practice: bool
) -> Mapping[tuple[str, ClockKind], Ending]:
    """By the vendor's id of the ticket and the clock."""
    with read_session() as session:
        rows = {
            row.id: row.remote_id
            for row in list_remote(session, remote_ids, integration=integration, practice=practice)
        }
        clocks = session.exec(
            select(SlaClockRow)
            .where(col(SlaClockRow.ticket_id).in_(list(rows)))
            .order_by(col(SlaClockRow.cycle))
        )
        return {
            (rows[one.ticket_id], ClockKind(one.clock)): Ending(
                one.due_at, one.runs, one.ended_at is not None
            )
            for one in clocks
        }


def list_untold_ends(session: Session, *, limit: int) -> Sequence[TicketRow]:
    """Tickets whose response target ends at another moment than their vendor was told."""
    row = TicketRow
    return session.exec(
        select(row).where(col(row.end_untold).is_not(None)).order_by(col(row.id)).limit(limit)
    ).all()


def response_policy(session: Session, ticket_id: int) -> tuple[str, int] | None:
    """The policy and version that the newest cycle of its response clock follows."""
    row = SlaClockRow
    query = select(row.policy, row.version).where(
        row.ticket_id == ticket_id, row.clock == ClockKind.RESPONSE.value
    )
    return session.exec(query.order_by(col(row.cycle).desc()).limit(1)).first()
