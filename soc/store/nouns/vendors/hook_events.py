"""What vendors' signed calls told: kept before they are answered, worked on afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, select

from soc.store.columns import moment, partial_index
from soc.store.db import insert_ignoring

CHANGED, DELETED = "changed", "deleted"


class HookEventRow(SQLModel, table=True):
    """`id` stands for the vendor's own of the call, the same in its repetitions; `event` is CHANGED or DELETED, `about` the
    remote id of the ticket.
    """

    __tablename__ = "hook_events"
    __table_args__ = (partial_index("ix_hook_events_waiting", "received_at", of="done_at IS NULL"),)

    id: str = Field(primary_key=True)
    integration: str
    event: str
    about: str
    made_by: str
    received_at: datetime = Field(sa_column=moment(nullable=False))
    done_at: datetime | None = Field(default=None, sa_column=moment())


def list_waiting(session: Session, *, integration: str, limit: int = 200) -> Sequence[HookEventRow]:
    """Those that nobody has worked on, oldest first."""
    row = HookEventRow
    return session.exec(
        select(row)
        .where(row.integration == integration, col(row.done_at).is_(None))
        .order_by(col(row.received_at))
        .limit(limit)
    ).all()


def finish_events(session: Session, ids: Sequence[str], *, now: datetime) -> None:
    """They were worked on."""
    row = HookEventRow
    session.execute(sa.update(row).where(col(row.id).in_(ids)).values(done_at=now))


def keep_events(session: Session, rows: Sequence[HookEventRow]) -> None:
    """Those that are known stay as they are."""
    insert_ignoring(session, HookEventRow, [row.model_dump() for row in rows])
