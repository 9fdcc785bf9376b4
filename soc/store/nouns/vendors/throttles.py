"""What a vendor's "too many requests" asked to wait: one call, or all that is about one ticket."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, Session, SQLModel, col, select

from soc.store.columns import moment
from soc.store.db import upsert


class ThrottleRow(SQLModel, table=True):
    """`name` is `<integration>:<limit>:<which>`; nothing that bears it is sent before `until`."""

    __tablename__ = "throttles"

    name: str = Field(primary_key=True)
    until: datetime = Field(sa_column=moment(nullable=False))


def throttle(session: Session, name: str, *, until: datetime) -> None:
    """Let what bears this name wait."""
    connection = session.connection()
    statement = upsert(connection.dialect.name, ThrottleRow, ("name",), ("until",))
    connection.execute(statement, [{"name": name, "until": until}])


def throttled_until(session: Session, names: list[str]) -> datetime | None:
    """The latest moment that one of these waits for."""
    row = ThrottleRow
    query = select(row.until).where(col(row.name).in_(names)).order_by(col(row.until).desc()).limit(1)
    return session.exec(query).first()
