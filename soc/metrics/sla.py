"""How tickets keep their time: per cent within SLA, by priority, how long they took, what is due next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from soc import clock
from soc.domain.severity import Priority
from soc.domain.sla import RUNNING, SlaState
from soc.sla.clocks import TicketClock, read_clock
from soc.store.db import read_session
from soc.store.nouns.sla.policies import SlaPolicyRow, list_policies
from soc.store.nouns.tickets.ticket_counts import ClockCount, count_clocks
from soc.store.nouns.tickets.ticket_lists import list_by_clock
from soc.store.nouns.tickets.tickets import TicketFilter
from soc.store.unchanged import while_unchanged

#: How many of the clocks that run out next are listed.
URGENT = 20


@dataclass(frozen=True)
class SlaNumbers:
    """Of some tickets. `within` is met / (met + missed + overdue), None while no clock has been decided.

    `resolution` is the average time from opening to resolving, None while nothing was resolved.
    """

    states: Mapping[SlaState, int]
    within: float | None
    resolution: timedelta | None
    #: Open ones that were breached at intake.
    late_open: int = 0

    @property
    def total(self) -> int:
        return sum(self.states.values())

    @property
    def open(self) -> int:
        return sum(self.states.get(state, 0) for state in (*RUNNING, SlaState.PAUSED)) + self.late_open


@dataclass(frozen=True)
class SlaSummary:
    """`by_priority` has every priority, most urgent first. `urgent` are the URGENT open clocks that run out next."""

    all: SlaNumbers
    by_priority: Mapping[str, SlaNumbers]
    urgent: Sequence[TicketClock]


def _numbers(counts: Sequence[ClockCount]) -> SlaNumbers:
    states: Counter[SlaState] = Counter()
    for one in counts:
        states[one.state] += one.tickets
    decided = states[SlaState.MET] + states[SlaState.MISSED] + states[SlaState.VIOLATED]
    resolved = states[SlaState.MET] + states[SlaState.MISSED]
    decided_so = (SlaState.MET, SlaState.MISSED)  # not what was breached at intake or cancelled
    took = sum((one.took for one in counts if one.state in decided_so), timedelta())
    return SlaNumbers(
        states=states,
        within=states[SlaState.MET] / decided if decided else None,
        resolution=took / resolved if resolved else None,
        late_open=sum(one.open for one in counts if one.state is SlaState.INTAKE),
    )


@while_unchanged
def read_sla(
    *, since: datetime | None = None, owners: tuple[str, ...] | None = None, now: datetime | None = None
) -> SlaSummary:
    """Of the tickets opened since `since` (all of them without it); of these people alone, where `owners` says so."""
    moment = now or clock.now()
    with read_session() as session:
        counts = count_clocks(session, TicketFilter(since=since, owners=owners), now=moment)
        running = TicketFilter(is_open=True, has_time=True, since=since, owners=owners)
        soonest = list_by_clock(session, running, now=moment, limit=URGENT)
    return SlaSummary(
        all=_numbers(counts),
        by_priority={
            priority.value: _numbers([one for one in counts if one.priority == priority.value])
            for priority in Priority
        },
        urgent=[read_clock(ticket, now=moment) for ticket in soonest],
    )


@while_unchanged
def read_policies() -> Sequence[SlaPolicyRow]:
    """The times each priority has, most urgent first."""
    with read_session() as session:
        return list_policies(session)
