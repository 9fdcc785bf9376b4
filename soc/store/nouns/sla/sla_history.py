"""How clocks of before went, and which run now: plain columns of many rows, for forecasts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col

from soc.domain.sla import SlaState
from soc.domain.sla.event import ClockKind, EventKind
from soc.store.nouns.sla.sla_clocks import SlaClockRow, SlaEventRow

_ENDED = (SlaState.MET.value, SlaState.MISSED.value)


class PastClock(NamedTuple):
    """A ticket's first cycle of a clock that ended or ran out; lengths in microseconds."""

    ticket_id: int
    clock: str
    priority: str
    target: int
    used: int
    started_at: datetime
    at_risk_at: datetime
    due_at: datetime
    breached_at: datetime | None
    ended_at: datetime | None


class RunningClock(NamedTuple):
    """One that runs or waits, and has not run out; `used` microseconds up to `position`."""

    clock: str
    priority: str
    policy: str
    version: int
    target: int
    used: int
    position: datetime
    runs: bool


def list_past(session: Session, *, limit: int) -> Sequence[PastClock]:
    """The newest of each clock that were met or missed, or ran out and go on. What was breached at intake, cancelled, or is
    undecided is not among them.
    """
    row, found = SlaClockRow, list[PastClock]()
    over = sa.and_(col(row.state) == "", col(row.ended_at).is_(None), col(row.breached_at).is_not(None))
    columns = [getattr(row, name) for name in PastClock._fields]
    for clock in ClockKind:
        query = (
            sa.select(*columns)
            .where(col(row.clock) == clock.value, col(row.cycle) == 1, sa.not_(col(row.intake)))
            .where(sa.or_(col(row.state).in_(_ENDED), over))
            .order_by(col(row.started_at).desc())
            .limit(limit)
        )
        found += [PastClock(*one) for one in session.connection().execute(query)]
    return found


def list_retargeted(session: Session) -> frozenset[tuple[int, str]]:
    """(ticket, clock) of those whose time was changed as they ran."""
    row = SlaEventRow
    changed = (
        col(row.kind) == EventKind.APPLY_POLICY.value,
        col(row.target).is_not(None),
        col(row.cycle) == 1,
    )
    query = sa.select(col(row.ticket_id), col(row.clock)).where(*changed).distinct()
    return frozenset((ticket, clock) for ticket, clock in session.connection().execute(query))


def list_running(session: Session, *, limit: int) -> Sequence[RunningClock]:
    """Those that may still run out."""
    row = SlaClockRow
    undecided = (col(row.ended_at).is_(None), col(row.breached_at).is_(None), sa.not_(col(row.intake)))
    query = sa.select(*[getattr(row, name) for name in RunningClock._fields]).where(*undecided).limit(limit)
    return [RunningClock(*one) for one in session.connection().execute(query)]
