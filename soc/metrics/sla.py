"""How tickets keep their time: per cent within SLA, by priority, how long they took, what is due next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from soc.domain.severity import Priority
from soc.domain.sla import SlaState
from soc.sla.clocks import TicketClock, read_clocks
from soc.store.db import read_session
from soc.store.policies import SlaPolicyRow, list_policies

_OPEN = (SlaState.ON_TRACK, SlaState.AT_RISK, SlaState.OVERDUE)


@dataclass(frozen=True)
class SlaNumbers:
    """Of some tickets. `within` is met / (met + missed + overdue), None while no clock has been decided.

    `resolution` is the average time from opening to resolving, None while nothing was resolved.
    """

    states: Mapping[SlaState, int]
    within: float | None
    resolution: timedelta | None

    @property
    def total(self) -> int:
        return sum(self.states.values())

    @property
    def open(self) -> int:
        return sum(self.states.get(state, 0) for state in _OPEN)


@dataclass(frozen=True)
class SlaSummary:
    """`by_priority` has every priority, most urgent first. `urgent` are open clocks, the next to run out on top."""

    all: SlaNumbers
    by_priority: Mapping[str, SlaNumbers]
    urgent: Sequence[TicketClock]


def _numbers(clocks: Sequence[TicketClock]) -> SlaNumbers:
    states = Counter(one.state for one in clocks)
    decided = states[SlaState.MET] + states[SlaState.MISSED] + states[SlaState.OVERDUE]
    lengths = [
        one.ticket.resolved_at - one.ticket.created_at for one in clocks if one.ticket.resolved_at is not None
    ]
    return SlaNumbers(
        states=states,
        within=states[SlaState.MET] / decided if decided else None,
        resolution=sum(lengths, timedelta()) / len(lengths) if lengths else None,
    )


def read_sla(*, since: datetime | None = None, now: datetime | None = None) -> SlaSummary:
    """Of the tickets opened since `since` (all of them without it; the newest 5,000)."""
    clocks = read_clocks(since=since, now=now)
    return SlaSummary(
        all=_numbers(clocks),
        by_priority={
            priority.value: _numbers([one for one in clocks if one.ticket.priority == priority.value])
            for priority in Priority
        },
        urgent=[one for one in clocks if one.state in _OPEN],
    )


def read_policies() -> Sequence[SlaPolicyRow]:
    """The times each priority has, most urgent first."""
    with read_session() as session:
        return list_policies(session)
