"""Requests that carried a key of the caller's own (`Idempotency-Key`): what each said, and what was answered."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col

from soc.store.columns import json_value, moment
from soc.store.db import insert_ignoring

#: A caller who asks again does so within minutes; what is older than this is forgotten.
KEPT = timedelta(days=30)
#: Sealed words of an answer (a new API key) are kept no longer than a caller may need to ask again.
SEALED_KEPT = timedelta(hours=1)


class RequestRow(SQLModel, table=True):
    """`id` is the digest of the caller's key; `fingerprint` stands for all that was asked, and by whom.

    `answer` is what a repetition is answered from; `sealed` the part of it that is secret ("": none).
    """

    __tablename__ = "requests"

    id: str = Field(primary_key=True)
    fingerprint: str
    made_by: str
    created_at: datetime = Field(sa_column=moment(nullable=False, index=True))
    answer: dict[str, Any] = Field(default_factory=dict, sa_column=json_value())
    sealed: str = ""


def claim_request(session: Session, row: RequestRow) -> RequestRow | None:
    """Put the request down; where its key is used already, the row of the first one.

    A second one waits here until the first one's transaction has ended: so two at once are one, too.
    """
    _forget(session, now=row.created_at)
    if insert_ignoring(session, RequestRow, [row.model_dump()]):
        return None
    return session.get(RequestRow, row.id, populate_existing=True)


def keep_answer(session: Session, request_id: str, answer: dict[str, Any], *, sealed: str = "") -> None:
    """What a repetition is answered from; in the transaction of what was done."""
    row = session.get_one(RequestRow, request_id)
    row.answer, row.sealed = answer, sealed
    session.add(row)


def _forget(session: Session, *, now: datetime) -> None:
    row = RequestRow
    connection = session.connection()
    connection.execute(sa.delete(row).where(col(row.created_at) < now - KEPT))
    old = sa.and_(col(row.sealed) != "", col(row.created_at) < now - SEALED_KEPT)
    connection.execute(sa.update(row).where(old).values(sealed=""))
