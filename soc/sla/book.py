"""One ticket's ledger while it is written in: its rows so far, what they add up to, and how both are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlmodel import Session

from soc import clock
from soc.domain.actor import Actor, Known
from soc.domain.severity import Priority
from soc.domain.sla import SlaState
from soc.domain.sla.event import ClockEvent, ClockKind, EventKind, standing
from soc.domain.sla.fold import Cycle, current, fold, leading
from soc.domain.sla.policy import Policy, Subject, choose
from soc.store.nouns.incidents.incidents import IncidentRow
from soc.store.nouns.sla.sla_clocks import SlaClockRow, list_events, to_row
from soc.store.nouns.sla.sla_policies import Versions, list_in_force
from soc.store.nouns.tickets.tickets import TicketRow

WATCH = Actor.system("sla-watch", Known.SCHEDULE)
_TICK = timedelta(microseconds=1)
#: The project of a ticket is what its key begins with.
_KEY_ENDS = "-"


class Book:
    """`add` writes rows, `keep` what they add up to. A ticket of before the ledger gets its first rows when it is opened."""

    def __init__(self, session: Session, ticket: TicketRow, *, versions: Versions | None = None) -> None:
        if ticket.id is None:
            session.add(ticket)
            session.flush()
        assert ticket.id is not None
        self.session, self.ticket, self.id = session, ticket, ticket.id
        self.versions = versions or Versions(session)
        self.rows = list_events(session, self.id)
        self.now = clock.now()

    @property
    def events(self) -> list[ClockEvent]:
        """The rows that count."""
        return standing(self.rows)

    @property
    def cycles(self) -> list[Cycle]:
        return fold(self.rows, self.versions.calendar, now=self.now)

    def current(self, kind: ClockKind) -> Cycle | None:
        return current(self.cycles, kind)

    def cycle_at(self, kind: ClockKind, at: datetime) -> Cycle | None:
        """The cycle that something of that moment belongs to: the newest that had begun, else the first."""
        mine = [cycle for cycle in self.cycles if cycle.clock is kind]
        return next((one for one in reversed(mine) if one.started_at <= at), mine[0] if mine else None)

    def heard(self, source: str, *kinds: EventKind) -> bool:
        """Whether this was written down before, by the vendor's id of it."""
        return bool(source) and any(one.source == source and one.kind in kinds for one in self.events)

    def add(self, event: ClockEvent, *, actor: Actor) -> None:
        row = to_row(self.id, replace(event, by=str(actor)), made_at=self.now)
        self.session.add(row)
        self.session.flush()
        self.rows.append(replace(event, by=str(actor), seq=row.id or 0))

    def policy(self) -> tuple[Policy, int]:
        """The one that the ticket is stamped with; before that the first in force that takes it."""
        stamped = self.current(ClockKind.RESOLUTION)
        if stamped is not None:
            return self.versions.policy(stamped.policy, stamped.version), stamped.version
        return self.choose(priority_of(self.ticket))

    def choose(self, priority: Priority) -> tuple[Policy, int]:
        """The first policy in force that takes the ticket, with that priority."""
        in_force = list_in_force(self.session)
        about = subject_of(self.ticket, self.session.get(IncidentRow, self.ticket.incident_id), priority)
        chosen = choose([policy for policy, _ in in_force], about)
        return chosen, next((version for policy, version in in_force if policy is chosen), 0)

    def keep(self) -> Sequence[Cycle]:
        """Write down each breach that nobody has, then the state of every cycle, and the ticket's own columns."""
        cycles = self.cycles
        for cycle in cycles:
            if cycle.breached_at is not None and not self._noticed(cycle):
                self.add(
                    ClockEvent(cycle.clock, cycle.number, EventKind.BREACH, cycle.breached_at), actor=WATCH
                )
        for cycle in cycles:
            self.session.merge(to_clock_row(self.id, cycle))
        show(self.ticket, cycles)
        self.session.add(self.ticket)
        self.session.flush()
        return cycles

    def _noticed(self, cycle: Cycle) -> bool:
        return any(
            (one.clock, one.cycle, one.kind) == (cycle.clock, cycle.number, EventKind.BREACH)
            for one in self.events
        )


def priority_of(ticket: TicketRow) -> Priority:
    """The ticket's priority; a vendor's own that is none of ours counts as the one in the middle."""
    known = set(Priority)
    return Priority(ticket.priority) if ticket.priority in known else Priority.MEDIUM


def subject_of(ticket: TicketRow, incident: IncidentRow | None, priority: Priority) -> Subject:
    """What a policy is chosen by."""
    return Subject(
        priority=priority,
        classification=incident.classification if incident is not None else "",
        source=incident.source if incident is not None else "",
        project=ticket.key.rpartition(_KEY_ENDS)[0],
        team=getattr(ticket, "team", "") or "",
    )


def said_state(cycle: Cycle) -> str:
    """The state of a cycle where time alone does not say it; else ""."""
    if cycle.intake:
        return SlaState.INTAKE.value
    if cycle.ended_at is not None:
        return cycle.state(cycle.ended_at).value
    return SlaState.PAUSED.value if cycle.holds and cycle.breached_at is None else ""


def to_clock_row(ticket_id: int, cycle: Cycle) -> SlaClockRow:
    return SlaClockRow(
        ticket_id=ticket_id,
        clock=cycle.clock.value,
        cycle=cycle.number,
        policy=cycle.policy,
        version=cycle.version,
        priority=cycle.priority,
        target=cycle.target // _TICK,
        state=said_state(cycle),
        intake=cycle.intake,
        started_at=cycle.started_at,
        snapped_to=cycle.snapped_to,
        due_at=cycle.due_at,
        at_risk_at=cycle.at_risk_at or cycle.at_share(0.5),
        breached_at=cycle.breached_at,
        ended_at=cycle.ended_at,
        ended_by=cycle.ended_by,
        runs=cycle.runs,
        used=cycle.used // _TICK,
        position=cycle.position,
        paused_for=cycle.paused_for // _TICK,
        next_at=cycle.next_at(),
    )


#: Of a ticket whose clocks have both ended: the first of these that one of them is.
_GRAVEST = (SlaState.MISSED, SlaState.INTAKE, SlaState.MET, SlaState.CANCELLED)


def show(ticket: TicketRow, cycles: Sequence[Cycle]) -> None:
    """The clock that runs out next, or how both ended, in the columns that tickets are listed by."""
    lead = leading(cycles)
    if lead is None:
        return
    _note_end(ticket, current(cycles, ClockKind.RESPONSE))
    ticket.due_at = lead.due_at
    ticket.at_risk_at = lead.at_risk_at or lead.at_share(0.5)
    newest = [found for kind in ClockKind if (found := current(cycles, kind)) is not None]
    if all(cycle.ended_at is not None for cycle in newest):
        ends = {SlaState(said_state(cycle)) for cycle in newest}
        ticket.sla_state = next(state.value for state in _GRAVEST if state in ends)
    else:
        ticket.sla_state = said_state(lead)
    breaches = [cycle.breached_at for cycle in cycles if cycle.breached_at is not None]
    if breaches and ticket.breached_at is None:
        ticket.breached_at = min(breaches)


def _note_end(ticket: TicketRow, response: Cycle | None) -> None:
    """While the response clock runs, its vendor shows when it ends; a clock that stands is told of when it goes on."""
    runs = response is not None and response.runs
    ticket.end_untold = response.due_at if runs and response.due_at != ticket.end_told else None  # type: ignore[union-attr]
