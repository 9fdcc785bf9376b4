"""A ticket's synced fields: what each is here, and what both sides had when they last agreed (the base of the merge)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Field, Session, SQLModel, col, select

from soc.domain.message import FieldValue
from soc.store.columns import json_value, key_of, moment
from soc.store.nouns.tickets.tickets import TicketRow


class TicketFieldRow(SQLModel, table=True):
    """`local` and `base` are `{"value": …}`; an empty base: the sides were never compared.

    `base_change` is the id of the vendor's entry that set the base there ("": it was so when the ticket was first read).
    """

    __tablename__ = "ticket_fields"

    ticket_id: int = Field(primary_key=True, foreign_key=key_of(TicketRow))
    field: str = Field(primary_key=True)
    local: dict[str, Any] = Field(default_factory=dict, sa_column=json_value())
    base: dict[str, Any] = Field(default_factory=dict, sa_column=json_value())
    base_change: str = ""
    base_at: datetime | None = Field(default=None, sa_column=moment())
    #: Who set what is here, as `str(Actor)`, and when.
    changed_by: str = ""
    changed_at: datetime | None = Field(default=None, sa_column=moment())


def kept(value: FieldValue | None) -> dict[str, Any]:
    """A value as its column keeps it; sets in order."""
    if value is None:
        return {}
    return {"value": value if isinstance(value, str) else sorted(set(value))}


def value_of(stored: dict[str, Any]) -> FieldValue | None:
    """The value of a column; None where it says nothing."""
    value = stored.get("value")
    return tuple(value) if isinstance(value, list) else value


def field_of(session: Session, ticket_id: int, field: str) -> TicketFieldRow:
    """The row to change; a new one (not yet added) where there is none."""
    return session.get(TicketFieldRow, (ticket_id, field)) or TicketFieldRow(ticket_id=ticket_id, field=field)


def list_fields(session: Session, ticket_ids: Sequence[int]) -> Sequence[TicketFieldRow]:
    """Of these tickets, by ticket and field."""
    row = TicketFieldRow
    return session.exec(
        select(row).where(col(row.ticket_id).in_(ticket_ids)).order_by(col(row.ticket_id), col(row.field))
    ).all()
