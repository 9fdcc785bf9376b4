"""Restores of a backup, as stored: from when the store is, and since when it is in use again."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, select

from soc.store.columns import moment
from soc.store.nouns.batches.batches import BatchRow
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.nouns.incidents.incidents import IncidentRow


class RestorationRow(SQLModel, table=True):
    """`taken_at`: when the backup was begun. `through`: what was made by then was in it, whichever clock wrote the time."""

    __tablename__ = "restorations"

    id: int | None = Field(default=None, primary_key=True)
    taken_at: datetime = Field(sa_column=moment(nullable=False))
    restored_at: datetime = Field(sa_column=moment(nullable=False))
    through: datetime = Field(sa_column=moment(nullable=False))
    #: The version of the product that made the backup.
    version: str
    made_by: str


def add_restoration(
    session: Session, *, taken_at: datetime, version: str, made_by: str, now: datetime
) -> RestorationRow:
    """Written into a store that was restored a moment ago and that nobody has used yet."""
    tables: tuple[type[SQLModel], ...] = (DeliveryRow, BatchRow, IncidentRow)
    newest = [session.exec(select(sa.func.max(table.created_at))).one() for table in tables]  # type: ignore[attr-defined]
    row = RestorationRow(
        taken_at=taken_at, restored_at=now, through=max([now, *filter(None, newest)]), version=version, made_by=made_by,
    )  # fmt: skip
    session.add(row)
    return row


def last_restoration(session: Session) -> RestorationRow | None:
    """The latest; None for a store that was never restored."""
    return session.exec(select(RestorationRow).order_by(col(RestorationRow.id).desc()).limit(1)).first()
