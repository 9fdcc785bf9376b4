"""The tickets' clocks as pages, the API and the shell show them: both clocks, every cycle, as they stand at a moment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from soc import clock
from soc.domain.sla import SlaState, state_of
from soc.domain.sla.event import ClockKind
from soc.store.db import read_session
from soc.store.nouns.sla.sla_clocks import SlaClockRow, list_clock_rows
from soc.store.nouns.sla.sla_policies import Versions

_TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class ClockView:
    """One cycle of one clock as it stands. `left` is working time, negative after its end; `share` is of its time (1 = all)."""

    clock: ClockKind
    cycle: int
    state: SlaState
    policy: str
    version: int
    priority: str
    target: timedelta
    used: timedelta
    paused: timedelta
    paused_share: float
    started_at: datetime
    counts_from: datetime | None
    due_at: datetime
    at_risk_at: datetime
    breached_at: datetime | None
    ended_at: datetime | None
    ended_by: str

    @property
    def left(self) -> timedelta:
        return self.target - self.used

    @property
    def share(self) -> float:
        return self.used / self.target if self.target else 1.0

    @property
    def target_seconds(self) -> int:
        return int(self.target.total_seconds())

    @property
    def used_seconds(self) -> int:
        return int(self.used.total_seconds())

    @property
    def paused_seconds(self) -> int:
        return int(self.paused.total_seconds())


def read_cycles(session: Session, ticket_ids: Iterable[int], *, now: datetime) -> dict[int, list[ClockView]]:
    """By ticket: every cycle, the response clock's first, in their order."""
    versions = Versions(session)
    return {
        ticket_id: [_view(row, versions, now=now) for row in sorted(rows, key=_order)]
        for ticket_id, rows in list_clock_rows(session, ticket_ids).items()
    }


def _order(row: SlaClockRow) -> tuple[bool, int]:
    return row.clock != ClockKind.RESPONSE, row.cycle


def _view(row: SlaClockRow, versions: Versions, *, now: datetime) -> ClockView:
    used, paused = row.used * _TICK, row.paused_for * _TICK
    if row.runs and now > row.position:
        used += versions.calendar(row.policy, row.version).working(row.position, now)
    elif row.ended_at is None and not row.runs and now > row.position:
        paused += min(now, row.next_at or now) - row.position
    passed = (row.ended_at or max(now, row.started_at)) - row.started_at
    return ClockView(
        clock=ClockKind(row.clock),
        cycle=row.cycle,
        state=_state(row, now=now),
        policy=row.policy,
        version=row.version,
        priority=row.priority,
        target=row.target * _TICK,
        used=used,
        paused=paused,
        paused_share=min(1.0, paused / passed) if passed else 0.0,
        started_at=row.started_at,
        counts_from=row.snapped_to,
        due_at=row.due_at,
        at_risk_at=row.at_risk_at,
        breached_at=row.breached_at,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
    )


def _state(row: SlaClockRow, *, now: datetime) -> SlaState:
    if row.state:
        return SlaState(row.state)
    if row.breached_at is not None:
        return SlaState.VIOLATED
    return state_of(created=row.started_at, due=row.due_at, resolved=None, now=now, at_risk=row.at_risk_at)


def newest(cycles: Sequence[ClockView], kind: ClockKind) -> ClockView | None:
    """The cycle of that clock that counts now."""
    return next((one for one in reversed(cycles) if one.clock is kind), None)


def resolution_times(cycles: Sequence[ClockView]) -> tuple[int | None, int | None]:
    """Seconds from the start until it was first done, and until it was last done (None while it is open)."""
    mine = [one for one in cycles if one.clock is ClockKind.RESOLUTION]
    done = [one.ended_at for one in mine if one.ended_at is not None and one.state is not SlaState.CANCELLED]
    if not done:
        return None, None
    start = mine[0].started_at
    total = None if mine[-1].ended_at is None else int((done[-1] - start).total_seconds())
    return int((done[0] - start).total_seconds()), total


def read_both(
    ticket_ids: Sequence[int], *, now: datetime | None = None
) -> dict[int, tuple[ClockView | None, ClockView | None]]:
    """By ticket: its response and its resolution clock, the cycle that counts now."""
    with read_session() as session:
        found = read_cycles(session, ticket_ids, now=now or clock.now())
    return {
        number: (newest(cycles, ClockKind.RESPONSE), newest(cycles, ClockKind.RESOLUTION))
        for number, cycles in found.items()
    }
