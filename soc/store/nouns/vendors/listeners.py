"""Who holds a vendor's connections for all processes: some places a kind, each one executor's for as long as it is at work."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, Session, SQLModel, col, select

from soc.store.columns import moment
from soc.store.db import insert_ignoring
from soc.store.nouns.installation.executors import is_at_work


class ListenerRow(SQLModel, table=True):
    """`executor` "" is a free place."""

    __tablename__ = "listeners"

    integration: str = Field(primary_key=True)
    place: int = Field(primary_key=True)
    executor: str = ""
    run: int = 0
    taken_at: datetime | None = Field(default=None, sa_column=moment())


def take_place(
    session: Session, integration: str, *, places: int, executor: str, run: int, now: datetime
) -> bool:
    """Whether this run of the executor has one of the places, its old one or one that nobody at work has."""
    rows = [
        {"integration": integration, "place": number, "executor": "", "run": 0, "taken_at": None}
        for number in range(places)
    ]
    insert_ignoring(session, ListenerRow, rows)
    row = ListenerRow
    query = select(row).where(row.integration == integration, col(row.place) < places)
    held = session.exec(query.order_by(col(row.place)).with_for_update()).all()
    if any((one.executor, one.run) == (executor, run) for one in held):
        return True
    for one in held:
        if not one.executor or one.executor == executor or not is_at_work(session, one.executor, one.run):
            one.executor, one.run, one.taken_at = executor, run, now
            session.add(one)
            return True
    return False


def leave_places(session: Session, integration: str, *, executor: str) -> None:
    """Others may have them."""
    for one in session.exec(
        select(ListenerRow)
        .where(ListenerRow.integration == integration, ListenerRow.executor == executor)
        .with_for_update()
    ).all():
        one.executor, one.run, one.taken_at = "", 0, None
        session.add(one)
