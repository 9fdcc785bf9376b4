"""Troubles of the product itself: one row a cause, with whom its latest episode was told to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Field, Session, SQLModel, col, select

from soc.ids import derived_id
from soc.store.columns import json_value, moment
from soc.store.db import insert_ignoring


class TroubleRow(SQLModel, table=True):
    """`ended_at` is None while it lasts; `told` are the channels that heard of this episode, each to hear of its end."""

    __tablename__ = "troubles"

    cause: str = Field(primary_key=True)
    episode: int = 1
    #: The integration that it is about; "": none.
    about: str = ""
    title: str = ""
    began_at: datetime = Field(sa_column=moment(nullable=False))
    ended_at: datetime | None = Field(default=None, sa_column=moment())
    told: list[str] = Field(default_factory=list, sa_column=json_value())
    told_at: datetime | None = Field(default=None, sa_column=moment())

    @property
    def id(self) -> str:
        """Of this episode."""
        return derived_id("trb", self.cause, self.episode)


def lock_troubles(session: Session) -> Sequence[TroubleRow]:
    """All of them, locked for this transaction: there are few."""
    query = select(TroubleRow).order_by(col(TroubleRow.cause))
    return session.exec(query.with_for_update()).all()


def any_lasts(session: Session) -> bool:
    """Whether one of them has not ended."""
    return (
        session.exec(select(TroubleRow.cause).where(col(TroubleRow.ended_at).is_(None)).limit(1)).first()
        is not None
    )


def add_trouble(session: Session, row: TroubleRow) -> None:
    """A cause that was never there; where another process adds it at the same moment, that one's stays."""
    insert_ignoring(session, TroubleRow, [row.model_dump()])
