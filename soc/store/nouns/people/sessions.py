"""Who is signed in: one row a browser. `soc.access.sessions` begins, finds and ends them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col

from soc.errors import NotFound
from soc.store.columns import key_of, moment
from soc.store.nouns.people.accounts import AccountRow
from soc.store.nouns.people.people import PersonRow


class SessionRow(SQLModel, table=True):
    """A browser in which somebody signed in. Of the cookie only the digest is kept."""

    __tablename__ = "sessions"

    id: str = Field(primary_key=True)
    digest: str = Field(unique=True)
    account_id: str = Field(foreign_key=key_of(AccountRow), index=True)
    created_at: datetime = Field(sa_column=moment(nullable=False))
    #: When somebody last did something in it, to the minute.
    seen_at: datetime = Field(sa_column=moment(nullable=False))
    ended_at: datetime | None = Field(default=None, sa_column=moment())
    #: Where the browser was, and what it calls itself.
    address: str = ""
    agent: str = ""
    #: Who signed in, and who ended it ("": nobody did), as `str(Actor)`.
    made_by: str
    ended_by: str = ""


Signed = tuple[SessionRow, AccountRow, PersonRow]


def _joined() -> sa.Select[SessionRow, AccountRow, PersonRow]:
    return (
        sa.select(SessionRow, AccountRow, PersonRow)
        .join(AccountRow, col(AccountRow.id) == col(SessionRow.account_id))
        .join(PersonRow, col(PersonRow.id) == col(AccountRow.person_id))
    )


def find_session(session: Session, digest: str) -> Signed | None:
    """The row that was not ended, with its account and person, whatever became of these."""
    query = _joined().where(col(SessionRow.digest) == digest, col(SessionRow.ended_at).is_(None))
    row = session.execute(query).first()
    return None if row is None else (row[0], row[1], row[2])


def list_sessions(session: Session, *, since: datetime, account_id: str = "") -> Sequence[Signed]:
    """Those that were not ended and began since then, the last used first; one account's, or everybody's."""
    query = _joined().where(col(SessionRow.ended_at).is_(None), col(SessionRow.created_at) > since)
    if account_id:
        query = query.where(col(SessionRow.account_id) == account_id)
    found = session.execute(query.order_by(col(SessionRow.seen_at).desc(), col(SessionRow.id)))
    return [(row[0], row[1], row[2]) for row in found]


def get_session(session: Session, session_id: str) -> SessionRow:
    """Raises NotFound."""
    row = session.get(SessionRow, session_id)
    if row is None:
        raise NotFound(f"There is no session {session_id}.", hint="`soc sessions list` shows them.")
    return row


def touch_session(session: Session, session_id: str, *, now: datetime) -> None:
    """Note that somebody did something in it."""
    session.connection().execute(
        sa.update(SessionRow).where(col(SessionRow.id) == session_id).values(seen_at=now)
    )


def end_sessions(session: Session, account_id: str, *, now: datetime, ended_by: str) -> int:
    """End every session of an account. Returns how many there were."""
    ended = session.connection().execute(
        sa.update(SessionRow)
        .where(col(SessionRow.account_id) == account_id, col(SessionRow.ended_at).is_(None))
        .values(ended_at=now, ended_by=ended_by)
    )
    return int(ended.rowcount)


def end_all_sessions(session: Session, *, now: datetime, ended_by: str) -> int:
    """End every session of everybody. Returns how many there were."""
    ended = session.connection().execute(
        sa.update(SessionRow)
        .where(col(SessionRow.ended_at).is_(None))
        .values(ended_at=now, ended_by=ended_by)
    )
    return int(ended.rowcount)


def forget_sessions(session: Session, *, before: datetime) -> None:
    """Delete those that began before then; the audit keeps who signed in."""
    session.connection().execute(sa.delete(SessionRow).where(col(SessionRow.created_at) < before))
