"""Comments of tickets as the vendor has them, and which note of ours each is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Field, Session, SQLModel, col, select

from soc.store.columns import key_of, moment
from soc.store.nouns.tickets.tickets import TicketRow


class TicketCommentRow(SQLModel, table=True):
    """`note_id` is the note here that it is ("": none yet). `ours`: it was written here first.

    A comment that is deleted there keeps its row and gets `deleted_at`. `not_synced` names what of it stays there alone.
    """

    __tablename__ = "ticket_comments"

    ticket_id: int = Field(primary_key=True, foreign_key=key_of(TicketRow))
    remote_id: str = Field(primary_key=True)
    note_id: str = Field(default="", index=True)
    ours: bool = False
    internal: bool = False
    author: str = ""
    text: str = ""
    not_synced: str = ""
    made_by: str
    created_at: datetime | None = Field(default=None, sa_column=moment())
    updated_at: datetime | None = Field(default=None, sa_column=moment())
    deleted_at: datetime | None = Field(default=None, sa_column=moment())


def list_comments(session: Session, ticket_id: int) -> Sequence[TicketCommentRow]:
    """Oldest first."""
    row = TicketCommentRow
    return session.exec(
        select(row).where(row.ticket_id == ticket_id).order_by(col(row.created_at), col(row.remote_id))
    ).all()
