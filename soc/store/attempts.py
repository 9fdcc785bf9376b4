"""Attempts as stored: every try of a delivery. Only the delivery floor writes them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, Session, SQLModel, col, select

from soc.store.columns import key_of, moment
from soc.store.deliveries import DeliveryRow


class AttemptRow(SQLModel, table=True):
    """One try: the intent is this row, committed before the first byte leaves."""

    __tablename__ = "attempts"
    __table_args__ = (UniqueConstraint("delivery_id", "number", "kind"),)

    id: int | None = Field(default=None, primary_key=True)
    delivery_id: str = Field(foreign_key=key_of(DeliveryRow), index=True)
    number: int
    kind: str
    executor: str = ""
    started_at: datetime = Field(sa_column=moment(nullable=False))
    finished_at: datetime | None = Field(default=None, sa_column=moment())
    outcome: str = ""
    reason: str = ""
    http_status: int | None = None
    error: str = ""
    hint: str = ""


def list_attempts(session: Session, delivery_id: str) -> Sequence[AttemptRow]:
    """Oldest first."""
    return session.exec(
        select(AttemptRow).where(AttemptRow.delivery_id == delivery_id).order_by(col(AttemptRow.id))
    ).all()
