"""Who is at work: one row an executor (a process with an engine), kept fresh by its heartbeat.

A name is used again by the next process of its machine, so a row also counts *runs*: who finds another run than its own
has been taken for dead meanwhile, and what it began belongs to others.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, select

from soc.store.columns import json_value, moment
from soc.store.db import insert_ignoring


class ExecutorRow(SQLModel, table=True):
    """`beats` grows while it lives: others see that by their own steady clocks, whatever anybody's wall clock says.

    `stopped_at`: it ended in order. `gone_at`: since when it was silent, as the one who noticed says; from then on its
    work belongs to others. `recovered`: that work was handed on.
    """

    __tablename__ = "executors"

    name: str = Field(primary_key=True)
    run: int = 1
    beats: int = 0
    host: str = ""
    pid: int = 0
    version: str = ""
    role: str = ""
    started_at: datetime = Field(sa_column=moment(nullable=False))
    seen_at: datetime = Field(sa_column=moment(nullable=False))
    stopped_at: datetime | None = Field(default=None, sa_column=moment())
    gone_at: datetime | None = Field(default=None, sa_column=moment())
    recovered: bool = False
    #: What its own environment configures, so that others know that somebody can.
    configured: list[str] = Field(default_factory=list, sa_column=json_value())
    #: What is wrong with this process, in words; "" when nothing is.
    trouble: str = ""


class Process(NamedTuple):
    """What a process says of itself."""

    name: str
    host: str
    pid: int
    version: str
    role: str
    configured: tuple[str, ...] = ()


def register(session: Session, process: Process, *, now: datetime) -> int:
    """Take the name; returns the run that this is. What an earlier run of the name began is nobody's from now on."""
    row = session.get(ExecutorRow, process.name, with_for_update=True, populate_existing=True)
    if row is None:
        fresh = ExecutorRow(name=process.name, run=0, started_at=now, seen_at=now)
        insert_ignoring(session, ExecutorRow, [fresh.model_dump()])
        row = session.get_one(ExecutorRow, process.name, with_for_update=True, populate_existing=True)
    row.run += 1
    row.beats += 1
    row.host, row.pid, row.version, row.role = process.host, process.pid, process.version, process.role
    row.configured = list(process.configured)
    row.started_at = row.seen_at = now
    row.stopped_at = row.gone_at = None
    row.recovered, row.trouble = False, ""
    session.add(row)
    return row.run


def beat(session: Session, name: str, run: int, *, trouble: str, now: datetime) -> bool:
    """Say that it lives; False when somebody took it for dead, or another process has its name."""
    row = ExecutorRow
    written = session.connection().execute(
        sa.update(row)
        .where(col(row.name) == name, col(row.run) == run, col(row.gone_at).is_(None))
        .values(beats=col(row.beats) + 1, seen_at=now, trouble=trouble)
    )
    return written.rowcount == 1


def mark_stopped(session: Session, name: str, run: int, *, now: datetime) -> None:
    """It ends in order; what it could not finish is recovered by others."""
    row = ExecutorRow
    session.connection().execute(
        sa.update(row).where(col(row.name) == name, col(row.run) == run).values(stopped_at=now, seen_at=now)
    )


def mark_gone(session: Session, name: str, run: int, beats: int, *, now: datetime) -> bool:
    """From now on its work belongs to others; False where it has moved since it was looked at."""
    row = ExecutorRow
    written = session.connection().execute(
        sa.update(row)
        .where(
            col(row.name) == name, col(row.run) == run, col(row.beats) == beats, col(row.gone_at).is_(None)
        )
        .values(gone_at=now, recovered=False)
    )
    return written.rowcount == 1


def mark_all_gone(session: Session, *, now: datetime) -> None:
    """None of those that the store tells of is at work: it was restored. Whoever starts hands on what they had begun."""
    row = ExecutorRow
    over = (col(row.gone_at).is_(None), col(row.stopped_at).is_(None))
    session.connection().execute(sa.update(row).where(*over).values(gone_at=now, recovered=False))


def mark_recovered(session: Session, name: str, run: int) -> None:
    """Its work was handed on."""
    row = ExecutorRow
    session.connection().execute(
        sa.update(row).where(col(row.name) == name, col(row.run) == run).values(recovered=True)
    )


def list_executors(session: Session) -> Sequence[ExecutorRow]:
    return session.exec(select(ExecutorRow).order_by(col(ExecutorRow.name))).all()


def is_at_work(session: Session, name: str, run: int) -> bool:
    """Whether this very run of the executor may still be doing what it began."""
    row = session.get(ExecutorRow, name)
    return row is not None and row.run == run and row.gone_at is None and row.stopped_at is None


def who_configures(session: Session, kind: str) -> list[str]:
    """The executors at work whose own environment configures this kind."""
    return [
        row.name
        for row in list_executors(session)
        if kind in row.configured and row.gone_at is None and row.stopped_at is None
    ]


def is_elsewhere(session: Session, host: str) -> bool:
    """Whether an executor is at work on another machine, whose files, key and environment may be others."""
    return any(
        row.host != host and row.gone_at is None and row.stopped_at is None for row in list_executors(session)
    )


def forget_executors(session: Session, *, before: datetime) -> int:
    """Those that ended or went silent before the moment; what they did keeps their names."""
    row = ExecutorRow
    over: sa.ColumnElement[Any] = sa.or_(
        col(row.stopped_at) < before, sa.and_(col(row.gone_at) < before, col(row.recovered))
    )
    return session.connection().execute(sa.delete(row).where(over)).rowcount
