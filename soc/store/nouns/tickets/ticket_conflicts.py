"""Where both sides of a ticket say something else, or the vendor does not take a change: a person decides, once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, select

from soc.domain.actor import Actor
from soc.errors import NotFound
from soc.store.columns import json_value, key_of, moment, partial_index
from soc.store.nouns.tickets.tickets import TicketRow
from soc.store.paging import Page, Sorts, count_rows, read_page


class TicketConflictRow(SQLModel, table=True):
    """`ours`, `theirs` and `base` are `{"value": …}` (empty: not known). One open row a ticket and field.

    `made_by` is who changed it here; `their_name`, `their_at` and `their_change` say who set it there, when, and in
    which of the vendor's entries. `decision` is "ours", "theirs" or "settled" (both sides came to agree).
    """

    __tablename__ = "ticket_conflicts"
    __table_args__ = (
        partial_index("ix_ticket_conflicts_open", "ticket_id", "field", of="resolved_at IS NULL"),
    )

    id: int | None = Field(default=None, primary_key=True)
    ticket_id: int = Field(foreign_key=key_of(TicketRow), index=True)
    field: str
    #: Why, in words for the person who decides.
    reason: str
    ours: dict[str, Any] = Field(default_factory=dict, sa_column=json_value())
    theirs: dict[str, Any] = Field(default_factory=dict, sa_column=json_value())
    base: dict[str, Any] = Field(default_factory=dict, sa_column=json_value())
    made_by: str
    our_at: datetime | None = Field(default=None, sa_column=moment())
    their_name: str = ""
    their_at: datetime | None = Field(default=None, sa_column=moment())
    their_change: str = ""
    #: The delivery that was refused, where one was.
    delivery_id: str = ""
    created_at: datetime = Field(sa_column=moment(nullable=False, index=True))
    updated_at: datetime = Field(sa_column=moment(nullable=False))
    resolved_at: datetime | None = Field(default=None, sa_column=moment())
    decision: str = ""
    changed_by: str = ""


CONFLICT_SORTS: Sorts = {"created_at": ("created_at", "id")}


@dataclass(frozen=True)
class ConflictFilter:
    """Which conflicts. Empty fields do not filter."""

    ticket_id: int | None = None
    field: str = ""
    is_open: bool | None = None


def _matching(chosen: ConflictFilter) -> list[sa.ColumnElement[bool]]:
    row = TicketConflictRow
    conditions: list[sa.ColumnElement[bool]] = []
    if chosen.ticket_id is not None:
        conditions.append(col(row.ticket_id) == chosen.ticket_id)
    if chosen.field:
        conditions.append(col(row.field) == chosen.field)
    if chosen.is_open is not None:
        resolved = col(row.resolved_at)
        conditions.append(resolved.is_(None) if chosen.is_open else resolved.is_not(None))
    return conditions


def find_open(session: Session, ticket_id: int, field: str) -> TicketConflictRow | None:
    """The conflict about this field that nobody has decided yet."""
    chosen = ConflictFilter(ticket_id=ticket_id, field=field, is_open=True)
    return session.exec(select(TicketConflictRow).where(*_matching(chosen)).limit(1)).first()


def list_disputed(session: Session, ticket_id: int) -> set[str]:
    """The deliveries whose refusals wait for a person."""
    row = TicketConflictRow
    query = select(row.delivery_id).where(row.ticket_id == ticket_id, col(row.resolved_at).is_(None))
    return {one for one in session.exec(query) if one}


def list_open_fields(session: Session, ticket_id: int) -> set[str]:
    """The fields of the ticket that wait for a person."""
    row = TicketConflictRow
    chosen = ConflictFilter(ticket_id=ticket_id, is_open=True)
    return set(session.exec(select(row.field).where(*_matching(chosen))).all())


def get_conflict(session: Session, conflict_id: int) -> TicketConflictRow:
    """Locked for this transaction. Raises NotFound."""
    row = TicketConflictRow
    found = (
        session.exec(select(row).where(row.id == conflict_id).with_for_update()).first()
        if 0 < conflict_id < 2**31
        else None
    )
    if found is None:
        raise NotFound(
            f"There is no conflict {conflict_id}.", hint="`soc conflict list` shows those there are."
        )
    return found


def page_conflicts(
    session: Session,
    chosen: ConflictFilter = ConflictFilter(),
    *,
    sort: str = "-created_at",
    cursor: str = "",
    offset: int = 0,
    limit: int = 50,
) -> Page[TicketConflictRow]:
    """Newest first unless told otherwise."""
    return read_page(
        session, TicketConflictRow, _matching(chosen), sorts=CONFLICT_SORTS, sort=sort, cursor=cursor,
        offset=offset, limit=limit,
    )  # fmt: skip


def count_conflicts(session: Session, chosen: ConflictFilter = ConflictFilter(is_open=True)) -> int:
    return count_rows(session, TicketConflictRow, _matching(chosen))


def settle(row: TicketConflictRow, *, decision: str, actor: Actor, now: datetime) -> None:
    """It waits for nobody any more."""
    row.resolved_at, row.updated_at, row.decision, row.changed_by = now, now, decision, str(actor)


def list_conflicts_of(session: Session, ticket_ids: Sequence[int]) -> Sequence[TicketConflictRow]:
    """The open ones of these tickets."""
    row = TicketConflictRow
    query = select(row).where(col(row.ticket_id).in_(ticket_ids), col(row.resolved_at).is_(None))
    return session.exec(query.order_by(col(row.id))).all()
