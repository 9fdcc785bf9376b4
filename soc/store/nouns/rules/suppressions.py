"""Suppressions and maintenance windows as stored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Field, Session, SQLModel, col, select

from soc.domain.rule import Suppression
from soc.errors import NotFound
from soc.store.columns import moment
from soc.store.paging import Page, Sorts, read_page


class SuppressionRow(SQLModel, table=True):
    """It hides from `starts_at` to `ends_at` (excluded); one that was ended early has an earlier end."""

    __tablename__ = "suppressions"

    id: str = Field(primary_key=True)
    kind: str
    reason: str
    owner: str
    starts_at: datetime = Field(sa_column=moment(nullable=False))
    ends_at: datetime = Field(sa_column=moment(nullable=False, index=True))
    entity: str
    source: str
    signature: str
    class_contains: str
    created_at: datetime = Field(sa_column=moment(nullable=False))
    made_by: str
    changed_by: str = ""


SUPPRESSION_SORTS: Sorts = {"ends_at": ("ends_at", "id"), "created_at": ("created_at", "id")}


def list_hiding(session: Session, *, since: datetime) -> Sequence[Suppression]:
    """Those that end after that moment, the next to end first."""
    row = SuppressionRow
    rows = session.exec(
        select(row).where(col(row.ends_at) > since).order_by(col(row.ends_at), col(row.id))
    ).all()
    return [to_suppression(one) for one in rows]


def to_suppression(row: SuppressionRow) -> Suppression:
    return Suppression.model_validate(row.model_dump())


def page_suppressions(
    session: Session, *, sort: str = "-ends_at", cursor: str = "", offset: int = 0, limit: int = 50
) -> Page[SuppressionRow]:
    """Those that are over too."""
    return read_page(
        session,
        SuppressionRow,
        [],
        sorts=SUPPRESSION_SORTS,
        sort=sort,
        cursor=cursor,
        offset=offset,
        limit=limit,
    )


def get_suppression(session: Session, suppression_id: str) -> SuppressionRow:
    """Raises NotFound."""
    row = session.get(SuppressionRow, suppression_id)
    if row is None:
        raise NotFound(f"There is no suppression {suppression_id}.", hint="`soc suppress list` shows them.")
    return row
