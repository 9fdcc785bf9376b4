"""What is left of each vendor's rate limit, in one row a limit, so that all processes of all machines share it."""

from __future__ import annotations

from typing import Any, overload

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel

from soc import clock
from soc.store.columns import json_value
from soc.store.db import insert_ignoring


class RateLimitRow(SQLModel, table=True):
    """`window` is the state of one limit as `soc.delivery.rate_limit.Window` keeps it; empty at first."""

    __tablename__ = "rate_limits"

    name: str = Field(primary_key=True)
    window: dict[str, Any] = Field(default_factory=dict, sa_column=json_value())


@overload
def limit_to_change(session: Session, name: str) -> RateLimitRow: ...
@overload
def limit_to_change(session: Session, name: str, *, wait: bool) -> RateLimitRow | None: ...


def limit_to_change(session: Session, name: str, *, wait: bool = True) -> RateLimitRow | None:
    """The limit's row, made where there is none and locked for this transaction: one asks at a time.

    `wait=False`: None where another transaction has it locked.
    """
    lock = True if wait else {"skip_locked": True}
    row = session.get(RateLimitRow, name, with_for_update=lock, populate_existing=True)
    if row is None:
        insert_ignoring(session, RateLimitRow, [RateLimitRow(name=name).model_dump()])
        row = session.get(RateLimitRow, name, with_for_update=lock, populate_existing=True)
    return row


def shared_clock(session: Session) -> float:
    """The moment by the one clock that everybody who shares this store reads, in seconds since 1970.

    Ask it after the lock: who waited for that would count from a moment before his turn. It is PostgreSQL's own: the
    clocks of two machines differ, and a limit counted by both would let through what they differ by. A SQLite file is
    on one machine, whose processes read one clock.
    """
    if session.connection().dialect.name != "postgresql":
        return clock.now().timestamp()
    query = sa.text("SELECT extract(epoch FROM clock_timestamp())")
    return float(session.connection().execute(query).scalar_one())
