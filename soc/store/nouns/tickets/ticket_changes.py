"""What was seen of a ticket's history at its vendor: each entry once, and whether it was this product that made it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Field, Session, SQLModel, col, select

from soc.store.columns import json_value, key_of, moment
from soc.store.db import insert_ignoring
from soc.store.nouns.tickets.tickets import TicketRow

CHANGE, COMMENT = "change", "comment"


class TicketChangeRow(SQLModel, table=True):
    """`remote_id` is the vendor's id of the entry (of its history, or of a comment); `ours`: this product made it.

    `author` is the account's name there, which people and the product may share; `delivery_id` what made it here.
    `items` are the entry's fields with their values before and after.
    """

    __tablename__ = "ticket_changes"

    ticket_id: int = Field(primary_key=True, foreign_key=key_of(TicketRow))
    kind: str = Field(primary_key=True)
    remote_id: str = Field(primary_key=True)
    ours: bool = False
    delivery_id: str = ""
    author: str = ""
    at: datetime | None = Field(default=None, sa_column=moment())
    items: dict[str, Any] = Field(default_factory=dict, sa_column=json_value())
    seen_at: datetime = Field(sa_column=moment(nullable=False))


def keep_changes(session: Session, rows: Sequence[TicketChangeRow]) -> None:
    """Those that are known stay as they are."""
    insert_ignoring(session, TicketChangeRow, [row.model_dump() for row in rows])


def known_changes(session: Session, ticket_id: int, kind: str = CHANGE) -> dict[str, bool]:
    """The ids of the ticket's entries that were seen, and whether each is ours."""
    row = TicketChangeRow
    query = select(row.remote_id, row.ours).where(row.ticket_id == ticket_id, row.kind == kind)
    return dict(session.exec(query).all())


def list_changes(session: Session, ticket_id: int, *, limit: int = 200) -> Sequence[TicketChangeRow]:
    """Newest first."""
    row = TicketChangeRow
    return session.exec(
        select(row).where(row.ticket_id == ticket_id).order_by(col(row.at).desc()).limit(limit)
    ).all()
