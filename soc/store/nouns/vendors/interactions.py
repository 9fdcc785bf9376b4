"""What people did at a vendor that answers back, each once: kept before the vendor is told that it came."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, Session, SQLModel, col, select

from soc.domain.acts import InteractionState
from soc.errors import NotFound
from soc.store.columns import json_value, moment
from soc.store.db import insert_ignoring


class InteractionRow(SQLModel, table=True):
    """`key` is the vendor's own name of it. `who` is the vendor's id of the person, `person_id` ours ("": not known).

    `number` names the workflow that may work on it now, due at `next_try_at` (None: it has ended). `outcome` is what
    the person was told. What would let a form be opened is not kept: it is worth nothing after some seconds.
    """

    __tablename__ = "interactions"
    __table_args__ = (
        UniqueConstraint("integration", "key"),
        Index("ix_interactions_due", "state", "next_try_at"),
    )

    id: str = Field(primary_key=True)
    integration: str
    key: str
    wish: str
    incident_id: str = Field(index=True)
    who: str
    person_id: str = ""
    said: dict[str, str] = Field(default_factory=dict, sa_column=json_value())
    place: dict[str, str] = Field(default_factory=dict, sa_column=json_value())
    practice: bool = False
    state: str = InteractionState.RECEIVED.value
    outcome: str = ""
    number: int = 1
    #: The vendor that told of it, and who it was in the end ("": it has not been worked on), as `str(Actor)`.
    made_by: str
    changed_by: str = ""
    received_at: datetime = Field(sa_column=moment(nullable=False, index=True))
    next_try_at: datetime | None = Field(default=None, sa_column=moment())
    ended_at: datetime | None = Field(default=None, sa_column=moment())


def keep_interactions(session: Session, rows: Sequence[InteractionRow]) -> list[str]:
    """The ids of those that were not known yet; a vendor that asks twice is heard once."""
    return [row.id for row in rows if insert_ignoring(session, InteractionRow, [row.model_dump()])]


def read_interaction(session: Session, interaction_id: str) -> InteractionRow:
    """Raises NotFound."""
    row = session.get(InteractionRow, interaction_id)
    if row is None:
        raise NotFound(f"There is no interaction {interaction_id} here.")
    return row


def lock_interaction(session: Session, interaction_id: str) -> InteractionRow:
    """The row, locked for this transaction. Raises NotFound."""
    query = select(InteractionRow).where(InteractionRow.id == interaction_id)
    row = session.exec(query.with_for_update().execution_options(populate_existing=True)).first()
    if row is None:
        raise NotFound(f"There is no interaction {interaction_id} here.")
    return row


def list_due(session: Session, *, before: datetime, limit: int = 500) -> Sequence[InteractionRow]:
    """Those that have not ended and should have been worked on before the moment; the oldest first."""
    row = InteractionRow
    return session.exec(
        select(row)
        .where(
            row.state == InteractionState.RECEIVED.value,
            col(row.next_try_at) < before,
        )
        .order_by(col(row.next_try_at))
        .limit(limit)
    ).all()


def list_of_incident(session: Session, incident_id: str, *, limit: int = 200) -> Sequence[InteractionRow]:
    """What people did about an incident there; the newest first."""
    row = InteractionRow
    query = select(row).where(row.incident_id == incident_id).order_by(col(row.received_at).desc())
    return session.exec(query.limit(limit)).all()


def forget_interactions(session: Session, *, before: datetime) -> int:
    """Those that ended before the moment."""
    row = InteractionRow
    return session.connection().execute(sa.delete(row).where(col(row.ended_at) < before)).rowcount
