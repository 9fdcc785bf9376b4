"""What tells whether a process has the key of this store: a constant, sealed with it."""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, select

from soc.store.db import insert_ignoring


class KeyCheckRow(SQLModel, table=True):
    """One row, from the moment that the store has a key."""

    __tablename__ = "key_checks"

    id: int = Field(default=1, primary_key=True)
    sealed: str


def read_check(session: Session) -> str:
    """The sealed constant; "" where the store has no key yet."""
    row = session.get(KeyCheckRow, 1)
    return "" if row is None else row.sealed


def write_check(session: Session, sealed: str) -> None:
    """The first who writes it decides; nothing happens where it is there."""
    insert_ignoring(session, KeyCheckRow, [KeyCheckRow(id=1, sealed=sealed).model_dump()])


def forget_check(session: Session) -> None:
    session.connection().execute(sa.delete(KeyCheckRow))


def list_sealed(session: Session, *, rows: type[SQLModel], limit: int = 200) -> list[tuple[str, str]]:
    """Kind and sealed text of stored configurations (or their versions) that hold secrets."""
    kind, sealed = rows.kind, rows.sealed  # type: ignore[attr-defined]
    found = session.exec(select(kind, sealed).where(col(sealed) != "").limit(limit)).all()
    return [(name, text) for name, text in found]
