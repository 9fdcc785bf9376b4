"""What a policy would mean for the tickets that are open now: nothing is changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from soc import clock
from soc.domain.sla.event import ClockKind
from soc.domain.sla.policy import DEFAULT_POLICY, Policy, choose
from soc.sla.book import priority_of, subject_of
from soc.store.nouns.sla.sla_clocks import SlaClockRow, list_clock_rows
from soc.store.nouns.sla.sla_due import list_open_with_incidents
from soc.store.nouns.sla.sla_policies import Versions, list_in_force
from soc.store.nouns.tickets.tickets import TicketRow

_TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class Moved:
    """A clock that would be measured against the policy from now on: when it ends today, and when it would."""

    ticket: str
    ticket_id: int
    clock: ClockKind
    priority: str
    policy: str
    today: datetime
    then: datetime


@dataclass(frozen=True)
class PolicyPreview:
    """Of `open` tickets the policy would take `taken`; `moved` are their running clocks whose end is another, the one that
    moves most first.
    """

    open: int
    taken: int
    moved: Sequence[Moved]
    violated_today: int
    violated_then: int

    @property
    def sentence(self) -> str:
        if not self.open:
            return "No ticket is open: the policy would meet new tickets only."
        earlier = sum(one.then < one.today for one in self.moved)
        return (
            f"Of {self.open:,} open tickets the policy takes {self.taken:,}. New tickets get it; if it is applied to these too, "
            f"{earlier:,} clocks end earlier and {len(self.moved) - earlier:,} later, and "
            f"{self.violated_then:,} instead of {self.violated_today:,} have run out."
        )


def open_tickets(session: Session, policies: Sequence[Policy]) -> list[tuple[TicketRow, Policy]]:
    """Every open ticket with the first of these policies that takes it."""
    return [
        (ticket, choose(policies, subject_of(ticket, incident, priority_of(ticket))))
        for ticket, incident in list_open_with_incidents(session)
    ]


def preview_policy(session: Session, policy: Policy, *, most: int = 200) -> PolicyPreview:
    """At its place among the policies in force (a new one: the last before the default)."""
    now = clock.now()
    others = [one for one, _ in list_in_force(session)]
    if policy.id in {one.id for one in others}:
        asked = [policy if one.id == policy.id else one for one in others]
    else:
        asked = [one for one in others if one.id != DEFAULT_POLICY] + [policy]
        asked += [one for one in others if one.id == DEFAULT_POLICY]
    tickets = open_tickets(session, asked)
    taken = [ticket for ticket, chosen in tickets if chosen is policy]
    clocks = list_clock_rows(session, [ticket.id for ticket in taken if ticket.id is not None])
    versions, moved, today, then = Versions(session), list[Moved](), 0, 0
    for ticket in taken:
        for row in _newest(clocks.get(ticket.id or 0, [])):
            end = _end_under(policy, ticket, row, versions, now=now)
            today += row.due_at < now
            then += end < now
            if end != row.due_at:
                moved.append(
                    Moved(
                        ticket.key,
                        row.ticket_id,
                        ClockKind(row.clock),
                        ticket.priority,
                        row.policy,
                        row.due_at,
                        end,
                    )
                )
    moved.sort(key=lambda one: -abs(one.then - one.today))
    return PolicyPreview(len(tickets), len(taken), moved[:most], today, then)


def _newest(rows: Sequence[SlaClockRow]) -> list[SlaClockRow]:
    newest = {row.clock: row for row in rows}
    return [row for row in newest.values() if row.ended_at is None and not row.intake]


def _end_under(
    policy: Policy, ticket: TicketRow, row: SlaClockRow, versions: Versions, *, now: datetime
) -> datetime:
    """What was used so far is kept; a clock that ran out stays so."""
    if row.breached_at is not None or row.due_at < now:
        return row.due_at
    running = row.runs and row.position < now
    used = row.used * _TICK
    if running:
        used += versions.calendar(row.policy, row.version).working(row.position, now)
    target = policy.targets[priority_of(ticket)].of(ClockKind(row.clock))
    return policy.time.calendar().add(now if running else row.position, target - used)
